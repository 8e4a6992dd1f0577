import { assert, describe, it } from "@effect/vitest"
import * as Poller from "@media-jobs/poller/Poller"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { fixtures } from "@media-jobs/testing/useapi-flow-music"
import * as FlowMusic from "@media-jobs/useapi-flow-music/FlowMusic"
import * as FlowMusicRequest from "@media-jobs/useapi-flow-music/FlowMusicRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { account, clip, flowMusic, heard, id, world } from "./support.ts"

const { assembled: seen } = fixtures
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-flow-music"])
const other = "other@example.com"
const two = { accounts: [{ email: account, maxJobs: 4 }, { email: other, maxJobs: 2 }] }
const record = (more: Schema.JsonObject): Schema.JsonObject => ({ jobid: id, ...more })
const ids = (jobs: ReadonlyArray<{ readonly id: string }>) => jobs.map(({ id }) => String(id))

describe("a status", () => {
  const url = "https://a.test/clip"
  for (
    const [more, state] of [
      [{ status: "pending" }, { _tag: "Running" }],
      [{ status: "completed" }, { _tag: "Failed", reason: "Completed without a file" }],
      [{ status: "completed", clips: [{ wav_url: "soon" }] }, { _tag: "Failed", reason: "Completed without a file" }],
      [{ status: "completed", clips: [{ audio_url: url }] }, { _tag: "Succeeded" }],
      [{ status: "failed" }, { _tag: "Failed", cause: "unknown" }],
      [{ status: "failed", error: { code: "user_cancelled", message: "Stopped" } }, { _tag: "Cancelled" }],
      [{ status: "failed", error: { code: "no_credits", message: "Not enough credits" } }, {
        _tag: "Failed",
        reason: "Not enough credits",
        cause: "credits",
        code: "no_credits"
      }],
      [{ status: "failed", error: "Prompt was moderated" }, { _tag: "Failed", cause: "content" }],
      [{ status: "mixing" }, { _tag: "Running" }],
      [{ status: "expired", completed_at: "2026-06-03T10:01:30.000Z" }, { _tag: "Failed", reason: "expired" }]
    ] as ReadonlyArray<readonly [Schema.JsonObject, object]>
  ) {
    it.effect(`${JSON.stringify(more)} is ${JSON.stringify(state)}`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(record(more))
        assert.deepInclude(job?.state, state)
      }))
  }

  it.effect("keeps every clip in its place, what it is beside its files, and says which is missing", () =>
    Effect.gen(function*() {
      const [job] = yield* heard(seen.completed.json)
      if (job?.state._tag !== "Succeeded") return assert.fail(job?.state._tag)
      assert.deepStrictEqual(job.state.artifacts.map(({ kind, label, url }) => [kind, label, url]), [
        ["audio", "primary", "https://cdn.flowmusic.app/clip-1.wav"],
        ["image", "thumbnail", "https://cdn.flowmusic.app/clip-1.jpg"],
        ["audio", "primary-2", "https://cdn.flowmusic.app/clip-2.wav"],
        ["image", "thumbnail-2", "https://cdn.flowmusic.app/clip-2.jpg"]
      ])
      assert.deepStrictEqual(job.state.artifacts[0]?.duration, Duration.seconds(151.5))
      const text = { title: "The lighthouse", lyrics: "Light in the rain" }
      assert.deepStrictEqual(job.state.output, [1, 2].map((n) => ({ clip: `${clip.slice(0, -1)}${n}`, ...text })))
      assert.deepInclude(job, { kind: "audio", account, model: "lyria-3.5" })
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe("2026-06-03T10:00:00Z"))
      const [half] = yield* heard(record({ status: "completed", clips: [{ wav_url: null }, { audio_url: url }] }))
      assert.deepInclude(half?.state, { missing: [{ label: "primary", cause: "unknown" }] })
      assert.strictEqual(half?.account, account)
    }))

  it.effect("has its reference where the record does", () =>
    Effect.gen(function*() {
      for (const more of [{ replyRef: "order-7" }, { request: { replyRef: "order-7" } }]) {
        const [job] = yield* heard(record({ status: "pending", ...more }))
        assert.strictEqual(job?.reference, "order-7")
      }
    }))
})

describe("flowMusic.submit", () => {
  const sent = (request: FlowMusicRequest.Request) =>
    Effect.gen(function*() {
      const { submit } = yield* flowMusic()
      const submission = yield* submit(request)
      const [entry] = yield* (yield* Emulator.Emulator).journal
      return { submission, entry, body: JSON.parse(entry?.body ?? "") as unknown }
    }).pipe(Effect.provide(world()))

  for (
    const [request, path, operation] of [
      [FlowMusic.music({ prompt: "rain", replyRef: "order-7" }), "music", undefined],
      [FlowMusic.extend({ clip }), "music/edit", "extend"],
      [FlowMusic.replace({ clip }), "music/edit", "replace"],
      [FlowMusic.cover({ clip }), "music/edit", "cover"],
      [FlowMusic.remix({ clip }), "music/edit", "remix"]
    ] as const
  ) {
    it.effect(`sends ${request._tag} without its answer's waiting`, () =>
      Effect.gen(function*() {
        const { body, entry, submission } = yield* sent(request)
        const { _tag: _, ...fields } = request
        assert.strictEqual(entry?.url, `/v1/flowmusic/${path}`)
        assert.deepStrictEqual(body, { ...fields, mode: "async", ...(operation && { operation }) })
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), ["Running"])
      }))
  }

  it.effect("waits for stems, which have ended then", () =>
    Effect.gen(function*() {
      const { body, submission } = yield* sent(FlowMusic.stems({ clip }))
      assert.deepStrictEqual(body, { clip, operation: "stems" })
      const [job] = submission.snapshots ?? []
      assert.lengthOf(job?.state._tag === "Succeeded" ? job.state.artifacts : [], 8)
    }))

  it.effect("waits for stems longer than for others", () =>
    Effect.gen(function*() {
      const { submit } = yield* flowMusic({ timeout: "10 seconds" })
      const ended = (request: FlowMusicRequest.Request) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.forkChild(Effect.exit(submit(request)))
          yield* TestClock.adjust("1 minute")
          return fiber.pollUnsafe() !== undefined
        })
      assert.deepStrictEqual(
        [yield* ended(FlowMusic.music({ prompt: "rain" })), yield* ended(FlowMusic.stems({ clip }))],
        [true, false]
      )
    }).pipe(Effect.provide(world(undefined, { faults: [{ fault: Faults.hang }] }))))
})

describe("A wait", () => {
  it.effect("ends with clips, or as cancelled, which a job that has ended can't be", () =>
    Effect.gen(function*() {
      const service = yield* flowMusic()
      const made = yield* service.submit(FlowMusic.music({ prompt: "rain" }))
      const fiber = yield* Effect.forkChild(Poller.succeed(service, made))
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf((yield* Fiber.join(fiber))[0].state.artifacts, 4)
      yield* service.cancel(made.ids[0])
      assert.isTrue((yield* service.get(made.ids[0])).is("Succeeded"))
      const stopped = yield* service.submit(FlowMusic.music({ prompt: "rain" }))
      yield* service.cancel(stopped.ids[0])
      assert.isTrue((yield* service.get(stopped.ids[0])).is("Cancelled"))
    }).pipe(Effect.provide(world())))
})

describe("What runs", () => {
  it.effect("is listed by account, and counted against what accounts may run", () =>
    Effect.gen(function*() {
      const { capacity, list } = yield* flowMusic()
      assert.deepStrictEqual(yield* list, { jobs: [], complete: true })
      yield* (yield* controls).add({ duration: "1 hour", account: other })
      const { complete, jobs } = yield* list
      assert.isTrue(complete)
      assert.deepInclude(jobs[0], { kind: "audio", account: other })
      assert.deepStrictEqual(yield* capacity, [
        { account, limit: 4, executing: 0 },
        { account: other, limit: 2, executing: 1 },
        { account: "broken@example.com", limit: 0, executing: 0 }
      ])
    }).pipe(Effect.provide(world({
      accounts: [...two.accounts, { email: "broken@example.com", maxJobs: 2, error: "Sign in" }]
    }))))

  it.effect("is less than all where an entry is odd, and is not where more is counted", () =>
    Effect.gen(function*() {
      for (
        const [jobs, complete] of [[[{ jobid: id }, { status: "pending" }], false], [[{ jobid: id }], true], [
          "none",
          false
        ]] as const
      ) {
        const found = yield* Effect.flatMap(flowMusic(), ({ list }) => list).pipe(
          Effect.provide(Answers.layer(200, { [account]: { running: 3, jobs } as Schema.JsonObject }))
        )
        assert.strictEqual(found.complete, complete)
      }
    }))
})

describe("A submit whose reply was lost", () => {
  it.effect("is one that runs, of its model and account, whose record repeats no other reference", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* flowMusic()
      yield* TestClock.setTime(Date.UTC(2026, 6, 14))
      const music = (fields: object) => FlowMusic.music({ prompt: "rain", email: account, ...fields })
      yield* service.submit(music({ replyRef: "before" }))
      yield* service.submit(music({ email: other }))
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(service.submit(music({ replyRef: "order-7", model: "lyria-3.5" })))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* service.submit(music({ model: "lyria-3.5" }))
      const [mute] = (yield* (yield* controls).jobs).slice(-1)
      assert.sameMembers(ids(yield* service.recover(lost)), [made?.id, mute?.id])
      // The list has the accounts, so that those of others cost no look.
      assert.strictEqual(yield* emulator.count("useapi-flow-music.get"), 3)
    }).pipe(Effect.provide(world(two))))
})

it.effect("an upload gives the name that a request takes, of its account", () =>
  Effect.gen(function*() {
    const { submit, upload } = yield* flowMusic()
    const content = Stream.succeed(new Uint8Array(8))
    const { reference } = yield* upload({ account, mediaType: "image/png", content })
    yield* submit(FlowMusic.music({ prompt: "rain", refImage1: reference }))
    const [entry] = yield* (yield* Emulator.Emulator).journal
    assert.strictEqual(entry?.url, `/v1/flowmusic/files?email=${encodeURIComponent(account)}`)
    const error = yield* Effect.flip(upload({ account, mediaType: "image/png", length: 21 * 1_048_576, content }))
    assert.strictEqual(error._tag, "InvalidRequest")
  }).pipe(Effect.provide(world())))

it.effect("accounts say their trouble, and none is an empty object", () =>
  Effect.gen(function*() {
    const accounts = (body: Schema.Json) =>
      Effect.flatMap(flowMusic(), ({ accounts }) => Answers.timely(accounts)).pipe(
        Effect.provide(Answers.layer(200, body))
      )
    assert.deepStrictEqual(yield* accounts({}), [])
    assert.deepStrictEqual(yield* accounts({ ...Object(seen.accounts.json), [other]: { error: "Sign in" } }), [
      { account },
      { account: other, problem: "Sign in" }
    ])
  }))

describe("what is wrong with a request", () => {
  const file = (of: string) => `user:12345-${of}-image:1`
  for (
    const [request, wrong] of [
      [FlowMusic.music({ prompt: "x".repeat(10_000), refImage10: file(account) }), []],
      [FlowMusic.music({ prompt: "", lyrics: "x".repeat(10_001) }), ["lyrics", "prompt"]],
      [FlowMusic.music({ prompt: "x", refImage1: file(account), refAudio1: file(other) }), ["refAudio1"]],
      [FlowMusic.extend({ clip, email: other }), ["clip"]],
      [FlowMusic.extend({ clip, extend_s: 0.5, extend_from_s: -1 }), ["extend_from_s", "extend_s"]],
      [FlowMusic.replace({ clip, mask_start_s: -1, seed: 1.5 }), ["mask_start_s", "seed"]],
      [{ ...FlowMusic.stems({ clip }), mode: "async" }, ["mode"]]
    ] as ReadonlyArray<readonly [FlowMusicRequest.Request, ReadonlyArray<string>]>
  ) {
    it(`${request._tag} ${JSON.stringify(request).slice(0, 80)}`, () =>
      assert.deepStrictEqual(FlowMusicRequest.issues(request).map(({ field }) => field).toSorted(), [...wrong]))
  }
})
