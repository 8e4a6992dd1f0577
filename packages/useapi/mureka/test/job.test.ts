import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import { fixtures } from "@media-jobs/testing/useapi-mureka"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import { account, got, heard, id, mureka, speech } from "./support.ts"

const { assembled } = fixtures
const record: Schema.JsonObject = Object(assembled.completed.json)
const response: Schema.JsonObject = Object(record["response"])
const songs: ReadonlyArray<Schema.JsonObject> = Object(response["songs"])
const [first = {}, second = {}] = songs
const withSongs = (...songs: ReadonlyArray<Schema.Json>) => ({ ...record, response: { ...response, songs } })

const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, label }) => `${kind} ${label}`) : [state._tag]
const missing = ({ state }: Job.Job) => state._tag === "Succeeded" ? state.missing : state._tag
const two = ["audio primary", "image thumbnail", "audio primary-2", "image thumbnail-2"]

describe("A job", () => {
  it.effect("that is completed is all that its record says", () =>
    Effect.gen(function*() {
      const job = yield* got(record)
      assert.deepStrictEqual([job.id, job.provider, job.account, job.kind, job.model], [
        id,
        "useapi-mureka",
        account,
        "audio",
        "V9"
      ])
      assert.deepStrictEqual([job.providerStatus, job.reference], ["completed", "order-7"])
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe("2026-01-21T06:14:32.017Z"))
      assert.deepStrictEqual(job.updatedAt, DateTime.makeUnsafe("2026-01-21T06:15:20.480Z"))
      assert.deepStrictEqual([files(job), missing(job)], [two, undefined])
      const [song, cover] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([song?.url, song?.duration, song?.role], [
        "https://cos.mureka.ai/song-1.mp3",
        Duration.millis(151_480),
        "primary"
      ])
      assert.deepStrictEqual([cover?.url, cover?.duration, cover?.role], [
        "https://cos.mureka.ai/cover-1.jpg",
        undefined,
        "thumbnail"
      ])
    }))

  it.effect("of speech is one file", () =>
    Effect.gen(function*() {
      const job = yield* got(assembled.spoken.json, JobId.make(speech))
      assert.deepStrictEqual([job.id, files(job), missing(job)], [speech, ["audio primary"], undefined])
      const listed = { ...record, jobid: speech, jobType: "tts", response: { songs: [first] } }
      assert.deepStrictEqual(missing(yield* got(listed, JobId.make(speech))), undefined)
    }))

  for (
    const [status, more, expected] of [
      ["created", { response: undefined }, "Running"],
      ["created", { response: { state: 1, songs } }, "Running"],
      ["created", { response: { state: 3, songs: [] } }, "Running"],
      ["created", { response: { state: 3, songs: [first, { ...second, mp3_url: "" }] } }, "Running"],
      ["created", {}, "Succeeded"],
      ["completed", {}, "Succeeded"],
      ["completed", { response: { songs } }, "Succeeded"],
      ["completed", { error: "late" }, "Succeeded"],
      ["failed", { error: "Generation failed", errorDetails: "Out of memory" }, "Generation failed: Out of memory"],
      ["failed", { error: "Prompt was moderated" }, "Prompt was moderated"],
      ["failed", { error: { message: "Not enough credits" } }, "Not enough credits"],
      ["failed", { error: "Cancelled by user" }, "Cancelled"],
      ["failed", {}, undefined],
      ["pondering", {}, "Unknown"]
    ] as ReadonlyArray<readonly [string, Schema.JsonObject, string | undefined]>
  ) {
    it.effect(`that is ${status} with ${JSON.stringify(more)} is ${expected}`, () =>
      Effect.gen(function*() {
        const { state } = yield* got(JSON.parse(JSON.stringify({ ...record, status, ...more })))
        const word = Metric.counter("media_jobs_unknown_status", {
          description: "Status words that an adapter does not know, read as Running",
          incremental: true,
          attributes: { provider: "useapi-mureka", status }
        })
        assert.strictEqual(Number((yield* Metric.value(word)).count) > 0, expected === "Unknown")
        const seen = state._tag === "Failed" ? state.reason : state._tag
        assert.strictEqual(seen, expected === "Unknown" ? "Running" : expected)
      }))
  }

  for (const [said, cause] of [["Prompt was moderated", "content"], ["Not enough credits", "credits"]] as const) {
    it.effect(`that failed by ${said} did so for its ${cause}`, () =>
      Effect.gen(function*() {
        const { state } = yield* got({ ...record, status: "failed", error: said })
        assert.strictEqual(state._tag === "Failed" && state.cause, cause)
      }))
  }

  for (
    const [songs, left, lacks] of [
      [[first, { ...second, mp3_url: null, error: "Prompt was moderated" }], two.slice(0, 2), [
        { label: "primary-2", reason: "Prompt was moderated", cause: "content" }
      ]],
      [[{ ...first, mp3_url: "soon" }, second], two.slice(2), [{ label: "primary", cause: "unknown" }]],
      [[{ ...first, mp3_url: 7, error: "Cancelled by user" }, second], two.slice(2), [
        { label: "primary", cause: "unknown" }
      ]],
      [[first], two.slice(0, 2), [{ label: "primary-2", cause: "unknown" }]],
      [[null, second], two.slice(2), [{ label: "primary", cause: "unknown" }]],
      [[first, second, first], [...two, "audio primary-3", "image thumbnail-3"], undefined],
      [[{ mp3_url: first["mp3_url"] ?? null, duration_milliseconds: "long", cover: {} }, second], [
        "audio primary",
        ...two.slice(2)
      ], undefined]
    ] as ReadonlyArray<readonly [ReadonlyArray<Schema.Json>, ReadonlyArray<string>, unknown]>
  ) {
    it.effect(`of ${JSON.stringify(songs)} has ${left.join()}`, () =>
      Effect.gen(function*() {
        const job = yield* got(withSongs(...songs))
        assert.deepStrictEqual([files(job), missing(job)], [left, lacks])
      }))
  }

  it.effect("that is completed without a file has failed", () =>
    Effect.gen(function*() {
      for (
        const none of [withSongs(), withSongs({}, null), { ...record, response: null }, { ...record, response: 7 }]
      ) {
        const { state } = yield* got(none)
        assert.deepStrictEqual(state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
      }
    }))

  it.effect("has what is odd beside it as absent", () =>
    Effect.gen(function*() {
      const job = yield* got({ ...record, created: 7, updated: "soon", request: [], jobType: {} })
      assert.deepStrictEqual([job.createdAt, job.updatedAt, job.model, job.reference, job.account], [
        undefined,
        undefined,
        undefined,
        undefined,
        account
      ])
      assert.deepStrictEqual(files(job), two)
    }))
})

describe("A webhook", () => {
  it.effect("is the job's record, when it was created and when it ended", () =>
    Effect.gen(function*() {
      const states: Array<unknown> = []
      for (const name of ["running", "completed", "failed"] as const) {
        const [job] = yield* heard(assembled[name].json)
        states.push([job?.id, job?.reference, job?.state._tag])
      }
      assert.deepStrictEqual(states, ["Running", "Succeeded", "Failed"].map((state) => [id, "order-7", state]))
    }))
})

describe("A list", () => {
  const listed = (body: Schema.Json) =>
    Effect.flatMap(mureka(), ({ list }) => Answers.timely(list)).pipe(Effect.provide(Answers.layer(200, body)))
  const of = (entries: Schema.Json, more?: Schema.JsonObject) => ({
    accounts: { [account]: { jobs: entries, ...more } }
  })

  it.effect("has what runs, by account", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* listed(assembled.list.json)
      assert.isTrue(complete)
      assert.deepStrictEqual(
        jobs.map((job) => [job.id, job.kind, job.account, job.state._tag]),
        [[id, "audio", account, "Running"], [speech, "audio", account, "Running"]]
      )
      assert.deepStrictEqual(
        jobs.map(({ createdAt, observedAt }) => createdAt && DateTime.distance(createdAt, observedAt)),
        [Duration.seconds(24), Duration.seconds(2)]
      )
      assert.deepStrictEqual(yield* listed(assembled.listEmpty.json).pipe(Effect.map(({ complete }) => complete)), true)
    }))

  for (
    const [elapsed, seconds] of [
      ["00:24", 24],
      ["75:03", 4503],
      ["1:00:02", 3602],
      ["45s", 45],
      ["1m 23s", 83],
      ["2h 1m", 7260],
      ["2m", 120],
      ["soon", undefined],
      ["", undefined],
      [24, undefined]
    ] as const
  ) {
    it.effect(`reads an age of ${JSON.stringify(elapsed)}`, () =>
      Effect.gen(function*() {
        const { jobs: [job] } = yield* listed(of([{ jobid: id, elapsed }]))
        assert.deepStrictEqual(
          job?.createdAt && DateTime.distance(job.createdAt, job.observedAt),
          seconds === undefined ? undefined : Duration.seconds(seconds)
        )
      }))
  }

  for (
    const [what, body, ids, complete] of [
      ["fewer jobs than an account counts", of([{ jobid: id }], { total: 2 }), [id], false],
      ["fewer jobs than it counts", { total: 1, accounts: {} }, [], false],
      ["an account without a list", { accounts: { a: { total: 0 } } }, [], false],
      ["an odd entry", of([{ jobid: id }, null, { jobid: 7 }]), [id], false],
      ["an error beside its jobs", { ...of([{ jobId: id }]), error: "late" }, [id], false]
    ] as ReadonlyArray<readonly [string, Schema.Json, ReadonlyArray<string>, boolean]>
  ) {
    it.effect(`with ${what}`, () =>
      Effect.gen(function*() {
        const found = yield* listed(body)
        assert.deepStrictEqual([found.jobs.map(({ id }) => String(id)), found.complete], [ids, complete])
      }))
  }
})
