import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import { fixtures, service } from "@media-jobs/testing/useapi-pixverse"
import * as PixVerse from "@media-jobs/useapi-pixverse/PixVerse"
import * as PixVerseRequest from "@media-jobs/useapi-pixverse/PixVerseRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { account, got, id, idOf, pixverse, world } from "./support.ts"

const video: Schema.JsonObject = Object(fixtures.assembled.getVideo.json)
const music: Schema.JsonObject = Object(fixtures.assembled.getMusic.json)
const other = "other@example.com"
const two = {
  services: { "useapi-pixverse": service({ accounts: [{ email: account, maxJobs: 8 }, { email: other, maxJobs: 2 }] }) }
}
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-pixverse"])
const heard = (body: unknown) =>
  Effect.flatMap(pixverse(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))
const files = ({ state }: Job.Job) =>
  state._tag === "Succeeded" ? state.artifacts.map(({ kind, role }) => `${kind} ${role}`) : [state._tag]

describe("A record", () => {
  it.effect("of a video is all that it says", () =>
    Effect.gen(function*() {
      const job = yield* got({ ...video, replyRef: "order-7" })
      assert.deepStrictEqual([job.id, job.kind, job.account, job.model, job.providerStatus, job.reference], [
        id,
        "video",
        account,
        "v6",
        "COMPLETED",
        "order-7"
      ])
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe("2025-09-22T10:05:30Z"))
      assert.deepStrictEqual(files(job), ["video primary", "image thumbnail"])
      const [file] = job.state._tag === "Succeeded" ? job.state.artifacts : []
      assert.deepStrictEqual([file?.width, file?.height, file?.duration], [1280, 720, Duration.seconds(5)])
    }))

  it.effect("of music has its cost", () =>
    Effect.gen(function*() {
      const job = yield* got(music, fixtures.ids.music as JobId.JobId)
      assert.deepStrictEqual([job.kind, files(job), job.cost?.amount], ["audio", ["audio primary"], 20])
    }))

  for (
    const [status, name, final, said, expected] of [
      [1, "COMPLETED", true, {}, "Succeeded"],
      [1, "COMPLETED", false, {}, "Succeeded"],
      [1, undefined, undefined, {}, "Succeeded"],
      [1, "completed", true, {}, "Succeeded"],
      [1, "COMPLETED", true, { url: "" }, "Completed without a file"],
      [5, "QUEUED", true, {}, "Queued"],
      [5, "QUEUED", false, {}, "Queued"],
      [5, undefined, true, {}, "Queued"],
      [10, "GENERATING", false, {}, "Running"],
      [10, undefined, undefined, {}, "Running"],
      [10, "GENERATING", true, {}, "Running"],
      [7, "MODERATED", true, {}, "MODERATED"],
      [7, undefined, true, {}, "MODERATED"],
      [8, "FAILED", true, {}, "FAILED"],
      [8, "FAILED", false, { error: "It broke" }, "It broke"],
      [8, "FAILED", true, { fail_reason: "No tune", fail_code: "music_generation_failed" }, "No tune"],
      [8, "FAILED", true, { errCode: 500063 }, "500063"],
      [10, "GENERATING", false, { error: "It broke" }, "It broke"],
      [10, "GENERATING", false, { errCode: 7 }, "7"],
      [42, "SHELVED", true, {}, "SHELVED"],
      [42, "PONDERING", false, {}, "Unknown"],
      [42, undefined, "yes", {}, "Unknown"]
    ] as const
  ) {
    for (const family of ["video", "image", "audio"] as const) {
      const asked = family === "audio" ? idOf("music") : idOf(family)
      it.effect(`of ${family} with ${status} ${name} ${final} and ${JSON.stringify(said)} is ${expected}`, () =>
        Effect.gen(function*() {
          const words = {
            [`${family}_id`]: asked,
            [`${family}_status`]: status,
            ...(name && { [`${family}_status_name`]: name }),
            ...(final === undefined ? {} : { [`${family}_status_final`]: final })
          }
          const job = yield* got({ url: "https://x.test/a", ...words, ...said }, asked)
          const { state } = job
          const seen = state._tag === "Failed" ? state.reason : state._tag
          assert.strictEqual(seen, expected === "Unknown" ? "Running" : expected)
          if (expected === "MODERATED") assert.deepInclude(state, { cause: "content" })
          const counter = Metric.counter("media_jobs_unknown_status", {
            description: "Status words that an adapter does not know, read as Running",
            incremental: true,
            attributes: { provider: "useapi-pixverse", status: job.providerStatus ?? "" }
          })
          assert.strictEqual(Number((yield* Metric.value(counter)).count) > 0, status === 42)
        }))
    }
  }

  it.effect("of a failure has its code", () =>
    Effect.gen(function*() {
      const failed = fixtures.assembled.getMusicFailed.json
      const { state } = yield* got(failed, fixtures.ids.music as JobId.JobId)
      assert.deepInclude(state, { code: "music_generation_failed", reason: "Generation failed" })
    }))

  it.effect("of a video at work is looked for behind newer ones, of which no number makes it a lost one", () =>
    Effect.gen(function*() {
      const { inject, journal } = yield* Emulator.Emulator
      const service = yield* pixverse()
      const waits = idOf("video", 1)
      const newer = Array.from({ length: 40 }, (_, i) => ({ ...video, video_id: idOf("video", i + 2) }))
      const page = (data: ReadonlyArray<Schema.Json>) => Faults.answer(Reply.json(200, { data }))
      const operation = "useapi-pixverse.videos"
      yield* inject(
        { operation, fault: page(newer), times: 1 },
        {
          operation,
          fault: page([{ ...video, video_id: waits, video_status: 5, video_status_name: "QUEUED" }]),
          times: 1
        },
        { operation, fault: page(newer) }
      )
      assert.strictEqual((yield* service.get(waits)).state._tag, "Queued")
      const asked = (yield* journal).flatMap((entry) =>
        entry.operation === operation ? [/offset=(\d+)/.exec(entry.url)?.[1]] : []
      )
      assert.deepStrictEqual(asked, ["0", "40"])
      // An account may have any number of them, and a look takes its time.
      const error = yield* Effect.flip(Answers.timely(service.get(waits)))
      assert.deepStrictEqual([error._tag, error.detail], [
        "Unavailable",
        "It is not among the latest 400 of its account"
      ])
    }).pipe(Effect.provide(world())))

  it.effect("without an id or a status is unexpected, and what is odd beside them is absent", () =>
    Effect.gen(function*() {
      const odd = { created_at: 7, output_width: "wide", video_duration: null, duration: "x", model: [], img_url: 7 }
      const job = yield* got({ ...video, ...odd })
      assert.deepStrictEqual([files(job), job.createdAt, job.model], [["video primary"], undefined, undefined])
      const { video_id: _, ...nameless } = video
      const { video_status: __, video_status_name: ___, ...silent } = video
      for (const body of [nameless, silent]) {
        assert.strictEqual((yield* Effect.flip(got(body)))._tag, "UnexpectedResponse")
      }
    }))

  it.effect("in a webhook is the same, with its reference in either place", () =>
    Effect.gen(function*() {
      for (const echo of [{ replyRef: "order-7" }, { response: { replyRef: "order-7" } }]) {
        const [job] = yield* heard({ ...video, ...echo })
        assert.deepStrictEqual([job?.id, job?.state._tag, job?.reference], [id, "Succeeded", "order-7"])
      }
      const [failed] = yield* heard({ video_id: id, video_status_name: "FAILED", errCode: 500063 })
      assert.deepInclude(failed?.state, { code: "500063" })
    }))
})

describe("pixverse.get", () => {
  for (const type of ["video", "image"] as const) {
    it.effect(`finds a ${type} at work in the list of its account, which says how it stands`, () =>
      Effect.gen(function*() {
        const service = yield* pixverse()
        const add = (account: string) =>
          Effect.flatMap(controls, (all) => all.add({ type, account, duration: "10 minutes" }))
        yield* add(account)
        const { id } = yield* add(other)
        const states: Array<string> = []
        for (let i = 0; i < 3; i++) {
          states.push((yield* service.get(JobId.make(id))).state._tag)
          yield* TestClock.adjust("5 minutes")
        }
        assert.deepStrictEqual(states, ["Queued", "Running", "Succeeded"])
        assert.strictEqual(yield* (yield* Emulator.Emulator).count(`useapi-pixverse.${type}s`), 2)
      }).pipe(Effect.provide(world(two))))
  }

  it.effect("sends ids as they are, and refuses those of another form unsent", () =>
    Effect.gen(function*() {
      const service = yield* pixverse()
      yield* Effect.flip(service.get(id))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, `/v2/pixverse/videos/${id}`)
      for (const odd of ["7", "user:1-pixverse:a@b-film:7", `${id}x`, "user:1-minimax:a-video:7"]) {
        assert.isFalse(service.owns(JobId.make(odd)), odd)
        assert.strictEqual((yield* Effect.flip(service.get(JobId.make(odd))))._tag, "InvalidJobId")
      }
    }).pipe(Effect.provide(world())))
})

describe("pixverse.remove", () => {
  it.effect("is refused of what runs and, unsent, of what nothing removes", () =>
    Effect.gen(function*() {
      const service = yield* pixverse()
      const { id } = yield* (yield* controls).add()
      const error = yield* Effect.flip(service.remove(JobId.make(id)))
      assert.strictEqual(error._tag, "NotTerminal")
      const before = yield* (yield* Emulator.Emulator).count()
      for (const sort of ["music", "speech"]) {
        assert.strictEqual((yield* Effect.flip(service.remove(idOf(sort))))._tag, "InvalidJobId")
      }
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), before)
    }).pipe(Effect.provide(world())))
})

describe("pixverse.untrack", () => {
  it.effect("frees the slot, and the job runs on", () =>
    Effect.gen(function*() {
      const service = yield* pixverse()
      const { ids: [id] } = yield* service.submit(PixVerse.music({ prompt: "rain" }), { account: other })
      assert.deepStrictEqual((yield* service.capacity)[1], { account: other, limit: 2, executing: 1 })
      yield* service.untrack(id)
      assert.deepStrictEqual((yield* service.capacity)[1], { account: other, limit: 2, executing: 0 })
      assert.deepStrictEqual((yield* service.list).jobs, [])
      assert.isFalse((yield* service.get(id)).isTerminal)
    }).pipe(Effect.provide(world(two))))
})

describe("A submit whose reply was lost", () => {
  const lose = (request: PixVerseRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* pixverse()
      yield* TestClock.setTime(Date.UTC(2026, 2, 26))
      const email = account
      yield* service.submit(PixVerse.video({ email, prompt: "rain", aspect_ratio: "1:1", replyRef: "before" }))
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(service.submit(request))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* service.submit(PixVerse.music({ email: other, prompt: "rain" }))
      return { service, lost, made: JobId.make(made?.id ?? "") }
    })
  const ids = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ id }) => id)
  const rain = PixVerse.video({ email: account, prompt: "rain", aspect_ratio: "16:9" })

  it.effect("is the one of its reference, as long as it is tracked", () =>
    Effect.gen(function*() {
      const { lost, made, service } = yield* lose({ ...rain, replyRef: "order-7" })
      assert.deepStrictEqual(ids(yield* service.recover(lost)), [made])
    }).pipe(Effect.provide(world(two))))

  for (
    const [request, later] of [
      // The other of its account is shown to be another's as long as the list has it.
      [{ ...rain, off_peak_mode: true, replyRef: "order-7" }, 2],
      [PixVerse.image({ email: account, prompt: "rain" }), 1],
      [PixVerse.speech({ email: account, text: "rain" }), 1]
    ] as ReadonlyArray<readonly [PixVerseRequest.Request, number]>
  ) {
    it.effect(`is among its account's of its kind, where no list tracks it: ${request._tag}`, () =>
      Effect.gen(function*() {
        const { lost, made, service } = yield* lose(request)
        for (const [wait, count] of [["0 seconds", 1], ["2 minutes", later]] as const) {
          yield* TestClock.adjust(wait)
          const found = ids(yield* service.recover(lost))
          assert.include(found, made)
          assert.strictEqual(found.length, count)
        }
      }).pipe(Effect.provide(world(two))))
  }

  it.effect("is not looked for in a history that may go on", () =>
    Effect.gen(function*() {
      const data = Array.from(
        { length: 40 },
        (_, i) => ({ ...video, video_id: idOf("video", i + 1), created_at: null })
      )
      yield* (yield* Emulator.Emulator).inject({
        operation: "useapi-pixverse.videos",
        fault: Faults.answer(Reply.json(200, { data }))
      })
      const lost = { submittedAt: DateTime.makeUnsafe("2026-03-26T00:00:00Z"), account }
      assert.strictEqual(
        (yield* Effect.flip(Answers.timely((yield* pixverse()).recover(lost))))._tag,
        "UnexpectedResponse"
      )
    }).pipe(Effect.provide(world())))
})

describe("pixverse.upload", () => {
  it.effect("gives the path that creates take, of an image, a video and a sound", () =>
    Effect.gen(function*() {
      const service = yield* pixverse()
      const references = yield* Effect.forEach(["image/png", "video/mp4", "audio/mpeg"], (mediaType) =>
        service.upload({ account: other, mediaType, content: Stream.succeed(new Uint8Array(8)) }))
      assert.deepStrictEqual(
        references.map(({ reference }) =>
          /^upload\/.*\.(\w+)$/.exec(reference)?.[1]
        ),
        [
          "png",
          "mp4",
          "mpeg"
        ]
      )
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, "/v2/pixverse/files/?email=other%40example.com")
      const long = { account, mediaType: "video/mp4", content: Stream.empty, length: 50 * 1_048_576 + 1 }
      assert.strictEqual((yield* Effect.flip(service.upload(long)))._tag, "InvalidRequest")
    }).pipe(Effect.provide(world(two))))
})

describe("A request", () => {
  for (
    const [request, fields] of [
      [PixVerse.video({}), ["prompt", "aspect_ratio"]],
      [PixVerse.video({ prompt: "a" }), ["aspect_ratio"]],
      [PixVerse.video({ template_id: 307489548427968 }), []],
      [PixVerse.video({ frame_1_path: "a", aspect_ratio: "1:1" }), ["aspect_ratio"]],
      [PixVerse.video({ prompt: "a", aspect_ratio: "wide", duration: 16, maxJobs: 9 }), [
        "aspect_ratio",
        "duration",
        "maxJobs"
      ]],
      [PixVerse.extend({}), ["video_id"]],
      [PixVerse.extend({ video_id: id, video_path: "a" }), ["video_id"]],
      [PixVerse.image({ prompt: "a", create_count: 5 }), ["create_count"]],
      [PixVerse.speech({ text: "" }), ["text"]]
    ] as ReadonlyArray<readonly [PixVerseRequest.Request, ReadonlyArray<string>]>
  ) {
    it(`${JSON.stringify(request)} is wrong in ${fields.join(", ") || "nothing"}`, () => {
      assert.sameMembers(PixVerseRequest.issues(request).map(({ field }) => field), [...fields])
    })
  }
})

describe("A list", () => {
  it.effect("is a bare array, of which an odd row costs no other", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* (yield* pixverse()).list
      assert.isFalse(complete)
      assert.deepStrictEqual(jobs.map(({ account, id, kind, reference }) => [account, id, kind, reference]), [
        [account, id, "video", "order-7"],
        [account, idOf("music"), "audio", undefined]
      ])
    }).pipe(Effect.provide(Answers.layer(200, [
      { id, type: "video", started: "2026-06-24T10:05:30Z", elapsed: "03:57", replyRef: "order-7" },
      { id: idOf("music") },
      { id: "" },
      null
    ]))))
})
