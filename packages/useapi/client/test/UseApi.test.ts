import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as UseApi from "@media-jobs/useapi/UseApi"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Formatter from "effect/Formatter"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import * as Fake from "./fake.ts"
import * as Plain from "./plain.ts"

const id = JobId.make(
  "j0326140530123456789v-u12345-email:user@example.com-x:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma"
)
const luma = { id: ProviderId.make("useapi-luma") }
const secret = "user:12345-SeCrEt0123"
const token = Redacted.make(secret)

const read = { method: "GET", path: "/v1/luma/jobs" } as const
const get = { ...read, id } as const
const post = { method: "POST", path: "/v1/luma/videos", body: HttpBody.jsonUnsafe({ prompt: "rain" }) } as const

const start = (script: ReadonlyArray<Fake.Reply>, options?: Partial<UseApi.Options>) =>
  Effect.gen(function*() {
    const fake = Fake.make(...script)
    const api = yield* Plain.make(luma, { token, ...options }).pipe(fake.provide)
    return { ...fake, api }
  })

/** What a call comes to, and how long after its start, when there is no end of time. */
const timed = <A, E>(effect: Effect.Effect<A, E>, most: Duration.Input = "1 hour") =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const ended = Effect.flatMap(
      Effect.exit(effect),
      (exit) => Effect.map(Clock.currentTimeMillis, (now) => ({ exit, elapsed: now - before }))
    )
    // Its first timer is set before time passes.
    const fiber = yield* Effect.forkChild(ended, { startImmediately: true })
    yield* TestClock.adjust(most)
    return yield* Fiber.join(fiber)
  })

const failure = <A, E>({ exit }: { readonly exit: Exit.Exit<A, E> }): E | undefined =>
  Exit.isFailure(exit) ? Fake.failureOf(exit.cause) : undefined

const error = (text: string) => ({ error: text })
const refused = Fake.fetchFailed("ECONNREFUSED", "connect")
const reset = Fake.fetchFailed("ECONNRESET", "read")

describe("UseApi.call", () => {
  it.effect("sends the token, asks for JSON, and shows no trace of itself", () =>
    Effect.gen(function*() {
      const { api, sent } = yield* start([[200, { a: 1 }]])
      const body = yield* Effect.withSpan(api.call("get", get, Result.succeed), "of the application")
      assert.deepStrictEqual(body, { a: 1 })
      assert.deepStrictEqual(sent, [{
        method: "GET",
        url: `https://api.useapi.net/v1/luma/jobs/${id}`,
        headers: { authorization: `Bearer ${secret}`, accept: "application/json" },
        body: undefined
      }])
    }))

  it.effect("hands the token to the client in a header that no inspection shows", () =>
    Effect.gen(function*() {
      const shown: Array<string> = []
      const client = HttpClient.make((request) =>
        Effect.sync(() => {
          shown.push(inspect(request, { depth: 9 }), JSON.stringify(request), Formatter.format(request.headers))
          return Fake.response(request, [200, {}])
        })
      )
      const api = yield* Plain.make(luma, { token }).pipe(Effect.provideService(HttpClient.HttpClient, client))
      yield* api.call("get", get, Result.succeed)
      assert.strictEqual(shown.length, 3)
      for (const text of shown) {
        assert.notInclude(text, secret)
        assert.include(text, "redacted")
      }
    }))

  it.effect("refuses an id that no path can hold, and sends nothing", () =>
    Effect.gen(function*() {
      const { api, sent } = yield* start([[200, {}]])
      for (const text of [".", "..", "\ud800"]) {
        const remove = api.call("remove", { ...get, method: "DELETE", id: JobId.make(text) }, Result.succeed)
        assert.strictEqual((yield* Effect.flip(remove))._tag, "InvalidJobId")
      }
      assert.deepStrictEqual(sent, [])
    }))

  it.effect("says by its path what is missing from a success, with no values", () =>
    Effect.gen(function*() {
      const { api } = yield* start([[200, { jobs: [{ jobid: id }], error: "no rows" }]])
      const decode = Schema.decodeUnknownResult(
        Schema.Struct({ jobs: Schema.Array(Schema.Struct({ status: Schema.String })) })
      )
      const failed = yield* Effect.flip(api.call("list", read, (body) => decode(body)))
      assert.strictEqual(failed._tag, "UnexpectedResponse")
      assert.strictEqual(failed.detail, "Missing key at [\"jobs\"][0][\"status\"]: no rows")
      assert.strictEqual(failed.status, 200)
    }))

  describe("retries", () => {
    it.effect("a read that may yet succeed, with growing pauses, at most three times", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[503, error("busy")]])
        const result = yield* timed(api.call("get", get, Result.succeed))
        assert.strictEqual(failure(result)?._tag, "Unavailable")
        assert.strictEqual(sent.length, 4)
        // 0.5 s, 1 s and 2 s, each up to a fifth shorter or longer.
        assert.isAtLeast(result.elapsed, 2800)
        assert.isAtMost(result.elapsed, 4200)
      }))

    for (
      const [name, reply, tries] of [
        ["a lost connection", reset, 4],
        ["a refused connection", refused, 4],
        ["429", [429, error("slow down")], 4],
        ["408", [408, ""], 4],
        ["502 as a page", [502, "<html></html>"], 4],
        ["596, never", [596, error("session")], 1],
        ["409, never", [409, error("Cannot delete job in state 'processing'.")], 1],
        ["401, never", [401, error("Unauthorized")], 1],
        ["404, never", [404, error("Job not found")], 1],
        ["cut JSON, never", [200, "{\"jobid\":"], 1],
        ["a redirect, never", [302, "", { location: "https://elsewhere.test/" }], 1]
      ] as const
    ) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const { api, sent } = yield* start([reply])
          yield* timed(api.call("get", get, Result.succeed))
          assert.strictEqual(sent.length, tries)
        }))
    }

    it.effect("every read, and nothing that changes anything", () =>
      Effect.gen(function*() {
        for (const operation of ["list", "get", "recover", "accounts", "capacity"] as const) {
          const { api, sent } = yield* start([[503, ""], [200, {}]])
          yield* timed(api.call(operation, read, Result.succeed))
          assert.strictEqual(sent.length, 2, operation)
        }
        for (const operation of ["remove", "cancel", "upload"] as const) {
          for (const reply of [[503, ""], [429, ""], reset, refused] as const) {
            const { api, sent } = yield* start([reply, [200, {}]])
            yield* timed(api.call(operation, { method: "DELETE", path: "/x", id }, Result.succeed))
            assert.strictEqual(sent.length, 1, operation)
          }
        }
      }))

    it.effect("no sooner than the service asks, and a little later", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[429, error("slow down"), { "retry-after": "7" }], [200, {}]])
        const { elapsed } = yield* timed(api.call("get", get, Result.succeed))
        assert.strictEqual(sent.length, 2)
        assert.isAtLeast(elapsed, 7400)
        assert.isAtMost(elapsed, 7600)
      }))

    it.effect("not in step with others that failed with it", () =>
      Effect.gen(function*() {
        const pauses = yield* Effect.forEach([1, 2, 3, 4, 5], () =>
          Effect.gen(function*() {
            const { api } = yield* start([[503, ""], [200, {}]])
            return (yield* timed(api.call("get", get, Result.succeed))).elapsed
          }))
        assert.isAbove(new Set(pauses).size, 1)
        for (const pause of pauses) assert.isTrue(pause >= 400 && pause <= 600, String(pause))
      }))

    it.effect("not at all where the service asks for more than its maxRetryDelay: the error says how long", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[429, error("slow down"), { "retry-after": "7200" }]])
        const result = yield* timed(api.call("get", get, Result.succeed), 0)
        const failed = failure(result)
        assert.strictEqual(failed?._tag, "RateLimited")
        assert.strictEqual(Duration.toHours(JobError.retryAfterOf(failed!) ?? Duration.zero), 2) // just seen
        assert.strictEqual(sent.length, 1)
        const patient = yield* start([[429, "", { "retry-after": "7200" }], [200, {}]], { maxRetryDelay: "3 hours" })
        assert.isTrue(Exit.isSuccess((yield* timed(patient.api.call("get", get, Result.succeed), "3 hours")).exit))
      }))

    it.effect("as often as it was told", () =>
      Effect.gen(function*() {
        for (const retries of [0, 1, 5]) {
          const { api, sent } = yield* start([[503, ""]], { retries })
          yield* timed(api.call("get", get, Result.succeed))
          assert.strictEqual(sent.length, retries + 1)
        }
      }))

    it.effect("until it is interrupted", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[503, "", { "retry-after": "30" }]])
        const fiber = yield* Effect.forkChild(api.call("get", get, Result.succeed))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(sent.length, 1)
      }))
  })

  describe("limits each try in time", () => {
    it.effect("so that a service that hangs is Unavailable", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start(["hang"], { retries: 1 })
        const result = yield* timed(api.call("get", get, Result.succeed))
        const failed = failure(result)
        assert.strictEqual(failed?._tag, "Unavailable")
        assert.strictEqual(failed?.detail, "No complete answer within 30 s")
        assert.strictEqual(sent.length, 2)
        assert.isAtLeast(result.elapsed, 60_400)
        assert.isAtMost(result.elapsed, 60_600)
      }))

    it.effect("and does not count the wait for its turn", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[200, {}]], { requestsPerSecond: 0.01, timeout: "1 second" })
        const calls = Effect.all([1, 2, 3].map(() => api.call("list", read, Result.succeed)), { concurrency: 3 })
        const { elapsed, exit } = yield* timed(calls)
        assert.isTrue(Exit.isSuccess(exit))
        assert.strictEqual(sent.length, 3)
        assert.strictEqual(elapsed, 200_000)
      }))
  })

  describe("paces", () => {
    it.effect("all calls with one token together, whatever the adapter or the instance", () =>
      Effect.gen(function*() {
        const fake = Fake.make([200, {}])
        const options = { token, requestsPerSecond: 10 }
        const one = yield* Plain.make(luma, options).pipe(fake.provide)
        const two = yield* Plain.make({ id: ProviderId.make("useapi-dreamina") }, { ...options, instance: "b" }).pipe(
          fake.provide
        )
        const calls = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : two).call("list", read, Result.succeed))
        const fiber = yield* Effect.forkChild(Effect.all(calls, { concurrency: "unbounded" }))
        yield* TestClock.adjust(0)
        assert.strictEqual(fake.sent.length, 10)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(fake.sent.length, 20)
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(fake.sent.length, 40)
        yield* Fiber.join(fiber)
      }))

    it.effect("tokens, and bases, apart", () =>
      Effect.gen(function*() {
        const fake = Fake.make([200, {}])
        const burst = (options: UseApi.Options) =>
          Effect.flatMap(Plain.make(luma, { requestsPerSecond: 10, ...options }).pipe(fake.provide), (api) =>
            Effect.forkChild(Effect.all(
              Array.from({ length: 20 }, () =>
                api.call("list", read, Result.succeed)),
              {
                concurrency: "unbounded"
              }
            )))
        yield* burst({ token })
        yield* burst({ token: Redacted.make("user:2-b") })
        yield* burst({ token, baseUrl: "http://127.0.0.1:1" })
        yield* TestClock.adjust(0)
        assert.strictEqual(fake.sent.length, 30)
      }))

    it.effect("retries too", () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([[503, ""]], { requestsPerSecond: 0.1, retries: 1 })
        const { elapsed } = yield* timed(api.call("get", get, Result.succeed))
        assert.strictEqual(sent.length, 2)
        assert.strictEqual(elapsed, 10_000)
      }))

    it.effect("by the application's limiter, whose keys do not hold the token", () =>
      Effect.gen(function*() {
        const keys: Array<string> = []
        const limiter = {
          consume: ({ key }: { readonly key: string }) =>
            Effect.sync(() => {
              keys.push(key)
              return { delay: Duration.seconds(3), limit: 1, remaining: 0, resetAfter: Duration.zero }
            })
        } as unknown as RateLimiter.RateLimiter // the part that is used
        const fake = Fake.make([200, {}])
        const api = yield* Plain.make(luma, { token }).pipe(
          fake.provide,
          Effect.provideService(RateLimiter.RateLimiter, limiter)
        )
        assert.strictEqual((yield* timed(api.call("list", read, Result.succeed))).elapsed, 3000)
        assert.match(keys[0] ?? "", /^useapi:[0-9a-f]{1,8}$/)
      }))

    it.effect("and says so where the application's limiter is out of order", () =>
      Effect.gen(function*() {
        const broken = {
          consume: () =>
            Effect.fail(
              new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: "no store" }) })
            )
        } as unknown as RateLimiter.RateLimiter // as above
        const fake = Fake.make([200, { jobid: "j1" }])
        const api = yield* Plain.make(luma, { token }).pipe(
          fake.provide,
          Effect.provideService(RateLimiter.RateLimiter, broken)
        )
        assert.strictEqual(failure(yield* timed(api.call("list", read, Result.succeed)))?._tag, "Unavailable")
        assert.strictEqual(failure(yield* timed(api.submit({}, post)))?._tag, "Unavailable")
        assert.deepStrictEqual(fake.sent, [])
      }))
  })

  it.effect("opens one span, named after the operation, that holds no id", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const { api } = yield* start([[404, error(`Job ${id} not found`)]], { instance: "second" })
      yield* Effect.exit(api.call("get", get, Result.succeed)).pipe(Effect.withTracer(tracer))
      assert.strictEqual(spans.length, 1)
      const span = spans[0]
      assert.strictEqual(span?.name, "useapi-luma.get")
      assert.strictEqual(span?.kind, "client")
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        provider: "useapi-luma",
        instance: "second",
        job: JobId.fingerprint(id),
        status: 404
      })
      const ended = span?.status._tag === "Ended" ? span.status.exit : undefined
      const cause = ended !== undefined && Exit.isFailure(ended) ? ended.cause : assert.fail()
      assert.notInclude(Cause.pretty(cause), "user@example.com")
      assert.deepStrictEqual(Cause.prettyErrors(cause).map(({ name }) => name), ["NotFound"])
    }))

  it.effect("lets no two tokens of a program mix", () =>
    Effect.gen(function*() {
      const fake = Fake.make([200, {}])
      const apis = yield* Effect.forEach(["a", "b", "c"], (name) =>
        Plain.make(luma, { token: Redacted.make(`user:1-${name}`), instance: name }).pipe(fake.provide))
      const calls = Array.from({ length: 30 }, (_, i) => {
        const api = apis[i % 3] ?? assert.fail()
        return api.call("list", { method: "GET", path: `/of/${api.instance}` }, Result.succeed)
      })
      yield* timed(Effect.all(calls, { concurrency: "unbounded" }))
      assert.strictEqual(fake.sent.length, 30)
      for (const { headers, url } of fake.sent) {
        assert.strictEqual(headers["authorization"], `Bearer user:1-${url.slice(-1)}`)
      }
    }))

  it.effect("follows no redirect, whatever else the application asks of fetch", () =>
    Effect.gen(function*() {
      const seen: Array<RequestInit | undefined> = []
      const client = HttpClient.make((request, _url, _signal, fiber) => {
        seen.push(Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit))
        return Effect.succeed(Fake.response(request, [200, {}]))
      })
      const around = Effect.provideService(FetchHttpClient.RequestInit, { credentials: "omit", redirect: "follow" })
      const made = yield* Plain.make(luma, { token }).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        around
      )
      yield* made.call("list", read, Result.succeed)
      yield* made.call("list", read, Result.succeed).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, { mode: "cors", cache: "force-cache" })
      )
      assert.deepStrictEqual(seen, [
        { credentials: "omit", redirect: "manual", cache: "no-store" },
        { credentials: "omit", mode: "cors", redirect: "manual", cache: "no-store" }
      ])
    }))

  it.effect("asks the service each time, by a fetch that keeps what it may", () =>
    Effect.gen(function*() {
      const kept = new Map<string, string>()
      let asked = 0
      const fetch: typeof globalThis.fetch = (url, init) => {
        const key = String(url)
        const known = init?.cache === "no-store" ? undefined : kept.get(key)
        const text = known ?? JSON.stringify({ asked: ++asked })
        kept.set(key, text)
        return Promise.resolve(new Response(text))
      }
      const api = yield* Plain.make(luma, { token }).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provideService(FetchHttpClient.RequestInit, { cache: "default" })
      )
      for (const expected of [1, 2, 3]) {
        const found = yield* Effect.provideService(api.call("get", get, Result.succeed), FetchHttpClient.Fetch, fetch)
        assert.deepStrictEqual(found, { asked: expected })
      }
    }))

  it.effect("sets no option that the platform's Request does not know", () =>
    Effect.gen(function*() {
      const seen: Array<RequestInit | undefined> = []
      const known = Object.getOwnPropertyDescriptor(Request.prototype, "cache")
      if (known === undefined) return assert.fail("Node's Request has no cache")
      yield* Effect.acquireRelease(
        Effect.sync(() => Reflect.deleteProperty(Request.prototype, "cache")),
        () => Effect.sync(() => Object.defineProperty(Request.prototype, "cache", known))
      )
      const api = yield* Plain.make(luma, { token }).pipe(Effect.provide(FetchHttpClient.layer))
      yield* api.call("get", get, Result.succeed).pipe(
        Effect.provideService(FetchHttpClient.Fetch, (_url, init) => {
          seen.push(init)
          return init !== undefined && "cache" in init
            ? Promise.reject(new Error("The 'cache' field on 'RequestInitializerDict' is not implemented."))
            : Promise.resolve(new Response("{}"))
        })
      )
      assert.strictEqual(seen[0]?.redirect, "manual")
      const refused = yield* Effect.flip(
        api.call("get", get, Result.succeed).pipe(
          Effect.provideService(FetchHttpClient.RequestInit, { cache: "reload" }),
          Effect.provideService(FetchHttpClient.Fetch, () =>
            Promise.reject(new Error("The 'cache' field on 'RequestInitializerDict' is not implemented."))),
          (call) =>
            Effect.andThen(Effect.forkChild(TestClock.adjust("1 minute")), call)
        )
      )
      assert.include(refused.message, "The 'cache' field")
    }))

  it.effect("understands a client that takes other statuses for errors", () =>
    Effect.gen(function*() {
      const fake = Fake.make([404, error("Job not found")])
      const strict = HttpClient.filterStatusOk(fake.client)
      const api = yield* Plain.make(luma, { token }).pipe(Effect.provideService(HttpClient.HttpClient, strict))
      assert.strictEqual((yield* Effect.flip(api.call("get", get, Result.succeed)))._tag, "NotFound")
    }))

  it.effect.prop(
    "shows neither id nor token nor address in what it fails with",
    [Schema.String.check(Schema.isMinLength(4)), Schema.Literals(["echo", "throw", "cut", "html"])],
    ([text, how]) =>
      Effect.gen(function*() {
        const odd = JobId.make(`${text.toWellFormed()}-email:someone@example.org`)
        const said = `${odd} ${encodeURIComponent(odd)} Bearer ${secret}`
        const replies: Record<typeof how, Fake.Reply> = {
          echo: [400, error(said)],
          throw: new TypeError(`GET ${said}`, { cause: new Error(said) }),
          cut: [200, `{"jobid": ${JSON.stringify(said)}`],
          html: [403, `<html><title>${said}</title>`]
        }
        const { api } = yield* start([replies[how]], { retries: 0 })
        const failed = failure(yield* timed(api.call("get", { ...read, id: odd }, Result.succeed)))
        const shown = [failed?.message, JSON.stringify(failed), String(failed), failed?.detail].join("\n")
        for (const hidden of [odd, encodeURIComponent(odd), "someone@example.org", secret]) {
          assert.notInclude(shown, hidden)
        }
      })
  )
})

describe("UseApi.submit", () => {
  for (const status of [521, 523, 525, 526, 530]) {
    it.effect(`tells what its entry in the ledger is settled by, where an edge answers ${status}`, () =>
      Effect.gen(function*() {
        const open = new Map<string, Ledger.Intent>()
        const ledger: Ledger.Ledger = {
          intend: (intent) => Effect.as(Effect.sync(() => open.set(intent.key, intent)), intent),
          submitted: () => Effect.die("it has no ids"),
          refused: ({ key }) => Effect.sync(() => void open.delete(key)),
          done: () => Effect.void,
          find: (key) =>
            Effect.sync(() => {
              const intent = open.get(key)
              return intent && { intent, handles: undefined, done: new Map() }
            }),
          known: () => Effect.succeed(new Set()),
          resume: Effect.succeed(Ledger.unfinished([]))
        }
        const { api, sent } = yield* start([[status, "<html><title>Web server is down</title></html>"]])
        yield* Effect.gen(function*() {
          const error = yield* Effect.flip(api.submit({ kind: "video", reference: "r" }, post))
          if (error._tag !== "SubmissionUncertain") return assert.fail(error._tag)
          assert.deepStrictEqual([...open.keys()], [error.key])
          assert.strictEqual(sent.length, 1)
          yield* Ledger.settle(error, [])
          assert.strictEqual(open.size, 0)
        }).pipe(Effect.provideService(Ledger.Ledger, ledger))
        const without = yield* Effect.flip(api.submit({ kind: "video" }, post))
        assert.isUndefined(without._tag === "SubmissionUncertain" ? without.key : "")
        yield* Effect.provideService(Ledger.settle({}, []), Ledger.Ledger, ledger)
      }))
  }

  const draft = { kind: "video", model: "ray-v3", reference: "order-1" } as const

  it.effect("sends one POST and returns what it became", () =>
    Effect.gen(function*() {
      const { api, sent } = yield* start([[200, { jobid: id }]], { instance: "second" })
      yield* TestClock.adjust("1 minute")
      const submission = yield* api.submit(draft, post)
      assert.deepStrictEqual(submission.ids, [id])
      assert.strictEqual(submission.instance, "second")
      assert.strictEqual(submission.reference, "order-1")
      assert.strictEqual(DateTime.toEpochMillis(submission.submittedAt), 60_000)
      assert.strictEqual(sent.length, 1)
      assert.strictEqual(sent[0]?.method, "POST")
      assert.strictEqual(sent[0]?.headers["content-type"], "application/json")
      assert.strictEqual(sent[0]?.body, "{\"prompt\":\"rain\"}")
    }))

  for (
    const [name, reply] of [
      ["a lost connection", reset],
      ["a socket that the other side closed", Fake.fetchFailed("UND_ERR_SOCKET", "read")],
      ["a time-out of the connection's own", Fake.fetchFailed("ETIMEDOUT", "read")],
      ["an error without a code", new TypeError("fetch failed")],
      ["no answer", "hang"],
      ["500", [500, error("Internal error")]],
      ["502 as a page", [502, "<html></html>"]],
      ["504", [504, ""]],
      ["408", [408, ""]],
      ["a success that is cut", [200, "{\"jobid\":\"j03"]],
      ["a success with an empty body", [200, ""]],
      ["a success that is a page", [200, "<html></html>"]],
      ["a success without an id", [201, { status: "created" }]],
      ["a success without an id that speaks of an error", [200, error("Something went wrong")]],
      ["a 204", [204]]
    ] as const
  ) {
    it.effect(`is uncertain after ${name}, and not sent again`, () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([reply, [200, { jobid: id }]])
        yield* TestClock.adjust("1 minute")
        const failed = failure(yield* timed(api.submit(draft, post)))
        assert.strictEqual(failed?._tag, "SubmissionUncertain")
        assert.strictEqual(sent.length, 1)
        if (failed?._tag !== "SubmissionUncertain") return
        assert.strictEqual(DateTime.toEpochMillis(failed.submittedAt), 60_000)
        assert.deepStrictEqual([failed.reference, failed.kind, failed.model], ["order-1", "video", "ray-v3"])
      }))
  }

  for (
    const [name, reply, tag] of [
      ["400", [400, error("Parameter prompt is required")], "InvalidRequest"],
      ["401", [401, error("Unauthorized")], "Unauthorized"],
      ["402", [402, error("No subscription")], "PaymentRequired"],
      ["403", [403, "<html></html>"], "UnexpectedResponse"],
      ["404", [404, error("Unable to find configuration for email a@b.co")], "AccountNotFound"],
      ["412", [412, error("No credits")], "PaymentRequired"],
      ["422", [422, error("Moderated")], "InvalidRequest"],
      ["596", [596, error("Session")], "SessionExpired"],
      ["a redirect", [307, "", { location: "https://elsewhere.test" }], "UnexpectedResponse"]
    ] as const
  ) {
    it.effect(`takes ${name} for an answer`, () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([reply, [200, { jobid: id }]])
        assert.strictEqual(failure(yield* timed(api.submit(draft, post)))?._tag, tag)
        assert.strictEqual(sent.length, 1)
      }))
  }

  for (
    const [name, reply] of [
      ["a refused connection", refused],
      ["no such host", Fake.fetchFailed("ENOTFOUND", "getaddrinfo")],
      ["a resolver that is busy", Fake.fetchFailed("EAI_AGAIN", "getaddrinfo")],
      ["an unreachable network", Fake.fetchFailed("ENETUNREACH", "connect")],
      [
        "no connection in time",
        new TypeError("fetch failed", {
          cause: Object.assign(new Error("Connect Timeout Error"), { code: "UND_ERR_CONNECT_TIMEOUT" })
        })
      ],
      [
        "two addresses that refuse",
        new TypeError("fetch failed", {
          cause: Object.assign(new AggregateError([refused.cause, refused.cause]), { code: "ECONNREFUSED" })
        })
      ],
      ["429", [429, error("All accounts are at capacity"), { "retry-after": "5" }]]
    ] as const
  ) {
    it.effect(`tries again after ${name}, since nothing was begun`, () =>
      Effect.gen(function*() {
        const { api, sent } = yield* start([reply, [200, { jobid: id }]])
        assert.isTrue(Exit.isSuccess((yield* timed(api.submit(draft, post))).exit))
        assert.strictEqual(sent.length, 2)
        const bound = yield* start([reply])
        const failed = failure(yield* timed(bound.api.submit(draft, post)))
        assert.strictEqual(failed?._tag, name === "429" ? "RateLimited" : "Unavailable")
        assert.strictEqual(bound.sent.length, 4)
      }))
  }

  it.effect("does not go out again at a 429 that asks for more than its patience", () =>
    Effect.gen(function*() {
      const { api, sent } = yield* start([[429, "", { "retry-after": "3600" }], [200, { jobid: id }]])
      assert.strictEqual(failure(yield* timed(api.submit(draft, post)))?._tag, "RateLimited")
      assert.strictEqual(sent.length, 1)
    }))

  it.effect("stops at the first outcome that is not known", () =>
    Effect.gen(function*() {
      const { api, sent } = yield* start([refused, [429, ""], reset, [200, { jobid: id }]])
      assert.strictEqual(failure(yield* timed(api.submit(draft, post)))?._tag, "SubmissionUncertain")
      assert.strictEqual(sent.length, 3)
    }))

  it.effect("is in the ledger before it goes out, and stays there while it is uncertain", () =>
    Effect.gen(function*() {
      const book: Array<string> = []
      const note = (line: string) => () => Effect.sync(() => void book.push(`${line} after ${sent.length}`))
      const ledger: Ledger.Ledger = {
        intend: (intent) => Effect.as(note("intend")(), intent),
        submitted: note("submitted"),
        refused: note("refused"),
        done: note("done"),
        find: () => Effect.succeed(undefined),
        known: () => Effect.succeed(new Set()),
        resume: Effect.succeed(Ledger.unfinished([]))
      }
      const { api, sent } = yield* start([[200, { jobid: id }], reset, [401, error("Unauthorized")]])
      for (let i = 0; i < 3; i++) {
        yield* timed(api.submit(draft, post).pipe(Effect.provideService(Ledger.Ledger, ledger)))
      }
      assert.deepStrictEqual(book, [
        "intend after 0",
        "submitted after 1",
        "intend after 1",
        "intend after 2",
        "refused after 3"
      ])
    }))
})

it.effect("an upload that the client can't send says which setting helps, and is sent by none", () =>
  Effect.gen(function*() {
    const client = HttpClient.make((request) =>
      Effect.fail(
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.EncodeError({
            request,
            description: "Streaming request bodies are not supported"
          })
        })
      )
    )
    const api = yield* Plain.make(luma, { token }).pipe(Effect.provideService(HttpClient.HttpClient, client))
    const upload = api.upload({ path: "/assets", account: "an account", accepts: { "image/png": 1 } })
    const failed = yield* Effect.flip(
      upload({ account: "a", mediaType: "image/png", content: Stream.succeed(new Uint8Array(1)) })
    )
    assert.strictEqual(failed._tag, "InvalidRequest")
    assert.include(failed.message, "Nothing was sent: change what is named here. Detail: content: Expected no stream")
    assert.include(failed.message, "FetchHttpClient.StreamBodyFallback")
  }))

it.effect("an upload's name is read under either of its names, and no other answer is one", () =>
  Effect.gen(function*() {
    const told = (body: object) =>
      Effect.flatMap(
        start([[200, body]]),
        ({ api }) =>
          api.upload({ path: "/assets", account: "an account", accepts: { "image/png": 1 } })({
            account: "a",
            mediaType: "image/png",
            content: Stream.succeed(new Uint8Array(1))
          })
      )
    for (const body of [{ assetRef: "r" }, { imageRef: "r" }, { assetRef: null, imageRef: "r" }]) {
      assert.deepStrictEqual(yield* told(body), { reference: "r", account: "a" })
    }
    for (const body of [{}, { assetRef: "" }, { assetRef: 7 }, ["r"]]) {
      const error = yield* Effect.flip(told(body))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.include(error.message, "The answer names no file")
    }
  }))

it.effect("an upload's name is found where a service says, and an account's trouble in its health", () =>
  Effect.gen(function*() {
    const { api: one } = yield* start([[200, { file: { name: "r" } }]])
    const upload = one.upload({
      path: "/assets",
      account: "an account",
      accepts: { "image/png": 1 },
      referenceOf: ({ file }) => Object(file).name
    })
    assert.deepStrictEqual(
      yield* upload({ account: "a", mediaType: "image/png", content: Stream.succeed(new Uint8Array(1)) }),
      { reference: "r", account: "a" }
    )
    const { api: two } = yield* start([[200, {
      a: { health: "OK" },
      b: { health: "signed out" },
      c: { health: "signed out", error: "Re-add it" },
      d: { health: 7 }
    }]])
    assert.deepStrictEqual(yield* two.accounts("/accounts"), [
      { account: "a" },
      { account: "b", problem: "signed out" },
      { account: "c", problem: "Re-add it" },
      { account: "d" }
    ])
  }))

it.effect("an upload may name its account in the query, and its file as the service does", () =>
  Effect.gen(function*() {
    const fake = Fake.make([200, { result: [{ path: "upload/1.png" }] }])
    const api = yield* UseApi.make({ ...luma, owns: () => true }, { token }).pipe(fake.provide)
    const upload = api.upload({
      path: "/files/",
      query: "email",
      account: "an account",
      accepts: { "image/png": 1 },
      referenceOf: (body) => JSON.stringify(body)
    })
    const file = { account: "user@example.com", mediaType: "image/png", content: Stream.succeed(new Uint8Array(1)) }
    const uploaded = yield* upload(file)
    assert.deepStrictEqual(uploaded.reference, "{\"result\":[{\"path\":\"upload/1.png\"}]}")
    assert.deepStrictEqual(fake.sent.map(({ url }) => new URL(url).search), ["?email=user%40example.com"])
  }))

it.effect("an upload may go to another folder by its type", () =>
  Effect.gen(function*() {
    const fake = Fake.make([200, { assetRef: "1" }], [200, { assetRef: "2" }])
    const api = yield* UseApi.make({ ...luma, owns: () => true }, { token }).pipe(fake.provide)
    const path = (mediaType: string) => `/${mediaType.split("/")[0]}s`
    const upload = api.upload({ path, account: "an account", accepts: { "image/png": 1, "audio/wav": 1 } })
    for (const mediaType of ["image/png", "audio/wav"]) {
      yield* upload({ account: "a", mediaType, content: Stream.succeed(new Uint8Array(1)) })
    }
    assert.deepStrictEqual(fake.sent.map(({ url }) => new URL(url).pathname), ["/images/a", "/audios/a"])
  }))

it.effect("a submit's ids may be found by the adapter, with what the request knows", () =>
  Effect.gen(function*() {
    const fake = Fake.make([200, { task: { id: 7 } }])
    const api = yield* UseApi.make({ ...luma, owns: () => true }, { token }).pipe(fake.provide)
    const submit = api.submit(
      () => [],
      () => ({ path: "/v1/luma/videos" }),
      "email",
      (_, { email }: { readonly email?: string }) => ({ ids: [JobId.make(`${email}/7`)] })
    )
    assert.deepStrictEqual((yield* submit({}, { account: "user@example.com" })).ids, [JobId.make("user@example.com/7")])
  }))
