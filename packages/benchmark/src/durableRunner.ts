/** A machine of a cluster, in a process of its own: a runner, or a client that asks for jobs and says at the end what its runner took for them. */
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Durable from "@media-jobs/durable/Durable"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as MediaJobs from "media-jobs/MediaJobs"

class Media extends MediaJobs.Service<Media>()("benchmark/Cluster", { luma: Luma.Luma }) {}

const [service = "", database = "", port = "0", jobs = "0"] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const { changes, luma } = yield* Media
  yield* Effect.forkScoped(Stream.runForEach(changes, ({ key }) => Console.log(`works ${key}`)))
  yield* Console.log("ready")
  const keys = Array.from({ length: Number(jobs) }, (_, index) => `job-${index}`)
  if (keys.length === 0) {
    // A runner tells its processor time on the way.
    return yield* Effect.forever(Effect.delay(
      Effect.suspend(() => {
        const { system, user } = process.cpuUsage()
        return Console.log(`cpu ${Math.round((system + user) / 1000)}`)
      }),
      "1 second"
    ))
  }
  yield* Effect.forEach(keys, (key) => luma.run(Luma.video({ prompt: key }), { key }), {
    concurrency: 1000,
    discard: true
  })
})

const runnerAddress = port === "0" ? Option.none() : Option.some(RunnerAddress.make("127.0.0.1", Number(port)))
const shardingConfig = { ...Durable.sharding, runnerAddress }
const storage = (port === "0"
  ? NodeClusterSocket.layer({ storage: "sql", clientOnly: true, shardingConfig })
  : NodeClusterSocket.layer({ storage: "sql", shardingConfig })).pipe(
    Layer.provideMerge(PgClient.layer({ url: Redacted.make(database) }))
  )

program.pipe(
  Effect.scoped,
  Effect.provide(
    Durable.layer(Media, { storage, finish: () => Effect.void }).pipe(
      Layer.provide(Luma.layer({ token: Redacted.make(Emulator.token), baseUrl: service, requestsPerSecond: 1e4 })),
      Layer.provide(FetchHttpClient.layer)
    )
  ),
  NodeRuntime.runMain
)
