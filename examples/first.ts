import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { StoredLedger } from "@media-jobs/ledger"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs } from "media-jobs"

class Media extends MediaJobs.Service<Media>()("app/Media", { luma: Luma.Luma }) {}

const program = Effect.gen(function*() {
  const media = yield* Media
  // waits for a free slot, submits once, waits for the jobs, saves their files before the links die
  const { files } = yield* media.luma.run(Luma.video({ prompt: "a lighthouse in the rain" }))
  yield* Console.log(files.map(({ location }) => location))
})
const Live = Media.layer().pipe(
  Layer.provide([Luma.layerConfig(), ArtifactStore.layer({ directory: "out" })]), // reads USEAPI_TOKEN
  Layer.provide(StoredLedger.layer()), // what was submitted outlives the program: the next start finishes it
  Layer.provide(KeyValueStore.layerFileSystem(".ledger")),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
program.pipe(Effect.provide(Live), NodeRuntime.runMain)
