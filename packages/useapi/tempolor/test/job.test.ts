import { assert, describe, it } from "@effect/vitest"
import * as Poller from "@media-jobs/poller/Poller"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { fixtures } from "@media-jobs/testing/useapi-tempolor"
import * as TemPolor from "@media-jobs/useapi-tempolor/TemPolor"
import * as TemPolorRequest from "@media-jobs/useapi-tempolor/TemPolorRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { account, heard, id, temPolor, world } from "./support.ts"

const { assembled: seen } = fixtures
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-tempolor"])
const record = (more: Schema.JsonObject): Schema.JsonObject => ({ job_id: id, ...more })
const url = "https://cdn.tempolor.com/song.mp3?sign=..."
const ids = (jobs: ReadonlyArray<{ readonly id: string }>) => jobs.map(({ id }) => String(id))

describe("a status", () => {
  const withoutFile = { _tag: "Failed", reason: "Completed without a file", cause: "service" }
  for (
    const [more, state] of [
      [{ status: 0 }, { _tag: "Running" }],
      [{ status: "0", progress: 40 }, { _tag: "Running", progress: 0.4 }],
      [{ status: 0, status_name: "GENERATING", progress: 400 }, { _tag: "Running" }],
      [{ status: 10 }, { _tag: "Failed", cause: "unknown" }],
      [{ status_name: "FAILED", error: "Not enough credits" }, {
        _tag: "Failed",
        reason: "Not enough credits",
        cause: "credits"
      }],
      [{ status_name: "failed", message: "Prompt was moderated" }, {
        _tag: "Failed",
        reason: "Prompt was moderated",
        cause: "content"
      }],
      [{ status: 30, mp3OssId: "music/mp3/1" }, withoutFile],
      [{ status: 77, status_name: "COMPLETED" }, withoutFile],
      [{ status: 20, status_name: "MIXING", status_final: false, progress: 90 }, { _tag: "Running", progress: 0.9 }],
      [{ status: 20 }, { _tag: "Running" }],
      [{ status: 40, status_name: "REMOVED", status_final: true }, {
        _tag: "Failed",
        reason: "REMOVED",
        cause: "unknown"
      }]
    ] as ReadonlyArray<readonly [Schema.JsonObject, object]>
  ) {
    it.effect(`${JSON.stringify(more)} is ${JSON.stringify(state)}`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(record(more))
        assert.deepEqual({ ...job?.state }, state)
      }))
  }

  it.effect("keeps what else a record says", () =>
    Effect.gen(function*() {
      const [job] = yield* heard({ ...Object(seen.completed.json), replyRef: "order-7" })
      assert.deepInclude(job, { kind: "audio", account, reference: "order-7", providerStatus: "COMPLETED" })
      assert.deepStrictEqual(job?.createdAt, DateTime.makeUnsafe(1764151200000))
      const [bare] = yield* heard(record({ status: 30, createTime: "soon" }))
      assert.strictEqual(bare?.providerStatus, "COMPLETED")
      assert.isUndefined(bare?.createdAt)
    }))
})

describe("the file of what is completed", () => {
  const at = Object(seen.completed.json).updateTime as number
  const look = (status: number, body: Schema.Json, now: number, more: Schema.JsonObject = {}) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const { get } = yield* temPolor({ retries: 0 })
      const fiber = yield* Effect.forkChild(Effect.result(get(id)))
      yield* TestClock.adjust("10 seconds")
      const found = yield* Fiber.join(fiber)
      const count = yield* (yield* Emulator.Emulator).count("useapi-tempolor.download")
      return [found._tag === "Success" ? found.success.state : found.failure._tag, count] as const
    }).pipe(
      Effect.provide(
        Answers.layer(500, {}, {
          others: [
            ["useapi-tempolor.get", 200, { ...Object(seen.completed.json), ...more }],
            ["useapi-tempolor.download", status, body]
          ]
        })
      )
    )

  it.effect("is asked for, and lives as long as the answer says", () =>
    Effect.gen(function*() {
      for (const [remainSeconds, life] of [[0, 0], [60, 60_000], ["60", 60_000]] as const) {
        const [state] = yield* look(200, { url, remainSeconds }, at)
        if (typeof state === "string" || state._tag !== "Succeeded") return assert.fail(JSON.stringify(state))
        const [{ expiresAt, ...artifact } = {}] = state.artifacts
        assert.deepEqual({ ...artifact }, { kind: "audio", role: "primary", url } as never)
        assert.deepStrictEqual(expiresAt, DateTime.makeUnsafe(at + life))
      }
      const [state] = yield* look(200, { url, remainSeconds: "soon" }, at)
      assert.isFalse(JSON.stringify(state).includes("expiresAt"))
    }))

  for (
    const [what, status, body, after, more, expected] of [
      ["is not there yet", 404, seen.notFound.json, 0, {}, ["Running", 1]],
      ["is not there yet, by another answer", 400, seen.notCompleted.json, 0, {}, ["Running", 1]],
      ["is not there yet, by a clock that is behind", 404, seen.notFound.json, -86_400_000, {}, ["Running", 1]],
      ["is waited for where no time is told", 404, seen.notFound.json, 7_200_000, {
        createTime: "?",
        updateTime: null
      }, ["Running", 1]],
      ["is given up after an hour", 404, seen.notFound.json, 3_600_000, {}, ["Failed", 2]],
      ["fails the look where that is refused", 401, seen.unauthorized.json, 0, {}, ["Unauthorized", 1]],
      ["fails the look where that breaks", 500, {}, 0, {}, ["Unavailable", 1]],
      ["fails the look where that is empty", 200, { remainSeconds: 7 }, 0, {}, ["UnexpectedResponse", 1]]
    ] as ReadonlyArray<
      readonly [string, number, Schema.Json, number, Schema.JsonObject, readonly [tag: string, count: number]]
    >
  ) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const [state, count] = yield* look(status, body, at + after, more)
        assert.deepStrictEqual([typeof state === "string" ? state : state._tag, count], [...expected])
      }))
  }

  it.effect("comes some seconds after its job, and by a new link when asked for again", () =>
    Effect.gen(function*() {
      const service = yield* temPolor()
      const submission = yield* service.submit(TemPolor.song({ prompt: "rain" }))
      const fiber = yield* Effect.forkChild(Poller.succeed(service, submission))
      yield* TestClock.adjust("1 minute")
      const early = yield* service.get(submission.ids[0])
      assert.strictEqual(early.state._tag, "Running")
      assert.strictEqual((yield* Effect.flip(service.remove(submission.ids[0])))._tag, "NotTerminal")
      yield* TestClock.adjust("10 minutes")
      const [job] = yield* Fiber.join(fiber)
      const [artifact] = job.state.artifacts
      if (artifact === undefined) return assert.fail("no file")
      const link = yield* service.link(job, artifact)
      assert.match(link.url, /\/song\.mp3\b/)
      assert.isDefined(link.expiresAt)
      yield* service.remove(submission.ids[0])
      assert.strictEqual((yield* Effect.flip(service.get(submission.ids[0])))._tag, "NotFound")
    }).pipe(Effect.provide(world())))
})

describe("What is tracked", () => {
  it.effect("is listed, and let go with its slot while it is made", () =>
    Effect.gen(function*() {
      const { capacity, get, list, untrack } = yield* temPolor()
      const emulated = yield* controls
      yield* emulated.add({ id, duration: "1 hour", replyRef: "order-7" })
      const { complete, jobs } = yield* list
      assert.isTrue(complete)
      assert.deepInclude(jobs[0], { id, kind: "audio", account, reference: "order-7" })
      assert.deepStrictEqual(yield* capacity, [{ account, limit: 5, executing: 1 }])
      yield* untrack(id)
      assert.deepStrictEqual([(yield* list).jobs, (yield* get(id)).state._tag], [[], "Running"])
      assert.deepStrictEqual(yield* capacity, [{ account, limit: 5, executing: 0 }])
      const { journal } = yield* Emulator.Emulator
      assert.include((yield* journal).map(({ url }) => url), `/v1/tempolor/scheduler/${id}`)
    }).pipe(Effect.provide(world())))

  it.effect("is read though an entry is odd, and then said to be less than all", () =>
    Effect.gen(function*() {
      const { list } = yield* temPolor()
      const { complete, jobs } = yield* list
      assert.deepStrictEqual([complete, ids(jobs)], [false, [id]])
    }).pipe(Effect.provide(Answers.layer(200, [{ job_id: id, started: 7 }, { started: 7 }]))))
})

describe("A submit whose reply was lost", () => {
  const lose = (request: TemPolorRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* temPolor()
      yield* TestClock.setTime(Date.UTC(2026, 6, 14))
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(service.submit(request))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* service.submit(TemPolor.instrumental({ prompt: "rain", user_id: account, replyRef: "after" }))
      return { service, lost, made: made?.id ?? "" }
    })

  it.effect("is tracked by its reference, and looked for in no history then", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose(TemPolor.song({ prompt: "rain", replyRef: "order-7" }))
      assert.deepStrictEqual(ids(yield* service.recover(lost)), [made])
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-tempolor.history"), 0)
    }).pipe(Effect.provide(world())))

  it.effect("is among what its account has had made, songs and instrumentals, page by page", () =>
    Effect.gen(function*() {
      const emulated = yield* controls
      for (let i = 0; i < 25; i++) {
        yield* emulated.add({ state: "completed", created: `2026-06-${10 + (i % 10)}T00:00:00Z` })
      }
      const { lost, made, service } = yield* lose(
        TemPolor.song({ prompt: "rain", user_id: account, replyRef: "order-7" })
      )
      yield* TestClock.adjust("1 hour")
      const found = ids(yield* service.recover(lost))
      assert.lengthOf(found, 2)
      assert.include(found, made)
      // The second page of songs is of the month before.
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-tempolor.history"), 3)
      const all = yield* service.recover({ submittedAt: DateTime.makeUnsafe("2026-06-11T00:00:00Z"), account })
      assert.lengthOf(all, 9)
      assert.deepStrictEqual(yield* service.recover({ submittedAt: lost.submittedAt, replyRef: "order-7" }), [])
    }).pipe(Effect.provide(world())))

  for (
    const [page, expected] of [
      [{ records: [{ job_id: id, status: 0 }, { status: 0 }] }, "found"],
      [{ records: [], cursor: 7 }, "nothing"],
      [{ records: [{ job_id: id, status: 0 }], nextCursor: "a" }, "UnexpectedResponse"],
      [{}, "UnexpectedResponse"]
    ] as ReadonlyArray<readonly [Schema.Json, string]>
  ) {
    it.effect(`reads a page of the history that is ${JSON.stringify(page).slice(0, 60)} as ${expected}`, () =>
      Effect.gen(function*() {
        const { recover } = yield* temPolor()
        const found = yield* Answers.timely(Effect.result(recover({ submittedAt: DateTime.makeUnsafe(0), account })))
        const told = found._tag === "Failure" ? found.failure._tag : found.success.length > 0 ? "found" : "nothing"
        assert.strictEqual(told, expected)
      }).pipe(Effect.provide(Answers.layer(200, page, { others: [["useapi-tempolor.list", 200, []]] }))))
  }
})

it.effect("an upload goes to the folder of its type, and gives what a request takes", () =>
  Effect.gen(function*() {
    const { submit, upload } = yield* temPolor()
    const content = Stream.succeed(new Uint8Array(8))
    const voice = yield* upload({ account, mediaType: "audio/mpeg", content })
    const melody = yield* upload({ account, mediaType: "audio/midi", content })
    yield* submit(TemPolor.song({ prompt: "x", clonedVoiceItemId: voice.reference, midiItemId: melody.reference }))
    const journal = yield* (yield* Emulator.Emulator).journal
    assert.deepStrictEqual(journal.slice(0, 2).map(({ url }) => url), [
      `/v1/tempolor/music/cloned-voices?name=media-jobs&user_id=${account}`,
      `/v1/tempolor/music/midi?name=media-jobs&user_id=${account}`
    ])
    const error = yield* Effect.flip(upload({ account, mediaType: "image/png", content }))
    assert.strictEqual(error._tag, "InvalidRequest")
  }).pipe(Effect.provide(world())))

it.effect("an upload's id may be a number, under another name", () =>
  Effect.gen(function*() {
    const { upload } = yield* temPolor()
    const content = Stream.succeed(new Uint8Array(8))
    assert.strictEqual((yield* upload({ account, mediaType: "audio/midi", content })).reference, "7")
  }).pipe(Effect.provide(Answers.layer(200, { id: 7 }))))

it.effect("accounts say their trouble", () =>
  Effect.gen(function*() {
    const { accounts } = yield* temPolor()
    assert.deepStrictEqual(yield* accounts, [{ account }, { account: "9999999", problem: "Login failed" }])
  }).pipe(Effect.provide(Answers.layer(200, { ...Object(seen.accounts.json), 9999999: { error: "Login failed" } }))))

describe("what is wrong with a request", () => {
  for (
    const [request, wrong] of [
      [TemPolor.song({ prompt: "x".repeat(2000), lyrics: "x".repeat(3000) }), []],
      [TemPolor.song({ prompt: "x".repeat(2001), lyrics: "x".repeat(3001), maxJobs: 11 }), [
        "lyrics",
        "maxJobs",
        "prompt"
      ]],
      [TemPolor.song({ prompt: "", clonedVoiceItemId: "voice.mp3" }), ["clonedVoiceItemId", "prompt"]],
      [TemPolor.instrumental({ prompt: "x", bpm: 190, chord: "x".repeat(200) }), []],
      [TemPolor.instrumental({ prompt: "x", bpm: 49, chord: "x".repeat(201) }), ["bpm", "chord"]],
      [TemPolor.instrumental({ prompt: "x", bpm: 90.5, replyRef: "x".repeat(1025) }), ["bpm", "replyRef"]]
    ] as const
  ) {
    it(`${request._tag} ${JSON.stringify(request).slice(0, 80)}`, () =>
      assert.deepStrictEqual(TemPolorRequest.issues(request).map(({ field }) => field).toSorted(), [...wrong]))
  }
})
