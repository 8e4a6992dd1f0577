import { assert, it } from "@effect/vitest"
import { JobError, JobId, type Provider } from "@media-jobs/core"
import { Fixtures, Mutations } from "@media-jobs/testing"
import { Cause, type Config, Effect, Exit, Layer, Logger, Redacted, Result, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"

/** `pnpm fuzz` takes ten thousand; the inner loop a taste of them. */
const variants = Number(process.env["FUZZ_VARIANTS"] ?? 100)

const isJobError = Schema.is(JobError.JobError)

export const options = { token: Redacted.make("user:1-fuzz"), limit: 1e9, retries: 0 }

/** What an adapter does with the answer to each of the emulator's calls; all but these are submits. */
const calls = (
  provider: Provider.Any,
  id: string
): { readonly [operation: string]: Effect.Effect<unknown, unknown> } => {
  const job = JobId.make(id)
  const get = provider.get?.(job) ?? Effect.void
  return {
    list: provider.list ?? Effect.void,
    get,
    getVideo: get,
    getImage: get,
    remove: provider.remove?.(job) ?? Effect.void,
    cancel: provider.cancel?.(job) ?? Effect.void,
    accounts: Effect.andThen(provider.accounts ?? Effect.void, provider.capacity ?? Effect.void)
  }
}

/** Every answer of a service, mutated, through its adapter: a value or a typed error, never a defect. */
export const fuzz = <P extends Provider.Any>(
  name: string,
  id: string,
  make: Effect.Effect<P, Config.ConfigError, HttpClient.HttpClient>,
  submit: (provider: P) => Effect.Effect<unknown, unknown>
) =>
  it.effect(`${name}: ${variants} variants of each answer are values or typed errors`, () => {
    let [text, status] = ["", 200]
    const client = HttpClient.make((request) =>
      Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(text, { status })))
    )
    return Effect.gen(function*() {
      const provider = yield* make
      const of = calls(provider, id)
      const met = new Map<string, number>()
      const meet = (operation: string) => (exit: Exit.Exit<unknown, unknown>) => {
        const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        if (failure !== undefined && !isJobError(failure)) assert.fail(`${operation}: ${text}: ${String(failure)}`)
        const tag = failure?._tag ?? "a value"
        met.set(tag, (met.get(tag) ?? 0) + 1)
      }
      for (const [i, fixture] of Fixtures.of(name).entries()) {
        const [, operation = ""] = fixture.operation.split(".")
        status = fixture.status
        for (text of yield* Mutations.of(fixture.text, variants, `${name} ${i}`)) {
          meet(fixture.operation)(yield* Effect.exit(of[operation] ?? submit(provider)))
          // What the answer asked for is over when the next call goes out.
          yield* TestClock.adjust("10 minutes")
          const body = Result.try((): unknown => JSON.parse(text))
          if (Result.isSuccess(body) && provider.webhook !== undefined) {
            meet("webhook")(yield* Effect.exit(provider.webhook(body.success)))
          }
        }
      }
      assert.isAbove(met.get("a value") ?? 0, variants)
      assert.isAbove(met.get("UnexpectedResponse") ?? 0, variants)
    }).pipe(Effect.provide(Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Logger.layer([]))))
  }, 300_000)
