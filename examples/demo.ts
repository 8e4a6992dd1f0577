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
import * as Poller from "@media-jobs/poller/Poller"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import { Clock, Config, Console, Duration, Effect, Layer, Option, Redacted, Stream } from "effect"
import { FetchHttpClient, HttpServer } from "effect/http"
import { createServer } from "node:http"
import * as Board from "./internal/board.ts"

const prompt = "a lighthouse in the rain"
const [, , directory = "out"] = process.argv

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const poller = yield* Poller.make(luma)
  const started = yield* Clock.currentTimeMillis

  const [video, image] = yield* Effect.all([
    luma.submit(Luma.video({ prompt })),
    luma.submit(Luma.image({ prompt }))
  ], { concurrency: 2 })
  const ids = [...video.ids, ...image.ids]
  yield* Console.log(`Submitted "${prompt}": ${video.ids.length} video, ${image.ids.length} images.\n`)

  const board = yield* Board.make(ids.length)
  const ended = yield* Effect.forEach(ids, (id, i) =>
    poller.watch(id).pipe(
      Stream.tap((job) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => board.show(i, describe(job, Duration.millis(now - started))))
      ),
      Stream.runLast
    ), { concurrency: "unbounded" })

  yield* Console.log("")
  for (const job of ended.flatMap(Option.toArray)) {
    yield* job.is("Succeeded")
      // A link may have died meanwhile: the service is asked for another.
      ? Effect.flatMap(
        ArtifactStore.save(job, { providers: [luma] }),
        (saved) => Console.log(files(job, saved))
      )
      : Console.log(
        `${name(job)}  ${job.state._tag}${job.is("Failed") ? `: ${job.state.reason ?? job.state.cause}` : ""}`
      )
  }
}).pipe(Effect.scoped)

const name = (job: Job.Job) => `${(job.kind ?? "job").padEnd(6)} ${JobId.fingerprint(job.id)}`

const describe = (job: Job.Job, after: Duration.Duration) =>
  `${name(job)}  ${job.state._tag.padEnd(10)} ${Duration.toSeconds(after).toFixed(1).padStart(6)} s`

const files = (job: Job.Job, saved: ReadonlyArray<ArtifactStore.Saved>) =>
  saved.map(({ bytes, kind, location, role }) =>
    `${name(job)}  ${role.padEnd(10)} ${kind.padEnd(6)} ${`${bytes}`.padStart(9)} B  ${location}`
  ).join("\n")

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
  if (Option.isSome(token)) return yield* Effect.provide(program, Live)
  yield* Effect.provide(program, Emulated)
  yield* Console.log("\nThe same against the live service:  USEAPI_TOKEN=… npx -y pnpm@12 demo")
})

NodeRuntime.runMain(main)
