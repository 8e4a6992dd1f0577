import { assert, describe, it } from "@effect/vitest"
import type * as Artifact from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import * as Poller from "@media-jobs/poller/Poller"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import { service } from "@media-jobs/testing/useapi-kling"
import * as Kling from "@media-jobs/useapi-kling/Kling"
import type * as KlingRequest from "@media-jobs/useapi-kling/KlingRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { expectTypeOf } from "vitest"
import { account, id, kling, world } from "./support.ts"

const email = account
const other = "other@example.com"
const rain = Kling.textToVideo({ email, prompt: "rain" })
const two = {
  services: { "useapi-kling": service({ accounts: [{ email, maxJobs: 9 }, { email: other, maxJobs: 2 }] }) }
}
const controls = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-kling"])

it("requests have the fields that their endpoints take", () => {
  expectTypeOf(Kling.textToVideo).parameter(0).toHaveProperty("shot_6_duration").toEqualTypeOf<
    number | string | undefined
  >()
  expectTypeOf(rain).toEqualTypeOf<KlingRequest.Requests["TextToVideo"]>()
  // @ts-expect-error: it needs an effect
  Kling.effect({ image: "https://x.test/a.png" })
})

describe("kling.submit", () => {
  it.effect("sends a request to its path once, under the vendor's names, and its account with it", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      const request = Kling.image({ prompt: "rain", imageCount: 4, version: "kling-v3-0", replyRef: "order-7" })
      const submission = yield* kling_.submit(request, { account })
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.operation, "useapi-kling.kolors")
      assert.deepStrictEqual(JSON.parse(entry?.body ?? ""), {
        prompt: "rain",
        imageCount: 4,
        version: "kling-v3-0",
        email,
        replyRef: "order-7"
      })
      assert.deepInclude({ ...submission }, { kind: "image", model: "kling-v3-0", account, reference: "order-7" })
      assert.isTrue((yield* kling_.get(submission.ids[0])).is("Running"))
    }).pipe(Effect.provide(world(two))))

  for (
    const [request, fields] of [
      [Kling.textToVideo({ email }), ["prompt"]],
      [Kling.textToVideo({ email, shot_1_prompt: "a", shot_1_duration: 5 }), ["shot_2_prompt", "shot_2_duration"]],
      [
        Kling.omni({ email, shot_1_prompt: "a", shot_1_duration: 9, shot_2_prompt: "b", shot_2_duration: "9" }),
        ["shot_1_duration"]
      ],
      [
        Kling.textToVideo({ email, prompt: "a", duration: 5, ...shots(3) }),
        ["prompt", "duration"]
      ],
      [Kling.textToVideo({ email, ...shots(6), shot_4_prompt: undefined }), ["shot_4_prompt"]],
      [Kling.framesToVideo({ email, prompt: "a" }), ["image"]],
      [Kling.framesToVideo({ email, image_tail: "/home/a.png" }), ["image_tail"]],
      [Kling.avatar({ email, avatarId: 7 }), ["audioUrl"]],
      [Kling.avatar({ email, avatarId: 7, text: "a" }), ["speakerId"]],
      [Kling.extend({ email, task_id: id }), ["task_id"]],
      [Kling.textToVideo({ email, prompt: "a", cfg_scale: 2, duration: 20, maxJobs: 51 }), [
        "cfg_scale",
        "duration",
        "maxJobs"
      ]],
      [{ ...rain, seed: 7 }, ["seed"]]
    ] as ReadonlyArray<readonly [KlingRequest.Request, ReadonlyArray<string>]>
  ) {
    it.effect(`refuses ${JSON.stringify(request)} by ${fields}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip((yield* kling()).submit(request))
        const named = error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : []
        assert.sameMembers([...new Set(named)], [...fields])
        assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
      }).pipe(Effect.provide(world())))
  }

  it.effect("takes what the refusals stop short of", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      yield* kling_.submit(Kling.textToVideo({ email, ...shots(6), shot_1_duration: "2" as "3" })).pipe(Effect.flip)
      yield* kling_.submit(Kling.omni({ email, ...shots(5), element_7: "u_1", image_7: "https://x.test/a.png" }))
      yield* kling_.submit(Kling.avatar({ email, imageUrl: "https://x.test/a.png", text: "a", speakerId: "s" }))
      assert.strictEqual((yield* (yield* controls).jobs).length, 2)
    }).pipe(Effect.provide(world())))
})

function shots(count: number): object {
  const names = Array.from({ length: count }, (_, i) => i + 1)
  return Object.fromEntries(names.flatMap((n) => [[`shot_${n}_prompt`, "a"], [`shot_${n}_duration`, 3]]))
}

describe("A wait", () => {
  it.effect("ends with a task, with one that failed, and with one that moderation took away", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      const ends = yield* Effect.forEach(
        ["succeed", "failed", "moderated"] as const,
        (outcome) =>
          Effect.gen(function*() {
            const submission = yield* kling_.submit(rain)
            const [made] = (yield* (yield* controls).jobs).slice(-1)
            yield* (yield* controls).change(made?.id ?? "", { outcome, reason: "Prompt was moderated" })
            const fiber = yield* Effect.forkChild(Effect.exit(Poller.succeed(kling_, submission)))
            yield* TestClock.adjust("20 minutes")
            return String(yield* Fiber.join(fiber))
          })
      )
      assert.include(ends[0], "Succeeded")
      assert.include(ends[1], "JobFailed")
      assert.include(ends[2], "JobExpired")
    }).pipe(Effect.provide(world())))
})

describe("kling.remove", () => {
  it.effect("of a task that runs says so, though the service answers as if there were none", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      const { ids: [id] } = yield* kling_.submit(rain)
      const error = yield* Effect.flip(kling_.remove(id))
      assert.deepStrictEqual([error._tag, error.status], ["NotTerminal", undefined])
      yield* TestClock.adjust("5 minutes")
      yield* kling_.remove(id)
      assert.strictEqual((yield* Effect.flip(kling_.get(id)))._tag, "NotFound")
    }).pipe(Effect.provide(world(two))))
})

describe("kling.untrack", () => {
  it.effect("frees the slot, and the task runs on", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      const { ids: [id] } = yield* kling_.submit(rain, { account: email })
      assert.deepStrictEqual(yield* kling_.capacity, [
        { account: email, limit: 9, executing: 1 },
        { account: other, limit: 2, executing: 0 }
      ])
      yield* kling_.untrack(id)
      assert.deepStrictEqual((yield* kling_.capacity)[0], { account: email, limit: 9, executing: 0 })
      assert.deepStrictEqual((yield* kling_.list).jobs, [])
      assert.isTrue((yield* kling_.get(id)).is("Running"))
      assert.strictEqual((yield* Effect.flip(kling_.untrack(id)))._tag, "NotFound")
    }).pipe(Effect.provide(world(two))))
})

describe("A submit whose reply was lost", () => {
  const lose = (request: KlingRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const kling_ = yield* kling()
      yield* TestClock.setTime(Date.UTC(2026, 2, 26))
      yield* kling_.submit(Kling.textToVideo({ email, prompt: "rain", replyRef: "before" }))
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const lost = yield* Effect.flip(kling_.submit(request))
      if (lost._tag !== "SubmissionUncertain") return assert.fail(lost._tag)
      const [made] = (yield* (yield* controls).jobs).slice(-1)
      yield* kling_.submit(Kling.textToVideo({ email: other, prompt: "rain", replyRef: "after" }))
      return { kling: kling_, lost, made: Kling.jobId(made?.id ?? "", email) }
    })
  const ids = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ id }) => id)

  it.effect("is the one of its reference, or of its address, as long as it is tracked", () =>
    Effect.gen(function*() {
      for (const reply of [{ replyRef: "order-7" }, { replyUrl: "https://app.test/7" }]) {
        const { kling, lost, made } = yield* lose({ ...rain, ...reply })
        assert.deepStrictEqual(ids(yield* kling.recover(lost)), [made])
      }
      assert.strictEqual(yield* (yield* Emulator.Emulator).count("useapi-kling.history"), 0)
    }).pipe(Effect.provide(world(two))))

  it.effect("is among its account's of that day, once it is not", () =>
    Effect.gen(function*() {
      const { kling, lost, made } = yield* lose({ ...rain, replyRef: "order-7" })
      yield* TestClock.adjust("10 minutes")
      const old = yield* (yield* controls).add({ account: email, created: "2026-03-24T00:00:00Z", state: "succeed" })
      const found = yield* kling.recover(lost)
      assert.strictEqual(found.length, 2)
      assert.include(ids(found), made)
      assert.notInclude(ids(found), Kling.jobId(old.id, email))
      assert.isTrue(found.every((job) => job.is("Succeeded")))
    }).pipe(Effect.provide(world(two))))

  it.effect("is among the tracked and the others of its account, each once, where it said nothing to know it by", () =>
    Effect.gen(function*() {
      const { kling, lost, made } = yield* lose(rain)
      const done = yield* (yield* controls).add({ account: email, state: "succeed", created: "2026-03-26T00:00:00Z" })
      const found = ids(yield* kling.recover(lost))
      assert.strictEqual(found.length, 3)
      assert.includeMembers(found, [made, Kling.jobId(done.id, email)])
    }).pipe(Effect.provide(world(two))))

  it.effect("is none that the list shows to be another submit's, but may be one that shows no reference", () =>
    Effect.gen(function*() {
      const { kling, lost, made } = yield* lose({ ...rain, replyRef: "order-7" })
      const { handles: [mute] } = yield* kling.submit(rain)
      assert.deepStrictEqual(ids(yield* kling.recover({ ...lost, replyRef: "order-8" })), [mute.id])
      assert.deepStrictEqual(ids(yield* kling.recover(lost)), [made])
    }).pipe(Effect.provide(world(two))))

  it.effect("is not looked for in a history that may go on", () =>
    Effect.gen(function*() {
      const history = Array.from({ length: 100 }, () => ({ works: [] }))
      yield* (yield* Emulator.Emulator).inject({
        operation: "useapi-kling.history",
        fault: Faults.answer(Reply.json(200, { history }))
      })
      const lost = { submittedAt: DateTime.makeUnsafe("2026-03-26T00:00:00Z"), account: email }
      assert.strictEqual(
        (yield* Effect.flip(Answers.timely((yield* kling()).recover(lost))))._tag,
        "UnexpectedResponse"
      )
    }).pipe(Effect.provide(world())))

  it.effect("may be an entry that has works alone, or its task alone, and no odd one", () =>
    Effect.gen(function*() {
      const work = { taskId: 7, status: 99, status_name: "succeed", status_final: true, contentType: "image" }
      const history = [
        { works: [{ ...work, resource: { resource: "https://x.test/a.png" } }] },
        { task: { id: 8, status: 5 } },
        { works: [] },
        null,
        { works: [{ status: 99 }] }
      ]
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject({ operation: "useapi-kling.history", fault: Faults.answer(Reply.json(200, { history })) })
      const lost = { submittedAt: DateTime.makeUnsafe("2026-03-26T00:00:00Z"), account: email }
      const found = yield* (yield* kling()).recover(lost)
      assert.deepStrictEqual(found.map(({ id, state }) => [id, state._tag]), [
        [Kling.jobId("7", email), "Succeeded"],
        [Kling.jobId("8", email), "Running"]
      ])
    }).pipe(Effect.provide(world())))
})

describe("kling.link", () => {
  const made = (given: { readonly type?: "image"; readonly count?: number }) =>
    Effect.gen(function*() {
      const { id } = yield* (yield* controls).add({ account: email, state: "succeed", ...given })
      const kling_ = yield* kling()
      const job = yield* kling_.get(Kling.jobId(id, email))
      if (!job.is("Succeeded")) return assert.fail(String(job))
      const [file, cover, second] = job.state.artifacts
      // Each has these two.
      return { kling: kling_, job, file: file as Artifact.Artifact, cover: cover as Artifact.Artifact, second }
    })

  it.effect("leads to the file without a watermark, which is there", () =>
    Effect.gen(function*() {
      const { cover, file, job, kling } = yield* made({})
      const { url } = yield* kling.link(job, file)
      assert.match(url, /\/clean-video\.mp4/)
      assert.strictEqual((yield* HttpClient.get(url)).status, 200)
      assert.strictEqual((yield* kling.link(job, cover)).url, cover.url)
      const asked = (yield* (yield* Emulator.Emulator).journal).filter(({ operation }) =>
        operation === "useapi-kling.link"
      )
      assert.deepStrictEqual(asked.map(({ url }) => new URLSearchParams(url.split("?")[1]).get("fileTypes")), ["MP4"])
    }).pipe(Effect.provide(world(two))))

  it.effect("leads to the work of that label, as the file that it is", () =>
    Effect.gen(function*() {
      const { job, kling, second } = yield* made({ type: "image", count: 2 })
      if (second === undefined) return assert.fail("There is one")
      const { url } = yield* kling.link(job, second)
      assert.include(url, `/${Number(/\d+$/.exec(job.id)?.[0]) + 2}/clean-image.png`)
    }).pipe(Effect.provide(world(two))))

  it.effect("leads to the one with a watermark, as it is now, where there is no other", () =>
    Effect.gen(function*() {
      const { file, job, kling } = yield* made({})
      const emulator = yield* Emulator.Emulator
      for (const answer of [Reply.error(404, "No works found"), Reply.error(500, "Error"), Reply.json(200, {})]) {
        yield* emulator.inject({ operation: "useapi-kling.link", fault: Faults.answer(answer) })
        assert.strictEqual((yield* Answers.timely(kling.link(job, file))).url, file.url)
        yield* emulator.heal
      }
    }).pipe(Effect.provide(world(two))))

  it.effect("fails where the task is gone, or has no such file any more", () =>
    Effect.gen(function*() {
      const { file, job, kling } = yield* made({})
      const odd = { ...file, label: "primary-9" }
      assert.strictEqual((yield* Effect.flip(kling.link(job, odd as Artifact.Artifact)))._tag, "UnexpectedResponse")
      yield* kling.remove(job.id)
      assert.strictEqual((yield* Effect.flip(kling.link(job, file)))._tag, "NotFound")
    }).pipe(Effect.provide(world(two))))
})

describe("kling.upload", () => {
  it.effect("gives the address that creates take, of an image, a video and a sound", () =>
    Effect.gen(function*() {
      const kling_ = yield* kling()
      const references = yield* Effect.forEach(["image/png", "video/mp4", "audio/mpeg"], (mediaType) =>
        kling_.upload({ account: other, mediaType, content: Stream.succeed(new Uint8Array(8)) }))
      assert.deepStrictEqual(
        references.map(({ reference }) =>
          /\w+\.\w+$/.exec(reference)?.[0]
        ),
        [
          "image.png",
          "video.mp4",
          "audio.mp3"
        ]
      )
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, "/v1/kling/assets/?email=other%40example.com")
      yield* kling_.submit(Kling.framesToVideo({ email: other, image: references[0]?.reference }))
    }).pipe(Effect.provide(world(two))))

  for (const [mediaType, megabytes] of [["image/png", 10], ["video/mp4", 100], ["audio/wav", 20]] as const) {
    it.effect(`takes ${mediaType} of at most ${megabytes} MB`, () =>
      Effect.gen(function*() {
        const file = { account, mediaType, content: Stream.empty, length: megabytes * 1_048_576 + 1 }
        const error = yield* Effect.flip((yield* kling()).upload(file))
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["length"])
      }).pipe(Effect.provide(world())))
  }

  it.effect("takes no other types, and no file of nobody", () =>
    Effect.gen(function*() {
      const file = { mediaType: "image/webp", content: Stream.empty }
      const error = yield* Effect.flip((yield* kling()).upload(file))
      const fields = error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : []
      assert.deepStrictEqual(fields, ["account", "mediaType"])
    }).pipe(Effect.provide(world())))
})

describe("Accounts", () => {
  it.effect("are there with what is wrong with them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* (yield* kling()).accounts, [{ account: "a@b" }, {
        account: "c@d",
        problem: "Locked"
      }])
    }).pipe(Effect.provide(Answers.layer(200, { "a@b": { maxJobs: 5 }, "c@d": { error: "Locked" } }))))
})
