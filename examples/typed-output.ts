/**
 * A job whose output is a value of a type: schemas say what an endpoint of fal takes and makes. What the first refuses is never sent.
 * `node examples/typed-output.ts`
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Fal } from "@media-jobs/fal"
import { Console, Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { MediaJobs } from "media-jobs"

const flux = Fal.endpoint("fal-ai/flux/dev", {
  kind: "image",
  input: Schema.Struct({ prompt: Schema.NonEmptyString, num_images: Schema.Int }),
  output: Schema.Struct({ images: Schema.Array(Fal.File), seed: Schema.Number })
})

class Media extends MediaJobs.Service<Media>()("app/Media", { fal: Fal.Fal }) {}

const program = Effect.gen(function*() {
  const media = yield* Media
  const made = yield* media.fal.run(flux.request({ prompt: "a lighthouse in the rain", num_images: 2 }))
  const { images, seed } = yield* flux.output(made)
  yield* Console.log(`seed ${seed}: ${images.map(({ height, width }) => `${width}x${height}`).join(", ")}`)
  yield* Console.log(`${made.files.length} files saved`)
  const refused = yield* Effect.flip(media.fal.run(flux.request({ prompt: "", num_images: 2 })))
  yield* Console.log(refused.message)
})

const Live = Media.layer().pipe(
  Layer.provide([Fal.layerConfig(), ArtifactStore.layer({ directory: "out" })]), // reads FAL_KEY
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
