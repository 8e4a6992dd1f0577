import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

export class LawBroken extends Data.TaggedError("LawBroken")<{ readonly message: string }> {}

/**
 * A call with all the time that its retries and time-outs want.
 */
export const timely = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

/**
 * The error that a call comes to in the end.
 */
export const failure = <A, E>(op: string, effect: Effect.Effect<A, E>): Effect.Effect<E, LawBroken> =>
  Effect.flip(timely(effect)).pipe(
    Effect.mapError((value) => new LawBroken({ message: `${op} succeeded with ${String(value)}` }))
  )

export const holds = (condition: boolean, message: string): Effect.Effect<void, LawBroken> =>
  condition ? Effect.void : Effect.fail(new LawBroken({ message }))

/**
 * Whether no text shows any of these, nor an id in its encoded form.
 */
export const hides = (
  id: string,
  secrets: ReadonlyArray<string>,
  texts: ReadonlyArray<string>
): Effect.Effect<void, LawBroken> =>
  Effect.forEach(
    texts,
    (text) => {
      const leaked = [id, encodeURIComponent(id), ...secrets].find((secret) => text.includes(secret))
      return holds(leaked === undefined, `It shows a secret: ${text}`)
    },
    { discard: true }
  )
