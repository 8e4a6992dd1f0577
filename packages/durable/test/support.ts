import { NodeClusterSocket, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Durable from "@media-jobs/durable/Durable"
import * as Pace from "@media-jobs/poller/Pace"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Effect, Layer, Option, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import * as MediaJobs from "media-jobs/MediaJobs"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const providers = { luma: Luma.Luma, replicate: Replicate.Replicate }
export class Media extends MediaJobs.Service<Media>()("test/Media", providers) {}

const token = Redacted.make(Emulator.token)

/** The adapters over an emulator in memory, which outlives what is killed. */
export const adaptersAt = (options?: Emulator.Options) =>
  Layer.mergeAll(
    Luma.layer({ token, requestsPerSecond: 1e6 }),
    Replicate.layer({ token, requestsPerSecond: 1e6 })
  ).pipe(Layer.provideMerge(Emulator.layerClient), Layer.provideMerge(Emulator.layer({ speed: 100, ...options })))
export const adapters = adaptersAt()

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "media-jobs-durable-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A process of a machine, from its start to its end. */
export const process = (
  cwd: string,
  options: Omit<Durable.Options<typeof providers>, "storage"> = {},
  storage = Durable.file(join(cwd, "jobs.db"))
) => {
  const live = Durable.layer(Media, { ...options, storage }).pipe(
    Layer.provide(Pollers.layer({ pace: Pace.steady("100 millis") })),
    Layer.provide(ArtifactStore.layer({ directory: join(cwd, "out") })),
    Layer.provide(NodeServices.layer)
  )
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, live, { local: true })
}

/** A client of a cluster, in the process of the test: it asks for runs, and has none of its own. */
export const client = (database: string) => {
  const shardingConfig = { ...Durable.sharding, runnerAddress: Option.none() }
  const live = Durable.layer(Media, {
    storage: NodeClusterSocket.layer({ storage: "sql", clientOnly: true, shardingConfig }).pipe(
      Layer.provideMerge(PgClient.layer({ url: Redacted.make(database) }))
    ),
    finish: () => Effect.succeed([])
  }).pipe(
    Layer.provide([Luma.layer({ token }), Replicate.layer({ token })]),
    Layer.provide(FetchHttpClient.layer)
  )
  return <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, live, { local: true })
}
