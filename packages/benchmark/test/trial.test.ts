import { assert, describe, it } from "@effect/vitest"
import { waitForAll } from "../src/client.ts"
import * as Naive from "../src/peers/naive.ts"
import { pause } from "../src/peers/Peer.ts"
import * as Server from "../src/server.ts"
import * as ServiceTime from "../src/serviceTime.ts"
import * as Statistics from "../src/statistics.ts"
import * as Workload from "../src/workload.ts"

const setting = { jobs: 12, seed: 5 }

describe("the service", () => {
  it("tells of each job by the time, and counts what it was asked", () => {
    const service = Server.make(setting)
    const jobs = Workload.make(setting.jobs, setting.seed)
    const at = (seconds: number) => service.begin({ start: ServiceTime.wall() - seconds * 1000, scale: 1000 })
    const [job] = jobs
    assert.isDefined(job)
    const ask = (path: string) => JSON.parse(service.answer(path) ?? "null")

    at(11)
    const running = jobs.filter(({ endsAt }) => endsAt > 11).map(({ id }) => id)
    assert.deepStrictEqual(ask("/v1/luma/jobs").jobs.map((entry: { jobid: string }) => entry.jobid), running)
    at(job!.endsAt - 1)
    assert.strictEqual(ask(`/v1/luma/jobs/${job!.id}`).status, "processing")
    assert.strictEqual(ask(`/replicate/predictions/${job!.id}`).status, "processing")
    at(job!.endsAt + 1)
    const ended = ask(`/v1/luma/jobs/${job!.id}`)
    assert.strictEqual(ended.status, "completed")
    assert.closeTo(
      (Date.parse(ended.updated) - Date.parse(ended.created)) / 1000,
      job!.endsAt - job!.submittedAt,
      0.002
    )
    assert.strictEqual(ask(`/fal/benchmark/model/requests/${job!.id}/status?logs=0`).status, "COMPLETED")
    at(400)
    assert.deepStrictEqual(ask("/v1/luma/jobs").jobs, [])
    assert.isNull(ask("/v1/luma/jobs/unknown"))
    assert.deepStrictEqual(service.counts, { list: 2, get: 4, unknown: 1 })
  })
})

describe("a trial", () => {
  it("measures the lag of a peer whose lag is known", async () => {
    const jobs = Workload.make(40, 6)
    const time = { start: ServiceTime.wall() + 5, scale: 1 }
    const late = 30
    const lags = await waitForAll(jobs, time, async (job) => {
      await pause(ServiceTime.ours(time, (job.endsAt + late - ServiceTime.now(time)) * 1000))
    })
    assert.strictEqual(lags.length, 40)
    // A millisecond is a service-second here, and timers are late by one or two of them, more on a busy machine.
    assert.isAtLeast(Math.min(...lags), late - 2)
    assert.isAtMost(Statistics.median(lags), late + 20)
  })

  it("counts every look of a loop, over a socket", async () => {
    const service = Server.make(setting)
    let asked = 0
    const { close, port } = await Server.listen({
      ...service,
      answer: (path) => {
        asked++
        return service.answer(path)
      }
    })
    const time = { start: ServiceTime.wall() + 5, scale: 2 }
    service.begin(time)
    let looks = 0
    const jobs = Workload.make(setting.jobs, setting.seed)
    const wait = await Naive.every(20)({ base: `http://127.0.0.1:${port}`, time })
    const lags = await waitForAll(jobs, time, wait)
    close()
    // As many as fit into each job's life and its lag, and the one that finds the end.
    jobs.forEach(({ endsAt, submittedAt }, i) => {
      looks += Math.floor((endsAt + (lags[i] ?? NaN) - submittedAt) / 20) + 1
    })
    assert.isAtMost(service.counts.get, looks)
    assert.strictEqual(service.counts.get, asked)
    assert.isAtLeast(asked, setting.jobs)
    assert.strictEqual(service.counts.unknown, 0)
  })
})
