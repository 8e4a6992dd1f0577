import { NodeRuntime } from "@effect/platform-node"
import { Luma } from "@media-jobs/luma"
import { Poller } from "@media-jobs/poller"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const submission = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
  const job = yield* Poller.succeed(luma, submission.ids[0]) // a Job in state Succeeded, or a typed error
  yield* Console.log(job.state.artifacts.map((artifact) => artifact.url))
})
const Live = Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)) // reads USEAPI_TOKEN
program.pipe(Effect.provide(Live), NodeRuntime.runMain)
