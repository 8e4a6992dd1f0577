import { assert, describe, it } from "@effect/vitest"
import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import { OneTry } from "@media-jobs/core/OneTry"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inspect } from "node:util"
import { acme, start } from "./service.ts"

// How useapi.net's services are reached, faults and sockets and all, is in packages/useapi/client/test: here is what any service can count on.
const list = { method: "GET", path: "/jobs" } as const
const post = { method: "POST", path: "/jobs", body: HttpBody.text("rain") } as const
const ids = () => Result.succeed({ ids: [JobId.make("j1")] as const })

describe("Transport", () => {
  it.effect("asks the service what its answer means, and the adapter what a success holds", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const { sent, transport } = yield* start([[201, "seven", { "retry-after": "3" }]], {
        classify: (call, answer) => {
          asked.push([call.operation, call.emptyStatus, answer.status, answer.text, answer.retryAfter])
          return Result.succeed(answer.text.length)
        }
      })
      yield* TestClock.setTime(5000)
      const found = yield* transport.call(
        "accounts",
        { ...list, emptyStatus: 404 },
        (body, receivedAt) => Result.succeed([body, receivedAt.epochMilliseconds])
      )
      assert.deepStrictEqual(found, [5, 5000])
      assert.deepStrictEqual(asked, [["accounts", 404, 201, "seven", "3"]])
      assert.deepStrictEqual(sent, ["GET https://acme.test/jobs"])
    }))

  it.effect("tells an answer that is not as documented with the service's words, and without id and token", () =>
    Effect.gen(function*() {
      const id = JobId.make("job-of-someone@example.com")
      const { transport } = yield* start([[200, `!no room for ${id} and acme-5ecret`]])
      const decode = Schema.decodeUnknownResult(Schema.Struct({ id: Schema.String }))
      for (const wrong of [(body: unknown) => decode(body), () => Result.fail("It holds nothing")]) {
        const error = yield* Effect.flip(transport.call("get", { ...list, id }, wrong))
        assert.deepStrictEqual([error._tag, error.id], ["UnexpectedResponse", id])
        assert.include(error.detail ?? "", ": no room for")
        assert.notMatch(`${inspect(error)} ${Cause.pretty(Cause.fail(error))}`, /someone|5ecret/)
      }
    }))

  it.effect("says of which job a call found no answer", () =>
    Effect.gen(function*() {
      const id = JobId.make("job-of-someone@example.com")
      for (const reply of [new TypeError("fetch failed"), [200, "x".repeat(2000)]] as const) {
        const { transport } = yield* start([reply])
        const error = yield* Effect.flip(transport.call("get", { ...list, id }, Result.succeed))
        assert.strictEqual(error.id, id)
        assert.include(error.message, JobId.fingerprint(id))
        assert.notInclude(error.message, "someone")
      }
    }))

  it.effect("narrows an error to its operation's own, but for `run`", () =>
    Effect.gen(function*() {
      const { transport } = yield* start([[401, "who?"]])
      const { error } = yield* Effect.flip(transport.run("webhook", list, Result.succeed))
      assert.strictEqual(error._tag, "Unauthorized")
      assert.strictEqual((yield* Effect.flip(transport.call("list", list, Result.succeed)))._tag, "Unauthorized")
      const refused = yield* Effect.flip(transport.decodeWebhook("odd", () => Result.fail("No job in it")))
      assert.deepStrictEqual([refused._tag, refused.operation, refused.detail], [
        "UnexpectedResponse",
        "webhook",
        "No job in it"
      ])
    }))

  it.effect("reads no more of a body than its service answers in earnest", () =>
    Effect.gen(function*() {
      const text = "x".repeat(1001)
      const { transport } = yield* start([[200, text], [200, text, { "content-length": "1001" }], [200, text.slice(1)]])
      for (let i = 0; i < 2; i++) {
        const error = yield* Effect.flip(transport.call("list", list, Result.succeed))
        assert.strictEqual(error.detail, "The body is too long")
      }
      assert.strictEqual(yield* transport.call("list", list, Result.succeed), text.slice(1))
    }))

  describe("knows whether a submit that failed has begun anything", () => {
    const connect = new TypeError("fetch failed", {
      cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED", syscall: "connect" })
    })
    const cut = new TypeError("fetch failed", { cause: Object.assign(new Error("read"), { code: "ECONNRESET" }) })
    for (
      const [name, reply, tag] of [
        ["no connection", connect, "Unavailable"],
        ["a connection that broke", cut, "SubmissionUncertain"],
        ["a refusal", [401], "Unauthorized"],
        ["a full queue", [429], "RateLimited"],
        ["a lost session", [418], "SessionExpired"],
        ["a request that took too long to arrive", [408], "SubmissionUncertain"],
        ["a broken service", [500], "SubmissionUncertain"],
        ["a refusal with the status of a broken service", [510], "InvalidRequest"],
        ["an answer without an id", [200, "!sorry"], "SubmissionUncertain"]
      ] as const
    ) {
      it.effect(`${name}: ${tag}`, () =>
        Effect.gen(function*() {
          const { sent, transport } = yield* start([reply])
          const failed = yield* Effect.flip(transport.submit({ kind: "video", reference: "r1" }, post, (body) =>
            String(body).startsWith("!") ? Result.fail("It holds no id") : ids()))
          assert.strictEqual(failed._tag, tag)
          assert.strictEqual(sent.length, 1)
          if (failed._tag === "SubmissionUncertain") {
            assert.strictEqual(failed.reference, "r1")
          }
        }))
    }
  })

  for (const method of ["GET", "PUT", "POST"] as const) {
    it.effect(`sends a submit once by ${method}, and a refused one again`, () =>
      Effect.gen(function*() {
        const submitted = (script: Parameters<typeof start>[0]) =>
          Effect.gen(function*() {
            const { sent, transport } = yield* start(script, { retries: 3 })
            const fiber = yield* Effect.forkChild(
              Effect.result(transport.submit({ kind: "video" }, { ...post, method }, ids))
            )
            yield* TestClock.adjust("1 minute")
            const result = yield* Fiber.join(fiber)
            return [sent, Result.isSuccess(result) ? result.success.ids : result.failure._tag]
          })
        const line = `${method} https://acme.test/jobs`
        assert.deepStrictEqual(yield* submitted([[500], [200]]), [[line], "SubmissionUncertain"])
        assert.deepStrictEqual(yield* submitted([[429], [200]]), [[line, line], ["j1"]])
      }))
  }

  it.effect("tries a call once where it is told to, and tells at once what the service asks for", () =>
    Effect.gen(function*() {
      const unreachable = Object.assign(new Error("refused"), { code: "ECONNREFUSED" })
      for (const reply of [[503], [429], unreachable] as const) {
        for (const isOnly of [true, false]) {
          const { sent, transport } = yield* start([reply], { retries: 3 })
          const calls = Effect.all([
            Effect.flip(transport.call("list", list, Result.succeed)),
            Effect.flip(transport.submit({ kind: "video" }, post, ids))
          ])
          const fiber = yield* Effect.forkChild(Effect.provideService(calls, OneTry, isOnly))
          yield* TestClock.adjust(isOnly ? "1 second" : "1 minute")
          yield* Fiber.join(fiber)
          assert.strictEqual(sent.filter((line) => line.startsWith("GET")).length, isOnly ? 1 : 4)
          assert.isTrue(!isOnly || sent.length === 2)
        }
      }
    }))

  it.effect("does not wait for the others' pause where it is tried once, and tells what is left of it", () =>
    Effect.gen(function*() {
      for (const isOnly of [true, false]) {
        const { sent, transport } = yield* start([[429], [200]], {
          baseUrl: `https://acme.test/${isOnly}`,
          classify: ({ instance, operation, provider }, { status }) =>
            status === 429
              ? Result.fail(
                new JobError.RateLimited({ provider, instance, operation, retryAfter: Duration.seconds(20) })
              )
              : Result.succeed("")
        })
        yield* Effect.flip(transport.call("list", list, Result.succeed))
        yield* TestClock.adjust("5 seconds")
        const call = Effect.result(transport.call("list", list, Result.succeed))
        const fiber = yield* Effect.forkChild(Effect.provideService(call, OneTry, isOnly))
        yield* TestClock.adjust(isOnly ? "1 millis" : "20 seconds")
        const result = yield* Fiber.join(fiber)
        assert.strictEqual(sent.length, isOnly ? 1 : 2)
        const rest = Result.isFailure(result) ? JobError.retryAfterOf(result.failure) : undefined
        // All calls go out a little later than the service said.
        assert.strictEqual(rest && Math.floor(Duration.toSeconds(rest)), isOnly ? 15 : undefined)
      }
    }))

  it.effect("sends the service's headers and the request's own beside its authorization", () =>
    Effect.gen(function*() {
      const plain = yield* start([[200]])
      yield* plain.transport.call("list", list, Result.succeed)
      assert.include({ ...plain.headers[0] }, { accept: "application/json", authorization: "Bearer acme-5ecret" })
      const { headers, transport } = yield* start([[200]], {
        headers: { "acme-version": "2", "acme-mode": "calm" },
        authorize: (token) => HttpClientRequest.setHeader("x-key", Redacted.value(token))
      })
      yield* transport.call("remove", { ...post, method: "PATCH", headers: { "acme-mode": "wild" } }, Result.succeed)
      assert.include({ ...headers[0] }, {
        accept: "application/json",
        "x-key": "acme-5ecret",
        "acme-version": "2",
        "acme-mode": "wild",
        "content-type": "text/plain"
      })
      assert.notProperty({ ...headers[0] }, "authorization")
    }))

  it.effect("tells another host neither the token nor the service's headers", () =>
    Effect.gen(function*() {
      const { headers, sent, transport } = yield* start([[201, "<?xml?>"]], {
        headers: { "acme-version": "2" },
        classify: (call) => Result.succeed(call.isElsewhere)
      })
      const file = { method: "POST", path: "/bucket?part=1", body: HttpBody.text("rain") } as const
      const found = yield* transport.call("upload", { ...file, origin: "https://files.test" }, Result.succeed)
      assert.deepStrictEqual([found, sent], [true, ["POST https://files.test/bucket?part=1"]])
      assert.notMatch(JSON.stringify({ ...headers[0] }), /acme/)
      yield* transport.call("upload", file, Result.succeed)
      assert.strictEqual(sent[1], "POST https://acme.test/bucket?part=1")
      assert.match(JSON.stringify({ ...headers[1] }), /acme-5ecret/)
    }))

  it.effect("paces whoever shares a name and a token, and nobody else", () =>
    Effect.gen(function*() {
      const elapsed = (...ways: ReadonlyArray<Transport.Transport>) =>
        Effect.gen(function*() {
          const before = yield* Clock.currentTimeMillis
          const fiber = yield* Effect.forkChild(Effect.andThen(
            Effect.forEach(ways, (way) => way.call("list", list, Result.succeed), { concurrency: "unbounded" }),
            Clock.currentTimeMillis
          ))
          yield* TestClock.adjust("1 minute")
          return (yield* Fiber.join(fiber)) - before
        })
      const [one, two, other] = [
        yield* start([[200]], { requestsPerSecond: 1 }),
        yield* start([[200]], { requestsPerSecond: 1 }),
        yield* start([[200]], { requestsPerSecond: 1, rateLimitKey: "other" })
      ]
      assert.strictEqual(yield* elapsed(one.transport, other.transport), 0)
      assert.strictEqual(yield* elapsed(one.transport, two.transport), 1000)
    }))

  it.effect("belongs to one provider and instance", () =>
    Effect.gen(function*() {
      const { transport } = yield* start([[200]], { instance: "second" })
      assert.deepStrictEqual([transport.provider, transport.instance], [acme, "second"])
    }))
})
