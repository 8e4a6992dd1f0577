import { assert, describe, it } from "@effect/vitest"
import * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { acme, token } from "./service.ts"

const list = { method: "GET", path: "/jobs" } as const
const post = { method: "POST", path: "/jobs", body: HttpBody.text("rain") } as const
const ids = () => Result.succeed({ ids: [JobId.make("j1")] as const })

/** A service that allows one call in `seconds`, after a `latency`, and says in its body how long to wait. */
const start = (seconds: number, given: Partial<Transport.Options> = {}, latency = 0) => {
  let freeAt = 0
  const windows: Array<readonly [from: number, to: number]> = []
  const arrived: Array<number> = []
  const client = HttpClient.make((request) =>
    Effect.gen(function*() {
      if (request.url.endsWith("/hangs")) return yield* Effect.never
      arrived.push(yield* Clock.currentTimeMillis)
      yield* Effect.sleep(latency)
      const now = yield* Clock.currentTimeMillis
      if (now < freeAt) {
        windows.push([now, freeAt])
        return HttpClientResponse.fromWeb(request, new Response(`${freeAt - now}`, { status: 429 }))
      }
      freeAt = now + seconds * 1000
      return HttpClientResponse.fromWeb(request, new Response("ok"))
    })
  )
  const service = (id = acme): Transport.Service => ({
    id,
    token: "the key of Acme",
    baseUrl: "https://acme.test",
    rateLimitKey: "acme",
    maxResponseBytes: 1000,
    errorText: () => undefined,
    classify: ({ instance, operation, provider }, { status, text }) =>
      status === 200
        ? Result.succeed(text)
        : Result.fail(
          new JobError.RateLimited({ provider, instance, operation, status, retryAfter: Duration.millis(Number(text)) })
        )
  })
  const make = (more: Partial<Transport.Options> = {}) =>
    Effect.provideService(
      Transport.make(service(), { token, ...given, ...more }),
      HttpClient.HttpClient,
      client
    )
  // Sums of fractions of a millisecond are not exact.
  const inWindows = () => arrived.filter((at) => windows.some(([from, to]) => at > from && at < to - 0.01))
  return { make, arrived, inWindows, windows }
}

const sleepUntilDone = <A, E>(effect: Effect.Effect<A, E>, most: Duration.Input = "1 hour") =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust(most)
    return yield* Fiber.join(fiber)
  })

const all = <A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) =>
  Effect.all(effects.map(Effect.result), { concurrency: "unbounded" })

describe("a service that asks one caller to wait", () => {
  for (
    const [n, seconds, latency] of [[8, 10, 0], [8, 10, 700], [20, 3, 50], [3, 45, 2000]] as const
  ) {
    it.effect(`takes ${n} submits one after another, of which it allows one in ${seconds} s (${latency} ms away)`, () =>
      Effect.gen(function*() {
        const { arrived, inWindows, make } = start(seconds, {}, latency)
        const way = yield* make()
        const results = yield* sleepUntilDone(
          all(Array.from({ length: n }, () => way.submit({ kind: "video" }, post, ids)))
        )
        assert.deepStrictEqual(results.filter(Result.isFailure), [])
        assert.deepStrictEqual(inWindows(), [])
        // At once they can't know; then each that is taken is followed by one that learns of the next pause.
        assert.isAtMost(arrived.length, n + 2 * (n - 1))
      }))
  }

  for (const operation of ["list", "submit"] as const) {
    it.effect(`holds back what others of its token send, be it of any adapter: a ${operation} was refused`, () =>
      Effect.gen(function*() {
        const { arrived, inWindows, make, windows } = start(20)
        const [one, two] = [yield* make(), yield* make({ instance: "two" })]
        yield* one.call("list", list, Result.succeed)
        const refused = operation === "submit"
          ? one.submit({}, post, ids)
          : one.call("list", list, Result.succeed)
        const fiber = yield* Effect.forkChild(refused)
        yield* TestClock.adjust(0)
        assert.strictEqual(windows.length, 1)
        const others = Array.from(
          { length: 49 },
          (_, i) => (i % 2 === 0 ? one : two).call("list", list, Result.succeed)
        )
        const waiting = yield* Effect.forkChild(all(others))
        yield* TestClock.adjust("19 seconds")
        assert.strictEqual(arrived.length, 2)
        yield* TestClock.adjust("1 hour")
        yield* Fiber.join(waiting)
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(inWindows(), [])
      }))
  }

  it.effect("lets no call wait for the time of a clock that was set back", () =>
    Effect.gen(function*() {
      for (const back of ["1 second", "1 hour", "30 days"] as const) {
        // Of a service that is always free, by whatever clock.
        const { arrived, make } = start(-1e8, { requestsPerSecond: 2 })
        const way = yield* make({ baseUrl: `https://acme.test/${back.replace(" ", "-")}` })
        yield* TestClock.adjust("60 days")
        yield* sleepUntilDone(
          all(Array.from({ length: 8 }, () => way.call("list", list, Result.succeed))),
          "10 seconds"
        )
        yield* TestClock.setTime((yield* Clock.currentTimeMillis) - Duration.toMillis(back))
        const fiber = yield* Effect.forkChild(way.call("list", list, Result.succeed))
        yield* TestClock.adjust(0)
        assert.strictEqual(arrived.length, 9)
        yield* Fiber.join(fiber)
      }
    }))

  it.effect("sends at once what its rate allows, and the rest as turns come, also of less than one a second", () =>
    Effect.gen(function*() {
      for (
        const [limit, times] of [
          [3, [0, 0, 0, 333, 667, 1000]],
          [1, [0, 1000, 2000]],
          [0.5, [0, 2000, 4000]],
          [2.5, [0, 0, 200, 600]]
        ] as const
      ) {
        const { arrived, make } = start(0, { requestsPerSecond: limit })
        const way = yield* make({ baseUrl: `https://acme.test/${limit}` })
        const begun = yield* Clock.currentTimeMillis
        yield* sleepUntilDone(all(times.map(() => way.call("list", list, Result.succeed))), "10 seconds")
        assert.deepStrictEqual(arrived.map((at) => Math.round(at - begun)), [...times])
      }
    }))

  it.effect("is left alone by what already waits for its turn in the bucket", () =>
    Effect.gen(function*() {
      const { arrived, inWindows, make } = start(20, { requestsPerSecond: 1 })
      const way = yield* make()
      const fiber = yield* Effect.forkChild(
        all(Array.from({ length: 5 }, () => way.call("list", list, Result.succeed)))
      )
      yield* TestClock.adjust("19 seconds")
      assert.deepStrictEqual(arrived, [0, 1000])
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(inWindows(), [])
    }))

  it.effect("asks nothing of another token", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(20, { retries: 0 })
      const [one, other] = [yield* make(), yield* make({ token: Redacted.make("acme-other-5ecret") })]
      yield* all([one.call("list", list, Result.succeed), one.call("list", list, Result.succeed)])
      yield* all([other.call("list", list, Result.succeed)])
      assert.strictEqual(arrived.length, 3)
    }))

  it.effect("for longer than a caller has patience, has it fail at once with the rest, and nothing sent", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(200, { retries: 0 })
      const way = yield* make()
      const submit = way.submit({}, post, ids)
      yield* submit
      yield* TestClock.adjust("10 seconds")
      yield* Effect.flip(submit)
      yield* TestClock.adjust("30 seconds")
      for (const call of [submit, way.call("list", list, Result.succeed)]) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "RateLimited")
        const rest = Duration.toSeconds(JobError.retryAfterOf(error) ?? Duration.zero)
        assert.isTrue(rest >= 160 && rest < 161, String(rest))
        assert.include(error.message, "call again in 161 s. Detail: Nothing was sent")
      }
      assert.strictEqual(arrived.length, 2)
    }))

  it.effect("for a quota of submits, holds back submits and no look, until a look is refused as well", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(3600, { retries: 0 })
      const way = yield* make()
      const [submit, look] = [way.submit({}, post, ids), Effect.flip(way.call("list", list, Result.succeed))]
      yield* submit
      yield* Effect.flip(submit)
      yield* Effect.flip(submit)
      assert.strictEqual(arrived.length, 2)
      yield* look
      assert.strictEqual(arrived.length, 3)
      yield* look
      assert.strictEqual(arrived.length, 3)
    }))

  it.effect("for years, is asked again after five minutes", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(1e9, { retries: 0 })
      const way = yield* make()
      const call = Effect.result(way.call("list", list, Result.succeed))
      yield* call
      yield* call
      yield* TestClock.adjust("299 seconds")
      assert.strictEqual(arrived.length, 2)
      yield* TestClock.adjust("1 second")
      yield* call
      assert.strictEqual(arrived.length, 3)
    }))

  it.effect("waits for no caller that has gone", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(10, { retries: 0 }, 1000)
      const way = yield* make()
      const call = way.call("list", list, Result.succeed)
      const first = yield* Effect.forkChild(all([call, call]))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(first)
      const [gone, sent, last] = [
        yield* Effect.forkChild(call),
        yield* Effect.forkChild(call),
        yield* Effect.forkChild(call)
      ]
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(gone)
      yield* TestClock.adjust("9700 millis")
      assert.strictEqual(arrived.length, 3)
      yield* Fiber.interrupt(sent)
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(arrived.length, 4)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.await(last)
    }))
})

// Of an isolated request that has gone, nothing runs any more, not even what would give its place back.
describe("a caller that never goes on", () => {
  it.effect("while it waits holds up the others no longer than a late timer would", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(20, { retries: 0 })
      const never = () => Effect.never
      const stuck = yield* Effect.provideService(make(), RateLimiter.RateLimiter, {
        [RateLimiter.TypeId]: RateLimiter.TypeId,
        consume: never,
        adaptiveConsume: never,
        adaptiveFeedback: never
      })
      const way = yield* make()
      const call = way.call("list", list, Result.succeed)
      yield* all([call, call])
      yield* Effect.forkChild(stuck.call("list", list, Result.succeed))
      yield* TestClock.adjust("1 second")
      const others = yield* Effect.forkChild(all([call, call]))
      yield* TestClock.adjust("23 seconds")
      assert.strictEqual(arrived.length, 4)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(others)
    }))

  it.effect("while it is served holds up none after the next pause", () =>
    Effect.gen(function*() {
      const { arrived, make } = start(20, { retries: 0, timeout: "1 day" })
      const way = yield* make()
      const call = way.call("list", list, Result.succeed)
      yield* all([call, call])
      yield* TestClock.adjust("21 seconds")
      yield* Effect.forkChild(way.call("list", { method: "GET", path: "/hangs" }, Result.succeed))
      yield* TestClock.adjust("21 seconds")
      yield* all([call, call])
      assert.strictEqual(arrived.length, 4)
      const last = yield* Effect.forkChild(Effect.result(call))
      yield* TestClock.adjust("21 seconds")
      assert.strictEqual(arrived.length, 5)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(last)
    }))
})

describe("a submit that is held back", () => {
  const book = () => {
    const lines: Array<string> = []
    const note = (line: string) => Effect.sync(() => void lines.push(line))
    const ledger: Ledger.Ledger = {
      intend: (intent) => Effect.as(Effect.flatMap(Clock.currentTimeMillis, (now) => note(`intent ${now}`)), intent),
      submitted: () => note("submitted"),
      refused: () => note("refused"),
      done: () => Effect.void,
      find: () => Effect.undefined,
      known: () => Effect.succeed(new Set()),
      resume: Effect.succeed(Ledger.unfinished([]))
    }
    return { lines, provide: Effect.provideService(Ledger.Ledger, ledger) }
  }

  it.effect("stands in no ledger until its turn in the bucket has come", () =>
    Effect.gen(function*() {
      const { lines, provide } = book()
      const way = yield* start(0, { requestsPerSecond: 0.1 }).make()
      const submit = provide(way.submit({}, post, ids))
      const fiber = yield* Effect.forkChild(all([submit, submit]))
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(lines, ["intent 0", "submitted"])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(lines.slice(2), ["intent 10000", "submitted"])
    }))

  it.effect("nor while the service has asked all to wait, nor between a refusal and the next try", () =>
    Effect.gen(function*() {
      const { lines, provide } = book()
      const way = yield* start(30).make()
      const submit = provide(way.submit({}, post, ids))
      yield* submit
      const fiber = yield* Effect.forkChild(submit)
      yield* TestClock.adjust("1 second")
      const other = yield* Effect.forkChild(submit)
      yield* TestClock.adjust("28 seconds")
      assert.deepStrictEqual(lines, ["intent 0", "submitted", "intent 0", "refused"])
      yield* Fiber.interrupt(fiber)
      yield* Fiber.interrupt(other)
      assert.strictEqual(lines.length, 4)
    }))

  it.effect("and tells when it was sent, not when it was asked for", () =>
    Effect.gen(function*() {
      const way = yield* start(0, { requestsPerSecond: 0.1 }).make()
      const submit = way.submit({}, post, ids)
      const sent = yield* sleepUntilDone(Effect.all([submit, submit], { concurrency: 2 }))
      assert.deepStrictEqual(sent.map(({ submittedAt }) => submittedAt.epochMilliseconds), [0, 10_000])
    }))
})
