/**
 * The first program with the parts alone, each of which can be used without the others. `node examples/parts.ts`
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Fal } from "@media-jobs/fal"
import { Poller } from "@media-jobs/poller"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const fal = yield* Fal.Fal
  const submission = yield* fal.submit(Fal.video("fal-ai/veo3/fast", { prompt: "a lighthouse in the rain" }))
  const [job] = yield* Poller.succeed(fal, submission) // all jobs in state Succeeded, or a typed error
  const saved = yield* ArtifactStore.save(job) // in files that are whole, before their links die
  yield* Console.log(saved.map(({ location }) => location))
})
const Live = Layer.mergeAll(Fal.layerConfig(), ArtifactStore.layer({ directory: "out" })).pipe( // reads FAL_KEY
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
program.pipe(Effect.provide(Live), NodeRuntime.runMain)
