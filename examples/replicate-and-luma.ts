/**
 * One program over a stranger and a service of useapi.net: the same wait, the same errors.
 * `REPLICATE_API_TOKEN=… USEAPI_TOKEN=… node examples/replicate-and-luma.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { JobId, type Provider } from "@media-jobs/core"
import { Poller } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const make = Effect.fnUntraced(function*<Request>(
  provider: Provider.Provider<"submit" | "get", Request>,
  request: Request
) {
  const submission = yield* provider.submit(request)
  const [job] = yield* Poller.succeed(provider, submission)
  yield* Console.log(`${job.provider}  ${JobId.fingerprint(job.id)}  ${job.state.artifacts.length} made`)
})

const program = Effect.gen(function*() {
  const prompt = "a lighthouse in the rain"
  const luma = yield* Luma.Luma
  const replicate = yield* Replicate.Replicate
  yield* Effect.all([
    make(luma, Luma.video({ prompt })),
    make(replicate, { model: "black-forest-labs/flux-schnell", input: { prompt } })
  ], { concurrency: "unbounded" })
})

const Live = Layer.merge(Luma.layerConfig(), Replicate.layerConfig()).pipe(Layer.provide(FetchHttpClient.layer))

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
