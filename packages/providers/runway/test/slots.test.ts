import { assert, describe, it } from "@effect/vitest"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Slots from "@media-jobs/poller/Slots"
import type * as Runway from "@media-jobs/runway/Runway"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as RunwayEmulator from "@media-jobs/testing/runway"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { answered, emulated, inMemory, rain } from "./support.ts"

const two = (options?: RunwayEmulator.Options) =>
  inMemory({ services: { runway: RunwayEmulator.service({ life: "20 seconds", ...options }) } })
const all = Array.from({ length: 40 }, (_, i) => i)

/** Forty tasks through `submit`, how each ended and when, and the words that were seen on the way. */
const forty = Effect.fnUntraced(function*(
  runway: Runway.Runway["Service"],
  submit: (poller: Poller.Poller<Runway.Runway["Service"]>) => ReturnType<Runway.Runway["Service"]["submit"]>
) {
  const poller = yield* Poller.make(runway, { pace: Pace.steady("10 seconds") })
  const words = new Set<string | undefined>()
  const one = Effect.gen(function*() {
    const submission = yield* submit(poller)
    yield* Stream.runForEach(
      poller.watch(submission),
      ({ providerStatus, state }) => Effect.sync(() => words.add(`${providerStatus} is ${state._tag}`))
    )
    const [job] = yield* poller.succeed(submission)
    return [job.state._tag, yield* Clock.currentTimeMillis] as const
  })
  const fiber = yield* Effect.forkChild(Effect.all(all.map(() => one), { concurrency: "unbounded" }))
  yield* TestClock.adjust("1 hour")
  return { ended: yield* Fiber.join(fiber), words }
})

describe("forty tasks on an account that runs two of a model", () => {
  const expected = (ended: ReadonlyArray<readonly [string, number]>) => {
    assert.deepStrictEqual(ended.map(([state]) => state), all.map(() => "Succeeded"))
    const last = Math.max(...ended.map(([, at]) => at))
    // Twenty in turn, each found within a look of its end.
    assert.isAtLeast(last, 20 * 20_000)
    assert.isAtMost(last, 20 * 20_000 + 30_000)
  }

  it.effect("are all taken at once, and wait as THROTTLED, which is queued", () =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      const { ended, words } = yield* forty(runway, () => runway.submit(rain))
      expected(ended)
      assert.sameMembers([...words], [
        "undefined is Queued", // as known from the submit
        "PENDING is Queued",
        "THROTTLED is Queued",
        "RUNNING is Running",
        "SUCCEEDED is Succeeded"
      ])
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("runway.create"), 40)
    }).pipe(two()), 30_000)

  it.effect(
    "go through Slots, which know what all models may run and learn nothing of the wait",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const runway = yield* emulated()
        const slots = yield* Slots.make(runway)
        const { ended } = yield* forty(runway, (poller) =>
          slots.submit({
            submit: (account) => runway.submit(rain, { account }),
            ended: (_, submission) => poller.await(submission)
          }).pipe(Effect.tap(() => Effect.map(slots.waiting, (waiting) => assert.strictEqual(waiting, 0)))))
        expected(ended)
        // None was sent again, and none was held back: the models may run more than forty together.
        assert.strictEqual(yield* emulator.count("runway.create"), 40)
        const created = (yield* emulator.journal).filter(({ operation }) => operation === "runway.create")
        assert.deepStrictEqual(new Set(created.map(({ status }) => status)), new Set([200]))
        assert.isAtMost(Math.max(...created.map(({ at }) => at)), 1000)
        assert.strictEqual(yield* slots.waiting, 0)
      }).pipe(two()),
    30_000
  )

  it.effect("go two by two where the key has no other model", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const runway = yield* emulated()
      const slots = yield* Slots.make(runway)
      const { ended, words } = yield* forty(runway, (poller) =>
        slots.submit({
          submit: (account) => runway.submit(rain, { account }),
          ended: (_, submission) => poller.await(submission)
        }))
      assert.deepStrictEqual(ended.map(([state]) => state), all.map(() => "Succeeded"))
      assert.notInclude([...words].join(), "THROTTLED")
      assert.strictEqual(yield* emulator.count("runway.create"), 40)
    }).pipe(two({ models: ["gen4.5"] })), 30_000)
})

describe("the organization", () => {
  const told = (models: unknown, more: object = {}) =>
    answered(() => [200, { creditBalance: 1234, tier: { maxMonthlyCreditSpend: 1, models }, usage: {}, ...more }])

  it.effect.each(
    [
      [{}, []],
      [undefined, []],
      [{ a: { maxConcurrentGenerations: 2 }, b: { maxConcurrentGenerations: 3 } }, [5]],
      [{ a: { maxConcurrentGenerations: 2 }, b: { maxConcurrentGenerations: null } }, [Infinity]],
      [{ a: { maxConcurrentGenerations: 2 }, b: { maxConcurrentGenerations: "x" }, c: 7 }, [2]]
    ] as const
  )("whose models are %j may run %j", ([models, limits]) =>
    Effect.gen(function*() {
      const { runway } = yield* told(models)
      const capacity = yield* runway.capacity
      assert.deepStrictEqual(capacity, limits.map((limit) => ({ account: "organization", limit })))
    }))

  it.effect("is the one account, with credits", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* told({})
      assert.deepStrictEqual([yield* runway.accounts, yield* runway.credits], [[{ account: "organization" }], 1234])
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), ["/v1/organization", "/v1/organization"])
      const { runway: silent } = yield* told({}, { creditBalance: "?" })
      assert.strictEqual((yield* Effect.flip(silent.credits))._tag, "UnexpectedResponse")
    }))

  it.effect("takes a submit that names it, and none that names another", () =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      yield* runway.submit(rain, { account: "organization" })
      const error = yield* Effect.flip(runway.submit(rain, { account: "me@example.com" }))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.notInclude(error.message, "example.com")
    }).pipe(two()))

  it.effect("that has spent its credits must pay", () =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      yield* runway.submit(rain)
      assert.strictEqual(yield* runway.credits, 4)
      const error = yield* Effect.flip(runway.submit(rain))
      assert.deepStrictEqual([error._tag, error.remedy._tag], ["PaymentRequired", "Pay"])
    }).pipe(two({ credits: 9 })))
})
