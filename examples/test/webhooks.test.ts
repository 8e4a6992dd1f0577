import { assert, describe, it, vi } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Deferred, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse, HttpServer } from "effect/http"
import { emulator, freePort, run, start } from "./program.ts"

const key = "a-key-of-the-tests-0123456789-0123456789-0123"

/** Where a server of its own is told of what happens. */
const hooked = Effect.map(freePort, (port) => ({
  PORT: `${port}`,
  WEBHOOKS_URL: `http://127.0.0.1:${port}/webhooks`,
  WEBHOOKS_KEYS: key
}))

const services = (options?: Emulator.Options) => Effect.provide(Layer.merge(emulator(options), FetchHttpClient.layer))

describe("examples of webhooks", { timeout: 30_000 }, () => {
  it.live("poll-and-webhook ends with the signed call, long before the poll would look", () =>
    Effect.gen(function*() {
      const { called, count, deliver } = yield* Emulator.Emulator
      yield* Effect.forkScoped(deliver)
      const { code, stderr, stdout } = yield* run("poll-and-webhook", yield* hooked)
      assert.strictEqual(code, 0, stderr + stdout)
      assert.match(stdout, /job:\w{8} {2}Succeeded/)
      assert.strictEqual(yield* count("replicate.get"), 1)
      assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [204])
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
        assert.deepStrictEqual((yield* called).map(({ outcome }) => outcome), [204])
        const [refused] = yield* post("/webhooks/nobodys")
        assert.isTrue(refused === 401 || refused === 404, `${refused}`)
        const [bad, reason] = yield* post("/videos?prompt=")
        assert.deepStrictEqual([bad, reason], [400, "InvalidRequest"])
      }).pipe(services()))
  }

  it.live("the serverless pair: submitted in one function, told to another, which also looks by itself", () =>
    Effect.gen(function*() {
      const { deliver, services: { "useapi-luma": luma } } = yield* Emulator.Emulator
      vi.stubEnv("USEAPI_TOKEN", Emulator.token)
      vi.stubEnv("USEAPI_BASE_URL", yield* HttpServer.addressFormattedWith(Effect.succeed))
      vi.stubEnv("WEBHOOKS_URL", "http://127.0.0.1:1/report")
      vi.stubEnv("WEBHOOKS_KEYS", key)
      vi.stubEnv("MEDIA_JOBS_SECRET", key)
      yield* Effect.addFinalizer(() => Effect.sync(() => vi.unstubAllEnvs()))
      const { default: submit } = yield* Effect.promise(() => import("../serverless/submit.ts"))
      const { default: report } = yield* Effect.promise(() => import("../serverless/report.ts"))
      const ask = (fetch: (request: Request) => Promise<Response>, request: Request) =>
        Effect.promise(() => fetch(request).then(async (answer) => [answer.status, await answer.text()] as const))

      const [status, handle] = yield* ask(submit.fetch, new Request("https://app.example/submit?prompt=rain"))
      assert.strictEqual(status, 202)
      const look = new Request(`https://app.example/report?handle=${handle}`)
      const [, running] = yield* ask(report.fetch, look)
      assert.match(handle, /^mjs1\.[\w-]+$/)
      assert.deepInclude(JSON.parse(running), { state: "Queued" })
      assert.match(JSON.parse(running).known, /^mjs1\.[\w-]+$/)
      assert.isAtLeast(JSON.parse(running).again, 1000)

      const [job] = yield* luma.jobs
      yield* luma.change(job?.id ?? "", { state: "completed" })
      const answered = yield* Deferred.make<readonly [number, string]>()
      const log = vi.spyOn(console, "log").mockImplementation(() => {})
      yield* Effect.addFinalizer(() => Effect.sync(() => log.mockRestore()))
      const platform = HttpClient.make((request) =>
        Effect.gen(function*() {
          const web = yield* Effect.orDie(HttpClientRequest.toWeb(request))
          const answer = yield* Effect.promise(() => report.fetch(web))
          yield* Deferred.succeed(answered, [answer.status, yield* Effect.promise(() => answer.clone().text())])
          return HttpClientResponse.fromWeb(request, answer)
        })
      )
      yield* Effect.forkScoped(Effect.provideService(deliver, HttpClient.HttpClient, platform))
      assert.deepStrictEqual(yield* Deferred.await(answered), [204, ""])
      assert.match(String(log.mock.calls[0]?.[0]), /^job:\w{8} {2}Succeeded$/)
      const again = new Request(`${look.url}&known=${JSON.parse(running).known}`)
      const [, ended] = yield* ask(report.fetch, again)
      assert.deepInclude(JSON.parse(ended), { state: "Succeeded", again: null })

      const forged = new Request("https://app.example/report/nobodys", { method: "POST", body: "{}" })
      assert.include([401, 404], (yield* ask(report.fetch, forged))[0])
      assert.strictEqual((yield* ask(report.fetch, new Request("https://app.example/report?handle=x")))[0], 400)
      assert.strictEqual((yield* ask(submit.fetch, new Request("https://app.example/submit?prompt=")))[0], 400)
    }).pipe(services({ speed: 1 })))
})
