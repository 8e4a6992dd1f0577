import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { fixtures } from "@media-jobs/testing/useapi-google-flow"
import * as GoogleFlow from "@media-jobs/useapi-google-flow/GoogleFlow"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { account, flow, ref, world } from "./support.ts"

const { assembled: seen, ids } = fixtures
const service = Effect.map(Emulator.Emulator, ({ services }) => services["useapi-google-flow"])

describe("the list", () => {
  const listed = (body: Schema.Json) =>
    Effect.flatMap(flow(), ({ list }) => Answers.timely(list)).pipe(Effect.provide(Answers.layer(200, body)))

  it.effect("has each job once, by its kind, account and begin", () =>
    Effect.gen(function*() {
      const { complete, jobs } = yield* listed(seen.list.json)
      assert.isTrue(complete)
      assert.deepStrictEqual(
        jobs.map(({ account, createdAt, id, kind, state }) => [id, kind, account, createdAt, state._tag]),
        [
          [ids.live, "video", account, DateTime.makeUnsafe(1788458829650), "Running"],
          [ids.liveImage, "image", account, DateTime.makeUnsafe(1788458829650), "Running"]
        ]
      )
    }))

  const one = { [ids.live]: { email: "us***@example.com" } }
  for (
    const [what, body, expected] of [
      ["no lists where nothing runs", seen.listEmpty.json, [[], true]],
      ["fewer jobs than it counts", { videos: { summary: { a: { executing: 2 } }, executing: one } }, [
        [ids.live],
        false
      ]],
      ["no list of what it counts", { images: { summary: { a: { executing: 1 } } } }, [[], false]],
      ["a list that is none", { videos: { executing: "none" }, images: { executing: one } }, [[ids.live], false]],
      ["an entry that is none", { videos: { executing: { [ids.live]: null } } }, [[ids.live], true]],
      ["an error beside its jobs", { videos: { executing: one }, error: "late" }, [[ids.live], false]],
      ["a job in the combined group alone", { combined: { executing: one } }, [[ids.live], true]]
    ] as ReadonlyArray<readonly [string, Schema.Json, readonly [ReadonlyArray<string>, boolean]]>
  ) {
    it.effect(`with ${what}`, () =>
      Effect.gen(function*() {
        const { complete, jobs } = yield* listed(body)
        assert.deepStrictEqual([jobs.map(({ id }) => id), complete], expected)
        for (const job of jobs) assert.strictEqual(job.account, account)
      }))
  }

  it.effect("is asked for by its option", () =>
    Effect.gen(function*() {
      const { list } = yield* flow({ requestsPerSecond: 1000 })
      yield* list
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, "/v1/google-flow/jobs?options=executing")
    }).pipe(Effect.provide(world())))
})

describe("recover", () => {
  it.effect("finds the one whose record repeats the reference, running or ended a while ago", () =>
    Effect.gen(function*() {
      const { recover } = yield* flow({ requestsPerSecond: 1000 })
      const emulated = yield* service
      const running = yield* emulated.add({ replyRef: "order-1", duration: "1 hour" })
      const ended = yield* emulated.add({ replyRef: "order-2", duration: "1 minute" })
      yield* emulated.add({ replyRef: "order-3", type: "image", state: "completed" })
      yield* TestClock.adjust("2 minutes")
      const found = (replyRef: string, kind: "video" | "image" = "video") =>
        Effect.map(
          recover({ submittedAt: DateTime.makeUnsafe(0), kind, replyRef }),
          (jobs) => jobs.map(({ id, state }) => [id, state._tag])
        )
      assert.deepStrictEqual(yield* found("order-1"), [[running.id, "Running"]])
      assert.deepStrictEqual(yield* found("order-2"), [[ended.id, "Succeeded"]])
      assert.deepStrictEqual(yield* found("order-3"), [])
      assert.deepStrictEqual(yield* found("order-4"), [])
    }).pipe(Effect.provide(world())))

  it.effect("without a reference gives all that agree in kind, account and time", () =>
    Effect.gen(function*() {
      const { recover } = yield* flow({ requestsPerSecond: 1000 })
      const emulated = yield* service
      yield* TestClock.setTime(Date.parse("2026-09-03"))
      const first = yield* emulated.add({ duration: "1 hour" })
      const second = yield* emulated.add({ duration: "1 hour", account: "b@b.c" })
      const lost = { submittedAt: DateTime.makeUnsafe("2026-09-03"), kind: "video" } as const
      const all = yield* recover(lost)
      assert.sameMembers(all.map(({ id }) => String(id)), [first.id, second.id])
      const one = yield* recover({ ...lost, account: "b@b.c" })
      assert.deepStrictEqual(one.map(({ id }) => id as string), [second.id])
      assert.deepStrictEqual(yield* recover({ ...lost, model: "omni-flash" }), [])
      assert.deepStrictEqual(yield* recover({ ...lost, submittedAt: DateTime.makeUnsafe("2026-01-01") }), [])
    }).pipe(Effect.provide(world())))

  it.effect("leaves out what is gone meanwhile, and fails where a candidate can't be looked at", () =>
    Effect.gen(function*() {
      const { recover } = yield* flow({ retries: 0 })
      const emulated = yield* service
      yield* emulated.add({ duration: "1 hour" })
      const { heal, inject } = yield* Emulator.Emulator
      const lost = { submittedAt: DateTime.makeUnsafe(0) }
      yield* inject({ operation: "useapi-google-flow.get", fault: Faults.answer(seenReply(404)) })
      assert.deepStrictEqual(yield* recover(lost), [])
      yield* heal
      yield* inject({ operation: "useapi-google-flow.get", fault: Faults.status(500) })
      assert.strictEqual((yield* Effect.flip(recover(lost)))._tag, "Unavailable")
    }).pipe(Effect.provide(world())))

  const seenReply = (status: number) => ({ status, headers: {}, body: JSON.stringify(seen.getNotFound.json) })
})

describe("link", () => {
  it.effect("has a fresh one made of each output, by its own name", () =>
    Effect.gen(function*() {
      const { get, link } = yield* flow({ requestsPerSecond: 1000 })
      const emulator = yield* Emulator.Emulator
      for (const type of ["video", "image"] as const) {
        const stored = yield* emulator.services["useapi-google-flow"].add({ type, state: "completed", count: 2 })
        const job = yield* get(JobId.make(stored.id))
        const outputs = job.state._tag === "Succeeded" ? job.state.artifacts : []
        for (const [i, artifact] of outputs.filter(({ role }) => role === "primary").entries()) {
          const fresh = yield* link(job, artifact)
          assert.include(fresh.url, String(stored.outputs[i]))
          assert.deepStrictEqual(fresh.expiresAt, DateTime.makeUnsafe(6 * 3_600_000))
        }
        for (const artifact of outputs.filter(({ role }) => role === "thumbnail")) {
          assert.deepStrictEqual(yield* link(job, artifact), { url: artifact.url })
        }
      }
      const assets = (yield* emulator.journal).filter(({ operation }) => operation === "useapi-google-flow.asset")
      assert.isTrue(assets.every(({ url }) => url.startsWith("/v1/google-flow/assets/user%3A12345-email%3A")))
    }).pipe(Effect.provide(world())))

  const artifact = Artifact.fromValid({ kind: "video", role: "primary", label: "primary", url: "https://a.test/v" })
  for (
    const [operation, status, body, tag] of [
      ["get", 410, { error: "Job has expired", code: 410 }, "NotFound"],
      ["get", 403, { error: "Not yours", code: 403 }, "Forbidden"],
      ["asset", 400, { error: "Invalid mediaGenerationId format: x" }, "UnexpectedResponse"],
      ["asset", 401, { error: "Unauthorized" }, "Unauthorized"],
      ["asset", 403, { error: "Not yours" }, "Forbidden"],
      ["asset", 404, { error: "Not found" }, "NotFound"],
      ["asset", 596, { error: "Failed to refresh session: x", code: 596 }, "SessionExpired"],
      ["asset", 200, { url: 7 }, "UnexpectedResponse"]
    ] as const
  ) {
    it.effect(`${operation} ${status} is ${tag}`, () =>
      Effect.gen(function*() {
        const { get, link } = yield* flow({ retries: 0 })
        const emulator = yield* Emulator.Emulator
        const { id } = yield* emulator.services["useapi-google-flow"].add({ state: "completed" })
        const job = yield* get(JobId.make(id))
        yield* emulator.inject({
          operation: `useapi-google-flow.${operation}`,
          fault: Faults.answer({ status, headers: {}, body: JSON.stringify(body) })
        })
        assert.strictEqual((yield* Effect.flip(link(job, artifact)))._tag, tag)
      }).pipe(Effect.provide(world())))
  }
})

describe("upload", () => {
  const file = (mediaType: string, bytes = 8) => ({
    account,
    mediaType,
    content: Stream.succeed(new Uint8Array(bytes))
  })

  it.effect("names the file for a request", () =>
    Effect.gen(function*() {
      const { submit, upload } = yield* flow({ requestsPerSecond: 1000 })
      const image = yield* upload(file("image/webp"))
      assert.match(image.reference, /^user:12345-email:75736572406578616d706c652e636f6d-image:/)
      yield* submit(GoogleFlow.video({ prompt: "rain", startImage: image.reference, email: account }))
      const video = yield* upload(file("video/mp4"))
      yield* submit(GoogleFlow.video({ prompt: "rain", model: "omni-flash", referenceVideo_1: video.reference }))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.strictEqual(entry?.url, "/v1/google-flow/assets/user%40example.com")
    }).pipe(Effect.provide(world())))

  for (const name of ["uploaded", "uploadedVideo"] as const) {
    it.effect(`reads ${name}`, () =>
      Effect.gen(function*() {
        const { upload } = yield* flow({ requestsPerSecond: 1000 })
        const { reference } = yield* Answers.timely(upload(file("image/png")))
        assert.strictEqual(reference, ref(name === "uploaded" ? "image" : "video"))
      }).pipe(Effect.provide(Answers.layer(200, seen[name].json))))
  }

  it.effect("takes no other type, and none without an account", () =>
    Effect.gen(function*() {
      const { upload } = yield* flow({ requestsPerSecond: 1000 })
      for (
        const [given, field] of [
          [file("image/gif"), "mediaType"],
          [{ ...file("image/png"), account: "" }, "account"],
          [{ ...file("image/png"), length: 21 * 1024 * 1024 }, "length"]
        ] as const
      ) {
        const error = yield* Effect.flip(upload(given))
        assert.deepStrictEqual(error._tag === "InvalidRequest" ? error.issues.map((issue) => issue.field) : [], [field])
      }
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
    }).pipe(Effect.provide(world())))
})
