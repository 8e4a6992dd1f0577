import { assert, describe, it } from "@effect/vitest"
import * as Poller from "@media-jobs/poller/Poller"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import { fixtures } from "@media-jobs/testing/useapi-mureka"
import * as Mureka from "@media-jobs/useapi-mureka/Mureka"
import * as MurekaRequest from "@media-jobs/useapi-mureka/MurekaRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { expectTypeOf } from "vitest"
import { account, id, mureka, submitted, world } from "./support.ts"

const { assembled } = fixtures
const other = "10000000000001"
const two = { accounts: [{ account }, { account: other }] }
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-mureka"])
const rain = Mureka.create({ prompt: "rain" })

it("requests have the fields that their endpoints take", () => {
  expectTypeOf(rain).toEqualTypeOf<MurekaRequest.Requests["Create"]>()
  // @ts-expect-error: it needs lyrics
  Mureka.createAdvanced({ title: "Rain" })
})

describe("mureka.submit", () => {
  for (
    const [request, operation] of [
      [Mureka.create({ prompt: "rain", model: "O2", account, replyRef: "order-7" }), "create"],
      [Mureka.createAdvanced({ lyrics: "rain", account }), "createAdvanced"],
      [Mureka.createInstrumental({ title: "Rain", account }), "createInstrumental"],
      [Mureka.extend({ song_id: "user:1-song:7", account }), "extend"],
      [Mureka.regenerate({ song_id: 7, account }), "regenerate"],
      [Mureka.speech({ text: "rain", voice_id: 7, account }), "speech"]
    ] as const
  ) {
    it.effect(`sends ${operation} to its path once, without its answer's waiting, under the vendor's names`, () =>
      Effect.gen(function*() {
        const { submit } = yield* mureka()
        const submission = yield* submit(request)
        const [entry, ...more] = yield* (yield* Emulator.Emulator).journal
        assert.deepStrictEqual([entry?.operation, more], [`useapi-mureka.${operation}`, []])
        const { _tag: _, ...fields } = request
        assert.deepStrictEqual(JSON.parse(entry?.body ?? ""), { ...fields, async: true })
        assert.deepStrictEqual([submission.kind, submission.account, submission.model], [
          "audio",
          account,
          request.model
        ])
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), ["Running"])
        assert.match(submission.ids[0], operation === "speech" ? /^j\d{19}t-/ : /^j\d{19}m-/)
      }).pipe(Effect.provide(world(two))))
  }

  it.effect("goes to the account of its options", () =>
    Effect.gen(function*() {
      const { submit } = yield* mureka()
      const { ids: [id] } = yield* submit(rain, { account: other })
      assert.include(id, `-a${other}-`)
      assert.strictEqual((yield* Effect.flip(submit(rain)))._tag, "InvalidRequest")
    }).pipe(Effect.provide(world(two))))

  for (
    const [what, status, body, states] of [
      ["a job", 201, assembled.submitted.json, ["Running"]],
      ["the songs at once", 200, assembled.submittedAtOnce.json, ["Succeeded"]],
      ["an id alone", 200, { jobid: id }, []],
      ["no songs yet", 200, { jobid: id, state: 3, songs: [] }, []],
      ["a word that is not known", 201, { jobId: id, status: "musing" }, ["Running"]]
    ] as ReadonlyArray<readonly [string, number, Schema.Json, ReadonlyArray<string>]>
  ) {
    it.effect(`may be answered with ${what}`, () =>
      Effect.gen(function*() {
        const submission = yield* submitted(status, body)
        assert.deepStrictEqual(submission.ids, [id])
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), [...states])
      }))
  }

  it.effect("at an account that is full, or broken, or none says so", () =>
    Effect.gen(function*() {
      const { submit } = yield* mureka({ retries: 0 })
      yield* submit(rain, { account })
      const tags = yield* Effect.forEach([account, other, "10000000000002"], (account) =>
        Effect.map(Effect.flip(submit(rain, { account })), ({ _tag }) => _tag))
      assert.deepStrictEqual(tags, ["RateLimited", "SessionExpired", "AccountNotFound"])
    }).pipe(Effect.provide(world({ accounts: [{ account, maxJobs: 1 }, { account: other, error: "Locked" }] }))))

  for (
    const [request, fields] of [
      [Mureka.create({}), []],
      [Mureka.create({ prompt: "x".repeat(3000) }), []],
      [Mureka.create({ prompt: "x".repeat(3001), account: "user@example.com" }), ["account", "prompt"]],
      [Mureka.createAdvanced({ lyrics: "", ref_id: "/home/a.mp3" }), ["lyrics", "ref_id"]],
      [Mureka.extend({ song_id: "" }), ["song_id"]],
      [Mureka.regenerate({ song_id: 7, start_milliseconds: -1 }), ["start_milliseconds"]],
      [Mureka.speech({}), ["text"]],
      [Mureka.speech({ text: "x".repeat(5001), voice_id: 1 }), ["text"]],
      [Mureka.speech({ text: "rain" }), ["voice_id"]],
      [Mureka.speech({ conversation: "rain" }), ["conversation"]],
      [Mureka.speech({ conversation: "[]", text: "rain", voice_id: 7 }), ["text", "voice_id"]],
      [{ ...rain, async: false }, ["async"]]
    ] as ReadonlyArray<readonly [MurekaRequest.Request, ReadonlyArray<string>]>
  ) {
    it(`${request._tag} ${JSON.stringify(request).slice(0, 90)} is refused by ${fields.join() || "nothing"}`, () =>
      assert.deepStrictEqual(MurekaRequest.issues(request).map(({ field }) => field).toSorted(), [...fields]))
  }
})

describe("A wait", () => {
  it.effect("ends with two songs, with one, and with a job that failed or is no longer kept", () =>
    Effect.gen(function*() {
      const service = yield* mureka({ requestsPerSecond: 1000 })
      const emulated = yield* controls
      const ended = (change: Parameters<typeof emulated.change>[1]) =>
        Effect.gen(function*() {
          const submission = yield* service.submit(rain, { account })
          yield* emulated.change(submission.ids[0], change)
          const fiber = yield* Effect.forkChild(Effect.exit(Poller.succeed(service, submission)))
          yield* TestClock.adjust("10 minutes")
          return String(yield* Fiber.join(fiber))
        })
      assert.include(yield* ended({}), "Succeeded")
      assert.include(yield* ended({ outcome: "failed", reason: "Prompt was moderated" }), "JobFailed")
      yield* TestClock.adjust("8 days")
      const [first] = yield* emulated.jobs
      const { get } = service
      const gone = yield* Effect.flip(get(id))
      assert.strictEqual(gone._tag, "NotFound")
      assert.isDefined(first)
    }).pipe(Effect.provide(world(two))))
})

describe("A submit whose reply was lost", () => {
  const lose = (request: MurekaRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* mureka({ requestsPerSecond: 1000 })
      yield* TestClock.setTime(Date.UTC(2026, 6, 14))
      yield* service.submit(Mureka.create({ prompt: "rain", account: other, replyRef: "before" }))
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(service.submit(request))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* service.submit(Mureka.create({ prompt: "rain", account, model: "V8", replyRef: "after" }))
      return { service, lost, made: made?.id ?? "" }
    })
  const ids = (jobs: ReadonlyArray<{ readonly id: string }>) => jobs.map(({ id }) => String(id))

  it.effect("is the one whose record repeats its reference, while it runs", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose({ ...rain, account, replyRef: "order-7" })
      assert.deepStrictEqual(ids(yield* service.recover(lost)), [made])
      // The list has the accounts, so that those of others cost no look.
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-mureka.get"), 2)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(ids(yield* service.recover(lost)), [])
    }).pipe(Effect.provide(world(two))))

  it.effect("is among those of its model and account, where it gave no reference", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose({ ...rain, account })
      assert.strictEqual((yield* service.recover(lost)).length, 2)
      assert.deepStrictEqual(ids(yield* service.recover({ ...lost, model: "V9" })), [made])
      const old = DateTime.makeUnsafe("2026-07-01T00:00:00Z")
      assert.deepStrictEqual(yield* service.recover({ submittedAt: old, account }), [])
    }).pipe(Effect.provide(world(two))))

  it.effect("is not one that is gone meanwhile, and is open where a candidate can't be looked at", () =>
    Effect.gen(function*() {
      const { heal, inject } = yield* Emulator.Emulator
      yield* (yield* controls).add({ duration: "1 hour" })
      const { recover } = yield* mureka({ retries: 0, requestsPerSecond: 1000 })
      const lost = { submittedAt: DateTime.makeUnsafe(0) }
      assert.strictEqual((yield* recover(lost)).length, 1)
      const operation = "useapi-mureka.get"
      yield* inject({ operation, fault: Faults.answer(Reply.json(404, assembled.getNotFound.json)) })
      assert.deepStrictEqual(yield* recover(lost), [])
      yield* heal
      yield* inject({ operation, fault: Faults.status(500) })
      assert.strictEqual((yield* Effect.flip(recover(lost)))._tag, "Unavailable")
    }).pipe(Effect.provide(world())))
})

describe("mureka.upload", () => {
  const file = (mediaType: string) => ({ account, mediaType, content: Stream.succeed(new Uint8Array(8)) })

  it.effect("gives the name that a request takes, of an MP3 of its account", () =>
    Effect.gen(function*() {
      const { submit, upload } = yield* mureka()
      const { reference } = yield* upload(file("audio/mpeg"))
      assert.match(reference, new RegExp(`^user:12345-mureka:${account}-file:\\d+$`))
      yield* submit(Mureka.createAdvanced({ account, lyrics: "rain", motif_id: reference }))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, `/v1/mureka/files/motif/?account=${account}`)
    }).pipe(Effect.provide(world(two))))

  it.effect("takes no other type, and none without an account", () =>
    Effect.gen(function*() {
      const { upload } = yield* mureka()
      const error = yield* Effect.flip(upload({ ...file("audio/wav"), account: "" }))
      const fields = error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : []
      assert.deepStrictEqual(fields, ["account", "mediaType"])
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
    }).pipe(Effect.provide(world())))
})

describe("An id", () => {
  it.effect("goes into the path as it is", () =>
    Effect.gen(function*() {
      const { id: added } = yield* (yield* controls).add({ id })
      const { get, owns } = yield* mureka()
      assert.isTrue(owns((yield* get(id)).id))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, `/v1/mureka/jobs/${added}`)
    }).pipe(Effect.provide(world())))
})
