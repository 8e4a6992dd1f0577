import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobState from "@media-jobs/core/JobState"
import * as Provider from "@media-jobs/core/Provider"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { a, b, down, handle, instance, make, provider, submission } from "./service.ts"

const pace = Pace.steady("10 seconds")
const made: JobState.JobState = {
  _tag: "Succeeded",
  artifacts: [new Artifact.Artifact({ kind: "image", role: "primary", url: "https://x.test/1" })]
}

/** How a job that runs, and is cancelled after fifteen seconds, reads once the service tells what it came to. */
const cancelled = Effect.fnUntraced(function*(
  after: JobState.JobState | "gone",
  options: { readonly listOnly?: boolean; readonly cancel?: Effect.Effect<void, JobError.Of<"cancel">> } = {}
) {
  const service = make()
  service.run(a, 1e6)
  const cancel = () =>
    Effect.andThen(
      Effect.sync(() => after === "gone" ? service.end(a) : service.run(a, 0, { state: after })),
      options.cancel ?? Effect.void
    )
  const can = options.listOnly === true
    ? Provider.make(service.listOnly, { list: service.listOnly.list, cancel })
    : Provider.make(service.both, { list: service.both.list, get: service.both.get, cancel })
  const poller = yield* Poller.make(can, { pace })
  const fiber = yield* Effect.forkChild(poller.await(a))
  yield* TestClock.adjust("15 seconds")
  yield* Effect.ignore(poller.cancel(a))
  yield* TestClock.adjust("5 seconds")
  return {
    service,
    poller,
    fiber,
    state: fiber.pollUnsafe() === undefined ? undefined : (yield* Fiber.join(fiber)).state
  }
})

describe("a job that was cancelled", () => {
  it.effect("and is not found any more is Cancelled at once", () =>
    Effect.map(cancelled("gone"), ({ state }) => assert.strictEqual(state?._tag, "Cancelled")))

  it.effect("and has failed, or ended with nothing made, is Cancelled", () =>
    Effect.gen(function*() {
      for (
        const ending of [
          { _tag: "Failed", cause: "unknown" },
          { _tag: "Expired" },
          { _tag: "Cancelled" },
          { _tag: "Succeeded", artifacts: [] }
        ] as const
      ) {
        assert.strictEqual((yield* cancelled(ending)).state?._tag, "Cancelled", ending._tag)
      }
    }))

  it.effect("and whose result is there all the same has Succeeded", () =>
    Effect.map(cancelled(made), ({ state }) => assert.strictEqual(state?._tag, "Succeeded")))

  it.effect("and has left the list of a provider that has nothing else is Cancelled", () =>
    Effect.gen(function*() {
      const { fiber } = yield* cancelled("gone", { listOnly: true })
      yield* TestClock.adjust("15 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Cancelled"))
    }))

  it.effect("is remembered as such by the watch that opens after it", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const poller = yield* Poller.make(service.both, { pace })
      yield* poller.cancel(handle(a))
      service.end(a)
      const fiber = yield* Effect.forkChild(poller.await(handle(a)))
      yield* TestClock.adjust("20 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Cancelled"))
    }))
})

describe("a cancel", () => {
  it.effect("whose answer was lost makes no failure a cancellation", () =>
    Effect.gen(function*() {
      const lost = { cancel: Effect.fail(new JobError.Unavailable({ provider, instance, operation: "cancel" })) }
      assert.strictEqual((yield* cancelled({ _tag: "Failed", cause: "content" }, lost)).state?._tag, "Failed")
    }))

  it.effect("whose answer was lost, of a job that is not found for a minute, took place", () =>
    Effect.gen(function*() {
      const { fiber, state } = yield* cancelled("gone", { cancel: Effect.fail(down("cancel")) })
      assert.isUndefined(state)
      yield* TestClock.adjust("70 seconds")
      assert.isTrue((yield* Fiber.join(fiber)).is("Cancelled"))
    }))

  it.effect("that the service refused is forgotten", () =>
    Effect.gen(function*() {
      const refused = {
        cancel: Effect.fail(new JobError.Forbidden({ provider, instance, operation: "cancel", id: a }))
      }
      assert.strictEqual((yield* cancelled({ _tag: "Failed", cause: "content" }, refused)).state?._tag, "Failed")
      const { fiber } = yield* cancelled("gone", refused)
      yield* TestClock.adjust("2 minutes")
      assert.isTrue((yield* Fiber.join(fiber)).is("Expired"))
    }))

  it.effect("of a submission goes to each of its jobs, and fails as the first that does", () =>
    Effect.gen(function*() {
      const service = make()
      const asked: Array<string> = []
      const can = Provider.make(service.getOnly, {
        get: service.getOnly.get,
        cancel: (id) =>
          Effect.andThen(Effect.sync(() => asked.push(id)), id === a ? Effect.fail(down("cancel")) : Effect.void)
      })
      const poller = yield* Poller.make(can, { pace })
      assert.strictEqual((yield* Effect.flip(poller.cancel(submission([a, b]))))._tag, "Unavailable")
      assert.deepStrictEqual(asked, [a, b])
    }))

  it.effect("by interruption is remembered by the other watches of the job", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const poller = yield* Poller.make(service.both, { pace })
      const stays = yield* Effect.forkChild(poller.await(a))
      const leaves = yield* Effect.forkChild(poller.await(a, { onInterrupt: "cancel" }))
      yield* TestClock.adjust("5 seconds")
      service.end(a)
      yield* Fiber.interrupt(leaves)
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.join(stays)).is("Cancelled"))
    }))
})
