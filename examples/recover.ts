/**
 * A submit whose reply is lost is not sent again: what it may have become is looked up.
 * `node examples/recover.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { JobId } from "@media-jobs/core"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const ids = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" })).pipe(
    Effect.map((submission) => submission.ids),
    Effect.catchTag("SubmissionUncertain", (lost) =>
      Effect.gen(function*() {
        yield* Console.log(lost.message)
        // All that it may be, never a guess: with more than one, a person decides.
        return (yield* luma.recover(lost)).map((job) => job.id)
      }))
  )
  yield* Console.log(`${ids.length} candidate${ids.length === 1 ? "" : "s"}: ${ids.map(JobId.fingerprint).join(" ")}`)
})

program.pipe(Effect.provide(Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))), NodeRuntime.runMain)
