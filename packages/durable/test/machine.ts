/**
 * A machine that runs jobs under given keys until all have ended, or serves others until it is killed, at any point: alone with a file, or as a
 * runner or client of a cluster.
 */
import { NodeClusterSocket, NodeHttpServer, NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Durable } from "@media-jobs/durable"
import { Pace, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Config, Console, Effect, Layer, Option, type Redacted, Stream } from "effect"
import { RunnerAddress } from "effect/cluster"
import { FetchHttpClient, HttpRouter } from "effect/http"
import { MediaJobs } from "media-jobs"
import { createServer } from "node:http"

class Media extends MediaJobs.Service<Media>()("test/Media", { luma: Luma.Luma, replicate: Replicate.Replicate }) {}

const settings = Config.all({
  keys: Config.withDefault(Config.String("KEYS"), ""),
  database: Config.option(Config.Redacted("DATABASE_URL")),
  /** Zero is a client. */
  port: Config.withDefault(Config.Int("RUNNER_PORT"), 0),
  webhooks: Config.option(Config.Int("WEBHOOKS_PORT")),
  pace: Config.withDefault(Config.String("PACE"), "250 millis"),
  /** How many jobs Replicate's one account runs at once. */
  slots: Config.option(Config.Int("SLOTS")),
  model: Config.withDefault(Config.String("MODEL"), "black-forest-labs/flux-schnell")
})

const program = Effect.gen(function*() {
  const { keys, model } = yield* settings
  const { changes, replicate } = yield* Media
  // Told on the machine alone that the jobs are on.
  yield* Effect.forkScoped(Stream.runForEach(changes, ({ key, phase }) => Console.log(`works ${key} ${phase}`)))
  yield* Console.log("ready")
  if (keys === "") return yield* Effect.never
  const run = (key: string) =>
    Effect.flatMap(
      replicate.run({ model, input: { prompt: key } }, { key }),
      ({ files }) => Console.log(`ended ${key} ${files.length}`)
    )
  yield* Effect.forEach(keys.split(","), run, { concurrency: "unbounded", discard: true })
})

const cluster = (url: Redacted.Redacted, port: number) => {
  const runnerAddress = port === 0 ? Option.none() : Option.some(RunnerAddress.make("127.0.0.1", port))
  const shardingConfig = { ...Durable.sharding, runnerAddress }
  return (port === 0
    ? NodeClusterSocket.layer({ storage: "sql", clientOnly: true, shardingConfig })
    : NodeClusterSocket.layer({ storage: "sql", shardingConfig })).pipe(Layer.provideMerge(PgClient.layer({ url })))
}

const Live = Layer.unwrap(Effect.map(settings, ({ database, pace, port, slots, webhooks }) => {
  const storage: Layer.Layer<Durable.Storage, Error> = Option.match(database, {
    onNone: () => Durable.file("jobs.db"),
    onSome: (url) => cluster(url, port)
  })
  const served = Option.match(webhooks, {
    onNone: () => Layer.empty,
    onSome: (port) =>
      HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
        Layer.provide(Media.webhooks()),
        Layer.provide(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" }))
      )
  })
  return served.pipe(
    Layer.provideMerge(Durable.layer(Media, {
      storage,
      slots: Option.match(slots, {
        onNone: () => undefined,
        onSome: (limit) => ({ replicate: { limits: [{ account: "", limit }] } })
      })
    })),
    Layer.provide(Pollers.layer({ pace: Pace.steady(pace as `${number} millis`) })) // as the test gives it
  )
})).pipe(
  Layer.provide([
    Luma.layerConfig({ requestsPerSecond: 1000 }),
    Replicate.layerConfig({ requestsPerSecond: 1000 }),
    ArtifactStore.layer({ directory: "out" }),
    Signer.layerConfig()
  ]),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)

program.pipe(Effect.scoped, Effect.provide(Live), NodeRuntime.runMain)
