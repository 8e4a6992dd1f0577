/**
 * The main job, whole: a video and four images from submit to the files on this disk, watched at once. `pnpm demo [directory]`.
 *
 * Without USEAPI_TOKEN it runs against the emulator on a free loopback port, thirty times faster than life; with it, the
 * same program runs against the live service. The files are put into the directory, `out` unless given.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Clock, Config, Console, Duration, Effect, Layer, Option, Redacted, Stream } from "effect"
import { FetchHttpClient, HttpServer } from "effect/http"
import * as MediaJobs from "media-jobs/MediaJobs"
import { createServer } from "node:http"
import * as Board from "./internal/board.ts"

const prompt = "a lighthouse in the rain"
const [, , directory = "out"] = process.argv

class Media extends MediaJobs.Service<Media>()("demo/Media", { luma: Luma.Luma }) {}

const program = Effect.gen(function*() {
  const { luma } = yield* Media
  const started = yield* Clock.currentTimeMillis
  const runs = yield* Effect.all([
    luma.submit(Luma.video({ prompt })),
    luma.submit(Luma.image({ prompt }))
  ], { concurrency: 2 })
  const ids = runs.flatMap(({ handles }) => handles.map(({ id }) => id))
  yield* Console.log(`Submitted "${prompt}": ${runs.map(({ handles }) => handles.length).join(" video, ")} images.\n`)

  const board = yield* Board.make(ids.length)
  const shown = new Map<JobId.JobId, string>()
  const show = (jobs: ReadonlyArray<Job.Job>) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        Effect.forEach(jobs.filter(({ id, state }) => shown.get(id) !== state._tag), (job) => {
          shown.set(job.id, job.state._tag)
          return board.show(ids.indexOf(job.id), describe(job, Duration.millis(now - started)))
        })
    )
  const ended = yield* Effect.forEach(
    runs,
    ({ key }) => Stream.runLast(Stream.tap(luma.watch(key), ({ jobs }) => show(jobs))),
    { concurrency: "unbounded" }
  )

  yield* Console.log("")
  for (const run of ended.flatMap(Option.toArray)) {
    yield* Console.log(run.files.map(line).join("\n"))
    if (run.error !== undefined) yield* Console.log(run.error.message)
  }
})

const name = (job: Job.Job) => `${(job.kind ?? "job").padEnd(6)} ${JobId.fingerprint(job.id)}`

const describe = (job: Job.Job, after: Duration.Duration) =>
  `${name(job)}  ${job.state._tag.padEnd(10)} ${Duration.toSeconds(after).toFixed(1).padStart(6)} s`

const line = ({ bytes, kind, location, role }: ArtifactStore.Saved) =>
  `${role.padEnd(10)} ${kind.padEnd(6)} ${`${bytes}`.padStart(9)} B  ${location}`

const Live = Layer.merge(Luma.layerConfig(), ArtifactStore.layer({ directory })).pipe(
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)

const Emulated = Layer.unwrap(Effect.gen(function*() {
  const baseUrl = yield* HttpServer.addressFormattedWith(Effect.succeed)
  yield* Console.log(`No USEAPI_TOKEN, so this is the emulator at ${baseUrl}, thirty times faster than life.`)
  return Layer.merge(
    Luma.layer({ token: Redacted.make(Emulator.token), baseUrl }),
    // The emulator's files are on this machine, where no artifact is fetched from unless that is said.
    ArtifactStore.layer({ directory, allowPrivate: true })
  )
})).pipe(
  Layer.provide([FetchHttpClient.layer, NodeServices.layer, Emulator.layerServer]),
  Layer.provide(
    Emulator.layer({ speed: 30, services: { "useapi-luma": UseapiLumaEmulator.service({ jitter: 0.3 }) } })
  ),
  Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true }))
)

const main = Effect.gen(function*() {
  const token = yield* Config.option(Config.Redacted("USEAPI_TOKEN"))
  if (Option.isSome(token)) return yield* Effect.provide(program, Layer.provide(Media.layer(), Live))
  yield* Effect.provide(program, Layer.provide(Media.layer(), Emulated))
  yield* Console.log("\nThe same against the live service:  USEAPI_TOKEN=… npx -y pnpm@12 demo")
})

NodeRuntime.runMain(main)
