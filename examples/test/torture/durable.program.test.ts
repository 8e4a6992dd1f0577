import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, LumaDreamMachineEmulator, ReplicateEmulator, UseapiKlingEmulator } from "@media-jobs/testing"
import { Duration, Effect, Layer, Random, Schedule } from "effect"
import { FetchHttpClient, HttpServer } from "effect/http"
import { join } from "node:path"
import { emulator, folder, freePort, startIn } from "../program.ts"
import { cut, hasServer, server } from "./postgres.ts"
import { agreeing, faster, killAfter, savedIn, seeded, size } from "./support.ts"

const jobs = size(1000)
const kills = size(20)
const keys = Array.from({ length: jobs }, (_, index) => `order-${index}-`)
const whole = process.env["TORTURE"] !== undefined
const AT_ONCE = whole ? "200" : "60"
/** A tenth of the jobs is to take a tenth of the time. */
const haste = whole ? {} : { PACE: "300 millis" }

const life = whole ? "15 seconds" : "2 seconds"
const submits = ["replicate.model", "luma-dream-machine.video", "useapi-kling.text2video"] as const
const services = emulator({
  speed: 1,
  services: {
    replicate: ReplicateEmulator.service({ life, jitter: 0.5, creates: 1e6, others: 1e6, echoesWebhook: true }),
    "luma-dream-machine": LumaDreamMachineEmulator.service({
      life,
      jitter: 0.5,
      createsPerMinute: { video: 1e6, image: 1e6 }
    }),
    // It tells what a lost submit became while that runs and no longer, so a test ends its jobs.
    "useapi-kling": UseapiKlingEmulator.service({
      accounts: [{ email: "user@example.com", maxJobs: 1000 }],
      life: "55 minutes"
    })
  },
  faults: submits.map((operation) => ({ operation, fault: Faults.slow("200 millis") }))
}).pipe(Layer.provideMerge(FetchHttpClient.layer))

const paidFor = Effect.gen(function*() {
  const { services } = yield* Emulator.Emulator
  const all = [
    ...yield* services.replicate.jobs,
    ...yield* services["luma-dream-machine"].jobs,
    ...yield* services["useapi-kling"].jobs
  ]
  return all.map((job) => /order-\d+-/.exec(JSON.stringify(job))?.[0])
})

/** Kling's jobs end once a program has said that they are taken. */
const ending = (said: () => string) => {
  const given = new Set<string>()
  return Effect.gen(function*() {
    const kling = (yield* Emulator.Emulator).services["useapi-kling"]
    const out = said()
    for (const job of yield* kling.jobs) {
      const key = /order-\d+-/.exec(JSON.stringify(job))?.[0]
      if (given.has(job.id) || !out.includes(`taken ${key}\n`)) continue
      given.add(job.id)
      yield* kling.change(job.id, { duration: Duration.seconds(yield* Random.nextIntBetween(1, whole ? 20 : 3)) })
    }
  }).pipe(Effect.repeat(Schedule.spaced("200 millis")), Effect.forkScoped)
}

/** Each key ended, the same whenever it was told; each was paid once, and saved once and whole. */
const check = Effect.fnUntraced(function*(said: string, out: string, told: "once" | "again") {
  const lines = said.split("\n").filter((line) => line.startsWith("ended "))
  const ends = told === "once" ? lines : Array.from(new Set(lines))
  assert.deepStrictEqual(ends.map((line) => line.split(" ")[1]).toSorted(), keys.toSorted())
  assert.deepStrictEqual((yield* paidFor).toSorted(), keys.toSorted())
  const saved = savedIn(out)
  assert.deepStrictEqual(saved, { ...saved, jobs, manifests: jobs, empty: 0, wrong: [], missing: [] })
  const { count } = yield* Emulator.Emulator
  if (whole) {
    console.log(JSON.stringify({ jobs, ended: ends.length, requests: (yield* count()) / jobs, files: saved.files }))
  }
})

/** The program in a process of its own. */
const machine = Effect.fnUntraced(function*(cwd: string, env: { readonly [name: string]: string }) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* startIn(cwd, "test/torture/durable", {
    WEBHOOKS_URL: "http://127.0.0.1:9/webhooks",
    WEBHOOKS_KEYS: "k".repeat(32),
    LUMAAI_API_KEY: Emulator.token,
    LUMAAI_BASE_URL: `${url}/luma-dream-machine`,
    ...haste,
    ...env
  })
})

/** Three runners, and a client that asks for all jobs; each runner can be ended, and is there again at once, as it was or as the next release. */
const cluster = Effect.fnUntraced(function*(url: string, release: { readonly [name: string]: string } = {}) {
  const cwd = yield* folder
  const shared = { CLOCK_SPEED: "1", DATABASE_URL: url }
  const runner = Effect.gen(function*() {
    const RUNNER_PORT = `${yield* freePort}`
    let running = yield* machine(cwd, { ...shared, ...release, RUNNER_PORT })
    yield* running.says("ready")
    const again = (signal: "SIGKILL" | "SIGTERM") =>
      Effect.gen(function*() {
        running.child.kill(signal)
        yield* running.finished
        running = yield* machine(cwd, { ...shared, RUNNER_PORT })
        return running
      })
    return { again }
  })
  const runners = yield* Effect.all([runner, runner, runner], { concurrency: 3 })
  const client = yield* machine(cwd, { ...shared, JOBS: `${jobs}`, AT_ONCE })
  yield* ending(() => client.printed.stdout)
  return { runners, client, out: join(cwd, "out") }
})

const notice = "This machine has no PostgreSQL of its own to hurt: what a cluster does then is not tested."
if (!hasServer) {
  if (process.env["MEDIA_JOBS_REQUIRE_POSTGRES"] === "1") throw new Error(notice)
  console.warn(notice)
}

describe("runs of a durable service", { timeout: whole ? 600_000 : 180_000, concurrent: !whole }, () => {
  it.live("of one process that is killed again and again are paid, saved and told once each", () =>
    Effect.gen(function*() {
      const points = yield* Effect.replicateEffect(Random.nextIntBetween(0, 100), kills)
      const cwd = yield* folder
      let said = ""
      let printed = { stdout: "" }
      yield* ending(() => said + printed.stdout)
      const started = Effect.tap(
        machine(cwd, { ...agreeing, JOBS: `${jobs}`, AT_ONCE }),
        (process) => Effect.sync(() => printed = process.printed)
      )
      for (const requests of points) {
        const { stdout } = yield* Effect.scoped(Effect.flatMap(started, (process) => killAfter(requests, process)))
        said += stdout
      }
      const { code, stderr, stdout } = yield* Effect.scoped(Effect.flatMap(started, ({ finished }) => finished))
      said += stdout
      assert.strictEqual(code, 0, stdout + stderr)
      yield* check(said, join(cwd, "out"), "again")
    }).pipe(seeded, Effect.provide(Layer.provideMerge(services, faster))))

  it.live.skipIf(!hasServer)(
    "of three machines of which one after another is killed are paid, saved and told once each",
    () =>
      Effect.gen(function*() {
        const victims = yield* Effect.replicateEffect(
          Effect.all([Random.nextIntBetween(0, 3), Random.nextIntBetween(500, whole ? 5000 : 2000)]),
          kills
        )
        const { url } = yield* server
        const { client, out, runners } = yield* cluster(url)
        for (const [victim, pause] of victims) {
          yield* Effect.sleep(pause)
          yield* runners[victim]?.again("SIGKILL") ?? Effect.void
        }
        const { code, stderr, stdout } = yield* client.finished
        assert.strictEqual(code, 0, stdout + stderr)
        yield* check(stdout, out, "once")
      }).pipe(seeded, Effect.provide(services))
  )

  it.live.skipIf(!hasServer)(
    "of one release are taken over by the next, with those that wait for a service that only it has",
    () =>
      Effect.gen(function*() {
        const { replicate, "useapi-kling": kling } = (yield* Emulator.Emulator).services
        const { url } = yield* server
        const { client, out, runners } = yield* cluster(url, { FIRST_RELEASE: "true" })
        yield* Effect.repeat(Effect.delay(replicate.jobs, "50 millis"), { until: ({ length }) => length > 0 })
        assert.deepStrictEqual(yield* kling.jobs, [])
        for (const { again } of runners) yield* Effect.flatMap(again("SIGTERM"), ({ says }) => says("ready"))
        const { code, stderr, stdout } = yield* client.finished
        assert.strictEqual(code, 0, stdout + stderr)
        yield* check(stdout, out, "once")
      }).pipe(seeded, Effect.provide(services))
  )

  it.live.skipIf(!hasServer || !whole)(
    "of three machines whose database restarts, stands still and loses its connections are paid, saved and told once each",
    () =>
      Effect.gen(function*() {
        const { ask, pause, restart, url } = yield* server
        const { client, out } = yield* cluster(url)
        for (let times = 0; times < 3; times++) {
          yield* Effect.sleep("5 seconds")
          assert.isAbove(Number(ask(cut)), 0)
          yield* Effect.sleep("5 seconds")
          yield* restart
        }
        yield* Effect.sleep("5 seconds")
        yield* pause("20 seconds")
        const { code, stderr, stdout } = yield* client.finished
        assert.strictEqual(code, 0, stdout + stderr)
        yield* check(stdout, out, "once")
      }).pipe(seeded, Effect.provide(services))
  )
})
