/**
 * The service, in a process of its own: plain `node:http`, which knows every job's end from the seed.
 *
 * One endpoint lists what executes and one tells of a job, in Luma's shape; Replicate's and fal's own status endpoints tell
 * of the same jobs, for their clients read no other.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Channel from "./channel.ts"
import * as Lateness from "./lateness.ts"
import * as ServiceTime from "./serviceTime.ts"
import * as Workload from "./workload.ts"

export interface Setting {
  readonly jobs: number
  readonly seed: number
}

/** Requests by what they asked for. */
export interface Counts {
  list: number
  get: number
  unknown: number
}

export interface Service {
  readonly counts: Counts
  readonly begin: (time: ServiceTime.ServiceTime) => void
  /** The answer to a path, as JSON; `undefined` where nothing is. */
  readonly answer: (path: string) => string | undefined
}

const routes = [
  { prefix: "/v1/luma/jobs/", suffix: "", shape: "luma" },
  { prefix: "/replicate/predictions/", suffix: "", shape: "replicate" },
  { prefix: "/fal/benchmark/model/requests/", suffix: "/status?logs=0", shape: "fal" }
] as const

export const make = ({ jobs: n, seed }: Setting): Service => {
  const jobs = Workload.make(n, seed)
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const counts: Counts = { list: 0, get: 0, unknown: 0 }
  let time: ServiceTime.ServiceTime | undefined
  let submitted = 0
  let running: Array<{ readonly job: Workload.Job; readonly entry: string }> = []

  const iso = (seconds: number) =>
    new Date(time === undefined ? 0 : ServiceTime.epochMillis(time, seconds)).toISOString()
  const now = () => time === undefined ? -1 : ServiceTime.now(time)

  const entryOf = ({ id, submittedAt }: Workload.Job) =>
    JSON.stringify({
      jobid: id,
      type: "video",
      account: Workload.account,
      model: Workload.model,
      created: iso(submittedAt)
    })

  const list = () => {
    const at = now()
    for (let job = jobs[submitted]; job !== undefined && job.submittedAt <= at; job = jobs[submitted]) {
      running.push({ job, entry: entryOf(job) })
      submitted++
    }
    running = running.filter(({ job }) => job.endsAt > at)
    return `{"executing":${running.length},"jobs":[${running.map(({ entry }) => entry).join(",")}]}`
  }

  const link = (name: string) => `https://cdn.example.com/00000000-0000-4000-8000-000000000000/${name}`
  const luma = ({ endsAt, id, submittedAt }: Workload.Job, ended: boolean) => ({
    jobid: id,
    type: "video",
    status: ended ? "completed" : "processing",
    created: iso(submittedAt),
    updated: ended ? iso(endsAt) : null,
    response: ended
      ? {
        video: { media_type: "video", url: link("video.mp4"), width: 1280, height: 720, duration: 5.04 },
        video_hdr_exr: null,
        thumbnail: { media_type: "image", url: link("thumbnail.jpg"), width: 1280, height: 720 },
        last_frame: { media_type: "image", url: link("last_frame.jpg"), width: 1280, height: 720 }
      }
      : null,
    credits: ended ? { dm_usage: 20, dm_relaxed_usage: null } : null
  })
  const replicate = ({ id }: Workload.Job, ended: boolean) => ({
    id,
    status: ended ? "succeeded" : "processing",
    output: ended ? [link("video.mp4")] : null
  })
  const fal = ({ id }: Workload.Job, ended: boolean) => ({
    request_id: id,
    status: ended ? "COMPLETED" : "IN_PROGRESS",
    response_url: link("response")
  })
  const shapes = { luma, replicate, fal }

  const jobAt = (path: string) => {
    for (const { prefix, shape, suffix } of routes) {
      if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue
      const job = byId.get(path.slice(prefix.length, path.length - suffix.length))
      if (job !== undefined) return shapes[shape](job, now() >= job.endsAt)
    }
    return undefined
  }

  return {
    counts,
    begin: (begun) => {
      time = begun
    },
    answer: (path) => {
      if (path === "/v1/luma/jobs") {
        counts.list++
        return list()
      }
      const job = jobAt(path)
      if (job === undefined) counts.unknown++
      else counts.get++
      return job && JSON.stringify(job)
    }
  }
}

export const listen = (service: Service): Promise<{ readonly port: number; readonly close: () => void }> => {
  const server = createServer((request, response) => {
    const body = service.answer(request.url ?? "")
    response.statusCode = body === undefined ? 404 : 200
    response.setHeader("content-type", "application/json")
    // With no head written before it, the body's length goes into the head.
    response.end(body ?? "{\"error\":\"Job not found\"}")
  })
  // Clients that look rarely keep their connections; a new one for each look would be measured with it.
  server.keepAliveTimeout = 60_000
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo // a server that listens on a port has an address, not a path
      resolve({ port, close: () => server.close() })
    })
  })
}

export interface Served {
  readonly counts: Counts
  readonly lateMillis: number
}

if (import.meta.main) {
  const parent = Channel.toParent()
  const setting = await parent.next<Setting>()
  const service = make(setting)
  const { port } = await listen(service)
  parent.send(port)
  const time = await parent.next<ServiceTime.ServiceTime>()
  service.begin(time)
  const late = Lateness.watch(time.scale)
  await parent.next()
  const served: Served = { counts: service.counts, lateMillis: late() }
  parent.send(served)
}
