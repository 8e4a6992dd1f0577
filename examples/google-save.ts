/**
 * A video of Google's Gemini API, saved: its file opens with the key alone, which the provider gives to the store for that one
 * address, and which goes nowhere along a redirect.
 *
 * `node examples/google-save.ts [prompt] [directory]`
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Gemini } from "@media-jobs/google"
import { Poller } from "@media-jobs/poller"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const [, , prompt = "a lighthouse in the rain", directory = "out"] = process.argv

const program = Effect.gen(function*() {
  const gemini = yield* Gemini.Gemini
  const submission = yield* gemini.submit(Gemini.video({ input: prompt }))
  const [job] = yield* Poller.succeed(gemini, submission)
  const files = yield* ArtifactStore.save(job, { providers: [gemini] })
  for (const { bytes, location } of files) yield* Console.log(`${location}  ${bytes} bytes`)
})

const Live = Layer.merge(Gemini.layerConfig(), ArtifactStore.layer({ directory })).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provideMerge(NodeServices.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
