import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Fal } from "@media-jobs/fal"
import { StoredLedger } from "@media-jobs/ledger"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs } from "media-jobs"

class Media extends MediaJobs.Service<Media>()("app/Media", { fal: Fal.Fal }) {}

const program = Effect.gen(function*() {
  const media = yield* Media
  // submits once, waits for the job, saves its files before the links die
  const { files } = yield* media.fal.run(Fal.video("fal-ai/veo3/fast", { prompt: "a lighthouse in the rain" }))
  yield* Console.log(files.map(({ location }) => location))
})
const Live = Media.layer().pipe(
  Layer.provide([Fal.layerConfig(), ArtifactStore.layer({ directory: "out" })]), // reads FAL_KEY
  Layer.provide(StoredLedger.layer()), // what was submitted outlives the program: the next start finishes it
  Layer.provide(KeyValueStore.layerFileSystem(".ledger")),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
program.pipe(Effect.provide(Live), NodeRuntime.runMain)
