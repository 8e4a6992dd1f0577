/** The smallest program at the front door: a video of Luma from its request to its end, over fetch, with what it made left where it is. */
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as MediaJobs from "media-jobs/MediaJobs"

class Media extends MediaJobs.Service<Media>()("app/Media", { luma: Luma.Luma }) {}

const program = Effect.gen(function*() {
  const media = yield* Media
  const { jobs } = yield* media.luma.run(Luma.video({ prompt: "a lighthouse in the rain" }))
  yield* Console.log(jobs.map(({ state }) => state._tag))
})

program.pipe(
  Effect.provide(
    Media.layer({ finish: () => Effect.void }).pipe(
      Layer.provide(Luma.layerConfig()),
      Layer.provide(FetchHttpClient.layer)
    )
  ),
  Effect.runFork
)
