import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import type * as JobState from "@media-jobs/core/JobState"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import * as Service from "./service.ts"

const { a, answering, base, counted, inWorld, submitted } = Service
const succeeded: JobState.JobState = { _tag: "Succeeded", artifacts: [] }
const failed: JobState.JobState = { _tag: "Failed", cause: "service" }

/** A poll that looks every ten minutes, with webhooks beside it. */
const racing = Effect.gen(function*() {
  const service = Service.make()
  const poller = yield* Poller.make(service.provider, { pace: Pace.steady("10 minutes"), concurrency: 64 })
  const { webhooks } = yield* answering([{ provider: service.provider, wake: poller.wake }])
  /** Takes no time at all: the test's clock knows nothing of the promises that a real request's body is made of. */
  const call = (url: string, body: object) =>
    webhooks.respond(HttpServerRequest.fromClientRequest(
      HttpClientRequest.bodyText(HttpClientRequest.post(url), JSON.stringify(body))
    ))
  const seconds = Effect.map(Clock.currentTimeMillis, (now) => now / 1000)
  /** How the job ended, and when that was known. */
  const ended = (id: JobId.JobId) =>
    Effect.flatMap(poller.await(id), ({ state }) => Effect.map(seconds, (at) => ({ state: state._tag, at })))
  return { ...service, call, ended }
})

const begin = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.tap(Effect.forkChild(effect, { startImmediately: true }), () => TestClock.adjust(0))

describe("the wait for a job", () => {
  it.effect("ends with the call", () =>
    inWorld(Effect.gen(function*() {
      const { asked, call, ended, truth } = yield* racing
      const { url } = yield* submitted()
      truth.set(a, { _tag: "Running" })
      const fiber = yield* begin(ended(a))
      yield* TestClock.adjust("37 seconds")
      truth.set(a, succeeded)
      yield* call(url, { id: a, status: "completed" })
      assert.deepStrictEqual(yield* Fiber.join(fiber), { state: "Succeeded", at: 37 })
      assert.strictEqual(asked.length, 2)
    })))

  it.effect("ends as the service says, not as the call does", () =>
    inWorld(Effect.gen(function*() {
      const { call, ended, truth } = yield* racing
      const { url } = yield* submitted()
      truth.set(a, failed)
      const fiber = yield* begin(Effect.andThen(Effect.sleep("1 second"), ended(a)))
      yield* call(url, { id: a, status: "completed" })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { state: "Failed", at: 1 })
    })))

  it.effect("goes on after a call that is forged, or early; the poll ends it", () =>
    inWorld(Effect.gen(function*() {
      const { asked, call, ended, truth } = yield* racing
      const { url } = yield* submitted()
      truth.set(a, { _tag: "Running" })
      const fiber = yield* begin(ended(a))
      const looks = asked.length
      for (const forged of [`${base}/x`, `${url}x`]) yield* call(forged, { id: a, status: "completed" })
      yield* call(url, { id: a, status: "completed", ref: "x" })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(asked.length, looks)
      yield* call(url, { id: a, status: "completed" })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(asked.length, looks + 1)
      assert.isUndefined(fiber.pollUnsafe())
      truth.set(a, succeeded)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* Fiber.join(fiber)).state, "Succeeded")
    })))

  it.effect(
    "of many jobs, with calls lost, late, early, doubled, reordered and forged at random, is never wrong",
    () =>
      inWorld(Effect.gen(function*() {
        const { call, ended, truth } = yield* racing
        const jobs = yield* Effect.forEach(Array.from({ length: 300 }), (_, i) =>
          Effect.gen(function*() {
            const id = JobId.make(`j${i}`)
            truth.set(id, { _tag: "Running" })
            return {
              id,
              url: (yield* submitted()).url,
              state: (yield* Random.nextBoolean) ? succeeded : failed,
              endsAt: yield* Random.nextIntBetween(1, 1000),
              fault: yield* Random.nextIntBetween(0, 7)
            }
          }))
        const told = (url: string, id: JobId.JobId, status: string) => call(url, { id, status })
        const life = Effect.fnUntraced(function*({ endsAt, fault, id, state, url }: (typeof jobs)[number]) {
          const end = Effect.sync(() => void truth.set(id, state))
          const says = state._tag === "Succeeded" ? "completed" : "failed"
          const lies = says === "failed" ? "completed" : "failed"
          yield* Effect.sleep(endsAt * 1000)
          if (fault === 1) yield* told(`${url}x`, id, lies)
          if (fault === 2) yield* told(url, id, lies)
          if (fault === 3) yield* told(url, id, says)
          yield* end
          if (fault === 0 || fault === 3) return
          if (fault === 4) yield* Effect.sleep("20 seconds")
          yield* told(url, id, says)
          if (fault === 5) yield* told(url, id, says)
          if (fault === 6) yield* told(url, id, "processing")
        })
        const waits = yield* begin(Effect.forEach(jobs, ({ id }) => ended(id), { concurrency: "unbounded" }))
        yield* begin(Effect.forEach(jobs, life, { concurrency: "unbounded" }))
        yield* TestClock.adjust("1 hour")
        const found = yield* Fiber.join(waits)
        for (const [i, { endsAt, fault, state }] of jobs.entries()) {
          assert.strictEqual(found[i]?.state, state._tag)
          const lag = (found[i]?.at ?? NaN) - endsAt
          const bound = fault === 0 || fault === 3 ? 600 : fault === 4 ? 20 : 2
          assert.isTrue(lag >= 0 && lag <= bound, `fault ${fault}: ${lag} s`)
        }
        assert.strictEqual((yield* counted)["unknown Forged"], jobs.filter(({ fault }) => fault === 1).length)
      })).pipe(Random.withSeed("webhooks")),
    20_000
  ) // on a busy machine
})
