import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiDreaminaEmulator from "@media-jobs/testing/useapi-dreamina"
import { fixtures } from "@media-jobs/testing/useapi-dreamina"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { account, dreamina, idOf, world } from "./support.ts"

describe("get", () => {
  it.effect("reads each kind where it is read", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const urls = (id: string) =>
        Effect.gen(function*() {
          const before = yield* emulator.count()
          yield* Effect.exit(Answers.timely(service.get(JobId.make(id))))
          return (yield* emulator.journal).slice(before).map(({ url }) => url.split("/").slice(0, 4).join("/"))
        })
      for (const letter of ["v", "V", "F"]) {
        assert.deepStrictEqual(yield* urls(idOf(letter)), ["/v1/dreamina/videos"])
      }
      for (const letter of ["i", "I"]) assert.deepStrictEqual(yield* urls(idOf(letter)), ["/v1/dreamina/images"])
    }).pipe(Effect.provide(world())))

  it.effect("looks among the videos, then the images, for an id that does not tell", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const ids = { video: idOf("q"), image: idOf("r"), none: idOf("s") }
      yield* emulator.services["useapi-dreamina"].add({ id: ids.video, state: "completed" })
      yield* emulator.services["useapi-dreamina"].add({ id: ids.image, type: "image", state: "completed" })
      assert.strictEqual((yield* service.get(ids.video)).kind, "video")
      assert.strictEqual(yield* emulator.count(), 1)
      assert.strictEqual((yield* service.get(ids.image)).kind, "image")
      assert.deepStrictEqual(
        [yield* emulator.count("useapi-dreamina.getVideo"), yield* emulator.count("useapi-dreamina.getImage")],
        [2, 1]
      )
      assert.strictEqual((yield* Effect.flip(service.get(ids.none)))._tag, "NotFound")
    }).pipe(Effect.provide(world())))

  it.effect("sends the id as it is, in a path of its own", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const { id } = yield* emulator.services["useapi-dreamina"].add()
      yield* service.get(JobId.make(id))
      assert.strictEqual((yield* emulator.journal).at(-1)?.url, `/v1/dreamina/videos/${id}`)
    }).pipe(Effect.provide(world())))
})

describe("layerConfig", () => {
  it.effect("takes a second token from a variable of its own", () =>
    Effect.gen(function*() {
      const env = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ USEAPI_TOKEN: "wrong", SECOND_TOKEN: Emulator.token })
      )
      const made = (...options: Parameters<typeof Dreamina.layerConfig>) =>
        Effect.provide(Dreamina.Dreamina, Dreamina.layerConfig(...options).pipe(Layer.provide(env)))
      const [first, second] = [
        yield* made(),
        yield* made({ token: Config.Redacted("SECOND_TOKEN"), instance: "second" })
      ]
      assert.strictEqual((yield* Effect.flip(first.list))._tag, "Unauthorized")
      yield* second.list
      assert.strictEqual(second.instance, "second")
    }).pipe(Effect.provide(world())))
})

describe("list", () => {
  const listed = (body: Schema.Json, raw = false) =>
    Effect.flatMap(dreamina({ raw }), ({ list }) => Answers.timely(list)).pipe(Effect.provide(Answers.layer(200, body)))
  const entry = { jobid: idOf(), submitId: "a1b2", model: "seedance-2.0", elapsedSeconds: 45 }

  it.effect("groups by account, and reckons the beginning", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2030-01-01T00:01:00Z"))
      const { complete, jobs } = yield* listed({
        executing: { [account]: [entry, { ...entry, jobid: idOf("I") }], "CA:b@example.com": [entry] },
        total: 3
      })
      assert.isTrue(complete)
      assert.deepStrictEqual(jobs.map((job) => job.account), [account, account, "CA:b@example.com"])
      assert.deepStrictEqual(jobs.map((job) => job.kind), ["video", "image", "video"])
      for (const job of jobs) {
        assert.isTrue(job.is("Running"))
        assert.deepStrictEqual([job.model, job.providerStatus], ["seedance-2.0", undefined])
        assert.strictEqual(job.createdAt?.epochMilliseconds, job.observedAt.epochMilliseconds - 45_000)
      }
    }))

  it.effect("takes an id's own time for the beginning, where the age agrees with it", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      yield* TestClock.setTime(Date.parse("2026-12-31T23:59:30.123Z"))
      const { created, id } = yield* emulator.services["useapi-dreamina"].add({ duration: "1 day" })
      const begun = (after: Duration.Input) =>
        Effect.gen(function*() {
          yield* TestClock.adjust(after)
          const { jobs } = yield* service.list
          return jobs.map(({ createdAt }) => createdAt)
        })
      const { createdAt } = yield* service.get(JobId.make(id))
      assert.deepStrictEqual(createdAt, DateTime.makeUnsafe(created))
      for (const after of ["0 millis", "1400 millis", "700 millis", "12 hours"] as const) {
        assert.deepStrictEqual(yield* begun(after), [createdAt])
      }
    }).pipe(Effect.provide(world())))

  it.effect("takes numbers as texts, either spelling, and entries that say no more than an id", () =>
    Effect.gen(function*() {
      const { jobid, ...rest } = entry
      const { jobs } = yield* listed({
        executing: { [account]: [{ ...rest, jobId: jobid, elapsedSeconds: "45" }, { jobid }], "CA:none": [] }
      })
      assert.deepStrictEqual(jobs.map(({ id }) => id), [jobid, jobid])
      const [job] = jobs
      assert.strictEqual(job?.createdAt?.epochMilliseconds, Number(job?.observedAt.epochMilliseconds) - 45_000)
      assert.deepStrictEqual([jobs[1]?.createdAt, jobs[1]?.model], [undefined, undefined])
    }))

  for (const [error, complete] of [["some accounts did not answer", false], [null, true]] as const) {
    it.effect(`is ${complete ? "" : "in"}complete with ${JSON.stringify(error)} for an error`, () =>
      Effect.gen(function*() {
        const listing = yield* listed({ executing: { [account]: [entry] }, total: 1, error })
        assert.deepStrictEqual([listing.complete, listing.jobs.length], [complete, 1])
      }))
  }

  it.effect("reads what the document prints, and keeps each record as it came", () =>
    Effect.gen(function*() {
      const { json } = fixtures.documented.list
      const { complete, jobs } = yield* listed(json, true)
      assert.isTrue(complete)
      assert.deepStrictEqual(jobs.map(({ id }) => String(id)), [fixtures.ids.printed])
      assert.deepStrictEqual(jobs[0]?.raw, {
        jobid: fixtures.ids.printed,
        submitId: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        model: "seedance-2.0",
        elapsedSeconds: 45,
        replyUrl: "https://your-domain.com/webhook"
      })
      assert.deepStrictEqual(yield* listed(fixtures.documented.listEmpty.json), { jobs: [], complete: true })
    }))

  it.effect("is incomplete where an entry has no id, where an account has no list, and where more are counted", () =>
    Effect.gen(function*() {
      const odd = yield* listed({ executing: { [account]: [entry, { model: "x" }] } })
      assert.deepStrictEqual([odd.jobs.length, odd.complete], [1, false])
      assert.isFalse((yield* listed({ executing: { [account]: "none" } })).complete)
      assert.isFalse((yield* listed({ total: 1, executing: {} })).complete)
    }))
})

describe("capacity", () => {
  it.effect("is each account's limit, with what it runs; none with a problem, and nothing where it is not told", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      for (const type of ["video", "image", "video"] as const) {
        yield* emulator.services["useapi-dreamina"].add({ type, account, duration: "1 day" })
      }
      yield* emulator.services["useapi-dreamina"].add({ account, state: "completed" })
      assert.deepStrictEqual(yield* Answers.timely(service.capacity), [
        { account, limit: 10, executing: 3 },
        { account: "CA:user@example.com", limit: 0, executing: 0 }
      ])
    }).pipe(Effect.provide(world({
      services: {
        "useapi-dreamina": UseapiDreaminaEmulator.service({
          accounts: [{ account, maxJobs: 10 }, { account: "CA:user@example.com", maxJobs: 4, error: "Login failed" }]
        })
      }
    }))))

  it.effect("is a number that comes as a text, and unknown where there is none", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      assert.deepStrictEqual(yield* Answers.timely(service.capacity), [{ account: "US:a", limit: 3, executing: 0 }])
    }).pipe(
      // The list and the accounts get one answer, of which each reads its own.
      Effect.provide(
        Answers.layer(200, { "US:a": { maxJobs: "3" }, "US:b": {}, "US:c": { maxJobs: "many" }, executing: {} })
      )
    ))
})
