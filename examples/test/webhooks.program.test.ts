import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Deferred, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { emulator, freePort, run, start } from "./program.ts"

const key = "a-key-of-the-tests-0123456789-0123456789-0123"

/** Where a server of its own is told of what happens. */
const hooked = Effect.map(freePort, (port) => ({
  PORT: `${port}`,
  WEBHOOKS_URL: `http://127.0.0.1:${port}/webhooks`,
  WEBHOOKS_KEYS: key
}))

const services = (options?: Emulator.Options) => Effect.provide(Layer.merge(emulator(options), FetchHttpClient.layer))

describe("examples of webhooks", () => {
  it.live("poll-and-webhook ends with the signed call, long before the poll would look", () =>
    Effect.gen(function*() {
      const { called, count, deliver } = yield* Emulator.Emulator
      yield* Effect.forkScoped(deliver)
      const { code, stderr, stdout } = yield* run("poll-and-webhook", yield* hooked)
      assert.strictEqual(code, 0, stderr + stdout)
      assert.match(stdout, /job:\w{8} {2}Succeeded/)
      assert.strictEqual(yield* count("replicate.get"), 1)
      assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [200])
    }).pipe(services()))

  for (const name of ["webhook-server", "hono"]) {
    it.live(`${name} submits with its address, and hears of the end`, () =>
      Effect.gen(function*() {
        const { called, count, deliver } = yield* Emulator.Emulator
        yield* Effect.forkScoped(deliver)
        const env = yield* hooked
        const server = yield* start(name, env)
        yield* server.says("Listening")
        const post = (path: string) =>
          Effect.promise(() =>
            fetch(`http://127.0.0.1:${env.PORT}${path}`, { method: "POST", body: "{}" })
              .then(async (answer) => [answer.status, await answer.text()] as const)
          )
        const [status, job] = yield* post("/videos?prompt=rain")
        assert.strictEqual(status, 202)
        assert.match(job, /^job:\w{8}$/)
        yield* server.says("Succeeded")
        assert.strictEqual(yield* count("useapi-luma.get"), 1)
        assert.strictEqual(yield* count("useapi-luma.list"), 0)
        assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [200])
        const [refused] = yield* post("/webhooks/nobodys")
        assert.isTrue(refused === 401 || refused === 404, `${refused}`)
        const [bad, reason] = yield* post("/videos?prompt=")
        assert.deepStrictEqual([bad, reason], [400, "InvalidRequest"])
      }).pipe(services()))
  }

  it.live("the serverless pair: submitted in one function, told to another, which also looks by itself", () =>
    Effect.gen(function*() {
      const { deliver, services: { "useapi-luma": luma } } = yield* Emulator.Emulator
      const port = yield* freePort
      const url = `http://127.0.0.1:${port}`
      const { printed, says } = yield* start("test/serverless", {
        PORT: `${port}`,
        WEBHOOKS_URL: `${url}/report`,
        WEBHOOKS_KEYS: key,
        MEDIA_JOBS_SECRET: key
      })
      yield* says("Listening")
      const ask = (path: string, init?: RequestInit) =>
        Effect.promise(() =>
          fetch(url + path, init).then(async (answer) => [answer.status, await answer.text()] as const)
        )

      const [status, handle] = yield* ask("/submit?prompt=rain")
      assert.strictEqual(status, 202)
      const look = `/report?handle=${handle}`
      const [, running] = yield* ask(look)
      assert.match(handle, /^mjs1\.[\w-]+$/)
      assert.deepInclude(JSON.parse(running), { state: "Queued" })
      assert.match(JSON.parse(running).known, /^mjs1\.[\w-]+$/)
      assert.isAtLeast(JSON.parse(running).again, 1000)

      const [job] = yield* luma.jobs
      yield* luma.change(job?.id ?? "", { state: "completed" })
      const answered = yield* Deferred.make<readonly [number, string]>()
      const overHttp = HttpClient.tap(
        yield* HttpClient.HttpClient,
        (answer) => Effect.flatMap(answer.text, (text) => Deferred.succeed(answered, [answer.status, text]))
      )
      yield* Effect.forkScoped(Effect.provideService(deliver, HttpClient.HttpClient, overHttp))
      assert.deepStrictEqual(yield* Deferred.await(answered), [200, ""])
      yield* says("Succeeded")
      assert.match(printed.stdout, /^Listening\njob:\w{8} {2}Succeeded\n$/)
      const [, ended] = yield* ask(`${look}&known=${JSON.parse(running).known}`)
      assert.deepInclude(JSON.parse(ended), { state: "Succeeded", again: null })

      assert.include([401, 404], (yield* ask("/report/nobodys", { method: "POST", body: "{}" }))[0])
      assert.strictEqual((yield* ask("/report?handle=x"))[0], 400)
      assert.strictEqual((yield* ask("/submit?prompt="))[0], 400)
    }).pipe(services({ speed: 1 })))
})
