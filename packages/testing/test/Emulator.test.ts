import { assert, describe, it } from "@effect/vitest"
import { Emulator, UseapiDreaminaEmulator, UseapiMidjourneyEmulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { ask, askJson, encodeId, inMemory, jobPath } from "./support.ts"

describe("Emulator", () => {
  it.effect("keeps users apart", () =>
    Effect.gen(function*() {
      const [one, two] = ["user:1-a", "user:2-b"]
      const body = { prompt: "p" }
      for (let slot = 0; slot < 4; slot++) yield* ask("POST", "/v1/luma/videos", { token: one, body })
      assert.strictEqual((yield* ask("POST", "/v1/luma/videos", { token: one, body })).status, 429)
      assert.strictEqual((yield* ask("POST", "/v1/luma/videos", { token: two, body })).status, 200)
      const { services: { "useapi-luma": luma } } = yield* Emulator.Emulator
      const jobs = yield* luma.jobs
      for (const job of jobs) {
        const answers = yield* Effect.forEach([one, two], (token) => ask("GET", jobPath(job.id), { token }))
        assert.deepStrictEqual(answers.map(({ status }) => status), job.user === "1" ? [200, 403] : [403, 200])
      }
      assert.match((yield* ask("GET", "/v1/luma/jobs", { token: two })).text, /"executing":1.*-u2-/)
    }).pipe(inMemory({ token: ["user:1-a", "user:2-b"] })))

  it.effect("answers a HEAD as the GET, but for the body", () =>
    Effect.gen(function*() {
      const { services: { replicate, "useapi-luma": luma } } = yield* Emulator.Emulator
      const { id } = yield* luma.add({ state: "completed" })
      const [link = ""] = /https:\/\/storage[^"]+mp4/.exec((yield* ask("GET", jobPath(id))).text) ?? []
      const media = new URL(link)
      const prediction = yield* replicate.add()
      const asked = [
        [jobPath(id), {}],
        [jobPath("j1"), {}],
        ["/v1/luma/jobs", { token: "user:1-unknown" }],
        ["/v1/luma/nowhere", {}],
        [`/v1/predictions/${prediction.id}`, { origin: "https://api.replicate.com" }],
        [media.pathname, { origin: media.origin }]
      ] as const
      for (const [path, options] of asked) {
        const [get, head] = [yield* ask("GET", path, options), yield* ask("HEAD", path, options)]
        assert.deepStrictEqual(
          [head.status, head.headers["content-type"], head.text],
          [get.status, get.headers["content-type"], ""],
          path
        )
        assert.strictEqual(head.headers["content-length"], get.headers["content-length"], path)
      }
      assert.strictEqual((yield* ask("HEAD", "/v1/luma/videos")).status, 404)
    }).pipe(inMemory()))

  it.effect("keeps users apart at every service", () =>
    Effect.gen(function*() {
      const { services: { "useapi-dreamina": dreamina, "useapi-midjourney": midjourney } } = yield* Emulator.Emulator
      const [one, two] = ["user:1-a", "user:2-b"]
      const submits = ["/v1/dreamina/videos", "/v3/midjourney/jobs/imagine"] as const
      for (const path of submits) {
        const asked = { body: path === submits[0] ? { prompt: "p" } : { prompt: "p", stream: false } }
        const statuses = yield* Effect.forEach([one, one, two], (token) => ask("POST", path, { ...asked, token }))
        assert.deepStrictEqual(statuses.map(({ status }) => status >= 400), [false, true, false])
      }
      for (
        const [list, get, cancel, jobs] of [
          ["/v1/dreamina/scheduler", "/v1/dreamina/videos", "/v1/dreamina/scheduler", yield* dreamina.jobs],
          ["/v3/midjourney/jobs", "/v3/midjourney/jobs", "/v3/midjourney/jobs", yield* midjourney.jobs]
        ] as const
      ) {
        assert.deepStrictEqual(jobs.map(({ user }) => user), ["1", "2"])
        for (const { id, user } of jobs) {
          const [own, other] = user === "1" ? [one, two] : [two, one]
          assert.strictEqual((yield* ask("DELETE", `${cancel}/${encodeId(id)}`, { token: other })).status, 404)
          assert.strictEqual((yield* ask("GET", `${get}/${encodeId(id)}`, { token: other })).status, 404)
          assert.strictEqual((yield* ask("GET", `${get}/${encodeId(id)}`, { token: own })).status, 200)
          const { text } = yield* ask("GET", list, { token: own })
          assert.include(text, id)
          assert.match(text, /"total":1\b/)
        }
      }
    }).pipe(inMemory({
      token: ["user:1-a", "user:2-b"],
      services: {
        "useapi-dreamina": UseapiDreaminaEmulator.service({
          accounts: [{ account: "US:user@example.com", maxJobs: 1 }]
        }),
        "useapi-midjourney": UseapiMidjourneyEmulator.service({ channels: [{ channel: "4", maxJobs: 1 }] })
      }
    })))

  it.effect("links to each service's own files, or to where it is told", () =>
    Effect.gen(function*() {
      const linked = Effect.gen(function*() {
        const { services: { "useapi-dreamina": dreamina, "useapi-luma": luma, "useapi-midjourney": midjourney } } =
          yield* Emulator.Emulator
        const done = { state: "completed" } as const
        const paths = [
          jobPath((yield* luma.add(done)).id),
          `/v1/dreamina/videos/${encodeId((yield* dreamina.add(done)).id)}`,
          `/v3/midjourney/jobs/${(yield* midjourney.add(done)).id}`
        ]
        const answers = yield* Effect.forEach(paths, (path) => ask("GET", path))
        return answers.map(({ text }) => /[uU]rl":"(https:\/\/[^/]+)\//.exec(text)?.[1])
      })
      const elsewhere = "https://files.example"
      assert.deepStrictEqual(yield* linked.pipe(inMemory()), [
        "https://storage.cdn-luma.com",
        "https://v3-web.douyinvod.com",
        "https://cdn.discordapp.com"
      ])
      assert.deepStrictEqual(
        yield* linked.pipe(inMemory({ mediaOrigin: elsewhere })),
        [elsewhere, elsewhere, elsewhere]
      )
    }))

  it.effect("writes down every request as it was sent", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* TestClock.adjust("1 second")
      yield* ask("GET", "/v1/luma/jobs/a%20b:c@d?x=%31")
      yield* ask("POST", "/v1/luma/videos", { body: { prompt: "é" }, token: "wrong" })
      yield* ask("GET", "/v2/other")
      const journal = yield* emulator.journal
      assert.deepStrictEqual(
        journal.map((entry) => [entry.at, entry.method, entry.host, entry.url, entry.body, entry.bytes]),
        [
          [1000, "GET", "api.useapi.net", "/v1/luma/jobs/a%20b:c@d?x=%31", "", 0],
          [1000, "POST", "api.useapi.net", "/v1/luma/videos", `{"prompt":"é"}`, 15],
          [1000, "GET", "api.useapi.net", "/v2/other", "", 0]
        ]
      )
      assert.deepStrictEqual(
        journal.map((entry) => [entry.operation, entry.user, entry.status]),
        [["useapi-luma.get", "12345", 400], ["useapi-luma.video", undefined, 401], [undefined, "12345", 404]]
      )
      assert.strictEqual(journal[1]?.headers["authorization"], "Bearer wrong")
      assert.strictEqual(yield* emulator.count(), 3)
      assert.strictEqual(yield* emulator.count("useapi-luma.get"), 1)
    }).pipe(inMemory()))

  it.effect("knows its own paths and methods only", () =>
    Effect.gen(function*() {
      for (const path of ["/v1/luma", "/v1/luma/jobs/a/b", "/v1/luma/video", "/v1/dreamina/jobs/a"]) {
        const { json, status } = yield* askJson("GET", path)
        assert.deepStrictEqual([status, json], [404, {
          error: "Endpoint not found",
          hint: { llm_docs: "https://useapi.net/llms.txt" }
        }])
      }
      assert.strictEqual((yield* ask("POST", "/v1/luma/jobs")).status, 404)
    }).pipe(inMemory()))

  it.effect("reaches no other host, and notes who tried", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(ask("GET", "/v1/luma/jobs", { origin: "https://elsewhere.example" }))
      assert.strictEqual(error.reason._tag, "TransportError")
      const journal = yield* (yield* Emulator.Emulator).journal
      assert.deepStrictEqual(journal.map(({ host, status }) => [host, status]), [["elsewhere.example", undefined]])
    }).pipe(inMemory()))
})
