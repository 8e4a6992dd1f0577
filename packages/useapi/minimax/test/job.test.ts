import { assert, describe, it } from "@effect/vitest"
import type * as JobState from "@media-jobs/core/JobState"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import { fixtures } from "@media-jobs/testing/useapi-minimax"
import * as MiniMax from "@media-jobs/useapi-minimax/MiniMax"
import * as MiniMaxRequest from "@media-jobs/useapi-minimax/MiniMaxRequest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { account, file, got, heard, idOf, miniMax, submitted, world } from "./support.ts"

type State = JobState.JobState

const { assembled: seen, ids } = fixtures
const record = (more: Schema.JsonObject): Schema.JsonObject => ({ videoId: ids.video, ...more })
const url = "https://a.test/v.mp4"
const succeeded = { _tag: "Succeeded" }

const kindsOf = (state: State | undefined) =>
  state?._tag !== "Succeeded" ? state : state.artifacts.map(({ kind, label, role, url }) => [kind, label ?? role, url])

describe("a status", () => {
  for (
    const [more, state] of [
      [{ status: 0, statusLabel: "pending" }, { _tag: "Queued" }],
      [{ status: 11, statusLabel: "queued", statusFinal: false }, { _tag: "Queued" }],
      [{ status: 1, percent: 40 }, { _tag: "Running", progress: 0.4 }],
      [{ status: 12, percent: 400 }, { _tag: "Running" }],
      [{ status: 1, statusFinal: false, videoURL: url }, { _tag: "Running" }],
      [{ status: 2, statusFinal: false, videoURL: url }, { _tag: "Running" }],
      [{ status: "2", statusLabel: "done", videoURL: url }, succeeded],
      [{ statusLabel: "completed", videoURL: url }, succeeded],
      [{ status: 2, statusFinal: true }, { _tag: "Failed", reason: "Completed without a file", cause: "service" }],
      [{ status: 3, message: "Not enough credits" }, {
        _tag: "Failed",
        reason: "Not enough credits",
        cause: "credits"
      }],
      [{ status: 3, message: "Cancelled by user" }, { _tag: "Cancelled" }],
      [{ status: 5 }, { _tag: "Failed", reason: "moderated", cause: "content" }],
      [{ status: 7, message: "No" }, { _tag: "Failed", reason: "No", cause: "content" }],
      [{ status: 14, statusFinal: true, videoURL: url }, { _tag: "Failed", reason: "moderated", cause: "content" }],
      [{ status: 99, statusLabel: "dreaming", statusFinal: false }, { _tag: "Running" }],
      [{ status: 99, statusLabel: "dreaming", percent: 7 }, { _tag: "Running", progress: 0.07 }],
      [{ status: 99, statusLabel: "dreaming", statusFinal: true }, {
        _tag: "Failed",
        reason: "dreaming",
        cause: "unknown"
      }]
    ] as ReadonlyArray<readonly [Schema.JsonObject, object]>
  ) {
    it.effect(`${JSON.stringify(more)} is ${JSON.stringify(state)}`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(record(more))
        assert.deepInclude(job?.state, state)
      }))
  }

  for (
    const [status, tag] of [["started", "Running"], ["failed", "Failed"], ["completed", "Failed"], [
      "cancelled",
      "Running"
    ]]
  ) {
    it.effect(`${status} of an agent's job without files is ${tag}`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard({ jobId: ids.agent, status: status ?? "" })
        assert.deepStrictEqual([job?.state._tag, job?.providerStatus], [tag, status])
      }))
  }
})

describe("speech", () => {
  const state = (json: Schema.Json) => Effect.map(got(json, idOf("audio")), ({ state }) => state)

  it.effect("runs while it has no id, and is told by its label alone", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* state(seen.getSpeechPending.json), { _tag: "Queued" })
      assert.deepInclude(yield* state({ status: 0, statusLabel: "processing", statusFinal: false }), {
        _tag: "Running"
      })
      assert.deepInclude(yield* state({ ...Object(seen.getSpeech.json), audio_url: "" }), {
        _tag: "Failed",
        reason: "Completed without a file"
      })
      assert.deepInclude(yield* state(seen.getSpeechFailed.json), {
        _tag: "Failed",
        reason: "Generation failed",
        code: "500"
      })
      assert.deepInclude(yield* state({ statusLabel: "failed", statusFinal: true, error: "Cancelled by user" }), {
        _tag: "Cancelled"
      })
    }))

  it.effect("is known by the id that was asked for, whatever its recording is called, if it has the same owner", () =>
    Effect.gen(function*() {
      const job = yield* got(seen.getSpeech.json, idOf("audio"))
      assert.notInclude(seen.getSpeech.text, idOf("audio"))
      for (const audio_id of [file(), ids.audio.replace(account, "1"), ids.music]) {
        const error = yield* Effect.flip(got({ ...Object(seen.getSpeech.json), audio_id }, idOf("audio")))
        assert.strictEqual(error._tag, "UnexpectedResponse")
      }
      assert.deepInclude(job, { id: idOf("audio"), kind: "audio", account, model: "speech-2.8-hd" })
      assert.deepStrictEqual(job.createdAt, DateTime.makeUnsafe(1764172800000))
      const [called] = yield* heard({ ...Object(seen.getSpeech.json), audioId: idOf("audio"), replyRef: "order-7" })
      assert.deepInclude(called, { id: idOf("audio"), reference: "order-7" })
      assert.deepStrictEqual(kindsOf(called?.state), [["audio", "primary", "https://cdn.hailuoai.video/speech.mp3"]])
    }))

  it.effect("is cancelled where other jobs are untracked, and deleted where it is", () =>
    Effect.gen(function*() {
      const { cancel, get, remove } = yield* miniMax({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      const { add } = emulator.services["useapi-minimax"]
      const id = (yield* add({ family: "audio", duration: "1 hour" })).id as ReturnType<typeof idOf> // it is one
      assert.strictEqual((yield* Effect.flip(remove(id)))._tag, "NotTerminal")
      yield* cancel(id)
      assert.isTrue((yield* get(id)).is("Cancelled"))
      const done = yield* add({ family: "audio", state: "completed" })
      yield* remove(done.id as ReturnType<typeof idOf>) // it is one
      assert.strictEqual(yield* emulator.count("useapi-minimax.removeSpeech"), 1)
    }).pipe(Effect.provide(world())))
})

it.effect("a song's number of status says nothing of it", () =>
  Effect.gen(function*() {
    const [job] = yield* heard({ ...Object(seen.getMusic.json), status: 0 })
    assert.isTrue(job?.is("Succeeded"))
  }))

describe("a record", () => {
  const files = "https://cdn.hailuoai.video/"
  for (
    const [name, kind, outputs] of [
      ["getCompleted", "video", [["video", "primary", `${files}clean...`], ["image", "thumbnail", `${files}cover...`]]],
      ["getImage", "image", [["image", "primary", `${files}clean...`]]],
      ["getMusic", "audio", [["audio", "primary", "https://cdn.hailuoai.com/song.mp3"]]],
      ["getSpeech", "audio", [["audio", "primary", `${files}speech.mp3`]]],
      ["getAgent", "other", [["video", "primary", `${files}clean...`], ["image", "primary-2", `${files}clean...`]]]
    ] as const
  ) {
    it.effect(`of ${name} is of its kind and account, with its files`, () =>
      Effect.gen(function*() {
        const [job] = yield* heard(seen[name].json)
        assert.deepStrictEqual([job?.kind, job?.account], [kind, account])
        assert.deepStrictEqual(kindsOf(job?.state), outputs.map((one) => [...one]))
      }))
  }

  it.effect("keeps what is text, a length, a code and a reference", () =>
    Effect.gen(function*() {
      const [agent] = yield* heard(seen.getAgent.json)
      const state = agent?.state._tag === "Succeeded" ? agent.state : undefined
      assert.strictEqual(state?.output, "Here you are")
      assert.deepInclude(state?.artifacts[0], { width: 1280, height: 720, duration: Duration.seconds(5) })
      assert.deepStrictEqual(agent?.createdAt, DateTime.makeUnsafe("2025-11-26T10:00:00Z"))
      const [song] = yield* heard(seen.getMusic.json)
      assert.propertyVal(song?.state, "output", "la")
      const [failed] = yield* heard(seen.getAgentFailed.json)
      assert.deepInclude(failed?.state, { _tag: "Failed", reason: "Gateway timeout", code: "504" })
      const [image] = yield* heard({ ...Object(seen.getImage.json), replyRef: "order-7" })
      assert.deepInclude(image, { model: "image-01", reference: "order-7" })
      assert.deepStrictEqual(image?.createdAt, DateTime.makeUnsafe(1764172800000))
    }))

  it.effect("is read where the id says that its job is", () =>
    Effect.gen(function*() {
      const { get } = yield* miniMax({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      for (const family of ["video", "image", "music", "audio", "agent"] as const) {
        const { id } = yield* emulator.services["useapi-minimax"].add({ family, state: "completed" })
        assert.isTrue((yield* get(id as ReturnType<typeof idOf>)).is("Succeeded")) // it is one
      }
      assert.deepStrictEqual((yield* emulator.journal).map(({ url }) => url.split("/")[3]), [
        "videos",
        "images",
        "music",
        "speech",
        "agent"
      ])
    }).pipe(Effect.provide(world())))
})

describe("the answer to a create", () => {
  for (
    const [name, idsOf, states] of [
      ["created", [ids.video], ["Queued"]],
      ["createdOld", [ids.video], []],
      ["createdImages", [ids.image, ids.image.replace("212", "213")], []],
      ["createdMusic", [ids.music], []],
      ["createdSpeech", [ids.audio], []],
      ["createdAgent", [ids.agent], ["Running"]]
    ] as const
  ) {
    it.effect(`${name} names its jobs`, () =>
      Effect.gen(function*() {
        const submission = yield* submitted(200, seen[name].json)
        assert.deepStrictEqual(submission.ids.map(String), [...idsOf])
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag) ?? [], [...states])
      }))
  }

  it.effect("names each image once, whether in a list, in records or in both", () =>
    Effect.gen(function*() {
      for (
        const body of [[{ imageId: "a-1" }, { imageId: "a-2" }], { imageIds: ["a-1"], images: [{ imageId: "a-2" }] }]
      ) {
        const found = yield* submitted(200, body)
        assert.sameMembers(found.ids.map(String), ["a-1", "a-2"])
      }
      const { snapshots } = yield* submitted(200, { musicId: ids.music, statusLabel: "processing", lyrics: 7 })
      assert.deepStrictEqual(snapshots?.map(({ kind }) => kind), ["audio"])
    }))

  it.effect("is asked for without a wait of an agent, and without a report of music", () =>
    Effect.gen(function*() {
      const { submit } = yield* miniMax({ requestsPerSecond: 1000 })
      yield* submit(MiniMax.agent({ prompt: "rain", replyRef: "order-7" }))
      yield* submit(MiniMax.music({ prompt: "rain" }), { account })
      const bodies = (yield* (yield* Emulator.Emulator).journal).map(({ body }) => JSON.parse(body) as unknown)
      const replyTo: ReplyTo.ReplyTo = {
        address: () => Effect.succeed({ url: "https://example.com", reference: "mac" }),
        callerReference: (echoed) => echoed
      }
      const told = (request: MiniMaxRequest.Request) =>
        Effect.gen(function*() {
          yield* Effect.provideService(submit(request), ReplyTo.ReplyTo, replyTo)
          return JSON.parse((yield* (yield* Emulator.Emulator).journal).at(-1)?.body ?? "") as unknown
        })
      assert.propertyVal(yield* told(MiniMax.video({ prompt: "rain" })), "replyRef", "mac")
      assert.deepStrictEqual(yield* told(MiniMax.music({ prompt: "rain" })), { prompt: "rain" })
      assert.deepStrictEqual(bodies, [{ prompt: "rain", replyRef: "order-7", async: true }, {
        prompt: "rain",
        account
      }])
    }).pipe(
      Effect.provide(world({ accounts: [account, "923847293472394001"].map((one) => ({ account: one, maxJobs: 5 })) }))
    ))
})

describe("lists", () => {
  const listed = (scheduler: Schema.Json, agents: Schema.Json = seen.agentJobs.json) =>
    Effect.gen(function*() {
      const { list } = yield* miniMax({ retries: 0 })
      const { inject } = yield* Emulator.Emulator
      const answer = (json: Schema.Json) => ({
        _tag: "Answer" as const,
        reply: { status: 200, headers: {}, body: JSON.stringify(json) }
      })
      yield* inject({ operation: "useapi-minimax.list", fault: answer(scheduler) })
      yield* inject({ operation: "useapi-minimax.agentJobs", fault: answer(agents) })
      return yield* list
    }).pipe(Effect.provide(world()))

  it.effect("are two in one, whatever an id stands under", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* listed(seen.list.json)
      assert.isTrue(complete)
      assert.deepStrictEqual(jobs.map(({ kind }) => kind), ["video", "image", "image", "audio", "audio", "other"])
      assert.deepStrictEqual(jobs.map(({ reference }) => reference), [
        "order-7",
        "order-7",
        "order-7",
        undefined,
        "order-7",
        undefined
      ])
      assert.deepStrictEqual(jobs[0]?.createdAt, DateTime.makeUnsafe("2026-11-26T10:00:00Z"))
      assert.deepStrictEqual(jobs[2]?.createdAt, DateTime.makeUnsafe(1764151200000))
    }))

  for (
    const [what, scheduler, agents, count] of [
      ["an entry without an id", [{ started: "x" }, { videoId: ids.video }], seen.agentJobs.json, 2],
      ["fewer jobs than are counted", [], {
        summary: { a: { executing: 2 } },
        executing: { a: [{ jobId: ids.agent }] }
      }, 1]
    ] as const
  ) {
    it.effect(`are not complete with ${what}`, () =>
      Effect.gen(function*() {
        const { complete, jobs } = yield* listed(scheduler, agents)
        assert.isFalse(complete)
        assert.lengthOf(jobs, count)
      }))
  }

  it.effect("find what was lost by its reference, and agents' jobs as far as they tell", () =>
    Effect.gen(function*() {
      const { recover } = yield* miniMax({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      const add = emulator.services["useapi-minimax"].add
      const video = yield* add({ replyRef: "order-1", duration: "1 hour" })
      yield* add({ replyRef: "order-2", duration: "1 hour" })
      const agent = yield* add({ family: "agent", duration: "1 hour" })
      const lost = { submittedAt: DateTime.makeUnsafe(0) }
      const found = (more: Partial<Parameters<typeof recover>[0]>) =>
        Effect.map(recover({ ...lost, ...more }), (jobs) => jobs.map(({ id }) => String(id)))
      assert.deepStrictEqual(yield* found({ kind: "video", replyRef: "order-1" }), [video.id])
      assert.deepStrictEqual(yield* found({ kind: "other", replyRef: "order-9" }), [agent.id])
      assert.lengthOf(yield* found({ kind: "video" }), 2)
      assert.deepStrictEqual(yield* found({ kind: "audio" }), [])
    }).pipe(Effect.provide(world())))
})

describe("letting go", () => {
  it.effect("is refused unsent where the service can't", () =>
    Effect.gen(function*() {
      const { cancel, remove, untrack } = yield* miniMax()
      for (
        const effect of [
          cancel(idOf("image")),
          cancel(idOf("agent")),
          untrack(idOf("music")),
          untrack(idOf("audio")),
          remove(idOf("agent"))
        ]
      ) {
        const error = yield* Effect.flip(effect)
        assert.strictEqual(error._tag, "InvalidJobId")
        assert.include(error.message, "MiniMax can")
      }
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
    }).pipe(Effect.provide(world())))

  it.effect("by untrack frees the slot, while the job runs on", () =>
    Effect.gen(function*() {
      const { capacity, get, list, untrack } = yield* miniMax({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      const { id } = yield* emulator.services["useapi-minimax"].add({ duration: "1 hour" })
      assert.deepStrictEqual(yield* capacity, [{ account, kind: "video", limit: 5, executing: 1 }])
      yield* untrack(id as ReturnType<typeof idOf>) // it is one
      assert.deepStrictEqual(yield* capacity, [{ account, kind: "video", limit: 5, executing: 0 }])
      assert.deepStrictEqual((yield* list).jobs, [])
      assert.isTrue((yield* get(id as ReturnType<typeof idOf>)).is("Queued"))
    }).pipe(Effect.provide(world())))

  it.effect("by remove is deletion of what has ended, where its kind is", () =>
    Effect.gen(function*() {
      const { remove } = yield* miniMax({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      for (const [family, operation] of [["image", "removeImage"], ["music", "removeMusic"]] as const) {
        const { id } = yield* emulator.services["useapi-minimax"].add({ family, state: "completed" })
        yield* remove(id as ReturnType<typeof idOf>) // it is one
        assert.strictEqual(yield* emulator.count(`useapi-minimax.${operation}`), 1)
      }
    }).pipe(Effect.provide(world())))
})

it.effect("an upload names its account in the query, and the file for a request", () =>
  Effect.gen(function*() {
    const { submit, upload } = yield* miniMax({ requestsPerSecond: 1000 })
    const content = Stream.succeed(new Uint8Array(8))
    const { reference } = yield* upload({ account, mediaType: "image/png", content })
    yield* submit(MiniMax.video({ fileID: reference }))
    const [entry] = yield* (yield* Emulator.Emulator).journal
    assert.strictEqual(entry?.url, `/v1/minimax/files/?account=${account}`)
    const error = yield* Effect.flip(upload({ account, mediaType: "image/webp", content }))
    assert.strictEqual(error._tag, "InvalidRequest")
  }).pipe(Effect.provide(world())))

it.effect("accounts say their trouble, and numbers beyond 2^53 keep their digits", () =>
  Effect.gen(function*() {
    const { accounts } = yield* miniMax()
    assert.deepStrictEqual(yield* Answers.timely(accounts), [
      { account },
      { account: "923847293472394001", problem: "Login failed" }
    ])
  }).pipe(Effect.provide(Answers.layer(200, seen.accounts.json))))

describe("what is wrong with a request", () => {
  const other = file("1")
  for (
    const [request, wrong] of [
      [MiniMax.video({ fileID: file() }), []],
      [MiniMax.video({ audioFileID1: file() }), []],
      [MiniMax.video({ prompt: "x".repeat(2001) }), ["prompt"]],
      [MiniMax.video({ prompt: "x".repeat(2001), model: "Seedance-2.0-Fast" }), []],
      [MiniMax.video({ prompt: "x".repeat(7501), model: "Seedance-2.0" }), ["prompt"]],
      [MiniMax.video({ prompt: "x", duration: 3, maxJobs: 11 }), ["duration", "maxJobs"]],
      [MiniMax.video({ fileID1: file(), fileID15: file() }), ["fileID1", "fileID15"]],
      [MiniMax.video({ videoFileID4: file(), audioFileID0: file() }), ["audioFileID0", "videoFileID4"]],
      [MiniMax.video({ fileID: file(), fileID2: other }), ["fileID2"]],
      [MiniMax.video({ fileID: file(), account: "1" }), ["fileID"]],
      [MiniMax.video({ fileID: "./a.png" }), ["fileID"]],
      [MiniMax.templateVideo({ templateId: "1", ossPath: "x" }), []],
      [MiniMax.image({ prompt: "x", referenceFileId17: file() }), ["referenceFileId17"]],
      [MiniMax.music({ prompt: "x", instrumental: true }), []],
      [MiniMax.music({ prompt: "" }), ["prompt"]],
      [MiniMax.speech({ text: "x".repeat(5001), voice_id: "1" }), ["text"]],
      [MiniMax.speech({ text: "x".repeat(5001), voice_id: "1", model: "speech-2.8-turbo" }), []],
      [MiniMax.speech({ text: "x".repeat(10_001), voice_id: "1", model: "speech-2.8-turbo" }), ["text"]],
      [MiniMax.speech({ text: "x", voice_id: "1", pitch: 13, vol: 0, nasal_crisp: 101 }), [
        "nasal_crisp",
        "pitch",
        "vol"
      ]],
      [MiniMax.agent({ prompt: "x", file: file(), account: "1" }), ["file"]]
    ] as const
  ) {
    it(`${request._tag} ${JSON.stringify(request).slice(0, 80)}`, () =>
      assert.deepStrictEqual(MiniMaxRequest.issues(request).map(({ field }) => field).toSorted(), [...wrong]))
  }
})
