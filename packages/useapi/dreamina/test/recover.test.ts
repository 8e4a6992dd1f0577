import { assert, describe, it } from "@effect/vitest"
import * as Ledger from "@media-jobs/core/Ledger"
import type * as Submission from "@media-jobs/core/Submission"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import type * as UseapiDreaminaEmulator from "@media-jobs/testing/useapi-dreamina"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import type * as DreaminaRequest from "@media-jobs/useapi-dreamina/DreaminaRequest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { account, dreamina, world } from "./support.ts"

const prompt = "a lighthouse in the rain"
const url = (n: string) => `https://example.com/hooks/${n}`

/** Three like jobs, and the one that is lost between them, all of one second. */
const lose = (
  request: (n: string) => DreaminaRequest.Request,
  service: Dreamina.Dreamina["Service"]
) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* service.submit(request("1"))
    yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
    const before = new Set((yield* emulator.services["useapi-dreamina"].jobs).map(({ id }) => id))
    const lost = yield* Effect.flip(service.submit(request("lost")))
    const made = (yield* emulator.services["useapi-dreamina"].jobs).filter(({ id }) => !before.has(id)).map(({ id }) =>
      id
    )
    if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
    yield* service.submit(request("2"))
    yield* service.submit(request("3"))
    assert.strictEqual(made.length, 1)
    return { lost, made }
  })

const found = (jobs: ReadonlyArray<{ readonly id: string }>) => jobs.map(({ id }) => id)

describe("A submit whose reply was lost", () => {
  it.effect("is found alone by a replyUrl of its own, and was sent once", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      yield* TestClock.adjust("12345 millis")
      const { lost, made } = yield* lose((n) => Dreamina.video({ prompt, replyUrl: url(n) }), service)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* emulator.count("useapi-dreamina.video"), 4)
      assert.strictEqual((yield* emulator.services["useapi-dreamina"].jobs).length, 4)
      const candidates = yield* service.recover(lost)
      assert.deepStrictEqual(found(candidates), made)
      assert.isTrue(candidates[0]?.is("Running"))
      assert.strictEqual(yield* emulator.count("useapi-dreamina.video"), 4)
    }).pipe(Effect.provide(world())))

  it.effect("is among those of its kind, where they report to one place", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const { lost, made } = yield* lose(() => Dreamina.video({ prompt, replyUrl: url("all") }), service)
      const candidates = found(yield* service.recover(lost))
      assert.strictEqual(candidates.length, 4)
      assert.includeMembers(candidates, made)
      assert.strictEqual(yield* emulator.count("useapi-dreamina.video"), 4)
    }).pipe(Effect.provide(world())))

  it.effect("is among those of its kind, model and account within a day, where nothing tells them apart", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const add = (job: UseapiDreaminaEmulator.NewJob) =>
        Effect.map(
          emulator.services["useapi-dreamina"].add({ model: "seedance-2.0", account, duration: "1 day", ...job }),
          ({ id }) => id
        )
      // Times before the year 2000 read as absent.
      yield* TestClock.setTime(Date.UTC(2026, 2, 26))
      const old = yield* add({})
      yield* TestClock.adjust("2 minutes")
      const { lost, made } = yield* lose(
        () => Dreamina.video({ prompt, model: "seedance-2.0", account }),
        service
      )
      yield* TestClock.adjust("30 seconds")
      const later = yield* add({})
      const [image, model, elsewhere] = [
        yield* add({ type: "image" }),
        yield* add({ model: "sora2" }),
        yield* add({ account: "CA:user@example.com" })
      ]
      const candidates = found(yield* service.recover(lost))
      assert.strictEqual(candidates.length, 6)
      assert.includeMembers(candidates, [...made, old, later])
      for (const id of [image, model, elsewhere]) assert.notInclude(candidates, id)
      const { account: _, model: __, ...vague } = lost
      assert.sameMembers(
        found(yield* service.recover({ ...vague, submittedAt: lost.submittedAt })),
        [...candidates, model, elsewhere]
      )
    }).pipe(Effect.provide(world())))

  it.effect("is found by what the ledger holds of it", () =>
    Effect.gen(function*() {
      const intents: Array<Ledger.Intent> = []
      const ledger: Ledger.Ledger = {
        intend: (intent) => Effect.as(Effect.sync(() => intents.push(intent)), intent),
        submitted: () => Effect.void,
        refused: () => Effect.void,
        done: () => Effect.void,
        find: () => Effect.succeed(undefined),
        known: () => Effect.succeed(new Set()),
        resume: Effect.succeed(Ledger.unfinished([]))
      }
      const service = yield* dreamina()
      const { made } = yield* lose((n) => Dreamina.image({ prompt, replyUrl: url(n) }), service).pipe(
        Effect.provideService(Ledger.Ledger, ledger)
      )
      const intent: Submission.LostSubmission = intents[1] ?? assert.fail()
      assert.deepStrictEqual(found(yield* service.recover(intent)), made)
    }).pipe(Effect.provide(world())))

  it.effect("that has ended is not found, nor is one that never began", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const { lost } = yield* lose((n) => Dreamina.video({ prompt, replyUrl: url(n) }), service)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* service.recover(lost), [])
      yield* emulator.inject({ fault: Faults.dropRequest, times: 1 })
      const never = yield* Effect.flip(service.submit(Dreamina.video({ prompt, replyUrl: url("never") })))
      assert.strictEqual(never._tag, "SubmissionUncertain")
      if (never._tag === "SubmissionUncertain") assert.deepStrictEqual(yield* service.recover(never), [])
    }).pipe(Effect.provide(world())))

  it.effect("is not said to be nowhere by a list that is not complete", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const { lost } = yield* lose((n) => Dreamina.video({ prompt, replyUrl: url(n) }), service)
      yield* emulator.inject({
        fault: Faults.withField("error", "CA did not answer"),
        operation: "useapi-dreamina.list"
      })
      const error = yield* Effect.flip(Answers.timely(service.recover(lost)))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    }).pipe(Effect.provide(world())))
})
