import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as RunwayEmulator from "@media-jobs/testing/runway"
import RunwayML, { APIError, toFile } from "@runwayml/sdk"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"

/** The vendor's own client, which knows nothing of this project, before the emulator on a socket. */
const client = HttpServer.addressFormattedWith((url) =>
  Effect.succeed(new RunwayML({ apiKey: Emulator.token, baseURL: `${url}/runway`, maxRetries: 0 }))
)

const served = (options?: RunwayEmulator.Options) =>
  Effect.provide(
    Emulator.layerServer.pipe(
      Layer.provideMerge(
        Emulator.layer({
          services: { runway: RunwayEmulator.service({ life: "400 millis", startup: "100 millis", ...options }) }
        })
      ),
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )

const rain = { model: "gen4.5", promptText: "rain", ratio: "1280:720", duration: 5 } as const

const failed = (call: () => Promise<unknown>) =>
  Effect.flatMap(
    Effect.flip(Effect.tryPromise(call)),
    ({ cause }) => cause instanceof APIError ? Effect.succeed(cause) : Effect.die(cause)
  )

describe("the official client and the emulator", () => {
  it.live("create, wait for the output by asking, and find a file behind its link", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const begun = runway.textToVideo.create(rain)
      assert.deepStrictEqual((yield* Effect.promise(() => begun)).estimatedCost, { credits: 5 })
      const ended = yield* Effect.promise(() => begun.waitForTaskOutput())
      assert.deepStrictEqual([ended.status, ended.cost], ["SUCCEEDED", { credits: 5 }])
      const [link = ""] = ended.output
      const file = yield* Effect.promise(() => fetch(link))
      assert.deepStrictEqual([file.status, file.headers.get("content-type")], [200, "video/mp4"])
    }).pipe(served()), 20_000)

  it.live("retrieve a task in each of its states", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const { services: { runway: hands } } = yield* Emulator.Emulator
      const read = (id: string) => Effect.promise(() => runway.tasks.retrieve(id))
      const first = yield* hands.add({ duration: "1 hour" })
      assert.strictEqual((yield* read(first.id)).status, "PENDING")
      const second = yield* hands.add({ duration: "1 hour" })
      const third = yield* hands.add({ duration: "1 hour" })
      assert.strictEqual((yield* read(third.id)).status, "THROTTLED")
      const made = yield* hands.add({ state: "succeeded", type: "image", files: ["a.png", "b.png"] })
      const task = yield* Effect.promise(() => runway.tasks.retrieve(made.id).waitForTaskOutput())
      assert.strictEqual(task.output.length, 2)
      yield* hands.change(second.id, { state: "failed", reason: "No" })
      const broken = yield* read(second.id)
      assert.deepStrictEqual([broken.status, "failure" in broken && broken.failure], ["FAILED", "No"])
    }).pipe(served({ startup: "30 minutes" })))

  it.live("delete, after which there is nothing to retrieve", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const { services: { runway: hands } } = yield* Emulator.Emulator
      for (const state of ["running", "succeeded"] as const) {
        const { id } = yield* hands.add({ state, duration: "1 hour" })
        yield* Effect.promise(() => runway.tasks.delete(id))
        const error = yield* failed(() => runway.tasks.retrieve(id))
        assert.deepStrictEqual([error.status, error.error], [404, { error: "Could not find Task" }])
      }
    }).pipe(served()))

  it.live("upload a file and make a video of it", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const file = yield* Effect.promise(() => toFile(Buffer.alloc(1234, 200), "rain.png", { type: "image/png" }))
      const { uri } = yield* Effect.promise(() => runway.uploads.createEphemeral({ file }))
      assert.match(uri, /^runway:\/\//)
      const request = { model: "gen4_turbo", ratio: "1280:720" } as const
      yield* Effect.promise(() => runway.imageToVideo.create({ ...request, promptImage: uri }))
      const error = yield* failed(() => runway.imageToVideo.create({ ...request, promptImage: `${uri}0` }))
      assert.include(JSON.stringify(error.error), "Failed to fetch asset.")
      const small = yield* Effect.promise(() => toFile(Buffer.alloc(511), "rain.png"))
      assert.strictEqual((yield* failed(() => runway.uploads.createEphemeral({ file: small }))).status, 400)
    }).pipe(served()))

  it.live("tell of the organization", () =>
    Effect.gen(function*() {
      const runway = yield* client
      yield* Effect.promise(() => runway.textToVideo.create(rain))
      const { creditBalance, tier, usage } = yield* Effect.promise(() => runway.organization.retrieve())
      assert.deepStrictEqual([creditBalance, tier.models, usage.models], [
        95,
        { "gen4.5": { maxConcurrentGenerations: 2, maxDailyGenerations: 200 } },
        { "gen4.5": { dailyGenerations: 1 } }
      ])
    }).pipe(served({ credits: 100, models: ["gen4.5"] })))

  it.live("run a workflow, and a recipe", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const { id } = yield* Effect.promise(() => runway.workflows.run("w-1", {}))
      const { services: { runway: hands } } = yield* Emulator.Emulator
      yield* hands.change(id, { state: "succeeded" })
      const run = yield* Effect.promise(() => runway.workflowInvocations.retrieve(id).waitForTaskOutput())
      assert.deepStrictEqual(Object.keys(run.output), ["video"])
      yield* Effect.promise(() =>
        runway.recipes.productCampaignImage({
          version: "2026-06",
          prompt: "rain",
          image: { uri: "https://example.com/a.png" }
        })
      )
    }).pipe(served()))

  it.live("agree on errors", () =>
    Effect.gen(function*() {
      const runway = yield* client
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const other = (options: object) =>
        new RunwayML({ apiKey: Emulator.token, baseURL: `${url}/runway`, maxRetries: 0, ...options })
      // The types allow none of these.
      const bad = { ...rain, model: "gen9" as "gen4.5" }
      const [missing, unknown, wrong] = [{}, { ...rain, weather: "rain" }, bad].map((body) => body as typeof rain)
      const rows = [
        [() => runway.textToVideo.create(missing!), 400, "expected string, received undefined"],
        [() => runway.textToVideo.create(unknown!), 400, "Unrecognized key: \\\"weather\\\""],
        [() => runway.textToVideo.create(wrong!), 400, "No matching discriminator"],
        [() => runway.textToVideo.create({ ...rain, promptText: "x".repeat(1001) }), 400, "too_big"],
        [() => other({ apiKey: "key_0" }).organization.retrieve(), 401, "The API key is not valid."],
        [() => other({ runwayVersion: "2024-11-20" }).organization.retrieve(), 400, "X-Runway-Version header"]
      ] as const
      for (const [call, status, words] of rows) {
        const error = yield* failed(call)
        assert.strictEqual(error.status, status)
        assert.include(JSON.stringify(error.error), words)
      }
    }).pipe(served()))
})
