import { assert, describe, it } from "@effect/vitest"
import * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Submission from "@media-jobs/core/Submission"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Runway from "@media-jobs/runway/Runway"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { sentences } from "@media-jobs/testing/runway"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { answered, emulated, id, inMemory, rain, task } from "./support.ts"

const pace = Pace.steady("10 seconds")

describe("a task that was cancelled, and is not found any more", () => {
  it.effect("is Cancelled for the poller that cancelled it, and Expired for a stranger", () =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      const [canceller, stranger] = [yield* Poller.make(runway, { pace }), yield* Poller.make(runway, { pace })]
      const submission = yield* runway.submit(rain)
      const own = yield* Effect.forkChild(canceller.await(submission))
      const others = yield* Effect.forkChild(stranger.await(submission))
      yield* TestClock.adjust("15 seconds")
      yield* canceller.cancel(submission)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual((yield* Fiber.join(own)).map(({ state }) => state._tag), ["Cancelled"])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual((yield* Fiber.join(others)).map(({ state }) => state._tag), ["Expired"])
    }).pipe(inMemory()))

  it.effect("is Cancelled too where the answer to the cancel was lost", () =>
    Effect.gen(function*() {
      const { inject, services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated({ retries: 0 })
      const poller = yield* Poller.make(runway, { pace })
      const { id } = yield* hands.add({ duration: "1 hour" })
      const fiber = yield* Effect.forkChild(poller.await(JobId.make(id)))
      yield* TestClock.adjust("15 seconds")
      yield* inject({ fault: Faults.dropReply, operation: "runway.remove" })
      assert.strictEqual((yield* Effect.flip(poller.cancel(JobId.make(id))))._tag, "Unavailable")
      yield* TestClock.adjust("2 minutes")
      assert.isTrue((yield* Fiber.join(fiber)).is("Cancelled"))
    }).pipe(inMemory()))
})

describe("a task that has ended", () => {
  it.effect("is let alone by a cancel, whatever its end", () =>
    Effect.gen(function*() {
      const { count, services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated()
      const poller = yield* Poller.make(runway, { pace })
      for (const state of ["succeeded", "failed", "cancelled"] as const) {
        const { id } = yield* hands.add({ state })
        yield* poller.cancel(JobId.make(id))
        assert.strictEqual((yield* runway.get(JobId.make(id))).providerStatus, state.toUpperCase())
      }
      const { id } = yield* hands.add({ state: "succeeded" })
      yield* poller.cancel(JobId.make(id))
      const fiber = yield* Effect.forkChild(poller.await(JobId.make(id)))
      yield* TestClock.adjust("20 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
      assert.strictEqual(yield* count("runway.remove"), 0)
    }).pipe(inMemory()))

  it.effect("is removed: what is known of it stays, and a later wait, which knows nothing, finds no job", () =>
    Effect.gen(function*() {
      const { services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated()
      const poller = yield* Poller.make(runway, { pace })
      const id = JobId.make((yield* hands.add({ duration: "25 seconds" })).id)
      const handle = new Handle.Handle({
        provider: runway.id,
        instance: runway.instance,
        id,
        submittedAt: yield* DateTime.now
      })
      const keeps = yield* Effect.forkChild(poller.await(handle))
      yield* TestClock.adjust("40 seconds")
      const was = yield* Fiber.join(keeps)
      assert.isTrue(was.is("Succeeded"))
      yield* runway.remove(id)
      assert.strictEqual((yield* Effect.flip(runway.get(id)))._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(runway.remove(id)))._tag, "NotFound")
      // An engine keeps no ended jobs, of which there is no end: that a job was submitted is in the handle, how it ended is not.
      const later = yield* Effect.forkChild(poller.await(handle))
      yield* TestClock.adjust("3 minutes")
      const expired = yield* Fiber.join(later)
      assert.isTrue(expired.is("Expired"))
      const stranger = yield* Effect.forkChild(Effect.flip(poller.await(id)))
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual((yield* Fiber.join(stranger))._tag, "NotFound")
      // Nor does that undo what is known, in whichever order they meet.
      for (const job of [Job.join(was, expired), Job.join(expired, was)]) {
        assert.deepStrictEqual(job.state, was.state)
      }
      const kept = new Submission.Submission({ ...handle, ids: [id], snapshots: [was] })
      const known = yield* Effect.forkChild(poller.await(kept))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Fiber.join(known)).map(({ state }) => state._tag), ["Succeeded"])
    }).pipe(inMemory()))

  it.effect("is known by what it cost, where its word is not known", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, task({ status: "DONE" })])
      yield* runway.cancel(JobId.make(id))
      assert.deepStrictEqual(sent.map(({ method }) => method), ["GET"])
      yield* runway.remove(JobId.make(id))
      assert.deepStrictEqual(sent.map(({ method }) => method), ["GET", "GET", "DELETE"])
    }))
})

describe("cancel and remove", () => {
  it.effect.each(
    [
      ["PENDING", "cancel", "DELETE"],
      ["THROTTLED", "cancel", "DELETE"],
      ["RUNNING", "cancel", "DELETE"],
      ["MUSING", "cancel", "DELETE"],
      ["SUCCEEDED", "cancel", "nothing"],
      ["FAILED", "cancel", "nothing"],
      ["CANCELLED", "cancel", "nothing"],
      ["PENDING", "remove", "NotTerminal"],
      ["THROTTLED", "remove", "NotTerminal"],
      ["RUNNING", "remove", "NotTerminal"],
      ["MUSING", "remove", "NotTerminal"],
      ["SUCCEEDED", "remove", "DELETE"],
      ["FAILED", "remove", "DELETE"],
      ["CANCELLED", "remove", "DELETE"]
    ] as const
  )("of a task that is %s: %s is %s", ([status, operation, expected]) =>
    Effect.gen(function*() {
      const record = task({ status, cost: undefined })
      const { runway, sent } = yield* answered(({ method }) => method === "GET" ? [200, record] : [204, ""])
      const result = yield* Effect.result(runway[operation](JobId.make(id)))
      const last = sent.at(-1)
      const was = result._tag === "Failure"
        ? result.failure._tag
        : last?.method === "DELETE"
        ? last.method
        : "nothing"
      assert.deepStrictEqual([was, last?.url.pathname], [expected, `/v1/tasks/${id}`])
      if (result._tag === "Failure" && result.failure._tag === "NotTerminal") {
        assert.strictEqual(result.failure.providerStatus, status)
      }
    }))

  it.effect("of a workflow's run there are none, and nothing is sent", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [204, ""])
      for (const operation of ["cancel", "remove"] as const) {
        const error = yield* Effect.flip(runway[operation](Runway.workflowRunId(id)))
        assert.strictEqual(error._tag, "InvalidJobId")
        assert.notInclude(error.message, id)
      }
      assert.lengthOf(sent, 0)
    }))

  it.effect("of a task that is gone meanwhile is not found", () =>
    Effect.gen(function*() {
      const { inject, services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated()
      const { id } = yield* hands.add({ duration: "1 hour" })
      yield* inject({ fault: Faults.answer(sentences.notFound), operation: "runway.remove" })
      assert.strictEqual((yield* Effect.flip(runway.cancel(JobId.make(id))))._tag, "NotFound")
    }).pipe(inMemory()))

  it.effect("send a DELETE once, however it fails", () =>
    Effect.gen(function*() {
      const { count, heal, inject, services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated({ retries: 3 })
      for (const [operation, state] of [["cancel", "running"], ["remove", "succeeded"]] as const) {
        const { id } = yield* hands.add({ state, duration: "1 hour" })
        const before = yield* count("runway.remove")
        yield* inject({ fault: Faults.status(503), operation: "runway.remove" })
        const fiber = yield* Effect.forkChild(Effect.flip(runway[operation](JobId.make(id))))
        yield* TestClock.adjust("1 hour")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "Unavailable")
        assert.strictEqual(yield* count("runway.remove"), before + 1)
        yield* heal
      }
    }).pipe(inMemory()))
})
