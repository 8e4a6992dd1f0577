/**
 * The service of the example, on a file or on a cluster: its environment decides.
 *
 * `DATABASE_URL` is where Postgres is; without it, runs are in a file, and this is the one process. `RUNNER_PORT` makes it a runner, which works on
 * runs; without it, it is a client.
 */
import { NodeClusterSocket, NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Durable } from "@media-jobs/durable"
import { Pace, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Config, Console, Effect, Layer, Option, type Redacted, Stream } from "effect"
import { RunnerAddress } from "effect/cluster"
import { FetchHttpClient } from "effect/http"
import { MediaJobs } from "media-jobs"

export class Media extends MediaJobs.Service<Media>()("example/Media", {
  replicate: Replicate.Replicate,
  luma: Luma.Luma,
  dreamina: Dreamina.Dreamina
}) {}

const cluster = (url: Redacted.Redacted, runnerAddress: Option.Option<RunnerAddress.RunnerAddress>) =>
  NodeClusterSocket.layer({
    storage: "sql",
    clientOnly: Option.isNone(runnerAddress),
    shardingConfig: { ...Durable.sharding, runnerAddress }
  }).pipe(Layer.provideMerge(PgClient.layer({ url })))

const storage: Layer.Layer<Durable.Storage, Error> = Layer.unwrap(Effect.gen(function*() {
  const url = yield* Config.option(Config.Redacted("DATABASE_URL"))
  const port = yield* Config.option(Config.Int("RUNNER_PORT"))
  const file: Layer.Layer<Durable.Storage, Error> = Durable.file("media-jobs.db")
  return Option.match(url, {
    onNone: () => file,
    onSome: (url) => cluster(url, Option.map(port, (port) => RunnerAddress.make("127.0.0.1", port)))
  })
}))

export const MediaLive = Durable.layer(Media, { storage }).pipe(
  Layer.provide([
    Replicate.layerConfig(),
    Luma.layerConfig(),
    Dreamina.layerConfig(),
    ArtifactStore.layer({ directory: "out" }),
    // The emulator's jobs are over in seconds; without this, looks come as they are worth while.
    Pollers.layer({ pace: Pace.steady("1 second") })
  ]),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)

// A runner says what it works on, until it is killed.
const runner = Effect.gen(function*() {
  const { changes } = yield* Media
  yield* Console.log("ready")
  yield* Stream.runForEach(changes, ({ key, phase }) => Console.log(`works ${key} ${phase}`))
})

if (import.meta.main) runner.pipe(Effect.provide(MediaLive), NodeRuntime.runMain)
