import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Poller from "@media-jobs/poller/Poller"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import { fixtures } from "@media-jobs/testing/useapi-runway"
import * as Runway from "@media-jobs/useapi-runway/Runway"
import * as RunwayRequest from "@media-jobs/useapi-runway/RunwayRequest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { expectTypeOf } from "vitest"
import { account, asset, id, runway, submitted, world } from "./support.ts"

const { assembled } = fixtures
const other = "other@example.com"
const elsewhere = asset.replace(account, other)
const two = { accounts: [{ email: account, maxJobs: 9 }, { email: other, maxJobs: 2 }] }
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-runway"])
const model = "gen4.5"
const rain = Runway.video({ model, text_prompt: "rain", email: account })

it("requests have the fields that their endpoints take", () => {
  expectTypeOf(Runway.video).parameter(0).toHaveProperty("imageAssetId11").toEqualTypeOf<string | undefined>()
  expectTypeOf(rain).toEqualTypeOf<RunwayRequest.Requests["Video"]>()
  // @ts-expect-error: it needs a text
  Runway.image({ model })
})

describe("runway.submit", () => {
  for (
    const [request, operation, owner] of [
      [Runway.video({ model, text_prompt: "rain", email: other, replyRef: "order-7" }), "video", other],
      [Runway.video({ model, imageAssetId2: elsewhere }), "video", other],
      [Runway.upscaleVideo({ videoAssetId: asset }), "upscale", account],
      [Runway.image({ model: "gen4", text_prompt: "rain", num_images: 4, imageAssetId14: elsewhere }), "image", other],
      [Runway.frames({ text_prompt: "@IMG_3 in the rain", num_images: 4, imageAssetId3: elsewhere }), "frames", other],
      [Runway.slowMotion({ assetId: asset, speed: 0.1, width: 1280 }), "slowMotion", account],
      [Runway.video({ model, text_prompt: "rain" }), "video", undefined]
    ] as ReadonlyArray<readonly [RunwayRequest.Request, string, string | undefined]>
  ) {
    it.effect(`sends ${JSON.stringify(request)} to its path once, under the vendor's names`, () =>
      Effect.gen(function*() {
        const submission = yield* (yield* runway()).submit(request)
        const [entry, ...more] = yield* (yield* Emulator.Emulator).journal
        assert.deepStrictEqual([entry?.operation, more], [`useapi-runway.${operation}`, []])
        const { _tag: _, ...fields } = request
        assert.deepStrictEqual(JSON.parse(entry?.body ?? ""), fields)
        assert.deepStrictEqual([submission.account, submission.kind], [
          owner,
          operation === "image" || operation === "frames" ? "image" : "video"
        ])
        assert.include(submission.ids[0], owner ?? "@example.com")
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), ["Queued"])
      }).pipe(Effect.provide(world(two))))
  }

  it.effect("may be answered with a task in any state, or with an odd one", () =>
    Effect.gen(function*() {
      const states = (body: Schema.Json) =>
        Effect.map(submitted(200, body), ({ ids, snapshots }) => [ids[0], snapshots?.map(({ state }) => state._tag)])
      assert.deepStrictEqual(yield* states(assembled.running.json), [id, ["Running"]])
      assert.deepStrictEqual(yield* states(assembled.succeeded.json), [id, ["Succeeded"]])
      assert.deepStrictEqual(yield* states({ taskId: id, status: 7 }), [id, []])
      assert.deepStrictEqual(yield* states({ taskId: id, status: "MUSING" }), [id, ["Running"]])
    }))

  for (
    const [request, fields] of [
      [Runway.video({ model }), []],
      [Runway.video({ model: "", text_prompt: "x".repeat(5001) }), ["model", "text_prompt"]],
      [Runway.video({ model, duration: 0, aspect_ratio: "wide", seed: -1, maxJobs: 11 }), [
        "aspect_ratio",
        "duration",
        "maxJobs",
        "seed"
      ]],
      [Runway.video({ model, imageAssetId1: "./a.png" }), ["imageAssetId1"]],
      [Runway.video({ model, imageAssetId1: asset, videoAssetId: elsewhere }), ["videoAssetId"]],
      [Runway.video({ model, startFrameAssetId: asset, email: other }), ["startFrameAssetId"]],
      [Runway.video({ model, multishot_prompt_1: "a", multishot_duration_1: 5 }), [
        "multishot_duration_2",
        "multishot_prompt_2"
      ]],
      [
        Runway.video({
          model,
          multishot_prompt_1: "a",
          multishot_duration_1: 9,
          multishot_prompt_2: "b",
          multishot_duration_2: 9
        }),
        ["multishot_duration_1"]
      ],
      [Runway.image({ model, text_prompt: "rain", num_images: 2 as 1 }), ["num_images"]],
      [Runway.image({ model, text_prompt: "rain", imageAssetId1: asset, imageAssetId2: elsewhere }), ["imageAssetId2"]],
      [Runway.frames({ text_prompt: "rain", imageAssetId1: asset, imageAssetId2: elsewhere }), ["imageAssetId2"]],
      [Runway.frames({ text_prompt: "", diversity: 0.5 }), ["diversity", "text_prompt"]],
      [Runway.slowMotion({ assetId: asset, speed: 0.05, width: 0 }), ["speed", "width"]],
      [{ ...rain, negative_prompt: "sun" }, ["negative_prompt"]]
    ] as ReadonlyArray<readonly [RunwayRequest.Request, ReadonlyArray<string>]>
  ) {
    it(`${request._tag} ${JSON.stringify(request).slice(0, 90)} is refused by ${fields.join() || "nothing"}`, () =>
      assert.deepStrictEqual(RunwayRequest.issues(request).map(({ field }) => field).toSorted(), [...fields]))
  }
})

describe("A wait", () => {
  it.effect("ends with a task, with one that failed, and with one that is gone", () =>
    Effect.gen(function*() {
      const service = yield* runway({ requestsPerSecond: 1000 })
      const emulated = yield* controls
      const ended = (change: Parameters<typeof emulated.change>[1]) =>
        Effect.gen(function*() {
          const submission = yield* service.submit(rain)
          yield* emulated.change(submission.ids[0], change)
          const fiber = yield* Effect.forkChild(Effect.exit(Poller.succeed(service, submission)))
          yield* TestClock.adjust("20 minutes")
          return String(yield* Fiber.join(fiber))
        })
      assert.include(yield* ended({}), "Succeeded")
      assert.include(yield* ended({ outcome: "FAILED", reason: "The prompt was moderated" }), "JobFailed")
    }).pipe(Effect.provide(world(two))))
})

describe("runway.untrack", () => {
  it.effect("frees the slot, and the task runs on", () =>
    Effect.gen(function*() {
      const service = yield* runway({ requestsPerSecond: 1000 })
      const { ids: [id] } = yield* service.submit(rain)
      assert.deepStrictEqual(yield* service.capacity, [
        { account, limit: 9, executing: 1 },
        { account: other, limit: 2, executing: 0 }
      ])
      yield* service.untrack(id)
      assert.deepStrictEqual((yield* service.capacity)[0], { account, limit: 9, executing: 0 })
      assert.deepStrictEqual((yield* service.list).jobs, [])
      assert.isTrue((yield* service.get(id)).is("Queued"))
      assert.strictEqual((yield* Effect.flip(service.untrack(id)))._tag, "NotFound")
    }).pipe(Effect.provide(world(two))))
})

describe("runway.remove", () => {
  it.effect("takes out what has ended, and leaves what runs alone, or may", () =>
    Effect.gen(function*() {
      const service = yield* runway({ requestsPerSecond: 1000 })
      const emulated = yield* controls
      const { ids: [id] } = yield* service.submit(rain)
      yield* emulated.change(id, { override: { status: "PONDERING" } })
      assert.strictEqual((yield* Effect.flip(service.remove(id)))._tag, "NotTerminal")
      yield* emulated.change(id, { override: {} })
      const error = yield* Effect.flip(service.remove(id))
      assert.deepStrictEqual(error._tag === "NotTerminal" && error.providerStatus, "PENDING")
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-runway.remove"), 0)
      yield* TestClock.adjust("1 minute")
      yield* service.remove(id)
      assert.strictEqual((yield* Effect.flip(service.get(id)))._tag, "NotFound")
      const { id: done } = yield* emulated.add({ state: "SUCCEEDED", account })
      yield* (yield* Emulator.Emulator).inject({
        operation: "useapi-runway.remove",
        fault: Faults.answer(Reply.json(200, { success: false }))
      })
      assert.strictEqual((yield* Effect.flip(service.remove(JobId.make(done))))._tag, "UnexpectedResponse")
    }).pipe(Effect.provide(world(two))))
})

describe("runway.capacity", () => {
  it.effect("of an account that is broken is none, and of a list that is not whole counts nothing", () =>
    Effect.gen(function*() {
      const { capacity } = yield* runway({ requestsPerSecond: 1000 })
      yield* (yield* Emulator.Emulator).inject({
        operation: "useapi-runway.list",
        fault: Faults.answer(Reply.json(200, [null]))
      })
      assert.deepStrictEqual(yield* capacity, [{ account, limit: 9 }, { account: other, limit: 0 }])
    }).pipe(Effect.provide(world({
      accounts: [{ email: account, maxJobs: 9 }, { email: other, maxJobs: 2, error: "Locked" }]
    }))))
})

describe("A submit whose reply was lost", () => {
  const lose = (request: RunwayRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* runway({ requestsPerSecond: 1000 })
      yield* TestClock.setTime(Date.UTC(2026, 6, 16))
      yield* service.submit({ ...rain, replyRef: "before" })
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(service.submit(request))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* service.submit({ ...rain, email: other, replyRef: "after" })
      return { service, lost, made: made?.id ?? "" }
    })
  const ids = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ id }) => String(id))

  it.effect("is the one of its reference, or of its address, as long as it is tracked", () =>
    Effect.gen(function*() {
      for (const reply of [{ replyRef: "order-7" }, { replyUrl: "https://app.test/7" }]) {
        const { lost, made, service } = yield* lose({ ...rain, ...reply })
        assert.deepStrictEqual(ids(yield* service.recover(lost)), [made])
      }
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-runway.history"), 0)
    }).pipe(Effect.provide(world(two))))

  it.effect("is among its account's of that day, once it is not", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose({ ...rain, replyRef: "order-7" })
      yield* TestClock.adjust("10 minutes")
      const old = yield* (yield* controls).add({ account, created: "2026-07-14T00:00:00Z", state: "SUCCEEDED" })
      const found = yield* service.recover(lost)
      assert.strictEqual(found.length, 2)
      assert.include(ids(found), made)
      assert.notInclude(ids(found), old.id)
      assert.isTrue(found.every((job) => job.is("Succeeded")))
      const { account: _, ...nameless } = { ...lost }
      assert.deepStrictEqual(ids(yield* service.recover({ ...nameless, submittedAt: lost.submittedAt })), [])
    }).pipe(Effect.provide(world(two))))

  it.effect("is among the tracked and the others of its account, each once, where it said nothing to know it by", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose(rain)
      const done = yield* (yield* controls).add({ account, state: "SUCCEEDED", created: "2026-07-16T00:00:00Z" })
      const found = ids(yield* service.recover(lost))
      assert.strictEqual(found.length, 3)
      assert.includeMembers(found, [made, done.id])
    }).pipe(Effect.provide(world(two))))

  const listing = (count: number, createdAt: string) =>
    Array.from({ length: count }, (_, i) => ({ taskId: `${id}${i}`, status: "SUCCEEDED", createdAt, artifacts: [] }))

  for (
    const [what, body, expected] of [
      ["a bare list", listing(1, "2026-07-16T00:00:00Z"), 1],
      ["odd entries beside it", { tasks: [null, { status: "RUNNING" }, ...listing(1, "2026-07-16T00:00:00Z")] }, 1],
      ["a page that is full and reaches back far enough", listing(1000, "2026-07-14T00:00:00Z"), 0],
      ["a page that is full and does not", listing(1000, "2026-07-16T00:00:00Z"), undefined],
      ["no list", { items: [] }, undefined]
    ] as ReadonlyArray<readonly [string, Schema.Json, number | undefined]>
  ) {
    it.effect(`is looked for in a history that is ${what}`, () =>
      Effect.gen(function*() {
        const { lost, service } = yield* lose({ ...rain, replyRef: "order-7" })
        yield* TestClock.adjust("10 minutes")
        yield* (yield* Emulator.Emulator).inject({
          operation: "useapi-runway.history",
          fault: Faults.answer(Reply.json(200, body))
        })
        const found = yield* Effect.match(Answers.timely(service.recover(lost)), {
          onFailure: ({ _tag }) => _tag,
          onSuccess: ({ length }) => length
        })
        assert.strictEqual(found, expected ?? "UnexpectedResponse")
      }).pipe(Effect.provide(world(two))))
  }
})

describe("runway.upload", () => {
  it.effect("gives the name that requests take, of a file of its account", () =>
    Effect.gen(function*() {
      const { submit, upload } = yield* runway({ requestsPerSecond: 1000 })
      const file = (mediaType: string) => ({
        account: other,
        mediaType,
        content: Stream.succeed(new Uint8Array(8))
      })
      const references = yield* Effect.forEach(
        ["image/png", "video/mp4", "audio/mpeg"],
        (type) => Effect.map(upload(file(type)), ({ reference }) => reference)
      )
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, "/v1/runwayml/assets/?name=upload&email=other%40example.com")
      const { ids: [id] } = yield* submit(Runway.video({ model, imageAssetId1: references[0], email: other }))
      assert.include(id, other)
      const error = yield* Effect.flip(upload({ ...file("image/webp"), account: "" }))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), [
        "account",
        "mediaType"
      ])
    }).pipe(Effect.provide(world(two))))
})

describe("An id", () => {
  it.effect("goes into the path as it is, and one of another form is not its own", () =>
    Effect.gen(function*() {
      yield* (yield* controls).add({ id })
      const { get, owns } = yield* runway()
      assert.isTrue(owns((yield* get(id)).id))
      assert.strictEqual((yield* (yield* Emulator.Emulator).journal)[0]?.url, `/v1/runwayml/tasks/${id}`)
      for (const odd of ["6f1b2c3d", asset, "user:1-runwayml:a@b"]) assert.isFalse(owns(JobId.make(odd)))
    }).pipe(Effect.provide(world())))
})
