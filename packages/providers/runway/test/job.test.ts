import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Runway from "@media-jobs/runway/Runway"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { answered, emulated, id, inMemory, task } from "./support.ts"

const now = Date.parse("2026-08-11T07:00:00Z")

/** The job that a record is, though it may be asked for once more. */
const got = Effect.fnUntraced(function*(record: Record<string, unknown>, asked: JobId.JobId = JobId.make(id)) {
  yield* TestClock.setTime(now)
  const { runway } = yield* answered(() => [200, record])
  const fiber = yield* Effect.forkChild(runway.get(asked))
  yield* TestClock.adjust("10 seconds")
  return yield* Fiber.join(fiber)
})
const run = (more: Record<string, unknown>) => got(task({ cost: undefined, ...more }), Runway.workflowRunId(id))
const artifacts = ({ state }: Job.Job) => state._tag === "Succeeded" ? state.artifacts : []

describe("a task", () => {
  const words: ReadonlyArray<readonly [Record<string, unknown>, Job.Job["state"]]> = [
    [{ status: "PENDING" }, { _tag: "Queued" }],
    [{ status: "THROTTLED" }, { _tag: "Queued" }],
    [{ status: "RUNNING", progress: 0.45 }, { _tag: "Running", progress: 0.45 }],
    [{ status: "RUNNING", progress: 0 }, { _tag: "Running", progress: 0 }],
    [{ status: "RUNNING", progress: 45 }, { _tag: "Running" }],
    [{ status: "RUNNING" }, { _tag: "Running" }],
    [{ status: "CANCELLED" }, { _tag: "Cancelled" }],
    [{ status: "CANCELED" }, { _tag: "Running" }],
    [{ status: "REVIEWING", progress: 0.5 }, { _tag: "Running", progress: 0.5 }],
    [{ status: "FAILED" }, { _tag: "Failed", cause: "unknown" }],
    [{ status: "SUCCEEDED", output: [] }, { _tag: "Failed", reason: "Completed without a file", cause: "service" }]
  ]
  it.effect.each(words)("of %j is %j", ([record, state]) =>
    Effect.gen(function*() {
      const job = yield* got(task({ output: undefined, ...record }))
      assert.deepStrictEqual([job.state, job.providerStatus], [state, record["status"]])
      assert.strictEqual(job.createdAt && DateTime.formatIso(job.createdAt), "2026-08-11T06:12:01.171Z")
    }))

  const codes = [
    ["SAFETY.INPUT.TEXT", "content"],
    ["SAFETY.INPUT.IMAGE", "content"],
    ["SAFETY.INPUT.VIDEO", "content"],
    ["SAFETY.INPUT.MULTIMODAL", "content"],
    ["SAFETY.OUTPUT.VIDEO", "content"],
    ["INPUT_PREPROCESSING.SAFETY.TEXT", "content"],
    ["INTERNAL.BAD_OUTPUT.CODE01", "input"],
    ["INTERNAL.BAD_OUTPUT.01", "input"],
    ["ASSET.INVALID", "input"],
    ["INPUT_PREPROCESSING.INTERNAL", "service"],
    ["INTERNAL", "service"],
    ["THIRD_PARTY.UNAVAILABLE", "service"],
    ["WEATHER.RAIN", "unknown"],
    [undefined, "unknown"]
  ] as const
  it.effect.each(codes)("that failed with %s is the fault of %s", ([failureCode, cause]) =>
    Effect.gen(function*() {
      const { state } = yield* got(task({ status: "FAILED", failure: "No", failureCode }))
      const code = failureCode === undefined ? undefined : { code: failureCode }
      assert.deepStrictEqual(state, { _tag: "Failed", reason: "No", cause, ...code })
    }))

  it.effect("that succeeded has each file by its place and its name, for a day from the look", () =>
    Effect.gen(function*() {
      const names = ["a.mp4", "b.mov", "c.PNG", "d.jpg", "e.webp", "f.mp3", "g.wav", "h.zip", "noname"]
      const output = names.map((name) => `https://d2jqrm6oza8nb6.cloudfront.net/x/${name}?_jwt=a.b#c.exr`)
      const made = artifacts(yield* got(task({ output })))
      assert.deepStrictEqual(made.map(({ kind, label, role }) => [kind, label, role]), [
        ["video", "primary", "primary"],
        ["video", "primary-2", "primary"],
        ["image", "primary-3", "primary"],
        ["image", "primary-4", "primary"],
        ["image", "primary-5", "primary"],
        ["audio", "primary-6", "primary"],
        ["audio", "primary-7", "primary"],
        ["archive", "primary-8", "primary"],
        ["other", "primary-9", "primary"]
      ])
      for (const { expiresAt } of made) assert.strictEqual(expiresAt?.epochMilliseconds, now + 86_400_000)
    }))

  it.effect("that lacks one of its files says which, and the others keep their labels", () =>
    Effect.gen(function*() {
      const output = [null, "https://example.com/b.png"]
      const { state } = yield* got(task({ output }))
      assert.deepStrictEqual(state._tag === "Succeeded" && [state.missing, state.artifacts[0]?.label], [
        [{ label: "primary", cause: "service" }],
        "primary-2"
      ])
    }))

  it.effect.each(
    [
      [{ cost: { credits: 25 }, estimatedCost: { credits: 60 } }, { amount: 25, basis: "charged" }],
      [{ cost: { credits: 0 } }, { amount: 0, basis: "charged" }],
      [{ cost: undefined, estimatedCost: { credits: 60 } }, { amount: 60, basis: "forecast" }],
      [{ cost: undefined }, undefined]
    ] as const
  )("of %j costs %j", ([record, cost]) =>
    Effect.gen(function*() {
      const found = (yield* got(task(record))).cost
      assert.deepStrictEqual(found, cost && { ...cost, unit: "runway-credits" })
    }))

  it.effect("whose side fields are odd is the same task without them", () =>
    Effect.gen(function*() {
      for (const odd of [null, true, 0, -1, "", "x", [], {}, [[]], { credits: "x" }, { a: { b: 1 } }]) {
        const job = yield* got(task({ createdAt: odd, cost: odd, estimatedCost: odd, nodeErrors: [] }))
        assert.deepStrictEqual([job.createdAt, job.cost, job.is("Succeeded")], [undefined, undefined, true])
        const failed = yield* got(task({ status: "FAILED", failure: odd, failureCode: [odd] }))
        assert.isTrue(failed.is("Failed"))
        const running = yield* got(task({ status: "RUNNING", progress: [odd], output: odd, cost: undefined }))
        assert.deepStrictEqual(running.state, { _tag: "Running" })
        assert.isFalse((yield* got(task({ output: odd }))).is("Succeeded"))
      }
    }))

  it.effect("is asked for once more where it is done without a file", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered((_, n) => [200, task(n === 0 ? { output: [] } : {})])
      const fiber = yield* Effect.forkChild(runway.get(JobId.make(id)))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual([(yield* Fiber.join(fiber)).is("Succeeded"), sent.length], [true, 2])
    }))

  it.effect("is no other than the one asked for", () =>
    Effect.gen(function*() {
      for (const other of [`${id}0`, id.toUpperCase(), `workflow:${id}`]) {
        const { runway } = yield* answered(() => [200, task({ id: other })])
        const error = yield* Effect.flip(runway.get(JobId.make(id)))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.notInclude(error.message, id)
      }
    }))
})

describe("a workflow's run", () => {
  const output = {
    video: ["https://example.com/a.mp4", "https://example.com/b.mp4"],
    "node-2": ["https://example.com/c.png"]
  }

  it.effect("is asked for at its own address, and has its files by their nodes", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, task({ output })])
      const job = yield* runway.get(Runway.workflowRunId(id))
      assert.deepStrictEqual([sent[0]?.url.pathname, job.id], [
        `/v1/workflow_invocations/${id}`,
        Runway.workflowRunId(id)
      ])
      assert.deepStrictEqual(artifacts(job).map(({ label }) => label), ["video", "video-2", "node-2"])
    }))

  it.effect("that succeeded in part says what is missing", () =>
    Effect.gen(function*() {
      const nodeErrors = { sound: { message: "No", failureCode: "SAFETY.INPUT.TEXT", nodeName: "Sound" }, odd: 7 }
      const { state } = yield* run({ output, nodeErrors })
      assert.deepStrictEqual(state._tag === "Succeeded" && [state.artifacts.length, state.missing], [3, [
        { label: "sound", reason: "No", code: "SAFETY.INPUT.TEXT", cause: "content" },
        { label: "odd", cause: "unknown" }
      ]])
    }))

  it.effect("of which every node failed has failed, as the first does", () =>
    Effect.gen(function*() {
      const { state } = yield* run({ output: {}, nodeErrors: { a: { message: "No", failureCode: "INTERNAL" } } })
      assert.deepStrictEqual(state, { _tag: "Failed", reason: "No", code: "INTERNAL", cause: "service" })
    }))

  it.effect("that has some files already still runs", () =>
    Effect.gen(function*() {
      const { state } = yield* run({ status: "RUNNING", progress: 0.5, output })
      assert.deepStrictEqual(state, { _tag: "Running", progress: 0.5 })
    }))

  it.effect("runs in the emulator from its submit to its file, and shows no id in what fails", () =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      const { ids: [made] } = yield* runway.submit(Runway.workflow({ workflow: "w-1" }))
      assert.isTrue((yield* runway.get(made)).is("Queued"))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(artifacts(yield* runway.get(made)).map(({ kind, label }) => [kind, label]), [
        ["video", "video"]
      ])
      const missing = Runway.workflowRunId(id)
      const error = yield* Effect.flip(runway.get(missing))
      assert.strictEqual(error._tag, "NotFound")
      assert.notInclude(`${error.message} ${JSON.stringify(error)}`, id)
    }).pipe(inMemory()))
})

describe("ids", () => {
  it.effect("are ours where they are UUIDs, and any that a path can hold is sent", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [404, { error: "Could not find Task" }])
      const owned = [id, id.toUpperCase(), `workflow:${id}`, "gm3qorzdhgbfurvjtvhg6dckhu", "workflow:x", ""]
      assert.deepStrictEqual(owned.map((one) => runway.owns(one as JobId.JobId)), [
        true,
        true,
        true,
        false,
        false,
        false
      ])
      for (const one of ["task_1", "../x", "user@example.com", "workflow:../x"]) {
        yield* Effect.flip(runway.get(JobId.make(one)))
      }
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), ["/v1/tasks/task_1"])
    }))
})

describe("links", () => {
  it.effect("are fresh at each call, of the same output", () =>
    Effect.gen(function*() {
      const { services: { runway: hands } } = yield* Emulator.Emulator
      const runway = yield* emulated()
      const made = yield* hands.add({ state: "succeeded", type: "image", files: ["a.png", "b.png"] })
      const job = yield* runway.get(JobId.make(made.id))
      const [, second = assert.fail()] = artifacts(job)
      yield* TestClock.adjust("3 days")
      const link = yield* runway.link(job, second)
      assert.notStrictEqual(link.url, second.url)
      assert.strictEqual(link.url.split("?")[0], second.url.split("?")[0])
      assert.strictEqual(link.expiresAt?.epochMilliseconds, 4 * 86_400_000)
      assert.isUndefined(link.headers)
    }).pipe(inMemory()))

  it.effect("of an output that is not there any more are none", () =>
    Effect.gen(function*() {
      const { runway } = yield* answered((_, n) => [200, task(n === 0 ? {} : { status: "FAILED" })])
      const job = yield* runway.get(JobId.make(id))
      const [first = assert.fail()] = artifacts(job)
      assert.strictEqual((yield* Effect.flip(runway.link(job, first)))._tag, "UnexpectedResponse")
    }))
})
