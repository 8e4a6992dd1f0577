import { assert, describe, it } from "@effect/vitest"
import { SubmissionUncertain } from "@media-jobs/core/JobError"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { sentences, service } from "@media-jobs/testing/useapi-midjourney"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import type * as MidjourneyRequest from "@media-jobs/useapi-midjourney/MidjourneyRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { channel, midjourney, world } from "./support.ts"

const other = "9876543210987654321"
const prompt = "a lighthouse in the rain"
const channels = [{ channel, maxJobs: 12, maxImageJobs: 12 }, { channel: other, maxJobs: 12 }]

/** A submit whose reply is lost, and what it can be known by. */
const lose = (request: MidjourneyRequest.Request) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const service = yield* midjourney()
    yield* emulator.inject({ fault: Faults.dropReply, operation: "useapi-midjourney.imagine", times: 1 })
    const known = new Set((yield* emulator.services["useapi-midjourney"].jobs).map(({ id }) => id))
    const lost = yield* Effect.flip(Answers.timely(service.submit(request)))
    assert.instanceOf(lost, SubmissionUncertain)
    const [made, ...more] = (yield* emulator.services["useapi-midjourney"].jobs).filter(({ id }) => !known.has(id))
    assert.deepStrictEqual(more, [])
    return { lost, made: made!.id, ...service }
  })

const start = Effect.gen(function*() {
  yield* TestClock.adjust("1 day")
  return yield* Emulator.Emulator
})
// A submit that waits for its reply takes an hour of the tests' time.
const lasting = { duration: "1 day" } as const
const slow = (where?: "response" | "request" | "top") =>
  world({
    services: {
      "useapi-midjourney": service({
        channels,
        imageLife: "1 day",
        ...(where === undefined ? undefined : { replyRef: where })
      })
    }
  })

for (const where of ["response", "request", "top"] as const) {
  describe(`a lost submit, echoed ${where === "top" ? "at the top" : `in the ${where}`} of the record`, () => {
    it.effect("is found alone beside three like it of the same second", () =>
      Effect.gen(function*() {
        const emulator = yield* start
        for (const replyRef of ["order-6", "order-8", undefined]) {
          yield* emulator.services["useapi-midjourney"].add({
            ...lasting,
            prompt,
            ...(replyRef === undefined ? undefined : { replyRef })
          })
        }
        const { lost, made, recover } = yield* lose(Midjourney.imagine({ prompt, replyRef: "order-7" }))
        const candidates = yield* recover(lost)
        assert.deepStrictEqual(candidates.map(({ id }) => id as string), [made])
        assert.strictEqual(candidates[0]?.reference, "order-7")
        assert.isFalse(candidates[0]?.isTerminal)
        assert.strictEqual(yield* emulator.count("useapi-midjourney.imagine"), 1)
      }).pipe(Effect.provide(slow(where))))
  })
}

describe("a lost submit", () => {
  it.effect("that a ReplyTo signed is found by the whole of it", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const replyTo: ReplyTo.ReplyTo = {
        address: ({ reference }) => Effect.succeed({ url: "https://example.com/hooks", reference: `n1.${reference}` }),
        callerReference: (echoed) => /^n\d\.(.*)$/.exec(echoed)?.[1]
      }
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, replyRef: "n2.order-7" })
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, replyRef: "order-7" })
      const request = Midjourney.imagine({ prompt, replyRef: "order-7" })
      const { lost, made, recover } = yield* Effect.provideService(lose(request), ReplyTo.ReplyTo, replyTo)
      assert.strictEqual(lost.reference, "order-7")
      const candidates = yield* Effect.provideService(recover(lost), ReplyTo.ReplyTo, replyTo)
      assert.deepStrictEqual(candidates.map(({ id, reference }) => [id as string, reference]), [[made, "order-7"]])
    }).pipe(Effect.provide(slow())))

  it.effect("without a reference is any of its channel and kind within a day", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const before = yield* emulator.services["useapi-midjourney"].add(lasting)
      yield* TestClock.adjust("2 minutes")
      const like = yield* emulator.services["useapi-midjourney"].add(lasting)
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, type: "video" })
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, account: other })
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, state: "completed" })
      const { lost, made, recover } = yield* lose(Midjourney.imagine({ prompt, channel }))
      const later = yield* emulator.services["useapi-midjourney"].add(lasting)
      const found = (yield* recover(lost)).map(({ id }) => id as string)
      assert.sameMembers(found, [before.id, like.id, made, later.id])
      assert.strictEqual(yield* emulator.count("useapi-midjourney.get"), 0)
    }).pipe(Effect.provide(slow())))

  it.effect("without a channel is looked for in all", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const elsewhere = yield* emulator.services["useapi-midjourney"].add({ ...lasting, account: other })
      const { lost, made, recover } = yield* lose(Midjourney.imagine({ prompt }))
      assert.sameMembers((yield* recover(lost)).map(({ id }) => id as string), [elsewhere.id, made])
    }).pipe(Effect.provide(slow())))

  it.effect("of the service's clock hours behind or ahead is found all the same", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const { recover } = yield* midjourney()
      const job = yield* emulator.services["useapi-midjourney"].add({ ...lasting, replyRef: "order-7" })
      yield* TestClock.adjust("5 seconds")
      const { lost } = yield* lose(Midjourney.imagine({ prompt, replyRef: "order-8" }))
      const found = yield* recover({ submittedAt: lost.submittedAt, replyRef: "order-7" })
      assert.deepStrictEqual(found.map(({ id }) => id as string), [job.id])
      for (const [hours, known] of [[23, [job.id]], [-23, [job.id]], [25, []], [-25, []]] as const) {
        yield* TestClock.adjust("2 seconds")
        const submittedAt = DateTime.add(lost.submittedAt, { hours })
        const found = yield* recover({ submittedAt, replyRef: "order-7" })
        assert.deepStrictEqual(found.map(({ id }) => id as string), [...known])
      }
    }).pipe(Effect.provide(slow())))

  it.effect("that echoes what was sent is found whatever kind it is listed as", () =>
    Effect.gen(function*() {
      yield* start
      const { lost, made, recover } = yield* lose(Midjourney.imagine({ prompt, replyRef: "order-7" }))
      assert.strictEqual(lost.kind, "image")
      assert.deepStrictEqual((yield* recover({ ...lost, kind: "video" })).map(({ id }) => id as string), [made])
    }).pipe(Effect.provide(slow())))

  it.effect("is not one that is gone when it is looked at, or that is someone else's", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const { lost, made, recover } = yield* lose(Midjourney.imagine({ prompt, replyRef: "order-7" }))
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, replyRef: "order-7" })
      yield* emulator.services["useapi-midjourney"].add({ ...lasting, replyRef: "order-7" })
      const path = new RegExp(made)
      for (const fault of [sentences.jobNotFound, sentences.jobExpired(made), sentences.forbidden].map(Faults.answer)) {
        yield* emulator.inject({ fault, operation: "useapi-midjourney.get", path })
        const found = (yield* Answers.timely(recover(lost))).map(({ id }) => id as string)
        assert.strictEqual(found.length, 2)
        assert.notInclude(found, made)
        yield* emulator.heal
      }
    }).pipe(Effect.provide(slow())))

  it.effect("is not given up for lost where a look fails or the list is not whole", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const { lost, recover } = yield* lose(Midjourney.imagine({ prompt, replyRef: "order-7" }))
      yield* emulator.inject({ fault: Faults.page(502), operation: "useapi-midjourney.get" })
      assert.strictEqual((yield* Effect.flip(Answers.timely(recover(lost))))._tag, "Unavailable")
      yield* emulator.heal
      yield* emulator.inject({ fault: Faults.page(403), operation: "useapi-midjourney.get" })
      assert.strictEqual((yield* Effect.flip(Answers.timely(recover(lost))))._tag, "UnexpectedResponse")
      yield* emulator.heal
      yield* emulator.inject({
        fault: Faults.withField("error", "Discord does not answer"),
        operation: "useapi-midjourney.list"
      })
      const error = yield* Effect.flip(recover(lost))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.strictEqual(error.operation, "recover")
    }).pipe(Effect.provide(slow())))

  it.effect("that never left is not uncertain, and one that was refused neither", () =>
    Effect.gen(function*() {
      const emulator = yield* start
      const { submit } = yield* midjourney()
      const faults = [[Faults.refuse, "Unavailable"], [
        Faults.answer(sentences.outOfCredits),
        "PaymentRequired"
      ]] as const
      for (const [fault, tag] of faults) {
        yield* emulator.inject({ fault, operation: "useapi-midjourney.imagine" })
        assert.strictEqual((yield* Effect.flip(Answers.timely(submit(Midjourney.imagine({ prompt })))))._tag, tag)
        yield* emulator.heal
      }
      assert.deepStrictEqual(yield* emulator.services["useapi-midjourney"].jobs, [])
    }).pipe(Effect.provide(slow())))
})
