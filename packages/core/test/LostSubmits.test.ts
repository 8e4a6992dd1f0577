import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as LostSubmits from "@media-jobs/core/LostSubmits"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

const instance = ProviderId.defaultInstance
const [acme, other] = [ProviderId.make("acme"), ProviderId.make("other")]

const intent = (key: string, digest = key, provider = acme, inputDigest?: string) =>
  new Ledger.Intent({
    key,
    digest,
    provider,
    instance,
    submittedAt: DateTime.makeUnsafe(0),
    ...(inputDigest === undefined ? undefined : { inputDigest })
  })
/** A job by its id, behind which its input may stand, as in `1:rain`. */
const job = (text: string, provider = acme) => {
  const [id = "", inputDigest] = text.split(":")
  return Job.fromValid({
    id: JobId.make(id),
    provider,
    instance,
    inputDigest,
    state: { _tag: "Running" },
    observedAt: DateTime.makeUnsafe(0)
  })
}

/** A provider that answers each `recover` with the jobs that a submit's key is mapped to, or fails where there are none. */
const provider = (
  candidates: () => Readonly<Record<string, ReadonlyArray<string> | undefined>>,
  { id = acme, recoversEnded = false } = {}
) =>
  Provider.make({ id, instance, owns: () => true, recoversEnded }, {
    recover: (lost) => {
      const found = candidates()["key" in lost ? String(lost.key) : ""]
      return found === undefined
        ? Effect.fail(new JobError.Unauthorized({ provider: id, instance, operation: "recover" }))
        : Effect.succeed(found.map((one) => job(one, id)))
    }
  })

/** A ledger that holds some jobs and notes what it is told. */
const book = (known: ReadonlyArray<string> = []) => {
  const lines: Array<string> = []
  const note = (line: string) => Effect.sync(() => void lines.push(line))
  const ledger: Ledger.Ledger = {
    intend: () => Effect.die("sent again"),
    submitted: ({ key }, ids) => note(`${key} is ${ids.join(" ")}`),
    refused: ({ key }) => note(`${key} never began`),
    done: () => Effect.void,
    find: () => Effect.succeed(undefined),
    known: (ids) => Effect.succeed(new Set(ids.filter((id) => known.includes(id)))),
    resume: Effect.succeed(Ledger.unfinished([]))
  }
  return { lines, ledger }
}
const settle = (
  providers: ReadonlyArray<Provider.Any>,
  uncertain: ReadonlyArray<Ledger.Intent>,
  { ledger }: ReturnType<typeof book>
) => Effect.provideService(LostSubmits.settle(providers, { uncertain }), Ledger.Ledger, ledger)
const Submits = Schema.Array(Schema.Struct({
  digest: Schema.Literals(["x", "y", "z"]),
  candidates: Schema.Array(Schema.Literals(["1", "2", "3", "4"]))
}))
const late = TestClock.adjust("1 minute")

describe("LostSubmits", () => {
  it.effect("pairs each with the one job that it alone may be, and writes that down", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book(["known"])
      const { found, undecided } = yield* settle(
        [provider(() => ({ a: ["1", "known"], b: ["2"] }))],
        [intent("a"), intent("b")],
        ledger
      )
      assert.deepStrictEqual(ledger.lines, ["a is 1", "b is 2"])
      assert.deepStrictEqual(found.map(({ job }) => job.id as string), ["1", "2"])
      assert.deepStrictEqual(undecided, [])
    }))

  it.effect("leaves to a person what two different requests may be, or what may be two jobs", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const { undecided } = yield* settle(
        [provider(() => ({ a: ["1"], b: ["1", "2"], c: ["3", "4"] }))],
        [intent("a"), intent("b"), intent("c")],
        ledger
      )
      assert.deepStrictEqual(ledger.lines, [])
      assert.deepStrictEqual(undecided.map(({ candidates }) => candidates.map(({ id }) => id as string)), [
        ["1"],
        ["1", "2"],
        ["3", "4"]
      ])
    }))

  it.effect("takes a job for the submit that asked for what it was asked for, and for no other", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const all = ["1:rain", "2:snow", "3:hail"]
      const { undecided } = yield* settle(
        [provider(() => ({ rain: ["1:rain"], snow: ["2:snow"], fog: all.slice(0, 2), ice: all, old: all }), {
          recoversEnded: true
        })],
        ["rain", "snow", "fog", "ice"].map((input) => intent(input, input, acme, input)),
        ledger
      )
      assert.deepStrictEqual(ledger.lines, ["rain is 1", "snow is 2", "fog never began"])
      // What shows another input may be of another program, or be shown otherwise than it was sent: a person knows.
      assert.deepStrictEqual(
        undecided.map(({ candidates, intent }) => [intent.key, ...candidates.map(({ id }) => id)]),
        [
          ["ice", "3"]
        ]
      )

      // Two jobs show what one submit asked for: one of them may be another's, shown otherwise than it was sent.
      const surplus = book()
      const two = ["1:rain", "2:rain"]
      const { undecided: contested } = yield* settle(
        [provider(() => ({ rain: two, snow: two }), { recoversEnded: true })],
        ["rain", "snow"].map((input) => intent(input, input, acme, input)),
        surplus
      )
      assert.deepStrictEqual(surplus.lines, [])
      assert.deepStrictEqual(contested.map(({ candidates }) => candidates.length), [2, 2])

      // Jobs of other programs beside it keep no submit from the one that shows its input.
      const shared = book()
      yield* settle(
        [provider(() => ({ rain: ["1:hail", "2:rain", "3"] }), { recoversEnded: true })],
        [intent("rain", "rain", acme, "rain")],
        shared
      )
      assert.deepStrictEqual(shared.lines, ["rain is 2"])

      const older = book()
      const { undecided: left } = yield* settle(
        [provider(() => ({ rain: ["1:rain"], old: all }))],
        [intent("rain", "rain", acme, "rain"), intent("old")],
        older
      )
      assert.deepStrictEqual(older.lines, [])
      assert.deepStrictEqual(left.map(({ candidates }) => candidates.length), [1, 3])
    }))

  it.effect("gives like requests one job each, in the order of their submits", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const { undecided } = yield* settle(
        [provider(() => ({ a: ["1", "2"], b: ["1", "2"], c: ["1", "2"] }), { recoversEnded: true })],
        [intent("a", "same"), intent("b", "same"), intent("c", "same")],
        ledger
      )
      assert.deepStrictEqual(ledger.lines, ["a is 1", "b is 2", "c never began"])
      assert.deepStrictEqual(undecided, [])
    }))

  it.effect("believes that nothing began only of a service that shows what has ended, once nothing can be under way", () =>
    Effect.gen(function*() {
      const ledger = book()
      let listed: ReadonlyArray<string> = []
      const providers = [
        provider(() => ({ a: listed, b: [] }), { recoversEnded: true }),
        provider(() => ({ c: [] }), { id: other })
      ]
      const settled = yield* Effect.forkChild(
        settle(providers, [intent("a"), intent("b"), intent("c", "c", other)], ledger)
      )
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual(ledger.lines, [])
      listed = ["1"]
      yield* TestClock.adjust("1 second")
      const { undecided } = yield* Fiber.join(settled)
      assert.deepStrictEqual(ledger.lines, ["a is 1", "b never began"])
      assert.deepStrictEqual(undecided, [{ intent: intent("c", "c", other), candidates: [], error: undefined }])
    }))

  it.effect("writes down at once what is found, and looks once more for the others, like requests among them", () =>
    Effect.gen(function*() {
      const ledger = book()
      let later: ReadonlyArray<string> = []
      const candidates = () => ({ a: ["1"], b: ["2", ...later], c: ["2", ...later], e: [] })
      const known = new Set<string>()
      const noting: Ledger.Ledger = {
        ...ledger.ledger,
        submitted: (intent, ids) =>
          Effect.tap(ledger.ledger.submitted(intent, ids), () => Effect.sync(() => ids.forEach((id) => known.add(id)))),
        known: () => Effect.sync(() => new Set(Array.from(known, (id) => JobId.make(id))))
      }
      const again = yield* Effect.forkChild(settle(
        [provider(candidates, { recoversEnded: true })],
        [intent("a"), intent("b", "same"), intent("c", "same"), intent("e")],
        { ...ledger, ledger: noting }
      ))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(ledger.lines, ["a is 1", "b is 2"])
      later = ["3"]
      yield* TestClock.adjust("29 seconds")
      const { undecided } = yield* Fiber.join(again)
      assert.deepStrictEqual(ledger.lines, ["a is 1", "b is 2", "c is 3", "e never began"])
      assert.deepStrictEqual(undecided, [])
    }))

  it.effect("lets no outage, missing provider or broken ledger keep the others from an answer", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const { found, undecided } = yield* settle(
        [provider(() => ({ a: ["1"] })), provider(() => ({}), { id: other })],
        [intent("a"), intent("b", "b", other), intent("c", "c", ProviderId.make("gone"))],
        ledger
      )
      assert.deepStrictEqual(found.map(({ intent }) => intent.key), ["a"])
      assert.deepStrictEqual(undecided.map(({ error, intent }) => [intent.key, error?._tag]), [
        ["b", "Unauthorized"],
        ["c", undefined]
      ])

      const full = {
        ...book().ledger,
        submitted: () => Effect.fail(new Ledger.LedgerUnavailable({ cause: "full" }))
      }
      const unwritten = yield* settle([provider(() => ({ a: ["1"] }))], [intent("a")], { lines: [], ledger: full })
      assert.deepStrictEqual(unwritten.undecided.map(({ candidates, error }) => [candidates.length, error?._tag]), [
        [1, "LedgerUnavailable"]
      ])
    }))

  it.effect("takes no job for a submit's while another of that service, which could not be asked about, may have it", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const providers = [
        provider(() => ({ a: ["1"], c: ["2"] }), { recoversEnded: true }),
        provider(() => ({ d: ["3"] }), { id: other })
      ]
      const uncertain = [intent("a"), intent("b"), intent("c"), intent("d", "d", other)]
      const { undecided } = yield* settle(providers, uncertain, ledger)
      assert.deepStrictEqual(ledger.lines, ["d is 3"])
      assert.deepStrictEqual(
        undecided.map(({ candidates, error, intent }) => [intent.key, candidates.length, error?._tag]),
        [["a", 1, undefined], ["b", 0, "Unauthorized"], ["c", 1, undefined]]
      )
    }))

  it.effect("takes a job for one of two like submits though the other could not be asked about", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const { undecided } = yield* settle(
        [provider(() => ({ a: ["1"] }))],
        [intent("a", "same"), intent("b", "same")],
        ledger
      )
      assert.deepStrictEqual(ledger.lines, ["a is 1"])
      assert.deepStrictEqual(undecided.map(({ intent }) => intent.key), ["b"])
    }))

  it.effect("does not think that a submit never began whose job might have gone to another like it", () =>
    Effect.gen(function*() {
      yield* late
      const ledger = book()
      const { undecided } = yield* settle(
        [provider(() => ({ a: ["1", "2"], b: ["1"] }), { recoversEnded: true })],
        [intent("a", "same"), intent("b", "same")],
        ledger
      )
      assert.deepStrictEqual(ledger.lines, [])
      assert.deepStrictEqual(undecided.map(({ candidates }) => candidates.length), [2, 1])
    }))

  it.effect("asks once more about those without a job, lest one that shows meanwhile go to another", () =>
    Effect.gen(function*() {
      const ledger = book()
      let listed: ReadonlyArray<string> = []
      // The job of `b` shows after that was asked about, and before `a` is.
      const candidates = () => ({
        get a() {
          return listed = ["1"]
        },
        b: listed
      })
      const settled = yield* Effect.forkChild(
        settle([provider(candidates, { recoversEnded: true })], [intent("b"), intent("a")], ledger)
      )
      yield* TestClock.adjust("30 seconds")
      const { undecided } = yield* Fiber.join(settled)
      assert.deepStrictEqual(ledger.lines, [])
      assert.deepStrictEqual(undecided.map(({ candidates }) => candidates.length), [1, 1])
    }))

  it.effect.prop(
    "never gives one job to two submits, nor a job to a submit that it can't be",
    [Submits],
    ([submits]) =>
      Effect.gen(function*() {
        yield* late
        const byKey = Object.fromEntries(submits.map(({ candidates }, i) => [`${i}`, [...new Set(candidates)]]))
        const { found } = yield* settle(
          [provider(() => byKey)],
          submits.map(({ digest }, i) => intent(`${i}`, digest)),
          book()
        )
        assert.strictEqual(new Set(found.map(({ job }) => job.id)).size, found.length)
        for (const { intent, job } of found) {
          assert.isTrue(byKey[intent.key]?.some((id) => id === job.id))
          const contenders = submits.filter(({ candidates }) => candidates.some((id) => id === job.id))
          assert.strictEqual(new Set(contenders.map(({ digest }) => digest)).size, 1)
        }
      })
  )
})
