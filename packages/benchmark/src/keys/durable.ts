/** What a run costs that outlives its process: the requests of its jobs, its rows, and its time beyond its jobs' own, on one machine with a file. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Durable from "@media-jobs/durable/Durable"
import * as VendorLuma from "@media-jobs/luma/Luma"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as LumaEmulator from "@media-jobs/testing/luma"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import * as MediaJobs from "media-jobs/MediaJobs"
import * as fs from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Measured } from "../measured.ts"
import * as Receiver from "../receiver.ts"
import * as Statistics from "../statistics.ts"

class Media extends MediaJobs.Service<Media>()("benchmark/Durable", { list: Luma.Luma, get: VendorLuma.Luma }) {}

const jobs = 100
/** Milliseconds between two submits: at the ten requests a second that adapters send unless told, none waits for its turn. */
const apart = 150

interface Case {
  readonly by: "list" | "get"
  readonly webhooks: boolean
  /** How long a job takes in seconds, half of it more or less. */
  readonly life: number
}

interface Cost {
  readonly requests: number
  readonly rows: number
  /** Milliseconds of each run, from its first row to its outcome, beyond its job's own time. */
  readonly overheads: ReadonlyArray<number>
}

const cost = async ({ by, life, webhooks }: Case): Promise<Cost> => {
  const folder = await fs.mkdtemp(join(tmpdir(), "media-jobs-durable-"))
  const times = { life: `${life} seconds`, jitter: 0.5 } as const
  const emulator = Emulator.layer({
    speed: 1,
    services: {
      "useapi-luma": UseapiLumaEmulator.service({
        accounts: [{ email: "user@example.com", concurrency: jobs }],
        videoLife: times.life,
        jitter: times.jitter
      }),
      luma: LumaEmulator.service({ ...times, requestsPerMinute: 1e6, concurrent: jobs })
    }
  })
  const storage = Durable.file(join(folder, "jobs.db"))
  const served = HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(Media.webhooks())
  )
  const signer = Layer.unwrap(
    HttpServer.addressFormattedWith((url) => Effect.succeed(Signer.layer(Receiver.signing(url))))
  )
  const token = Redacted.make(Emulator.token)
  const durable = Durable.layer(Media, { storage }).pipe(Layer.provideMerge(storage))
  const Live = (webhooks ? served.pipe(Layer.provideMerge(durable), Layer.provide(signer)) : durable).pipe(
    Layer.provide([
      Luma.layer({ token }),
      VendorLuma.layer({ token }),
      ArtifactStore.layer({ directory: join(folder, "out") })
    ]),
    Layer.provide([Pollers.layer(), NodeServices.layer]),
    Layer.provide(Emulator.layerClient),
    Layer.provideMerge(emulator),
    Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true }))
  )
  const measured = Effect.gen(function*() {
    const { count, deliver, services } = yield* Emulator.Emulator
    const media = yield* Media
    const sql = yield* SqlClient.SqlClient
    if (webhooks) yield* Effect.forkScoped(Effect.provide(deliver, FetchHttpClient.layer))
    const rowsNow = Effect.gen(function*() {
      const tables = yield* sql<{ readonly name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
      const counts = yield* Effect.forEach(
        tables,
        ({ name }) => sql<{ readonly rows: number }>`SELECT count(*) AS rows FROM ${sql(name)}`
      )
      return counts.reduce((sum, [found]) => sum + (found?.rows ?? 0), 0)
    })
    const before = yield* rowsNow
    const run = (index: number) => {
      const key = `job-${index}-`
      const running: Effect.Effect<unknown, unknown> = by === "list"
        ? media.list.run(Luma.video({ prompt: key }), { key })
        : media.get.run(VendorLuma.video({ prompt: key, model: "ray-3.2" }), { key })
      return Effect.delay(running, index * apart)
    }
    yield* Effect.forEach(Array.from({ length: jobs }, (_, index) => index), run, {
      concurrency: "unbounded",
      discard: true
    })
    // As the other keys count: what waiting asks, without the submits and the files.
    const requests = (yield* count()) - (yield* count("media.get")) - jobs
    const ended = yield* sql<{ readonly id: string; readonly took: number }>`SELECT j.id, r.ended - r.begun AS took
      FROM media_jobs_runs r JOIN media_jobs_jobs j ON j.submit_key = r.run_key`
    const took = new Map(ended.map(({ id, took }) => [id, took]))
    const lived = by === "list" ? yield* services["useapi-luma"].jobs : yield* services.luma.jobs
    return {
      requests: requests / jobs,
      rows: ((yield* rowsNow) - before) / jobs,
      overheads: lived.map((job) => (took.get(job.id) ?? NaN) - (job.endsAt - job.createdAt))
    }
  })
  const found = await Effect.runPromise(Effect.scoped(Effect.provide(measured, Live)))
  await fs.rm(folder, { recursive: true })
  return found
}

export const measure = async (): Promise<ReadonlyArray<Measured>> => {
  // In turn: in one process, engines and webhooks of one provider would be shared.
  const called = await cost({ by: "list", webhooks: true, life: 60 })
  const brief = await cost({ by: "list", webhooks: true, life: 6 })
  const listed = await cost({ by: "list", webhooks: false, life: 60 })
  const got = await cost({ by: "get", webhooks: false, life: 60 })
  const median = ({ overheads }: Cost) => Statistics.median(overheads) / 1000
  const late = Statistics.quantile(called.overheads, 0.95) / 1000
  return [
    { key: "durable_requests", value: called.requests },
    { key: "durable_requests_list", value: listed.requests },
    { key: "durable_requests_get", value: got.requests },
    {
      key: "durable_rows",
      value: called.rows,
      proviso: called.rows <= brief.rows,
      note: `${brief.rows} for jobs of a tenth of the time`
    },
    {
      key: "durable_overhead",
      value: median(called),
      note: `95 %: ${late.toFixed(2)} s; without webhooks ${median(listed).toFixed(2)} s with a list, ${
        median(got).toFixed(2)
      } s without`
    }
  ]
}
