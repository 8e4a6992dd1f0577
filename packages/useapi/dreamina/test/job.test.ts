import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import { fixtures } from "@media-jobs/testing/useapi-dreamina"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import { kindOf } from "../src/internal/job.ts"
import { account, got, heard, idOf } from "./support.ts"

/** The counter of status words that an adapter does not know. */
const unknownStatus = (attributes: { readonly provider: string; readonly status: string }) =>
  Metric.counter("media_jobs_unknown_status", {
    description: "Status words that an adapter does not know, read as Running",
    incremental: true,
    attributes
  })

const at = (text: string) => DateTime.makeUnsafe(text)

const record = {
  jobid: idOf(),
  type: "video",
  status: "completed",
  model: "seedance-2.0",
  created: "2026-02-23T14:05:30.123Z",
  updated: "2026-02-23T14:07:15.456Z",
  request: { prompt: "rain", model: "seedance-2.0", ratio: "16:9", duration: 5, inputMode: "prompt" },
  response: {
    assetId: "CA:user@example.com-video:7341234567890123456",
    videoUrl: "https://v3-web.douyinvod.com/clean",
    videoId: "7341234567890123456",
    coverUrl: "https://p9-sign.douyinpic.com/cover",
    width: 1280,
    height: 720,
    durationMs: 5042,
    hasAudio: false,
    forecastCost: 125,
    finishTime: 1771855635
  },
  code: 200
}
const ended = (response: Schema.Json, more: Readonly<Record<string, Schema.Json>> = {}) =>
  got({ ...record, response, ...more })
const failed = (said: Readonly<Record<string, Schema.Json>>) =>
  Effect.map(got({ ...record, status: "failed", response: { forecastCost: 125 }, ...said }), ({ state }) => state)

/** All but when it was looked at. */
const told = (job: Job.Job) => ({ ...job, observedAt: undefined })

const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, role, url }) => [kind, role, url.split("/").at(-1)]) : state

describe("A record", () => {
  it.effect("of a video that is done is all that it says", () =>
    Effect.gen(function*() {
      const job = yield* got(record)
      assert.strictEqual(job.id, idOf())
      assert.deepStrictEqual([job.provider, job.instance, job.kind], ["useapi-dreamina", "default", "video"])
      assert.deepStrictEqual([job.account, job.model, job.providerStatus], [account, "seedance-2.0", "completed"])
      assert.deepStrictEqual(job.createdAt, at("2026-02-23T14:05:30.123Z"))
      assert.deepStrictEqual(job.updatedAt, at("2026-02-23T14:07:15.456Z"))
      assert.deepStrictEqual(job.cost, { amount: 125, unit: "dreamina-credits", basis: "forecast" })
      assert.isUndefined(job.raw)
      assert.deepStrictEqual(files(job), [["video", "primary", "clean"], ["image", "thumbnail", "cover"]])
      const [video] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([video?.width, video?.height], [1280, 720])
      assert.deepStrictEqual(video?.duration, Duration.millis(5042))
    }))

  it.effect("of a job at work is Running, with the cost that is forecast", () =>
    Effect.gen(function*() {
      const { response: _, updated: __, ...rest } = record
      const job = yield* got({ ...rest, status: "created", response: { forecastCost: 125 } })
      assert.isTrue(job.is("Running"))
      assert.deepStrictEqual([job.providerStatus, job.cost?.amount, job.updatedAt], ["created", 125, undefined])
    }))

  it.effect("of images has each as a primary", () =>
    Effect.gen(function*() {
      const images = [1, 2, 3, 4].map((n) => ({
        imageUrl: `https://x.test/${n}`,
        width: 1024,
        height: n,
        format: "png"
      }))
      const job = yield* got({
        ...record,
        jobid: idOf("i"),
        type: "image",
        response: { images: [...images, { width: 1 }] }
      }, idOf("i"))
      assert.strictEqual(job.kind, "image")
      assert.deepStrictEqual(files(job), [1, 2, 3, 4].map((n) => ["image", "primary", String(n)]))
      const artifacts = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual(artifacts.map(({ height, width }) => [width, height]), [1, 2, 3, 4].map((n) => [1024, n]))
    }))

  it.effect("keeps the label of each image, whatever others appear or are missing", () =>
    Effect.gen(function*() {
      const images = [1, 2, 3, 4].map((n) => ({ imageUrl: `https://x.test/${n}` }))
      const labels = (images: ReadonlyArray<Schema.Json>) =>
        Effect.map(
          ended({ images, coverUrl: "https://x.test/cover" }),
          ({ state }) => state._tag === "Succeeded" ? state.artifacts.map(({ label, url }) => [label, url]) : []
        )
      const all = yield* labels(images)
      assert.deepStrictEqual(all.map(([label]) => label), [
        "primary",
        "primary-2",
        "primary-3",
        "primary-4",
        "thumbnail"
      ])
      for (
        const part of [
          images.map((image, i) => i === 2 ? image : null),
          images.map((image, i) => i === 2 ? image : { imageUrl: "" }),
          images.slice(0, 2)
        ]
      ) {
        for (const one of yield* labels(part)) assert.deepInclude(all, one)
      }
    }))

  for (
    const [what, response, expected] of [
      ["its backup in its place", {
        videoUrlBackup: "https://x.test/backup",
        videoUrlWatermarked: "https://x.test/marked"
      }, "backup"],
      ["the watermarked one, where there is no other", {
        videoUrlWatermarked: "https://x.test/marked",
        watermarked: true
      }, "marked"],
      ["the clean one alone", {
        videoUrl: "https://x.test/clean",
        videoUrlWatermarked: "https://x.test/marked",
        videoUrlBackup: "https://x.test/b"
      }, "clean"],
      ["the next where one is empty", {
        videoUrl: "",
        videoUrlBackup: null,
        videoUrlWatermarked: "https://x.test/marked"
      }, "marked"]
    ] as const
  ) {
    it.effect(`has one video: ${what}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(files(yield* ended(response)), [["video", "primary", expected]])
      }))
  }

  for (
    const response of [
      null,
      {},
      { coverUrl: "https://x.test/cover" },
      { videoUrl: "" },
      { videoUrl: "clean" },
      { videoUrl: " ", videoUrlBackup: "https://" },
      { images: [] },
      { images: [{ imageUrl: "" }] }
    ] as const
  ) {
    it.effect(`of a completed job with nothing to fetch is Failed: ${JSON.stringify(response)}`, () =>
      Effect.gen(function*() {
        const job = yield* ended(response)
        assert.deepStrictEqual(job.state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
      }))
  }

  it.effect("needs no more than id and status, and what it does not know does not matter", () =>
    Effect.gen(function*() {
      const job = yield* got({ jobid: idOf(), status: "created", novelty: [{}] })
      assert.strictEqual(job.kind, "video")
      const nothing = [job.model, job.createdAt, job.updatedAt, job.cost, job.reference]
      assert.deepStrictEqual(nothing, nothing.map(() => undefined))
      const empty = {
        type: null,
        model: null,
        created: null,
        updated: null,
        request: null,
        response: null,
        replyRef: null
      }
      assert.isTrue((yield* got({ jobid: idOf(), status: "created", ...empty })).is("Running"))
    }))

  it.effect("without id or status is unexpected, by its path", () =>
    Effect.gen(function*() {
      const { jobid: _, ...nameless } = record
      const { status: __, ...silent } = record
      for (const [body, path] of [[nameless, "jobid"], [silent, "status"]] as const) {
        const error = yield* Effect.flip(got(body))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.strictEqual(error.detail, `Missing key at ["${path}"]`)
      }
    }))

  it.effect("spells its id either way", () =>
    Effect.gen(function*() {
      const { jobid, ...rest } = record
      assert.deepStrictEqual(told(yield* got({ ...rest, jobId: jobid })), told(yield* got(record)))
    }))

  it.effect("has its numbers as texts too, and none that are none", () =>
    Effect.gen(function*() {
      const { response } = record
      const texts = { width: "1280", height: "720", durationMs: "5042", forecastCost: "125", finishTime: "1771855635" }
      assert.deepStrictEqual(told(yield* ended({ ...response, ...texts })), told(yield* got(record)))
      const job = yield* ended(
        { ...response, width: "wide", height: "", durationMs: null, forecastCost: {}, finishTime: "soon" },
        { created: "yesterday", updated: 7 }
      )
      assert.deepStrictEqual(
        [job.cost, job.createdAt, job.updatedAt],
        [undefined, undefined, undefined]
      )
      const [video] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([video?.width, video?.height, video?.duration], [undefined, undefined, undefined])
    }))

  it.effect("was updated when it finished, where it does not say more", () =>
    Effect.gen(function*() {
      const { updated: _, ...rest } = record
      assert.deepStrictEqual((yield* got(rest)).updatedAt, DateTime.makeUnsafe(1771855635_000))
      const never = yield* got({ ...rest, response: { ...record.response, finishTime: 1e300 } })
      assert.isUndefined(never.updatedAt)
    }))

  it.effect("is kept as it came, where that is asked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* got(record, idOf(), { raw: true })).raw, record)
    }))

  it.effect("with a word that nobody knows is Running, and counted", () =>
    Effect.gen(function*() {
      const job = yield* got({ ...record, status: "pondering" })
      assert.isTrue(job.is("Running"))
      assert.strictEqual(job.providerStatus, "pondering")
      const counter = unknownStatus({ provider: "useapi-dreamina", status: "pondering" })
      assert.strictEqual(Number((yield* Metric.value(counter)).count), 1)
    }))

  for (
    const [what, id, type, kind] of [
      ["an upscaled video", idOf("V"), "video-upscale", "video"],
      ["an interpolated video", idOf("F"), "video-interpolate", "video"],
      ["an upscaled image", idOf("I"), "upscale", "image"],
      ["an id without its kind, by its type", "j1:dreamina", "video-upscale", "video"],
      ["an id without its kind that was upscaled, as the page of images has it", "j1:dreamina", "upscale", "image"],
      ["something else", "j1:dreamina", "podcast", undefined],
      ["an id of the documents", fixtures.ids.printed, "video", "video"]
    ] as const
  ) {
    it.effect(`is told to be of its kind: ${what}`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard({ ...record, jobid: id, type })
        assert.strictEqual(job?.kind, kind)
        assert.strictEqual(job?.account, id.includes("user@example.com") ? account : undefined)
      }))
  }
})

describe("A failure", () => {
  it.effect("has its code and its reason", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failed({ error: "fail_code: 2043", errorDetails: "OutputVideoSensitiveContent" }), {
        _tag: "Failed",
        code: "2043",
        reason: "OutputVideoSensitiveContent",
        cause: "content"
      })
      assert.deepStrictEqual(yield* failed({ error: "fail_code: 2043" }), {
        _tag: "Failed",
        code: "2043",
        reason: "fail_code: 2043",
        cause: "unknown"
      })
      assert.deepStrictEqual(yield* failed({ error: "Not enough credits (ret:1006)" }), {
        _tag: "Failed",
        code: "1006",
        reason: "Not enough credits (ret:1006)",
        cause: "credits"
      })
    }))

  it.effect("may be an object, or nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failed({ error: { code: 7, message: "Moderated" }, errorDetails: [1] }), {
        _tag: "Failed",
        reason: "Moderated",
        cause: "content"
      })
      assert.deepStrictEqual(yield* failed({}), { _tag: "Failed", cause: "unknown" })
      assert.deepStrictEqual(yield* failed({ error: null, errorDetails: 5 }), { _tag: "Failed", cause: "unknown" })
    }))

  it.effect("by a user is Cancelled, wherever it says so", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* failed({ error: "Cancelled by user" }), { _tag: "Cancelled" })
      assert.deepStrictEqual(yield* failed({ error: "fail_code: 1", errorDetails: "Cancelled by user" }), {
        _tag: "Cancelled"
      })
    }))

  it.effect("is no failure of a call that was answered with code 200", () =>
    Effect.gen(function*() {
      assert.isTrue((yield* got({ ...record, code: 596, error: null })).is("Succeeded"))
    }))
})

describe("A reference", () => {
  const theirs: ReplyTo.ReplyTo = {
    address: () => Effect.succeed({ url: "https://example.com/hook" }),
    callerReference: (echoed) => echoed.startsWith("ours.") ? echoed.slice(5) : undefined
  }

  for (
    const [what, echoed] of [
      ["beside the record", { replyRef: "ours.order-7" }],
      ["in its request", { request: { ...record.request, replyRef: "ours.order-7" } }]
    ] as const
  ) {
    it.effect(`is what was echoed ${what}, less what was added to it`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* got({ ...record, ...echoed })).reference, "ours.order-7")
        const job = yield* Effect.provideService(got({ ...record, ...echoed }), ReplyTo.ReplyTo, theirs)
        assert.strictEqual(job.reference, "order-7")
      }))
  }

  it.effect("that the application did not make is nobody's", () =>
    Effect.gen(function*() {
      const job = yield* Effect.provideService(got({ ...record, replyRef: "forged" }), ReplyTo.ReplyTo, theirs)
      assert.isUndefined(job.reference)
    }))
})

describe("kindOf", () => {
  it("reads the letter after the digits, and no other", () => {
    for (const id of ["", "j", "jv-", "j1x-u1", "xj1v-u1", "j1v", "j1vv-u1"]) {
      assert.isUndefined(kindOf(id), id)
    }
    for (const letter of ["v", "V", "F"]) assert.strictEqual(kindOf(idOf(letter)), "video")
    for (const letter of ["i", "I"]) assert.strictEqual(kindOf(idOf(letter)), "image")
    assert.strictEqual(kindOf(fixtures.ids.printed), "video")
  })
})
