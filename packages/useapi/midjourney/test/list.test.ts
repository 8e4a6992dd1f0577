import { assert, describe, it } from "@effect/vitest"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiMidjourneyEmulator from "@media-jobs/testing/useapi-midjourney"
import { fixtures } from "@media-jobs/testing/useapi-midjourney"
import type * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { channel, idOf, midjourney, world } from "./support.ts"

const other = "9876543210987654321"
const now = "2025-10-23T14:16:00.500Z"

const listed = (body: Schema.Json, options?: Omit<Midjourney.Options, "token">) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(DateTime.makeUnsafe(now).epochMilliseconds)
    const { list } = yield* midjourney(options)
    return yield* list
  }).pipe(Effect.provide(Answers.layer(200, body)))

const of = (...jobs: ReadonlyArray<Schema.JsonObject>): Schema.JsonObject => ({ channels: { [channel]: { jobs } } })

const iso = (time: DateTime.Utc | undefined) => time === undefined ? undefined : DateTime.formatIso(time)

describe("the list", () => {
  it.effect("of the document", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* listed(fixtures.documented.list.json)
      assert.isTrue(complete)
      assert.deepStrictEqual(
        jobs.map(({ account, createdAt, id, kind, state }) => [id, kind, account, state._tag, iso(createdAt)]),
        [
          [fixtures.ids.first, "image", channel, "Running", "2025-10-23T14:15:20.123Z"],
          [fixtures.ids.second, "image", channel, "Running", "2025-10-23T14:15:25.987Z"]
        ]
      )
    }))

  it.effect("of nothing", () =>
    Effect.gen(function*() {
      const empty = { total: 0, images: 0, videos: 0, channels: {} }
      assert.deepStrictEqual(yield* listed(empty), { jobs: [], complete: true })
    }))

  it.effect("of several channels, each with its own jobs", () =>
    Effect.gen(function*() {
      const { jobs } = yield* listed({
        channels: {
          [channel]: { jobs: [{ jobId: idOf() }] },
          [other]: { jobs: [{ jobId: idOf("v") }, { jobId: `j1i-u1-c${other}-bot:midjourney` }] }
        }
      })
      assert.deepStrictEqual(jobs.map(({ account, kind }) => [account, kind]), [
        [channel, "image"],
        [other, "video"],
        [other, "image"]
      ])
    }))

  it.effect("without a time of creation counts back from elapsed", () =>
    Effect.gen(function*() {
      const began = (elapsed: Schema.Json) =>
        Effect.map(listed(of({ jobId: idOf(), elapsed })), ({ jobs }) => iso(jobs[0]?.createdAt))
      assert.strictEqual(yield* began("00:32"), "2025-10-23T14:15:28.500Z")
      assert.strictEqual(yield* began("75:01"), "2025-10-23T13:00:59.500Z")
      for (const elapsed of ["1m 23s", "", "00:99", "9".repeat(400) + ":00", 32, null]) {
        assert.isUndefined(yield* began(elapsed), String(elapsed))
      }
    }))

  it.effect("takes its jobType before the letter of the id, and either name of the id", () =>
    Effect.gen(function*() {
      const { jobs } = yield* listed(of({ jobid: idOf(), jobType: "video" }, { jobId: idOf("x"), jobType: "music" }))
      assert.deepStrictEqual(jobs.map(({ id, kind }) => [id, kind]), [[idOf(), "video"], [idOf("x"), undefined]])
    }))

  it.effect("keeps each entry as it came where that is asked for", () =>
    Effect.gen(function*() {
      const entries = [{ jobId: idOf(), note: 1 }, { jobId: idOf("v"), note: 2 }]
      assert.deepStrictEqual((yield* listed(of(...entries), { raw: true })).jobs.map(({ raw }) => raw), entries)
      assert.deepStrictEqual((yield* listed(of(...entries))).jobs.map(({ raw }) => raw), [undefined, undefined])
    }))

  for (const body of [{}, [], { channels: [] }]) {
    it.effect(`is none as ${JSON.stringify(body)}`, () =>
      Effect.map(Effect.flip(listed(body)), (error) => {
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.include(error.message, "channels")
      }))
  }

  const odd: ReadonlyArray<Schema.Json> = [
    { channels: { [channel]: {} } },
    of({ jobType: "image" }),
    of({ jobId: "" }),
    { total: 1, channels: {} }
  ]
  for (const body of odd) {
    it.effect(`is incomplete as ${JSON.stringify(body)}`, () =>
      Effect.map(listed(body), ({ complete, jobs }) => assert.deepStrictEqual([complete, jobs], [false, []])))
  }
})

describe("the accounts", () => {
  // As the page of GET /accounts prints them.
  const page = {
    [channel]: {
      discord: "MTI...xyz",
      channel,
      maxJobs: 3,
      maxImageJobs: 3,
      maxVideoJobs: 3,
      replyUrl: "https://a.test"
    },
    [other]: {
      discord: "ABC...def",
      channel: other,
      maxJobs: 5,
      maxImageJobs: 5,
      maxVideoJobs: 3,
      error: "Pending mod message"
    }
  }

  it.effect("are the channels, with the service's words where one has a problem", () =>
    Effect.gen(function*() {
      const { accounts } = yield* midjourney()
      assert.deepStrictEqual(yield* accounts, [{ account: channel }, {
        account: other,
        problem: "Pending mod message"
      }])
    }).pipe(Effect.provide(Answers.layer(200, page))))
})

describe("capacity", () => {
  it.effect("is each channel's own, of all jobs and of each kind", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { capacity } = yield* midjourney()
      yield* emulator.services["useapi-midjourney"].add({ type: "image" })
      yield* emulator.services["useapi-midjourney"].add({ type: "image" })
      yield* emulator.services["useapi-midjourney"].add({ type: "video" })
      yield* emulator.services["useapi-midjourney"].add({ type: "video", state: "completed" })
      assert.deepStrictEqual(yield* capacity, [
        { account: channel, limit: 5, executing: 3 },
        { account: channel, kind: "image", limit: 4, executing: 2 },
        { account: channel, kind: "video", limit: 2, executing: 1 }
      ])
    }).pipe(Effect.provide(world({
      services: {
        "useapi-midjourney": UseapiMidjourneyEmulator.service({
          channels: [{ channel, maxJobs: 5, maxImageJobs: 4, maxVideoJobs: 2 }]
        })
      }
    }))))

  for (const listsIdle of [true, false]) {
    it.effect(`tells of a channel that runs nothing, which the list ${listsIdle ? "shows" : "leaves out"}`, () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const { capacity } = yield* midjourney()
        yield* emulator.services["useapi-midjourney"].add()
        const totals = (yield* capacity).filter(({ kind }) => kind === undefined)
        assert.sameDeepMembers([...totals], [
          { account: channel, limit: 3, executing: 1 },
          { account: other, limit: 12, executing: 0 }
        ])
      }).pipe(Effect.provide(world({
        services: {
          "useapi-midjourney": UseapiMidjourneyEmulator.service({
            listsIdle,
            channels: [{ channel }, { channel: other, maxJobs: 12 }]
          })
        }
      }))))
  }

  it.effect("is none where a channel is on hold", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { accounts, capacity } = yield* midjourney()
      yield* emulator.services["useapi-midjourney"].add()
      assert.deepStrictEqual((yield* capacity).map(({ executing, limit }) => [limit, executing]), [[0, 1], [0, 1], [
        0,
        0
      ]])
      assert.deepStrictEqual(yield* accounts, [{ account: channel, problem: "Solve the CAPTCHA" }])
    }).pipe(
      Effect.provide(
        world({
          services: {
            "useapi-midjourney": UseapiMidjourneyEmulator.service({
              channels: [{ channel, error: "Solve the CAPTCHA" }]
            })
          }
        })
      )
    ))

  it.effect("reads numbers as text, and leaves out what is not told", () =>
    Effect.gen(function*() {
      const { capacity } = yield* midjourney()
      const found = yield* Answers.timely(capacity)
      assert.deepStrictEqual(found, [
        { account: channel, limit: 3, executing: 2 },
        { account: channel, kind: "image", limit: 2, executing: 0 }
      ])
    }).pipe(Effect.provide(Answers.layer(200, {
      channels: { [channel]: { total: "2", maxJobs: "3", maxImageJobs: 2, maxVideoJobs: "many", jobs: [] } }
    }))))
})
