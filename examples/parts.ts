/**
 * The first program with the parts alone, each of which can be used without the others. `node examples/parts.ts`
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Poller } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const submission = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
  const [job] = yield* Poller.succeed(luma, submission) // all jobs in state Succeeded, or a typed error
  const saved = yield* ArtifactStore.save(job) // in files that are whole, before their links die
  yield* Console.log(saved.map(({ location }) => location))
})
const Live = Layer.mergeAll(Luma.layerConfig(), ArtifactStore.layer({ directory: "out" })).pipe( // reads USEAPI_TOKEN
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
program.pipe(Effect.provide(Live), NodeRuntime.runMain)
