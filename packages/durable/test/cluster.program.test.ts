import { assert, describe, it } from "@effect/vitest"
import { Emulator, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
import { Duration, Effect, Fiber, Predicate, Schedule, type Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer, request } from "node:http"
import { join } from "node:path"
import { cluster } from "./cluster.ts"
import { answers } from "./postgres.ts"
import { emulator, freePort, savedIn } from "./processes.ts"
import { client, Media } from "./support.ts"

const promptOf = (input: Schema.Json) => Predicate.hasProperty(input, "prompt") ? input.prompt : undefined
const services = (life: `${number} seconds`) =>
  emulator({
    services: {
      replicate: ReplicateEmulator.service({ life, jitter: 0.3, creates: 1e6, others: 1e6, echoesWebhook: true }),
      "useapi-luma": UseapiLumaEmulator.service()
    }
  })
const requestOf = (prompt: string) => ({ model: "black-forest-labs/flux-schnell", input: { prompt } })

describe.skipIf(!answers)("a cluster on PostgreSQL", { timeout: 90_000, concurrent: true }, () => {
  it.live("three machines ask for the same at once, and the runner that works on it dies: each job is paid, saved and told once", () =>
    Effect.gen(function*() {
      const { ask, cwd, runners, url, working } = yield* cluster(3)
      const { services } = yield* Emulator.Emulator
      const keys = Array.from({ length: 12 }, (_, n) => `job-${n}`)
      const asking = client(url)(
        Media.use(({ replicate }) =>
          Effect.forEach(keys, (key) => replicate.run(requestOf(key), { key }), { concurrency: "unbounded" })
        )
      )
      const clients = yield* Effect.forkChild(Effect.all([asking, asking, asking], { concurrency: 3 }))
      yield* Effect.repeat(Effect.sleep("20 millis"), {
        until: () => Effect.map(services.replicate.jobs, ({ length }) => length === keys.length)
      })
      const home = yield* working()
      // All are on one machine, also where one so busy that it lost its locks has handed them on.
      yield* Effect.repeat(ask("SELECT DISTINCT owner FROM media_jobs_runs"), {
        until: (owners) => owners.length === 1 && owners[0]?.["owner"] !== null,
        schedule: Schedule.spaced("100 millis")
      })
      yield* home.kill
      const [took] = yield* Effect.timed(working(runners.filter((one) => one !== home)))
      assert.isBelow(Duration.toMillis(took), 15_000)

      const [first, ...others] = yield* Fiber.join(clients)
      assert.deepStrictEqual(first.map(({ files, key }) => [key, files.length]), keys.map((key) => [key, 1]))
      for (const other of others) assert.deepStrictEqual(other, first)
      const paid = (yield* services.replicate.jobs).map(({ input }) => promptOf(input))
      assert.deepStrictEqual(paid.toSorted(), keys.toSorted())
      assert.deepStrictEqual(savedIn(join(cwd, "out")), { manifests: keys.length, others: 0, wrong: [] })
      const [rows] = yield* ask(
        `SELECT (SELECT count(*) FROM media_jobs_runs) + (SELECT count(*) FROM media_jobs_submits)
        + (SELECT count(*) FROM media_jobs_jobs) + (SELECT count(*) FROM cluster_messages)
        + (SELECT count(*) FROM cluster_replies) AS rows`
      )
      assert.strictEqual(Number(rows?.["rows"]), 5 * keys.length)
    }).pipe(Effect.provide(services("6 seconds"))))

  it.live("a webhook that comes to another runner wakes the one that waits; a client watches and cancels what is there", () =>
    Effect.gen(function*() {
      const { deliver } = yield* Emulator.Emulator
      yield* Effect.forkScoped(Effect.provide(deliver, FetchHttpClient.layer))
      // The service calls an address that the test sends on to a runner of its choice.
      let to = 0
      const port = yield* freePort
      yield* Effect.acquireRelease(
        Effect.sync(() =>
          createServer((incoming, outgoing) => {
            const { headers, method, url: path } = incoming
            incoming.pipe(request({ host: "127.0.0.1", port: to, path, method, headers }, (answer) => {
              outgoing.writeHead(answer.statusCode ?? 502)
              answer.pipe(outgoing)
            }))
          }).listen(port, "127.0.0.1")
        ),
        (server) => Effect.sync(() => server.close())
      )
      const { runners, url, working } = yield* cluster(2, {
        PACE: "10 minutes",
        WEBHOOKS_URL: `http://127.0.0.1:${port}/webhooks`
      })
      yield* client(url)(Effect.gen(function*() {
        const { replicate } = yield* Media
        yield* replicate.submit(requestOf("woken"), { key: "woken" })
        const home = yield* working()
        to = runners.find((one) => one !== home)?.webhooks ?? 0
        const phases = yield* Effect.forkChild(Stream.runCollect(replicate.watch("woken")))
        const done = yield* Effect.timeout(replicate.wait("woken"), "20 seconds")
        assert.strictEqual(done.files.length, 1)
        assert.deepStrictEqual((yield* Fiber.join(phases)).map(({ phase }) => phase), ["running", "done"])

        const { handles } = yield* replicate.submit(requestOf("cancelled"), { key: "cancelled" })
        yield* replicate.cancel(handles[0])
        const error = yield* Effect.flip(replicate.wait("cancelled"))
        assert.strictEqual(error._tag, "JobCancelled")
        assert.deepStrictEqual("jobs" in error ? error.jobs?.map(({ state }) => state._tag) : [], ["Cancelled"])
      }))
    }).pipe(Effect.provide(services("3 seconds"))))
})
