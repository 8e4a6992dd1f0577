import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as ReplicateEmulator from "@media-jobs/testing/replicate"
import * as Reply from "@media-jobs/testing/Reply"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { type Answer, answered, emulated, id, inMemory, prediction } from "./support.ts"

const now = Date.parse("2026-03-26T14:00:00Z")
const iso = (millis: number) => DateTime.formatIso(DateTime.makeUnsafe(millis))
const minute = 60_000

/** A hundred pages of predictions, each a minute older than the one before, of which two of three have ended. */
const hundredPages =
  (perPage: number, next = (page: number) => `https://api.replicate.com/v1/predictions?cursor=${page}`) =>
  (url: URL): Answer => {
    const page = Number(url.searchParams.get("cursor") ?? 0)
    return [200, {
      next: page === 99 ? null : next(page + 1),
      previous: null,
      results: Array.from({ length: perPage }, (_, i) => {
        const age = page * perPage + i
        return prediction({
          id: `p${`${age}`.padStart(25, "0")}`,
          status: age % 3 === 0 ? "processing" : "succeeded",
          created_at: iso(now - age * minute)
        })
      })
    }]
  }

const listed = (answer: (url: URL, n: number) => Answer, options?: Parameters<typeof answered>[1]) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now)
    const { replicate, sent } = yield* answered(({ url }, n) => answer(url, n), options)
    const fiber = yield* Effect.forkChild(Effect.result(replicate.list))
    yield* TestClock.adjust("10 minutes")
    return { result: yield* Fiber.join(fiber), sent }
  })

describe("Replicate.layerConfig", () => {
  it.effect("takes a second token from a variable of its own", () =>
    Effect.gen(function*() {
      const env = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ REPLICATE_API_TOKEN: "wrong", SECOND_TOKEN: Emulator.token })
      )
      const made = (...options: Parameters<typeof Replicate.layerConfig>) =>
        Effect.provide(Replicate.Replicate, Replicate.layerConfig(...options).pipe(Layer.provide(env)))
      const [first, second] = [
        yield* made(),
        yield* made({ token: Config.Redacted("SECOND_TOKEN"), instance: "second" })
      ]
      assert.strictEqual((yield* Effect.flip(first.list))._tag, "Unauthorized")
      yield* second.list
      assert.strictEqual(second.instance, "second")
    }).pipe(inMemory()))
})

describe("replicate.list", () => {
  it.effect("walks a hundred pages no further than to the first that is wholly older", () =>
    Effect.gen(function*() {
      const { result, sent } = yield* listed(hundredPages(10))
      // Two hours are predictions 0 to 120, the last of which begins page 12; page 13 is wholly older.
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), sent.map(() => "/v1/predictions"))
      assert.strictEqual(sent.length, 10)
      assert.deepStrictEqual(result._tag === "Success" && result.success.complete, false)
      const whole = yield* listed(hundredPages(10), { pages: 100 })
      assert.strictEqual(whole.sent.length, 14)
      assert.strictEqual(whole.result._tag === "Success" && whole.result.success.complete, true)
      const near = yield* listed(hundredPages(10), { horizon: "15 minutes" })
      assert.strictEqual(near.sent.length, 3)
    }))

  it.effect("asks the service for no older ones either", () =>
    Effect.gen(function*() {
      const { sent } = yield* listed(() => [200, { next: null, results: [] }])
      assert.strictEqual(sent[0]?.url.search, "?created_after=2026-03-26T12%3A00%3A00.000Z")
    }))

  it.effect("has only what executes", () =>
    Effect.gen(function*() {
      const { result } = yield* listed(hundredPages(10), { horizon: "5 minutes" })
      const jobs = result._tag === "Success" ? result.success.jobs : []
      assert.deepStrictEqual(jobs.map(({ id, state }) => [Number(id.slice(1)), state._tag]), [
        [0, "Running"],
        [3, "Running"],
        [6, "Running"],
        [9, "Running"],
        [12, "Running"],
        [15, "Running"],
        [18, "Running"]
      ])
    }))

  it.effect("takes the token nowhere but to the base, whatever a page says of the next", () =>
    Effect.gen(function*() {
      const { sent } = yield* listed(
        hundredPages(10, (page) => `https://elsewhere.test/steal?cursor=${page}`),
        { horizon: "15 minutes", baseUrl: "https://proxy.test/replicate/v1/" }
      )
      assert.deepStrictEqual([...new Set(sent.map(({ url }) => url.origin + url.pathname))], [
        "https://proxy.test/replicate/v1/predictions"
      ])
      assert.strictEqual(sent[1]?.url.search, "?cursor=1")
    }))

  it.effect("fails where pages go round in a ring", () =>
    Effect.gen(function*() {
      const { result, sent } = yield* listed(
        hundredPages(1, () => "https://api.replicate.com/v1/predictions?cursor=1")
      )
      assert.strictEqual(result._tag === "Failure" && result.failure._tag, "UnexpectedResponse")
      assert.isAtMost(sent.length, 2)
    }))

  it.effect("is not complete where the address of the next page can't be read", () =>
    Effect.gen(function*() {
      for (const next of ["nowhere", "", 12, true, {}]) {
        const { result, sent } = yield* listed(() => [200, { next, results: [prediction({ status: "processing" })] }])
        const found = result._tag === "Success" ? result.success : undefined
        assert.deepStrictEqual([found?.jobs.length, found?.complete, sent.length], [1, false, 1])
      }
    }))

  for (
    const [status, tag] of [[429, "RateLimited"], [500, "Unavailable"], [401, "Unauthorized"], [
      200,
      "UnexpectedResponse"
    ]] as const
  ) {
    it.effect(`fails where a later page does, with ${status}: what stood on it has not ended`, () =>
      Effect.gen(function*() {
        const pages = hundredPages(10)
        const { result } = yield* listed((url, n) => n === 1 ? [status, { detail: "No" }] : pages(url))
        assert.strictEqual(result._tag === "Failure" && result.failure._tag, tag)
      }))
  }

  it.effect("lacks an entry that can't be read, and no other", () =>
    Effect.gen(function*() {
      for (const odd of [{ id: undefined }, { status: undefined }, null, "p1"]) {
        const entry = odd !== null && typeof odd === "object" ? prediction({ created_at: iso(now), ...odd }) : odd
        const page = { next: null, results: [entry, prediction({ status: "starting", created_at: iso(now) })] }
        const { replicate } = yield* answered(() => [200, page])
        const listing = yield* replicate.list
        assert.deepStrictEqual([listing.jobs.map((job) => String(job.id)), listing.complete], [[id], false])
        // It may be the very job.
        const lost = yield* Effect.flip(replicate.recover({ submittedAt: DateTime.makeUnsafe(now) }))
        assert.strictEqual(lost._tag, "UnexpectedResponse")
      }
    }))

  it.effect("is tried again page by page, not from the start", () =>
    Effect.gen(function*() {
      const pages = hundredPages(10)
      const { result, sent } = yield* listed((url, n) => n === 1 ? [503, "{}"] : pages(url), {
        retries: 1,
        horizon: "15 minutes"
      })
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(sent.map(({ url }) => url.searchParams.get("cursor")), [null, "1", "1", "2"])
    }))
})

describe("replicate under a poller", () => {
  it.effect("no job looks ended while a page of the list fails, and one request a tick serves all", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      const jobs = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, i) => i),
        () => emulator.services.replicate.add({ duration: "5 minutes" })
      )
      // The second page is broken for two minutes.
      const broken = Faults.answer(Reply.html(502, "Bad Gateway"))
      yield* emulator.inject({ fault: broken, operation: "replicate.list", skip: 1, during: "2 minutes" })
      const poller = yield* Poller.make(replicate, { pace: yield* Pace.learned() })
      const endings = yield* Effect.forkChild(
        Effect.forEach(jobs, ({ id }) => poller.succeed(JobId.make(id)), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("4 minutes")
      assert.isUndefined(endings.pollUnsafe())
      yield* TestClock.adjust("10 minutes")
      const ended = yield* Fiber.join(endings)
      assert.deepStrictEqual(ended.map(({ state }) => state.artifacts.length), jobs.map(() => 1))
    }).pipe(inMemory({ services: { replicate: ReplicateEmulator.service({ pageSize: 10 }) } })))

  it.effect("a job older than the horizon is asked for by itself", () =>
    Effect.gen(function*() {
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated({ horizon: "1 minute" })
      yield* hands.add({ id, duration: "20 minutes" })
      yield* TestClock.adjust("10 minutes")
      const { jobs } = yield* replicate.list
      assert.deepStrictEqual(jobs, [])
      const ending = yield* Effect.forkChild(Poller.succeed(replicate, JobId.make(id)))
      yield* TestClock.adjust("30 minutes")
      assert.strictEqual((yield* Fiber.join(ending)).providerStatus, "succeeded")
      assert.isAbove(yield* emulator.count("replicate.get"), 0)
    }).pipe(inMemory()))
})
