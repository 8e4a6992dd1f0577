import { assert, describe, it } from "@effect/vitest"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Fixtures from "@media-jobs/testing/Fixtures"
import { fixtures } from "@media-jobs/testing/useapi-luma"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Answers from "./answers.ts"

const json = (fixture: Fixtures.Fixture) => fixture.json as Record<string, unknown> // each of them is a record
const video = json(fixtures.documented.getCompletedVideo)
const image = json(fixtures.documented.getCompletedImage)
const failed = json(fixtures.documented.getFailed)

const read = (body: unknown, options?: { readonly raw: boolean }) =>
  Effect.flatMap(
    Answers.luma(500, "", options),
    ({ luma, sent }) => Effect.tap(luma.webhook(body), () => Effect.sync(() => assert.deepStrictEqual(sent, [])))
  )

describe("luma.webhook", () => {
  it.effect("reads the report of a video as `get` would", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(77)
      const { luma } = yield* Answers.luma(200, video)
      const [job] = yield* read({ ...video, replyRef: "order-1" })
      assert.strictEqual(job?.reference, "order-1")
      assert.deepStrictEqual(job?.observedAt, DateTime.makeUnsafe(77))
      const { reference: _, ...rest } = { ...job }
      assert.isDefined(job)
      if (job !== undefined) assert.deepStrictEqual(rest, { ...(yield* luma.get(job.id)) })
    }))

  it.effect("reads every job of a batch, each with the batch's reference", () =>
    Effect.gen(function*() {
      const jobs = yield* read({
        jobid: image["jobid"],
        type: "image",
        status: "completed",
        images: [image, { ...failed, type: "image" }, { ...image, replyRef: "its own" }],
        replyRef: "order-1"
      })
      assert.deepStrictEqual(
        jobs.map((job) => [job.state._tag, job.kind, job.reference]),
        [["Succeeded", "image", "order-1"], ["Failed", "image", "order-1"], ["Succeeded", "image", "its own"]]
      )
      assert.deepStrictEqual(yield* read({ jobid: "j1", type: "image", status: "failed", images: [] }), [])
    }))

  it.effect("loses no job of a batch for an odd one beside it", () =>
    Effect.gen(function*() {
      const ids = (images: ReadonlyArray<unknown>) =>
        Effect.map(read({ images, replyRef: "order-1" }), (jobs) => jobs.map(({ id }) => String(id)))
      const id = String(image["jobid"])
      for (const odd of [null, {}, 7, { ...image, jobid: 7 }, { ...image, jobid: "" }, { ...image, status: null }]) {
        assert.deepStrictEqual(yield* ids([image, odd, { ...image, jobid: "j2-bot:luma" }]), [id, "j2-bot:luma"])
      }
      assert.deepStrictEqual(yield* ids([{ ...image, response: [], credits: "x", error: {}, type: 1 }]), [id])
    }))

  it.effect("reads the report of a request that broke, with its job or without", () =>
    Effect.gen(function*() {
      const [job, ...none] = yield* read({
        jobid: "j1-bot:luma",
        status: "failed",
        error: "No credits left",
        replyRef: "r"
      })
      assert.strictEqual(String(job?.id), "j1-bot:luma")
      assert.deepStrictEqual(job?.state, { _tag: "Failed", reason: "No credits left", cause: "credits" })
      assert.strictEqual(job?.providerStatus, "failed")
      assert.strictEqual(job?.reference, "r")
      assert.deepStrictEqual(none, [])
      assert.deepStrictEqual(yield* read({ status: "failed", error: "boom", replyRef: "r" }), [])
      assert.deepStrictEqual(yield* read({ jobid: null, status: "failed", error: "boom" }), [])
    }))

  it.effect("takes the failure of a whole record for a record", () =>
    Effect.gen(function*() {
      const [job] = yield* read({ ...failed, error: "Cancelled by user" })
      assert.deepStrictEqual(job?.state, { _tag: "Cancelled" })
      assert.strictEqual(job?.kind, "video")
    }))

  it.effect("shows the caller's part of a reference, and none that the application did not make", () =>
    Effect.gen(function*() {
      const replyTo: ReplyTo.ReplyTo = {
        address: () => Effect.succeed({ url: "https://app.test" }),
        callerReference: (echoed) => echoed === "signed.order-1" ? "order-1" : undefined
      }
      const references = (body: unknown) =>
        Effect.map(read(body), (jobs) => jobs.map((job) => job.reference)).pipe(
          Effect.provideService(ReplyTo.ReplyTo, replyTo)
        )
      assert.deepStrictEqual(yield* references({ ...video, replyRef: "signed.order-1" }), ["order-1"])
      assert.deepStrictEqual(yield* references({ ...video, replyRef: "forged" }), [undefined])
      assert.deepStrictEqual(yield* references({ images: [image, image], replyRef: "signed.order-1" }), [
        "order-1",
        "order-1"
      ])
      assert.deepStrictEqual(yield* references({ jobid: "j1", status: "failed", error: "x", replyRef: "forged" }), [
        undefined
      ])
    }))

  it.effect("keeps the records where that is asked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* read(video, { raw: true })).map((job) => job.raw), [
        fixtures.documented.getCompletedVideo.json
      ])
      assert.deepStrictEqual((yield* read({ images: [image, failed] }, { raw: true })).map((job) => job.raw), [
        fixtures.documented.getCompletedImage.json,
        fixtures.documented.getFailed.json
      ])
      const broken = { jobid: "j1", status: "failed", error: "boom" }
      assert.deepStrictEqual((yield* read(broken, { raw: true })).map((job) => job.raw), [broken])
      assert.isFalse((yield* read(broken)).some((job) => "raw" in job))
    }))

  it.effect("says by its path what is no report", () =>
    Effect.gen(function*() {
      for (
        const [body, path] of [
          [null, undefined],
          ["text", undefined],
          [[], undefined],
          [{}, undefined],
          [{ ...video, status: undefined }, "[\"status\"]"],
          [{ images: {} }, "[\"jobid\"]"],
          [{ images: [{ ...image, status: 7 }, {}] }, "[\"status\"]"],
          [{ error: "boom", status: "completed" }, "[\"jobid\"]"]
        ] as const
      ) {
        const error = yield* Effect.flip(read(body))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        if (path !== undefined) assert.include(error.detail, path)
        assert.notInclude(error.message, String(image["jobid"]))
      }
    }))
})
