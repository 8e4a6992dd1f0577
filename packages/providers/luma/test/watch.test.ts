/** Jobs of both APIs under a poller, and Dream Machine's list and webhooks. */
import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as LumaEmulator from "@media-jobs/testing/luma"
import * as DreamMachineEmulator from "@media-jobs/testing/luma-dream-machine"
import * as Reply from "@media-jobs/testing/Reply"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { dreamMachine, dreamMachineBefore, dreamt, id, inMemory, luma, rain } from "./support.ts"

const steady = { pace: Pace.steady("10 seconds") }

describe("luma under a poller", () => {
  it.effect("a submit becomes a video, also where a look meets a 502", () =>
    Effect.gen(function*() {
      const { inject } = yield* Emulator.Emulator
      const provider = yield* luma()
      yield* inject({
        fault: Faults.answer(LumaEmulator.sentences.unavailable),
        operation: "luma.get",
        skip: 1,
        times: 2
      })
      const poller = yield* Poller.make(provider, steady)
      const submission = yield* provider.submit(rain)
      const fiber = yield* Effect.forkChild(poller.succeed(submission))
      yield* TestClock.adjust("3 minutes")
      const [job] = yield* Fiber.join(fiber)
      assert.deepStrictEqual([job.kind, job.state.artifacts.map(({ role }) => role)], ["video", ["primary"]])
    }).pipe(inMemory()))

  it.effect("a failed one says why, and what helps", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const provider = yield* luma()
      for (
        const [code, remedy] of [["content_moderated", "Fix"], ["budget_exhausted", "Pay"], [
          "generation_failed",
          "None"
        ]] as const
      ) {
        const { id } = yield* services.luma.add({ state: "failed", reason: "No", code })
        const error = yield* Effect.flip(Poller.succeed(provider, JobId.make(id)))
        assert.deepStrictEqual([error._tag, error.remedy._tag], ["JobFailed", remedy])
      }
    }).pipe(inMemory()))

  it.effect("a submit beyond what may run at once is refused, and goes through once there is room", () =>
    Effect.gen(function*() {
      const { count, services } = yield* Emulator.Emulator
      const provider = yield* luma()
      yield* services.luma.add({ duration: "90 seconds" })
      const fiber = yield* Effect.forkChild(provider.submit(rain))
      yield* TestClock.adjust("3 minutes")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* count("luma.create"), 3)
      assert.strictEqual((yield* services.luma.jobs).length, 2)
    }).pipe(inMemory({ services: { luma: LumaEmulator.service({ concurrent: 1 }) } })))
})

const now = Date.parse("2026-11-26T10:00:00Z")
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString()

describe("dreamMachine.list", () => {
  const listed = (options?: Parameters<typeof dreamMachine>[0]) =>
    Effect.gen(function*() {
      const { count } = yield* Emulator.Emulator
      const { complete, jobs } = yield* Effect.flatMap(dreamMachine(options), ({ list }) => list)
      return { jobs: jobs.length, complete, pages: yield* count("luma-dream-machine.list") }
    })
  const filled = (order: "newest" | "oldest", ages: ReadonlyArray<number>) =>
    inMemory({
      services: {
        "luma-dream-machine": DreamMachineEmulator.service({
          pageSize: 3,
          order,
          jobs: ages.map((age) => ({ created: before(age), duration: "30000 days" }))
        })
      }
    })
  const ages = [1, 2, 3, 4, 200, 201, 202, 203, 204, 205, 206]
  const set = TestClock.setTime(now)

  it.effect("goes by offset up to the page that is wholly older, where the newest come first", () =>
    Effect.gen(function*() {
      yield* set
      assert.deepStrictEqual(yield* listed(), { jobs: 9, complete: true, pages: 3 })
    }).pipe(filled("newest", ages)))

  it.effect("goes to the end where they do not", () =>
    Effect.gen(function*() {
      yield* set
      assert.deepStrictEqual(yield* listed(), { jobs: 11, complete: true, pages: 4 })
    }).pipe(filled("oldest", ages)))

  it.effect("is not complete where it was cut", () =>
    Effect.gen(function*() {
      yield* set
      assert.deepStrictEqual(yield* listed({ pages: 1 }), { jobs: 3, complete: false, pages: 1 })
    }).pipe(filled("newest", ages)))

  it.effect("has no more than what executes, and lacks an entry that can't be read, and no other", () =>
    Effect.gen(function*() {
      const odd = [{ id: undefined }, { state: undefined }, { state: 7 }].map((more) => dreamt(more))
      for (const entry of [...odd, null, "x"]) {
        const page = {
          generations: [entry, dreamt({ state: "dreaming" }), dreamt({ state: "failed" })],
          has_more: false
        }
        const { provider } = yield* dreamMachineBefore(() => [200, page])
        const { complete, jobs } = yield* provider.list
        assert.deepStrictEqual([jobs.map((job) => String(job.id)), complete], [[id], false])
        const lost = yield* Effect.flip(
          Effect.flatMap(
            Effect.clockWith((clock) => clock.currentTimeMillis),
            (at) => provider.recover({ submittedAt: DateTime.makeUnsafe(at) })
          )
        )
        assert.strictEqual(lost._tag, "UnexpectedResponse")
      }
    }))

  it.effect("asks on where a page does not say that it is the last, and never for ever", () =>
    Effect.gen(function*() {
      const { provider, sent } = yield* dreamMachineBefore(({ url }) => [
        200,
        { generations: url.searchParams.get("offset") === "0" ? [dreamt(), dreamt()] : [] }
      ])
      assert.strictEqual((yield* provider.list).complete, true)
      assert.deepStrictEqual(sent.map(({ url }) => url.search), ["?limit=100&offset=0", "?limit=100&offset=2"])
      const { provider: other } = yield* dreamMachineBefore(() => [200, { generations: [], has_more: true }])
      assert.strictEqual((yield* Effect.flip(other.list))._tag, "UnexpectedResponse")
    }))

  it.effect("serves all waits with one request, and no job looks ended while it fails", () =>
    Effect.gen(function*() {
      const { count, inject, services } = yield* Emulator.Emulator
      const provider = yield* dreamMachine()
      const jobs = yield* Effect.forEach(Array.from({ length: 12 }), () =>
        services["luma-dream-machine"].add({ duration: "5 minutes" }))
      yield* inject({
        fault: Faults.answer(Reply.html(502, "Bad Gateway")),
        operation: "luma-dream-machine.list",
        during: "30 seconds"
      })
      const poller = yield* Poller.make(provider, steady)
      const fibers = yield* Effect.forkChild(
        Effect.forEach(jobs, ({ id }) =>
          poller.succeed(JobId.make(id)), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("7 minutes")
      const ended = yield* Fiber.join(fibers)
      assert.deepStrictEqual(ended.map(({ state }) => state.artifacts.length), jobs.map(() => 1))
      assert.isBelow(yield* count(), 60)
    }).pipe(inMemory()))
})

describe("dreamMachine.webhook", () => {
  it.effect("tells the same of a generation as get does", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const provider = yield* dreamMachine()
      for (const state of ["running", "completed", "failed"] as const) {
        const { id } = yield* services["luma-dream-machine"].add({ state })
        const [job, ...rest] = yield* provider.webhook(yield* services["luma-dream-machine"].webhook(id))
        assert.deepStrictEqual(rest, [])
        assert.deepStrictEqual(job, yield* provider.get(job!.id)) // it was just seen
      }
    }).pipe(inMemory()))
})

describe("dreamMachine.credits", () => {
  it.effect("are what is left, in cents", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Effect.flatMap(dreamMachine(), ({ credits }) => credits), 1234.5)
    }).pipe(inMemory()))
})
