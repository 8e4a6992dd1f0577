/** What a command comes to, of many jobs: everything is done, whatever goes wrong with some, and the exit code tells of the worst. */
import * as Effect from "effect/Effect"
import * as Output from "./output.ts"
import { type Code, ofError, Stopped } from "./stopped.ts"

/** Where several went wrong: what a person can mend at once goes first. */
const worst: ReadonlyArray<Code> = [3, 2, 4, 1]

/** The code that tells of the worst. */
export const worstOf = (codes: ReadonlyArray<Code>): Code | undefined => worst.find((code) => codes.includes(code))

/** Runs all, says what went wrong as it does, and fails at the end where something did. */
export const all = Effect.fnUntraced(function*<A, E extends { readonly _tag: string; readonly message: string }, R>(
  effects: ReadonlyArray<Effect.Effect<A, E | Stopped, R>>,
  concurrency = 8
) {
  const codes: Array<Code> = []
  const values = yield* Effect.forEach(
    effects,
    (effect) =>
      Effect.catch(Effect.map(effect, (value) => [value]), (error) => {
        const { code, sentence } = ofError(error)
        codes.push(code)
        return Effect.as(sentence === "" ? Effect.void : Output.say(sentence), [])
      }),
    { concurrency }
  )
  const code = worstOf(codes)
  return { values: values.flat(), failed: code === undefined ? Effect.void : Effect.fail(said(code)) }
})

/** An ending of which all is said. */
export const said = (code: Code): Stopped => new Stopped({ code, sentence: "" })
