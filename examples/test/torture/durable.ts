/** Runs the jobs of an application at three services, or serves those who ask for them, alone with a file or as a machine of a cluster; it may be killed at any point. */
import { NodeClusterSocket, NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Ledger } from "@media-jobs/core"
import { Durable } from "@media-jobs/durable"
import { DreamMachine } from "@media-jobs/luma"
import { Pace, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Kling } from "@media-jobs/useapi-kling"
import { Signer } from "@media-jobs/webhooks"
import { Config, Console, Effect, Layer, Option, type Redacted } from "effect"
import { RunnerAddress } from "effect/cluster"
import { FetchHttpClient } from "effect/http"
import { MediaJobs, type RunError } from "media-jobs"

class Media extends MediaJobs.Service<Media>()("torture/Durable", {
  replicate: Replicate.Replicate,
  dreamMachine: DreamMachine.DreamMachine,
  kling: Kling.Kling
}) {}

/** The same application, a release ago. */
class First extends MediaJobs.Service<First>()("torture/Durable", { replicate: Replicate.Replicate }) {}

const settings = Config.all({
  first: Config.withDefault(Config.Boolean("FIRST_RELEASE"), false),
  /** A runner asks for none itself. */
  jobs: Config.withDefault(Config.Int("JOBS"), 0),
  atOnce: Config.withDefault(Config.Int("AT_ONCE"), 1),
  database: Config.option(Config.Redacted("DATABASE_URL")),
  pace: Config.option(Config.Duration("PACE")),
  /** Zero is a client. */
  port: Config.withDefault(Config.Int("RUNNER_PORT"), 0)
})

const film = (prompt: string) => Kling.textToVideo({ prompt, email: "user@example.com" })

const program = Effect.gen(function*() {
  const { atOnce, jobs } = yield* settings
  const { dreamMachine, kling, replicate } = yield* Media
  const ledger = yield* Ledger.Ledger
  yield* Console.log("ready")
  if (jobs === 0) return yield* Effect.never

  /** Kling lists what runs and no more: of a submit that left nothing, only the application can say that it never began. */
  const decide = Effect.fnUntraced(function*(key: string) {
    const entry = yield* ledger?.find(key) ?? Effect.undefined
    if (entry === undefined || entry.handles !== undefined) return
    yield* Effect.sleep("2 seconds")
    const { jobs } = yield* kling.provider.list
    const known = yield* ledger?.known(jobs.map(({ id }) => id)) ?? Effect.succeed(new Set())
    if (jobs.some(({ id }) => !known.has(id))) return
    yield* Console.log(`begins anew ${key}`)
    yield* Ledger.settle(entry.intent, [])
  })

  const run = (index: number) => {
    const key = `order-${index}-`
    const one: Effect.Effect<void, RunError.RunError> = Effect.suspend(() =>
      index % 3 === 0
        ? Effect.andThen(
          Effect.andThen(kling.submit(film(key), { key }), Console.log(`taken ${key}`)),
          kling.run(film(key), { key })
        )
        : index % 3 === 1
        ? dreamMachine.run(DreamMachine.video({ prompt: key, model: "ray-2" }), { key })
        : replicate.run({ model: "black-forest-labs/flux-schnell", input: { prompt: key } }, { key })
    ).pipe(
      Effect.flatMap(({ files, jobs }) =>
        Console.log(`ended ${key} ${jobs.length} ${files.map(({ sha256 }) => sha256)}`)
      ),
      Effect.catchTag("SubmissionUncertain", () => Effect.andThen(decide(key), one)),
      // The database was away as it was asked for, or the request was lost on its way: the same key again is the same run.
      Effect.catchTag(["LedgerUnavailable", "Unavailable"], () => Effect.delay(one, "1 second"))
    )
    return one
  }
  yield* Effect.forEach(Array.from({ length: jobs }, (_, index) => index), run, { concurrency: atOnce, discard: true })
})

const cluster = (url: Redacted.Redacted, port: number) => {
  const runnerAddress = port === 0 ? Option.none() : Option.some(RunnerAddress.make("127.0.0.1", port))
  const shardingConfig = { ...Durable.sharding, runnerAddress }
  return (port === 0
    ? NodeClusterSocket.layer({ storage: "sql", clientOnly: true, shardingConfig })
    : NodeClusterSocket.layer({ storage: "sql", shardingConfig })).pipe(Layer.provideMerge(PgClient.layer({ url })))
}

const Live = Layer.unwrap(Effect.map(settings, ({ database, first, pace, port }) => {
  const storage: Layer.Layer<Durable.Storage, Error> = Option.match(database, {
    onNone: () => Durable.file("jobs.db"),
    onSome: (url) => cluster(url, port)
  })
  const Service = first ? First as unknown as typeof Media : Media // a runner asks it for nothing
  return Durable.layer(Service, { storage }).pipe(
    Layer.provide(Pollers.layer({ pace: Option.match(pace, { onNone: () => undefined, onSome: Pace.steady }) }))
  )
})).pipe(
  Layer.provide([
    Replicate.layerConfig({ requestsPerSecond: 1000 }),
    DreamMachine.layerConfig({ requestsPerSecond: 1000 }),
    Kling.layerConfig({ requestsPerSecond: 1000 }),
    ArtifactStore.layer({ directory: "out" }),
    Signer.layerConfig()
  ]),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
