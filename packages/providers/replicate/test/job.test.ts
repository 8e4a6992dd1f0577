import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { owns } from "../src/internal/job.ts"
import { artifacts } from "../src/internal/output.ts"
import { answered, id, prediction } from "./support.ts"

const got = (more: Record<string, unknown>, options?: Parameters<typeof answered>[1]) =>
  Effect.gen(function*() {
    const { replicate } = yield* answered(() => [200, prediction(more)], options)
    const fiber = yield* Effect.forkChild(replicate.get(JobId.make(id)))
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

const file = "https://replicate.delivery/yhqm/x/out-0.webp"
const bar = (percent: number) => `${percent}%|████      | ${percent}/100 [00:04<00:06, 1.0it/s]`

const states: ReadonlyArray<readonly [what: string, record: Record<string, unknown>, state: Partial<JobState>]> = [
  ["starting", { status: "starting" }, { _tag: "Queued" }],
  ["processing", { status: "processing", logs: null }, { _tag: "Running" }],
  ["processing, with a bar", { status: "processing", logs: `seed\n${bar(10)}\r${bar(40)}\nsaving` }, {
    _tag: "Running",
    progress: 0.4
  }],
  ["processing, at a second bar", { status: "processing", logs: `${bar(100)}\n${bar(5)}` }, {
    _tag: "Running",
    progress: 0.05
  }],
  ["processing, with a percentage in words", { status: "processing", logs: "50% done" }, { _tag: "Running" }],
  ["processing, with logs that are none", { status: "processing", logs: [bar(50)] }, { _tag: "Running" }],
  ["succeeded with a text", {}, { _tag: "Succeeded", artifacts: [], output: "hello Alice" }],
  ["succeeded with a number", { output: 7 }, { _tag: "Succeeded", artifacts: [], output: 7 }],
  ["succeeded, its data removed", { output: null, data_removed: true }, { _tag: "Expired" }],
  ["failed", { status: "failed", error: null }, { _tag: "Failed", cause: "unknown" }],
  ["failed, its data removed", { status: "failed", error: "No", data_removed: true }, {
    _tag: "Failed",
    reason: "No",
    cause: "unknown"
  }],
  ["flagged", { status: "failed", error: "The input or output was flagged as sensitive. (E005)" }, {
    _tag: "Failed",
    reason: "The input or output was flagged as sensitive. (E005)",
    cause: "content",
    code: "E005"
  }],
  ["out of memory", { status: "failed", error: "E1001: the model ran out of memory" }, {
    _tag: "Failed",
    reason: "E1001: the model ran out of memory",
    cause: "input",
    code: "E1001"
  }],
  ["interrupted", { status: "failed", error: "Prediction interrupted; please retry (code: PA)" }, {
    _tag: "Failed",
    reason: "Prediction interrupted; please retry (code: PA)",
    cause: "service",
    code: "PA"
  }],
  ["failed with an object", { status: "failed", error: { code: 7 } }, {
    _tag: "Failed",
    reason: "{\"code\":7}",
    cause: "unknown"
  }],
  ["canceled", { status: "canceled" }, { _tag: "Cancelled" }],
  ["aborted", { status: "aborted", started_at: null }, { _tag: "Cancelled" }],
  ...["expired", "timed_out", "processing"].map((status) =>
    [`${status}, and ended`, { status, completed_at: "2026-11-25T10:00:00Z", output: null }, {
      _tag: "Failed",
      reason: status,
      cause: "unknown"
    }] as const
  ),
  ["a word that nobody knows, and an odd end", { status: "expired", completed_at: "12" }, { _tag: "Running" }],
  ["a word that nobody knows", { status: "pondering", logs: bar(30) }, { _tag: "Running", progress: 0.3 }]
]

describe("a prediction's state", () => {
  for (const [what, record, state] of states) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const job = yield* got(record)
        assert.deepStrictEqual({ ...job.state }, state as JobState)
        assert.strictEqual(job.providerStatus, record["status"] ?? "succeeded")
      }))
  }

  it.effect("an unknown word is counted each time and logged once", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ message }) => lines.push(message))
      const { replicate } = yield* answered(() => [200, prediction({ status: "dreaming" })])
      yield* Effect.repeat(replicate.get(JobId.make(id)), { times: 2 }).pipe(Effect.provide(Logger.layer([logger])))
      assert.lengthOf(lines, 1)
      const counted = (yield* Metric.snapshot).filter(({ attributes, id }) =>
        id === "media_jobs_unknown_status" && attributes?.["provider"] === "replicate" &&
        attributes["status"] === "dreaming"
      )
      assert.deepStrictEqual(counted.map(({ state }) => "count" in state ? state.count : undefined), [3])
    }))
})

describe("a prediction's job", () => {
  it.effect("has what the record tells, and no more", () =>
    Effect.gen(function*() {
      const { cost, createdAt, kind, model, provider, raw, updatedAt, ...job } = yield* got({})
      assert.deepStrictEqual([String(provider), String(job.id), model], ["replicate", id, "replicate/hello-world"])
      assert.deepStrictEqual([createdAt, updatedAt].map((time) => time && DateTime.formatIso(time)), [
        "2023-09-08T16:19:34.765Z",
        "2023-09-08T16:19:34.791Z"
      ])
      assert.deepStrictEqual(cost, { amount: 0.012683, unit: "replicate-seconds", basis: "charged" })
      assert.deepStrictEqual([kind, raw], [undefined, undefined])
    }))

  it.effect("has the whole record where it was asked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>((yield* got({}, { raw: true })).raw, prediction())
    }))

  it.effect("is told without anything but id and status", () =>
    Effect.gen(function*() {
      const { replicate } = yield* answered(() => [200, { id, status: "starting", created_at: "yesterday", new: {} }])
      const job = yield* replicate.get(JobId.make(id))
      assert.deepStrictEqual([job.state._tag, job.createdAt, job.model, job.cost], [
        "Queued",
        undefined,
        undefined,
        undefined
      ])
    }))

  for (
    const [what, record, expires] of [
      ["an hour after their end", {}, "2023-09-08T17:19:34.791Z"],
      ["nobody knows when, of the website", { source: "web" }, undefined],
      ["nobody knows when, elsewhere", { output: "https://example.com/out.png" }, undefined],
      ["nobody knows when, of no end", { completed_at: null }, undefined]
    ] as const
  ) {
    it.effect(`its links die ${what}`, () =>
      Effect.gen(function*() {
        const { state } = yield* got({ output: [file], ...record })
        const [artifact] = state._tag === "Succeeded" ? state.artifacts : []
        assert.strictEqual(artifact?.expiresAt && DateTime.formatIso(artifact.expiresAt), expires)
        assert.isDefined(artifact)
      }))
  }

  it("is owned by its id's form", () => {
    const ours = ["gm3qorzdhgbfurvjtvhg6dckhu", "m420tb253nrm60cj09c8hwfgxw", "zz4ibbonubfz7carwiefibzgga"]
    assert.deepStrictEqual(ours.map(owns), [true, true, true])
    const others = ["", "j1-u2-email:user@example.com-bot:luma", "a1b2c3", "f47ac10b-58cc-4372-a567-0e02b2c3d479"]
    assert.deepStrictEqual(others.map(owns), [false, false, false, false])
  })
})

describe("files in an output", () => {
  const base = "https://replicate.delivery/a"
  const found = (output: unknown) => artifacts(output).map(({ kind, role, url }) => [kind, role, url])

  for (
    const [what, output, expected] of [
      ["a link", `${base}/o.mp4`, [["video", "primary", `${base}/o.mp4`]]],
      ["a list", [`${base}/0.png`, `${base}/1.png`], [
        ["image", "primary", `${base}/0.png`],
        ["image", "primary", `${base}/1.png`]
      ]],
      ["the same link twice", [`${base}/0.png`, `${base}/0.png`], [["image", "primary", `${base}/0.png`]]],
      ["an object", { video: `${base}/v.mov`, last_frame: `${base}/f.jpg`, seed: 7 }, [
        ["video", "primary", `${base}/v.mov`],
        ["image", "last-frame", `${base}/f.jpg`]
      ]],
      ["a list of objects", { stems: [{ vocals: `${base}/v.wav` }, { drums: `${base}/d.wav` }] }, [
        ["audio", "primary", `${base}/v.wav`],
        ["audio", "drums", `${base}/d.wav`]
      ]],
      ["a data URL", "data:image/webp;base64,UklGRg==", [["image", "primary", "data:image/webp;base64,UklGRg=="]]],
      ["a query behind the name", `${base}/o.GLB?x=1.png`, [["model", "primary", `${base}/o.GLB?x=1.png`]]],
      ["an archive inline", "data:application/zip;base64,UEs=", [[
        "archive",
        "primary",
        "data:application/zip;base64,UEs="
      ]]],
      ["frames of light", `${base}/out.exr`, [["image", "primary", `${base}/out.exr`]]],
      ["no extension", `${base}/output`, [["other", "primary", `${base}/output`]]],
      ["an archive and a text", [`${base}/o.tar`, `${base}/o.srt`], [
        ["archive", "primary", `${base}/o.tar`],
        ["text", "primary", `${base}/o.srt`]
      ]],
      ["a sentence with a link", `see ${base}/o.png`, []],
      ["words", ["hello", " Alice"], []],
      ["a scheme that is no file's", "javascript:alert(1)", []],
      ["nothing", null, []]
    ] as const
  ) it(what, () => assert.deepStrictEqual(found(output), expected as unknown as Array<Array<string>>))

  it("keep their labels, whatever else appears or is missing", () => {
    const labels = (output: unknown) =>
      Object.fromEntries(artifacts(output).map(({ label, url }) => [url.slice(base.length + 1), label]))
    const list = ["0.png", "1.png", "2.png", "3.png"].map((name) => `${base}/${name}`)
    const all = { "0.png": "primary", "1.png": "primary-2", "2.png": "primary-3", "3.png": "primary-4" }
    assert.deepStrictEqual(labels(list), all)
    assert.deepStrictEqual(labels([null, "", list[2], {}]), { "2.png": all["2.png"] })
    assert.deepStrictEqual(labels(list.slice(0, 1)), { "0.png": "primary" })
    assert.deepStrictEqual(labels(list[0]), { "0.png": "primary" })
    const made = { video: `${base}/v.mp4`, last_frame: `${base}/f.jpg`, "カバー": `${base}/c.jpg` }
    const named = { "v.mp4": "video", "f.jpg": "last-frame", "c.jpg": "カバー" }
    assert.deepStrictEqual(labels(made), named)
    for (const [key, one] of Object.entries(made)) {
      const name = one.slice(base.length + 1)
      assert.deepStrictEqual(labels({ [key]: one }), { [name]: named[name as keyof typeof named] }) // one of the three
    }
    assert.deepStrictEqual(labels({ stems: [{ vocals: `${base}/v.wav` }, null, { drums: [null, `${base}/d.wav`] }] }), {
      "v.wav": "stems-vocals",
      "d.wav": "stems-3-drums-2"
    })
  })

  it("survives what nests without end", () => {
    let deep: unknown = `${base}/o.png`
    for (let i = 0; i < 100_000; i++) deep = [deep]
    assert.deepStrictEqual(found(deep), [])
  })
})
