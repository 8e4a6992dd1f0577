import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import type { JobState } from "@media-jobs/core/JobState"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { objection, owns } from "../src/internal/job.ts"
import { dreamMachineBefore, dreamt, generation, id, lumaBefore } from "./support.ts"

const job = JobId.make(id)

/** With the time that a second look at one without a file takes. */
const waited = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })
const got = (record: Record<string, unknown>) =>
  waited(Effect.flatMap(lumaBefore(() => [200, generation(record)]), ({ provider }) => provider.get(job)))
const dreamed = (record: Record<string, unknown>) =>
  waited(Effect.flatMap(dreamMachineBefore(() => [200, dreamt(record)]), ({ provider }) => provider.get(job)))

const failed = (reason: string | undefined, cause: string, code?: string): Partial<JobState> => ({
  _tag: "Failed",
  ...(reason === undefined ? undefined : { reason }),
  cause: cause as "unknown",
  ...(code === undefined ? undefined : { code })
})
const withoutFile = failed("Completed without a file", "service")

type States = ReadonlyArray<readonly [what: string, record: Record<string, unknown>, state: Partial<JobState>]>

const agents: States = [
  ["queued", {}, { _tag: "Queued" }],
  ["processing", { state: "processing" }, { _tag: "Running" }],
  ["a word of the other API", { state: "dreaming" }, { _tag: "Running" }],
  ["a word that is on no page", { state: "pondering" }, { _tag: "Running" }],
  ["queued, with fields left out", { output: undefined, failure_reason: undefined, failure_code: undefined }, {
    _tag: "Queued"
  }],
  ["completed without an output", { state: "completed", output: [] }, withoutFile],
  [
    "completed with an output that leads nowhere",
    { state: "completed", output: [{ type: "video", url: "" }] },
    withoutFile
  ],
  ...([
    ["content_moderated", "content"],
    ["generation_failed", "service"],
    ["output_not_found", "service"],
    ["rate_limited", "service"],
    ["budget_exhausted", "credits"],
    ["image_too_large", "input"],
    ["unsupported_format", "input"],
    ["corrupt_input", "input"],
    ["invalid_request", "input"]
  ] as const).map(([code, cause]) =>
    [code, { state: "failed", failure_reason: "No", failure_code: code }, failed("No", cause, code)] as const
  ),
  ["a new code", { state: "failed", failure_reason: "No", failure_code: "sleepy" }, failed("No", "unknown", "sleepy")],
  [
    "a new code, by its words",
    { state: "failed", failure_reason: "The prompt was moderated", failure_code: "sleepy" },
    failed("The prompt was moderated", "content", "sleepy")
  ],
  [
    "a code without words",
    { state: "failed", failure_code: "corrupt_input" },
    failed("corrupt_input", "input", "corrupt_input")
  ],
  ["neither", { state: "failed" }, failed(undefined, "unknown")]
]

const dreamMachine: States = [
  ["queued", {}, { _tag: "Queued" }],
  ["dreaming", { state: "dreaming" }, { _tag: "Running" }],
  [
    "dreaming, with a video of its progress",
    { state: "dreaming", assets: { progress_video: "https://x.test/p.mp4" } },
    {
      _tag: "Running"
    }
  ],
  ["a word of the other API", { state: "processing" }, { _tag: "Running" }],
  ["completed without assets", { state: "completed" }, withoutFile],
  ["completed with no more than its progress", {
    state: "completed",
    assets: { progress_video: "https://x.test/p.mp4" }
  }, withoutFile],
  ...([
    ["Contains blacklisted words", "content"],
    ["Frame moderation failed", "content"],
    ["Advanced prompt moderation failed", "content"],
    ["Failed to read user input frames", "input"],
    ["Prompt processing failed", "service"],
    ["Something else", "unknown"]
  ] as const).map(([reason, cause]) =>
    [reason, { state: "failed", failure_reason: reason }, failed(reason, cause)] as const
  )
]

const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, label, role, url }) => [kind, role, label, url]) : []

describe("a generation's state", () => {
  for (const [what, record, state] of agents) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const { providerStatus, state: found } = yield* got(record)
        assert.deepStrictEqual<unknown>({ ...found }, state)
        assert.strictEqual(providerStatus, record["state"] ?? "queued")
      }))
  }
  for (const [what, record, state] of dreamMachine) {
    it.effect(`of Dream Machine: ${what}`, () =>
      Effect.gen(function*() {
        const { providerStatus, state: found } = yield* dreamed(record)
        assert.deepStrictEqual<unknown>({ ...found }, state)
        assert.strictEqual(providerStatus, record["state"] ?? "queued")
      }))
  }
})

describe("a generation's job", () => {
  it.effect("has what the record tells, and no more", () =>
    Effect.gen(function*() {
      const one = yield* got({})
      assert.deepStrictEqual([String(one.provider), String(one.id), one.kind, one.model], [
        "luma",
        id,
        "video",
        "ray-3.2"
      ])
      assert.strictEqual(one.createdAt && DateTime.formatIso(one.createdAt), "2026-04-08T12:00:00.000Z")
      const other = yield* dreamed({ generation_type: "image", model: undefined, version: "v1.6" })
      assert.deepStrictEqual([String(other.provider), other.kind, other.model], ["luma-dream-machine", "image", "v1.6"])
      assert.strictEqual((yield* dreamed({ model: undefined, request: { model: "ray-2" } })).model, "ray-2")
    }))

  it.effect("has the kind of its type", () =>
    Effect.gen(function*() {
      for (
        const [type, kind] of [
          ["image", "image"],
          ["image_edit", "image"],
          ["video", "video"],
          ["video_edit", "video"],
          ["video_reframe", "video"],
          ["layering", undefined]
        ] as const
      ) assert.strictEqual((yield* got({ type })).kind, kind)
    }))

  it.effect("has each output as a file", () =>
    Effect.gen(function*() {
      const at = (name: string) => `https://s3.test/${name}?X-Amz-Expires=3600`
      const output = (...files: ReadonlyArray<readonly [type: unknown, name: string]>) =>
        files.map(([type, name]) => ({ type, url: at(name) }))
      const video = yield* got({ state: "completed", output: output(["video", "o.mp4"], ["video", "o.exr"], [7, "o"]) })
      assert.deepStrictEqual(files(video), [
        ["video", "primary", "output", at("o.mp4")],
        ["image", "hdr-frames", "output-2", at("o.exr")],
        ["other", "other", "output-3", at("o")]
      ])
      const images = yield* got({
        state: "completed",
        type: "image",
        output: output(["image", "0.png"], ["image", "1.jpg"])
      })
      assert.deepStrictEqual(files(images).map(([kind, role, label]) => [kind, role, label]), [
        ["image", "primary", "output"],
        ["image", "primary", "output-2"]
      ])
    }))

  it.effect("has links that die when they say, else an hour after they were seen", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-04-08T12:05:00Z"))
      for (
        const [query, expires] of [
          ["?X-Amz-Date=20260408T120130Z&X-Amz-Expires=600", "2026-04-08T12:11:30.000Z"],
          ["?X-Amz-Expires=600", "2026-04-08T12:15:00.000Z"],
          ["?X-Amz-Date=soon&X-Amz-Expires=long", "2026-04-08T13:05:00.000Z"],
          ["", "2026-04-08T13:05:00.000Z"]
        ] as const
      ) {
        const output = [{ type: "video", url: `https://s3.test/o.mp4${query}` }]
        const { provider } = yield* lumaBefore(() => [200, generation({ state: "completed", output })])
        const { state } = yield* provider.get(job)
        const [artifact] = state._tag === "Succeeded" ? state.artifacts : []
        assert.strictEqual(artifact?.expiresAt && DateTime.formatIso(artifact.expiresAt), expires)
      }
    }))

  it.effect("of Dream Machine has its asset, and what showed the progress beside it", () =>
    Effect.gen(function*() {
      const video = "https://storage.cdn-luma.com/v.mp4"
      const progress_video = "https://storage.cdn-luma.com/p.mp4"
      assert.deepStrictEqual(files(yield* dreamed({ state: "completed", assets: { video, progress_video } })), [
        ["video", "primary", undefined, video],
        ["video", "progress", undefined, progress_video]
      ])
      const image = "https://storage.cdn-luma.com/i.jpg"
      assert.deepStrictEqual(files(yield* dreamed({ state: "completed", assets: { image } })), [
        ["image", "primary", undefined, image]
      ])
    }))

  it.effect("is told without anything but id and state", () =>
    Effect.gen(function*() {
      for (const odd of [null, 0, "", "x", [], {}, true]) {
        const record = Object.fromEntries(
          [...Object.keys(generation()), ...Object.keys(dreamt())].map((name) => [name, odd])
        )
        const bare = { ...record, id, state: "queued" }
        const { provider } = yield* lumaBefore(() => [200, bare])
        assert.strictEqual((yield* provider.get(job)).state._tag, "Queued")
        const other = yield* dreamMachineBefore(() => [200, bare])
        assert.strictEqual((yield* other.provider.get(job)).state._tag, "Queued")
        const [told] = yield* other.provider.webhook(bare)
        assert.strictEqual(told?.state._tag, "Queued")
      }
    }))

  it("is owned by its id's form", () => {
    assert.deepStrictEqual([id, id.toUpperCase()].map(owns), [true, true])
    const others = ["", "gm3qorzdhgbfurvjtvhg6dckhu", "j1-u2-email:user@example.com-bot:luma", `${id}0`]
    assert.deepStrictEqual(others.map(owns), others.map(() => false))
    assert.deepStrictEqual([objection("an-odd_id"), objection("j1-u2-bot:luma") !== undefined], [undefined, true])
  })
})
