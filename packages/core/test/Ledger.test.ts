import { assert, describe, it } from "@effect/vitest"
import type * as Handle from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

const draft = {
  provider: ProviderId.make("p"),
  instance: ProviderId.defaultInstance,
  kind: "video",
  reference: "r"
} as const
const ids = [JobId.make("j1"), JobId.make("j2")] as const
const call = { ...draft, operation: "submit" } as const

/** A ledger that writes down what it was told, and fails where it is told to. */
const notebook = (
  broken: { readonly intend?: boolean; readonly submitted?: boolean; readonly slow?: Duration.Input } = {}
) => {
  const lines: Array<string> = []
  const write = (line: string, fails = false) =>
    fails ? Effect.fail(new Ledger.LedgerUnavailable({ cause: "full" })) : Effect.sync(() => void lines.push(line))
  const ledger: Ledger.Ledger = {
    intend: (intent) =>
      write(`intend ${intent.kind} ${intent.reference}`, broken.intend).pipe(
        Effect.delay(broken.slow ?? 0),
        Effect.as(intent)
      ),
    submitted: (_, ids) => write(`submitted ${ids.join(" ")}`, broken.submitted),
    refused: () => write("refused"),
    done: (handle: Handle.Handle) => write(`done ${handle.id}`),
    find: () => Effect.succeed(undefined),
    known: () => Effect.succeed(new Set()),
    resume: Effect.succeed(Ledger.unfinished([]))
  }
  return { lines, ledger }
}

describe("Ledger.submit", () => {
  it.effect("is the post and nothing more where there is no ledger", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(5)
      const submission = yield* Ledger.submit(draft, () => Effect.succeed({ ids }))
      assert.deepStrictEqual([...submission.ids], [...ids])
      assert.strictEqual(DateTime.toEpochMillis(submission.submittedAt), 5)
      assert.deepStrictEqual(submission.handles.map((handle) => handle.id), [...ids])
      assert.strictEqual(submission.handles[0].reference, "r")
    }))

  it.effect("writes the intent before and the ids after", () =>
    Effect.gen(function*() {
      const { ledger, lines } = notebook()
      const post = Effect.sync(() => {
        lines.push("post")
        return { ids }
      })
      yield* Effect.provideService(Ledger.submit(draft, () => post), Ledger.Ledger, ledger)
      assert.deepStrictEqual(lines, ["intend video r", "post", "submitted j1 j2"])
    }))

  it.effect("sends nothing that could not be written down first", () =>
    Effect.gen(function*() {
      const { ledger, lines } = notebook({ intend: true })
      const post = Effect.sync(() => {
        lines.push("post")
        return { ids }
      })
      const error = yield* Effect.flip(Effect.provideService(Ledger.submit(draft, () => post), Ledger.Ledger, ledger))
      assert.strictEqual(error._tag, "Unavailable")
      assert.include(error.message, "Nothing was sent")
      assert.deepStrictEqual(lines, [])
    }))

  it.effect("sends nothing once the intent is so old that another process may have found that it was never sent", () =>
    Effect.gen(function*() {
      const submitting = Effect.fnUntraced(function*(slow: Duration.Input) {
        const { ledger, lines } = notebook({ slow })
        const post = Effect.sync(() => {
          lines.push("post")
          return { ids }
        })
        const fiber = yield* Effect.forkChild(
          Effect.exit(Effect.provideService(Ledger.submit(draft, () => post), Ledger.Ledger, ledger))
        )
        yield* TestClock.adjust("1 minute")
        return { exit: yield* Fiber.join(fiber), lines }
      })
      assert.deepStrictEqual((yield* submitting("10 seconds")).lines, ["intend video r", "post", "submitted j1 j2"])
      const { exit, lines } = yield* submitting("10001 millis")
      assert.deepStrictEqual(lines, ["intend video r", "refused"])
      const error = yield* Effect.flip(exit)
      assert.deepStrictEqual([error._tag, error.detail], [
        "Unavailable",
        "Nothing was sent: no ledger entry in time"
      ])
    }))

  it.effect("returns the ids of a paid submit even if they can't be written down", () =>
    Effect.gen(function*() {
      const { ledger } = notebook({ submitted: true })
      const submission = yield* Effect.provideService(
        Ledger.submit(draft, () => Effect.succeed({ ids })),
        Ledger.Ledger,
        ledger
      )
      assert.deepStrictEqual([...submission.ids], [...ids])
    }))

  it.effect("closes the intent of a refusal, and leaves that of a lost reply or an interruption standing", () =>
    Effect.gen(function*() {
      const { ledger, lines } = notebook()
      const run = (error: JobError.Of<"submit">) =>
        Effect.flip(Effect.provideService(Ledger.submit(draft, () => Effect.fail(error)), Ledger.Ledger, ledger))
      yield* run(new JobError.PaymentRequired(call))
      assert.deepStrictEqual(lines.splice(0), ["intend video r", "refused"])
      yield* run(new JobError.SubmissionUncertain({ ...call, submittedAt: DateTime.makeUnsafe(0) }))
      assert.deepStrictEqual(lines.splice(0), ["intend video r"])

      const fiber = yield* Effect.forkChild(
        Effect.provideService(Ledger.submit(draft, () => Effect.never), Ledger.Ledger, ledger)
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(lines, ["intend video r"])
    }))
})

describe("LedgerUnavailable", () => {
  it("keeps what the store said, but for ids and addresses, also when it was stored and read again", () => {
    const said = new TypeError("the disk is full", {
      cause: new Error("no room for u1-email:user@example.com-bot:luma")
    })
    const codec = Schema.toCodecJson(Ledger.LedgerUnavailable)
    const error = new Ledger.LedgerUnavailable({ cause: said, detail: "Free some." })
    const read = Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(Schema.encodeSync(codec)(error))))
    for (const { cause, message } of [error, read]) {
      assert.strictEqual(message, "The ledger could not be read or written: check its store. Free some.")
      assert.strictEqual(`${cause.name}: ${cause.message}`, "TypeError: the disk is full")
      assert.isTrue(cause.cause instanceof Error && cause.cause.message.startsWith("no room for u1-email:[e-mail]"))
    }
    assert.strictEqual(new Ledger.LedgerUnavailable({ cause: "locked" }).cause.message, "locked")
  })
})
