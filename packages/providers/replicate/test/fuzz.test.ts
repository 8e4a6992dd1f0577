import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as Mutations from "@media-jobs/testing/Mutations"
import { fixtures } from "@media-jobs/testing/replicate"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { answered, rain } from "./support.ts"

const isJobError = Schema.is(JobError.JobError)
const variants = 100

describe("whatever Replicate answers", () => {
  it.effect(
    `${variants} variants of each answer are values or typed errors, never defects`,
    () =>
      Effect.gen(function*() {
        let [status, text] = [200, ""]
        const { replicate } = yield* answered(() => [status, text], { limit: 1e9 })
        const job = JobId.make(fixtures.ids.image)
        const calls: { readonly [operation: string]: Effect.Effect<unknown, unknown> } = {
          "replicate.list": replicate.list,
          "replicate.get": Effect.andThen(Effect.exit(replicate.cancel(job)), replicate.get(job)),
          "replicate.create": replicate.submit(rain),
          "replicate.file": replicate.upload({ mediaType: "image/png", content: Stream.succeed(new Uint8Array(1)) })
        }
        const met = new Map<string, number>()
        const meet = (what: string, exit: Exit.Exit<unknown, unknown>) => {
          const failure = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          if (failure !== undefined && !isJobError(failure)) assert.fail(`${what}: ${text}: ${String(failure)}`)
          const tag = failure?._tag ?? "a value"
          met.set(tag, (met.get(tag) ?? 0) + 1)
        }
        for (const [i, fixture] of Fixtures.of("replicate").entries()) {
          status = fixture.status
          for (text of yield* Mutations.of(fixture.text, variants, `replicate ${i}`)) {
            meet(
              fixture.operation,
              yield* Effect.exit(calls[fixture.operation] ?? Effect.die("An operation is missing"))
            )
            const body = Result.try((): unknown => JSON.parse(text))
            // What the answer asked for is over when the next call goes out.
            yield* TestClock.adjust("10 minutes")
            if (Result.isSuccess(body)) meet("webhook", yield* Effect.exit(replicate.webhook(body.success)))
          }
        }
        assert.isAbove(met.get("a value") ?? 0, variants)
        assert.isAbove(met.get("UnexpectedResponse") ?? 0, variants)
      }).pipe(Effect.provide(Logger.layer([]))),
    60_000
  )
})
