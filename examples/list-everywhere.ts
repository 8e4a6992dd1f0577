/**
 * All that executes at Luma, Dreamina and Midjourney behind one token; what one of them can't tell hides nothing of the
 * others. `node examples/list-everywhere.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { JobId, Providers } from "@media-jobs/core"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const everywhere = Providers.make({
    luma: yield* Luma.Luma,
    dreamina: yield* Dreamina.Dreamina,
    midjourney: yield* Midjourney.Midjourney
  })
  const { complete, failures, jobs } = yield* everywhere.list
  for (const job of jobs) {
    yield* Console.log(`${job.provider}  ${JobId.fingerprint(job.id)}  ${job.kind ?? "?"}  ${job.state._tag}`)
  }
  for (const { error, provider } of failures) yield* Console.log(`${provider}  ${error.message}`)
  yield* Console.log(`${jobs.length} jobs${complete ? "" : ", and there may be more"}`)
})

const Live = Layer.mergeAll(Luma.layerConfig(), Dreamina.layerConfig(), Midjourney.layerConfig()).pipe(
  Layer.provide(FetchHttpClient.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
