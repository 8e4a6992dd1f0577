/** A runner with six accounts of one token, whose homes are on as many machines as there are, and one rate limit for all; told to, it asks for jobs. */
import { NodeClusterSocket, NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Durable, RateLimits } from "@media-jobs/durable"
import { Pace, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Config, Console, Context, Effect, Layer, Option } from "effect"
import { RunnerAddress } from "effect/cluster"
import { FetchHttpClient } from "effect/http"
import { MediaJobs } from "media-jobs"

const instances = ["a", "b", "c", "d", "e", "f"]
const accounts = Object.fromEntries(
  instances.map((name) => [name, Context.Service<typeof instances, Replicate.Replicate["Service"]>(`test/${name}`)])
)
class Media extends MediaJobs.Service<Media>()("test/Sharing", accounts) {}

const settings = Config.all({
  /** How many jobs each account is asked for. */
  jobs: Config.withDefault(Config.Int("JOBS"), 0),
  rate: Config.Int("RATE"),
  url: Config.Redacted("DATABASE_URL"),
  port: Config.Int("RUNNER_PORT"),
  token: Config.Redacted("REPLICATE_API_TOKEN"),
  baseUrl: Config.String("REPLICATE_BASE_URL")
})

const program = Effect.gen(function*() {
  const { jobs } = yield* settings
  const media = yield* Media
  yield* Console.log("ready")
  if (jobs === 0) return yield* Effect.never
  const all = instances.flatMap((name) => Array.from({ length: jobs }, (_, n) => [name, `${name}-${n}`] as const))
  yield* Effect.forEach(
    all,
    ([name, key]) => media[name]?.run({ model: "a/b", input: { prompt: key } }, { key }) ?? Effect.die("unknown"),
    { concurrency: "unbounded", discard: true }
  )
})

const Live = Layer.unwrap(Effect.map(settings, ({ baseUrl, port, rate, token, url }) => {
  const database = PgClient.layer({ url })
  const runnerAddress = Option.some(RunnerAddress.make("127.0.0.1", port))
  const storage = NodeClusterSocket.layer({
    storage: "sql",
    shardingConfig: { ...Durable.sharding, runnerAddress }
  }).pipe(Layer.provideMerge(database))
  const adapters = instances.flatMap((instance) => {
    const account = accounts[instance]
    return account === undefined
      ? []
      : [Layer.effect(account, Replicate.make({ token, baseUrl, instance, requestsPerSecond: rate }))]
  })
  return Durable.layer(Media, { storage, finish: () => Effect.succeed([]) }).pipe(
    Layer.provide(Pollers.layer({ pace: Pace.steady("200 millis") })),
    Layer.provide(adapters.reduce((all, one) => Layer.merge(all, one))),
    Layer.provide(Layer.provide(RateLimits.layer, database))
  )
})).pipe(Layer.provide(FetchHttpClient.layer))

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
