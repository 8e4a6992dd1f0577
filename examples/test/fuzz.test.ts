import { assert, it } from "@effect/vitest"
import { Fixtures, Mutations } from "@media-jobs/testing"
import { Cause, Effect, Exit, Result } from "effect"
import { answering, isJobError, parsed, providers, wayOf } from "./answering.ts"

/** `pnpm fuzz` shares so many seconds over all answers; with `--full` each has ten thousand variants; else a taste of them. */
const { FUZZ_SECONDS, FUZZ_VARIANTS = 10 } = process.env
const share = FUZZ_SECONDS === undefined ? undefined : Number(FUZZ_SECONDS) * 1000 / Fixtures.all.length
const batch = 10

for (const id of providers.keys()) {
  it.effect(
    `${id}: variants of each answer are values or typed errors`,
    () =>
      answering(id, (answered) =>
        Effect.gen(function*() {
          const { provider, tell } = answered
          const met = new Map<string, number>()
          let variants = 0
          const meet = (operation: string, text: string) => (exit: Exit.Exit<unknown, unknown>) => {
            const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
            if (failure !== undefined && !isJobError(failure)) assert.fail(`${operation}: ${text}: ${String(failure)}`)
            const tag = failure?._tag ?? "a value"
            met.set(tag, (met.get(tag) ?? 0) + 1)
          }
          for (const [i, fixture] of Fixtures.of(id).entries()) {
            const way = yield* wayOf(answered, fixture)
            if (way === undefined) continue
            const beganAt = performance.now()
            const goesOn = (n: number) =>
              share === undefined ? n * batch < Number(FUZZ_VARIANTS) : performance.now() - beganAt < share
            for (let n = 0; goesOn(n); n++) {
              for (const text of yield* Mutations.of(fixture.text, batch, `${id} ${i} ${n}`)) {
                variants++
                tell(fixture.status, ...way.texts(text))
                meet(fixture.operation, text)(yield* Effect.exit(way.call))
                const body = parsed(text)
                if (Result.isSuccess(body) && provider.webhook !== undefined) {
                  meet("webhook", text)(yield* Effect.exit(provider.webhook(body.success)))
                }
              }
            }
          }
          assert.isAbove(met.get("a value") ?? 0, batch)
          assert.isAbove(met.get("UnexpectedResponse") ?? 0, batch)
          if (share !== undefined || FUZZ_VARIANTS !== 10) console.log(`${id}: ${variants} variants`)
        })),
    1_800_000
  )
}
