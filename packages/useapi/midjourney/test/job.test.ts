import { assert, describe, it } from "@effect/vitest"
import type * as Artifact from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type * as JobState from "@media-jobs/core/JobState"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import { channel, got, heard, idOf } from "./support.ts"

/** The counter of status words that an adapter does not know. */
const unknownStatus = (attributes: { readonly provider: string; readonly status: string }) =>
  Metric.counter("media_jobs_unknown_status", {
    description: "Status words that an adapter does not know, read as Running",
    incremental: true,
    attributes
  })

const record = (rest: Schema.JsonObject): Schema.JsonObject => ({
  jobid: idOf(),
  verb: "imagine",
  status: "completed",
  created: "2025-10-23T14:15:20.123Z",
  updated: "2025-10-23T14:16:45.789Z",
  request: { prompt: "a cat in a hat" },
  ...rest
})

const cdn = "https://cdn.midjourney.com"
const imageUx = [1, 2, 3, 4].map((id) => ({ id, url: `${cdn}/0_${id}.jpeg` }))
const videoUx = [1, 2].map((id) => ({ id, url: `${cdn}/0_${id}.mp4` }))
const grid = { url: "https://cdn.discordapp.com/grid.png?ex=1", filename: "grid.png", width: 1920, height: 1080 }

const stateOf = (rest: Schema.JsonObject) => Effect.map(got(record(rest)), ({ state }) => state)
const shown = ({ state }: Job.Job): ReadonlyArray<string> =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, role, url }) => `${kind} ${role} ${url}`) : [state._tag]

describe("a record's state", () => {
  const running = (progress?: number): JobState.JobState => ({
    _tag: "Running",
    ...(progress === undefined ? undefined : { progress })
  })
  const failed = (cause: JobState.FailureCause, reason?: string): JobState.JobState => ({
    _tag: "Failed",
    cause,
    ...(reason === undefined ? undefined : { reason })
  })
  const rows: ReadonlyArray<readonly [what: string, rest: Schema.JsonObject, state: JobState.JobState]> = [
    ["created", { status: "created", response: {} }, { _tag: "Queued" }],
    ["created, with no response", { status: "created", response: null }, { _tag: "Queued" }],
    ["started", { status: "started" }, running()],
    ["progress", { status: "progress", response: { progress_percent: 31 } }, running(0.31)],
    ["progress of 0", { status: "progress", response: { progress_percent: 0 } }, running(0)],
    ["progress of 100", { status: "progress", response: { progress_percent: 100 } }, running(1)],
    ["progress as text", { status: "progress", response: { progress_percent: "62.5" } }, running(0.625)],
    ["progress that is none", { status: "progress", response: { progress_percent: "soon" } }, running()],
    ["progress that is empty", { status: "progress", response: { progress_percent: "" } }, running()],
    ["progress of null", { status: "progress", response: { progress_percent: null } }, running()],
    ["progress above 100", { status: "progress", response: { progress_percent: 140 } }, running()],
    ["progress below 0", { status: "progress", response: { progress_percent: -1 } }, running()],
    ["failed", { status: "failed", error: "Failed to process" }, failed("unknown", "Failed to process")],
    ["failed without a word", { status: "failed" }, failed("unknown")],
    ["cancelled by its user", { status: "failed", error: "Job cancelled by user" }, { _tag: "Cancelled" }],
    ["cancelled in other words", { status: "failed", error: "Cancelled by user" }, { _tag: "Cancelled" }],
    ["cancelled", { status: "cancelled" }, { _tag: "Cancelled" }],
    ["moderated", { status: "moderated", error: "Possible violation" }, failed("content", "Possible violation")],
    ["moderated without a word", { status: "moderated" }, failed("content")],
    [
      "moderated, with its error as an object",
      { status: "moderated", error: { code: 1, message: "Possible violation" } },
      failed("content", "Possible violation")
    ],
    [
      "failed, with details",
      { status: "failed", error: "Stopped", errorDetails: "out of credits" },
      failed("credits", "Stopped: out of credits")
    ],
    ["completed without a file", { response: { content: "done" } }, failed("service", "Completed without a file")],
    ["completed without a response", {}, failed("service", "Completed without a file")],
    ["completed by a button, without a file", { verb: "button" }, failed("service", "Completed without a file")],
    [
      "described",
      { verb: "describe", response: { embeds: [{ description: "a lighthouse" }] } },
      { _tag: "Succeeded", artifacts: [] }
    ],
    ["a word that nobody knows", { status: "ruminating", response: { progress_percent: 5 } }, running(0.05)]
  ]
  for (const [what, rest, state] of rows) {
    it.effect(
      what,
      () =>
        Effect.map(
          stateOf(rest),
          (found) => assert.deepStrictEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(state)))
        )
    )
  }

  it.effect("counts the words that nobody knows, and keeps them", () =>
    Effect.gen(function*() {
      const metric = unknownStatus({ provider: "useapi-midjourney", status: "pondering" })
      const job = yield* got(record({ status: "pondering" }))
      assert.strictEqual(job.providerStatus, "pondering")
      assert.strictEqual((yield* Metric.value(metric)).count, 1)
      yield* heard(record({ status: "pondering" }))
      assert.strictEqual((yield* Metric.value(metric)).count, 2)
      yield* got(record({ status: "moderated" }))
      assert.strictEqual((yield* Metric.value(metric)).count, 2)
    }))
})

describe("a record's files", () => {
  const rows: ReadonlyArray<readonly [what: string, response: Schema.JsonObject, files: ReadonlyArray<string>]> = [
    ["four images and their grid", { imageUx, attachments: [grid] }, [
      ...imageUx.map(({ url }) => `image primary ${url}`),
      `image grid ${grid.url}`
    ]],
    ["one image of an upscale", { attachments: [grid] }, [`image primary ${grid.url}`]],
    ["videos and what shows them", { videoUx, imageUx: imageUx.slice(0, 1), attachments: [grid] }, [
      ...videoUx.map(({ url }) => `video primary ${url}`),
      `image thumbnail ${cdn}/0_1.jpeg`,
      `image grid ${grid.url}`
    ]],
    [
      "a video that only its media type tells",
      { attachments: [{ url: "https://cdn.discordapp.com/a", content_type: "video/mp4" }] },
      ["video primary https://cdn.discordapp.com/a"]
    ],
    [
      "a video that only its name tells",
      { attachments: [{ url: "https://cdn.discordapp.com/a", filename: "A.MP4" }] },
      ["video primary https://cdn.discordapp.com/a"]
    ],
    [
      "a video that only its link tells",
      { attachments: [{ url: "https://cdn.discordapp.com/a.webm?ex=1" }] },
      ["video primary https://cdn.discordapp.com/a.webm?ex=1"]
    ],
    ["no link, no file", { imageUx: [{ id: 1 }, { id: 2, url: "" }, { id: 3, url: null }], attachments: [grid] }, [
      `image primary ${grid.url}`
    ]],
    ["lists that are null", { imageUx: null, videoUx: null, attachments: [grid] }, [`image primary ${grid.url}`]]
  ]
  for (const [what, response, files] of rows) {
    it.effect(what, () => Effect.map(got(record({ response })), (job) => assert.deepStrictEqual(shown(job), files)))
  }

  it.effect("keep their labels, whatever else appears or is missing", () =>
    Effect.gen(function*() {
      const labels = (response: Schema.JsonObject) =>
        Effect.map(got(record({ response })), ({ state }) =>
          state._tag === "Succeeded" ? state.artifacts.map(({ kind, label, url }) => [kind, label, url]) : [])
      const whole = yield* labels({ videoUx, imageUx, attachments: [grid] })
      assert.deepStrictEqual(
        whole.map(([, label]) =>
          label
        ),
        ["primary", "primary-2", "primary", "primary-2", "primary-3", "primary-4", "attachment"]
      )
      for (
        const part of [
          { attachments: [grid] },
          { imageUx: imageUx.map((image) => image.id === 3 ? image : null), attachments: [grid] },
          { imageUx: [{}, "", ...imageUx.slice(2)] },
          { videoUx: [null, ...videoUx.slice(1)] }
        ]
      ) {
        const found = yield* labels(part)
        assert.isNotEmpty(found)
        for (const one of found) assert.deepInclude(whole, one)
      }
    }))

  it.effect("with their size, as numbers or as text", () =>
    Effect.gen(function*() {
      const size = ({ height, width }: Artifact.Artifact) => [width, height]
      const sizes = (attachment: Schema.JsonObject) =>
        Effect.map(stateOf({ response: { attachments: [attachment] } }), (state) =>
          state._tag === "Succeeded" ? state.artifacts.map(size) : [])
      assert.deepStrictEqual(yield* sizes(grid), [[1920, 1080]])
      assert.deepStrictEqual(yield* sizes({ ...grid, width: "1920", height: "tall" }), [[1920, undefined]])
    }))
})

describe("a link", () => {
  const expiry = (url: string) =>
    Effect.map(stateOf({ response: { attachments: [{ url }] } }), (state) => {
      const expiresAt = state._tag === "Succeeded" ? state.artifacts[0]?.expiresAt : undefined
      return expiresAt === undefined ? undefined : DateTime.formatIso(expiresAt)
    })
  it.effect("of Discord tells when it dies, another does not", () =>
    Effect.gen(function*() {
      const ex = "ex=65eda8ef"
      assert.strictEqual(
        yield* expiry(`https://cdn.discordapp.com/a/1.png?${ex}&is=65db33ef`),
        "2024-03-10T12:34:55.000Z"
      )
      assert.strictEqual(yield* expiry(`https://media.discordapp.net/a/1.png?w=1&${ex}`), "2024-03-10T12:34:55.000Z")
      for (
        const url of ["https://cdn.discordapp.com/1.png", "https://cdn.discordapp.com/1?ex=soon", `${cdn}/1?${ex}`]
      ) {
        assert.isUndefined(yield* expiry(url), url)
      }
    }))
})

describe("a record", () => {
  it.effect("tells when, and by its id what and where", () =>
    Effect.gen(function*() {
      const job = yield* got(record({ response: { imageUx } }))
      assert.strictEqual(job.kind, "image")
      assert.strictEqual(job.account, channel)
      assert.strictEqual(job.providerStatus, "completed")
      assert.strictEqual(DateTime.formatIso(job.createdAt!), "2025-10-23T14:15:20.123Z")
      assert.strictEqual(DateTime.formatIso(job.updatedAt!), "2025-10-23T14:16:45.789Z")
      assert.isUndefined(job.raw)
    }))

  it.effect("is a video's by its jobType, or else by its id", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* got(record({ jobType: "video" }))).kind, "video")
      assert.strictEqual((yield* got(record({ jobid: idOf("v") }), {}, idOf("v"))).kind, "video")
      assert.strictEqual(
        (yield* got(record({ jobid: idOf("v"), jobType: "constructor" }), {}, idOf("v"))).kind,
        "video"
      )
      assert.isUndefined((yield* got(record({ jobid: idOf("d") }), {}, idOf("d"))).kind)
    }))

  it.effect("needs its id and its status, and nothing more", () =>
    Effect.gen(function*() {
      const job = yield* got({ jobid: idOf(), status: "progress" })
      assert.isTrue(job.is("Running"))
      assert.isUndefined(job.createdAt)
      const odd = { created: 5, updated: "yesterday", verb: 7, replyRef: ["a"], request: null, jobType: null }
      const bare = yield* got({ jobid: idOf(), status: "progress", ...odd })
      assert.deepStrictEqual({ ...bare, observedAt: 0 }, { ...job, observedAt: 0 })
      for (const [lacking, path] of [["jobid", "jobid"], ["status", "status"]] as const) {
        const { [lacking]: _, ...rest } = record({})
        const error = yield* Effect.flip(got(rest))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.include(error.message, path)
      }
    }))

  it.effect("has its id as jobid or as jobId", () =>
    Effect.gen(function*() {
      const { jobid: _, ...rest } = record({})
      assert.strictEqual((yield* got({ ...rest, jobId: idOf() })).id, idOf())
      assert.strictEqual((yield* got({ ...rest, jobid: null, jobId: idOf() })).id, idOf())
    }))

  it.effect("is kept as it came where that is asked for", () =>
    Effect.gen(function*() {
      const described = record({ verb: "describe", response: { embeds: [{ description: "a lighthouse" }] } })
      assert.deepStrictEqual((yield* got(described, { raw: true })).raw, described)
    }))
})

describe("the caller's reference", () => {
  const places: Readonly<Record<string, Schema.JsonObject>> = {
    "in the response": { response: { replyRef: "order-7" } },
    "in the request": { request: { prompt: "a cat", replyRef: "order-7" }, response: { replyRef: "" } },
    "at the top": { replyRef: "order-7", request: {}, response: null }
  }
  for (const [place, rest] of Object.entries(places)) {
    it.effect(`is found ${place}, by get and by webhook`, () =>
      Effect.gen(function*() {
        const body = record({ status: "progress", ...rest })
        assert.strictEqual((yield* got(body)).reference, "order-7")
        assert.strictEqual((yield* heard(body))[0]?.reference, "order-7")
      }))

    it.effect(`${place} is nobody's word to a ReplyTo that did not make it`, () =>
      Effect.gen(function*() {
        const replyTo: ReplyTo.ReplyTo = {
          address: () => Effect.die("not called"),
          callerReference: (echoed) => echoed === "order-7" ? undefined : echoed
        }
        const jobs = yield* Effect.provideService(
          heard(record({ status: "progress", ...rest })),
          ReplyTo.ReplyTo,
          replyTo
        )
        assert.deepStrictEqual(jobs.map(({ reference }) => reference), [undefined])
      }))
  }
})

describe("a webhook", () => {
  it.effect("tells of every event, not just the last", () =>
    Effect.gen(function*() {
      for (const status of ["created", "started", "progress"]) {
        const [job, ...rest] = yield* heard(record({ status }))
        assert.deepStrictEqual(rest, [])
        assert.strictEqual(job?.id, idOf())
        assert.isFalse(job?.isTerminal)
      }
      const [moderated] = yield* heard(record({ status: "moderated" }))
      assert.isTrue(moderated?.is("Failed"))
    }))

  it.effect("of a request that broke tells of its job where it knows it", () =>
    Effect.gen(function*() {
      const [job] = yield* heard({ jobid: idOf(), status: "failed", error: { message: "Discord broke" } })
      assert.isTrue(job?.is("Failed"))
      assert.deepStrictEqual(yield* heard({ status: "failed", error: "Discord broke", replyRef: "order-7" }), [])
    }))

  const garbage: ReadonlyArray<unknown> = [
    undefined,
    null,
    "",
    "text",
    7,
    true,
    [],
    {},
    [record({})],
    { error: "Unauthorized" },
    { status: "failed" },
    { jobid: 7, status: "failed", error: "x" },
    { jobid: "", status: "completed" },
    { event: "midjourney_progress", job: record({}), seq: 3 }
  ]
  for (const body of garbage) {
    it.effect(`takes nothing from ${JSON.stringify(body)?.slice(0, 60)}`, () =>
      Effect.map(Effect.flip(heard(body)), (error) => {
        assert.propertyVal(error, "_tag", "UnexpectedResponse")
        assert.propertyVal(error, "operation", "webhook")
      }))
  }
})
