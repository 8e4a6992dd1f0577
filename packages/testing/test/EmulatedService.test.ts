import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { EmulatedService, Emulator, Faults, JobStore, ReplicateEmulator, Reply } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"

type Job = JobStore.StoredJob<"done" | "broken">

/** An invented service, from exported parts alone: two hosts, a header of its own, and a `PUT`. */
const toy = (options: { readonly jobs?: ReadonlyArray<JobStore.NewJob<"done" | "broken">> } = {}) =>
  EmulatedService.make({
    id: "toy",
    hosts: ["api.toy.test", "queue.toy.test"],
    cdns: ["cdn.toy.test"],
    credential: (headers) => headers["x-toy-key"],
    unauthorized: Reply.json(401, { fault: "who are you" }),
    unknownPath: Reply.json(404, { fault: "no such path" }),
    make: (world) => {
      const store = JobStore.make<Job>(world, { life: () => "1 minute", outcome: "done" })
      const begin = (
        { account = "", id }: Pick<JobStore.NewJob<string>, "account" | "id">,
        user: string,
        now: number
      ) => store.begin({ type: "audio", user, account }, world.uuid, now, { id })
      return {
        controls: store.controls((job, { user }, now) => begin(job, user, now), options.jobs),
        callbacks: () =>
          store.all().map(({ endsAt, id, outcome }) => {
            const url = "http://127.0.0.1/hook"
            return { job: id, event: outcome, part: 0, url, at: endsAt, body: () => ({ id, outcome }), retries: 0 }
          }),
        routes: [
          {
            operation: "submit",
            method: "PUT",
            path: "/jobs/:id",
            host: "queue.toy.test",
            answer: ({ base, now, segment, user }) => {
              const { id } = store.keep(begin({ id: segment }, user, now))
              return Reply.json(201, { id, at: `${base}/jobs/${id}` })
            }
          },
          {
            operation: "get",
            method: "GET",
            path: "/jobs/:id",
            answer: ({ now, segment, user }) => {
              const job = store.find(segment)
              if (job?.user !== user) return Reply.json(404, { fault: "no such job" })
              const file = world.link("cdn.toy.test", job.id, now)("song.mp3")
              return Reply.json(200, store.isRunning(job, now) ? { state: "busy" } : { state: job.outcome, file })
            }
          }
        ]
      }
    }
  })

class Emulated
  extends Emulator.Service<Emulated>()("test/Emulated", { toy: toy(), copies: ReplicateEmulator.service() })
{}

const call = Effect.fnUntraced(function*(method: "GET" | "PUT", url: string, key = Emulator.token) {
  const request = HttpClientRequest.make(method)(url, { headers: { "x-toy-key": key } })
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  return [response.status, text.startsWith("{") ? JSON.parse(text) : text.length] as const
})

const inMemory = Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulated.layer())))

describe("a service from outside", () => {
  it.effect("answers at its live hosts in memory, each its own routes, and has its files at its CDN", () =>
    Effect.gen(function*() {
      const submitted = yield* call("PUT", "https://queue.toy.test/jobs/a")
      assert.deepStrictEqual(submitted, [201, { id: "a", at: "https://queue.toy.test/jobs/a" }])
      assert.deepStrictEqual(yield* call("PUT", "https://api.toy.test/jobs/a"), [404, { fault: "no such path" }])
      assert.deepStrictEqual(yield* call("GET", "https://queue.toy.test/jobs/a"), [404, { fault: "no such path" }])
      assert.deepStrictEqual(yield* call("GET", "https://api.toy.test/jobs/a", "x"), [401, { fault: "who are you" }])
      assert.deepStrictEqual(yield* call("GET", "https://api.toy.test/jobs/a"), [200, { state: "busy" }])
      yield* TestClock.adjust("1 minute")
      const file = "https://cdn.toy.test/a/song.mp3"
      assert.deepStrictEqual(yield* call("GET", "https://api.toy.test/jobs/a"), [200, { state: "done", file }])
      const [status, bytes] = yield* call("GET", file)
      assert.strictEqual(status, 200)
      assert.isAbove(bytes, 1000)
      for (const url of ["https://api.useapi.net/v1/luma/jobs", "http://api.toy.test/jobs/a"]) {
        assert.strictEqual((yield* Effect.flip(call("GET", url)))._tag, "HttpClientError")
      }
      const emulator = yield* Emulated
      assert.deepStrictEqual(
        [yield* emulator.count("toy.submit"), yield* emulator.count("toy.get"), yield* emulator.count("media.get")],
        [1, 3, 1]
      )
    }).pipe(inMemory))

  it.live("answers at a server's URL of its own, each host in its folder, and at the root only if it says so", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulated
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      assert.deepStrictEqual(emulator.addresses(url), {
        url,
        token: Emulator.token,
        services: {
          toy: {
            url: `${url}/toy`,
            token: Emulator.token,
            hosts: { "api.toy.test": `${url}/toy/api.toy.test`, "queue.toy.test": `${url}/toy/queue.toy.test` }
          },
          replicate: { url: `${url}/replicate`, token: Emulator.token }
        }
      })
      const at = `${url}/toy/queue.toy.test/jobs/a`
      assert.deepStrictEqual(yield* call("PUT", at), [201, { id: "a", at }])
      yield* emulator.services.toy.change("a", { state: "broken" })
      const file = `${url}/media/a/song.mp3`
      assert.deepStrictEqual(yield* call("GET", `${url}/toy/jobs/a`), [200, { state: "broken", file }])
      assert.deepStrictEqual(yield* call("GET", `${url}/toy/api.toy.test/jobs/a`), [200, { state: "broken", file }])
      assert.strictEqual((yield* call("GET", file))[0], 200)
      assert.strictEqual((yield* call("GET", `${url}/jobs/a`))[0], 404)
      assert.deepStrictEqual((yield* emulator.journal).map(({ operation, url }) => [operation, url]), [
        ["toy.submit", "/toy/queue.toy.test/jobs/a"],
        ["toy.get", "/toy/jobs/a"],
        ["toy.get", "/toy/api.toy.test/jobs/a"],
        ["media.get", "/media/a/song.mp3"],
        [undefined, "/jobs/a"]
      ])
    }).pipe(
      Effect.provide(Emulator.layerServer.pipe(
        Layer.merge(FetchHttpClient.layer),
        Layer.provideMerge(Emulated.layer()),
        Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
      ))
    ))

  it.effect("meets faults, and its callbacks theirs, under its own names; options take the place of one service", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulated
      yield* emulator.inject({ fault: Faults.page(502), operation: "toy.get", times: 1 })
      assert.strictEqual((yield* call("GET", "https://api.toy.test/jobs/first"))[0], 502)
      assert.deepStrictEqual(yield* call("GET", "https://api.toy.test/jobs/first"), [200, { state: "busy" }])
      yield* emulator.injectWebhook({ fault: { _tag: "Lost" }, service: "toy", event: "done" })
      yield* Effect.forkScoped(emulator.deliver)
      yield* TestClock.adjust("2 minutes")
      const called = yield* emulator.called
      assert.deepStrictEqual(called.map(({ job, outcome, service }) => [service, job, outcome]), [[
        "toy",
        "first",
        "lost"
      ]])
    }).pipe(Effect.provide(Emulator.layerClient.pipe(
      Layer.provideMerge(Emulated.layer({ services: { toy: toy({ jobs: [{ id: "first" }] }) } }))
    ))))

  it("is typed by its registry", () => {
    const uses = Effect.gen(function*() {
      const { count, inject, injectWebhook, services } = yield* Emulated
      yield* services.toy.add({ state: "done", type: "audio" })
      yield* services.copies.rotate("whsec_")
      // @ts-expect-error It ends in no such way.
      yield* services.toy.add({ state: "completed" })
      // @ts-expect-error The registry has no such service.
      yield* services.replicate.add()
      // @ts-expect-error The service has no such call.
      yield* count("toy.list")
      // @ts-expect-error Another registry has this service.
      yield* inject({ fault: Faults.hang, operation: "useapi-luma.list" })
      // @ts-expect-error Another registry has this service.
      yield* injectWebhook({ fault: { _tag: "Lost" }, service: "useapi-luma" })
    })
    // @ts-expect-error It is another service than that of this name.
    Emulated.layer({ services: { toy: ReplicateEmulator.service() } })
    // @ts-expect-error The registry of this house has no such service.
    Emulator.layer({ services: { toy: toy() } })
    const kernel: Effect.Effect<Emulator.Kernel["Service"]> = Effect.provide(Emulator.Kernel, Emulated.layer())
    // @ts-expect-error Another registry's emulator does not stand for this house's.
    const house: Layer.Layer<Emulator.Emulator> = Emulated.layer()
    assert.isTrue(Effect.isEffect(uses) && Effect.isEffect(kernel) && Layer.isLayer(house))
  })
})
