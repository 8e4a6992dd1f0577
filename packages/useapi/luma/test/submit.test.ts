import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import type * as LumaRequest from "@media-jobs/useapi-luma/LumaRequest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as Answers from "./answers.ts"

const ids = ["1", "2", "3", "4"].map((n) => `j032614053012345678${n}i-u12345-email:user@example.com-job:${n}-bot:luma`)
const [a = "", b = "", c = "", d = ""] = ids
const rain = Luma.video({ prompt: "rain" })

const submit = (request: LumaRequest.Request, body: unknown, status = 200) =>
  Effect.flatMap(
    Answers.luma(status, body, { instance: "second" }),
    ({ luma, sent }) => Effect.map(Effect.exit(luma.submit(request)), (exit) => ({ exit, sent }))
  )
const submitted = (request: LumaRequest.Request, body: unknown, status?: number) =>
  Effect.flatMap(submit(request, body, status), ({ exit }) => exit)
const sentBy = (request: LumaRequest.Request) => Effect.map(submit(request, { jobid: a }), ({ sent }) => sent[0])

describe("luma.submit", () => {
  it.effect("sends a video to its path, under the vendor's names, once", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1234)
      const request = Luma.video({
        prompt: "rain",
        model: "ray-v3",
        resolution: "720p",
        aspect_ratio: "16:9",
        duration: "5s",
        dynamic_range: "hdr",
        imageStart: "u1-email:user@example.com-image:1",
        email: "user@example.com",
        replyUrl: "https://app.test/hook",
        replyRef: "order-1"
      })
      const { exit, sent } = yield* submit(request, { jobid: a })
      const { _tag, ...fields } = request
      assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.pathname, body]), [
        ["POST", "/v1/luma/videos", fields]
      ])
      const submission = yield* exit
      assert.deepStrictEqual({ ...submission }, {
        provider: submission.provider,
        instance: submission.instance,
        ids: submission.ids,
        submittedAt: DateTime.makeUnsafe(1234),
        kind: "video",
        model: "ray-v3",
        account: "user@example.com",
        reference: "order-1",
        replyUrl: "https://app.test/hook",
        replyRef: "order-1"
      })
      assert.deepStrictEqual([submission.provider, submission.instance, ...submission.ids].map(String), [
        "useapi-luma",
        "second",
        a
      ])
    }))

  it.effect("runs on the account that the options name, unless the request names another", () =>
    Effect.gen(function*() {
      const { luma, sent } = yield* Answers.luma(200, { jobid: a })
      const submission = yield* luma.submit(rain, { account: "user@example.com" })
      assert.strictEqual(submission.account, "user@example.com")
      const other = Luma.video({ prompt: "rain", email: "other@example.com" })
      const error = yield* Effect.flip(luma.submit(other, { account: "user@example.com" }))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["email"])
      assert.deepStrictEqual(sent.map(({ body }) => body), [{ prompt: "rain", email: "user@example.com" }])
    }))

  it.effect("sends images to theirs, and returns every id", () =>
    Effect.gen(function*() {
      const { exit, sent } = yield* submit(Luma.image({ prompt: "rain", imageRef1: "r" }), { jobids: ids })
      assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.pathname, body]), [
        ["POST", "/v1/luma/images", { prompt: "rain", imageRef1: "r" }]
      ])
      const submission = yield* exit
      assert.deepStrictEqual([...submission.ids].map(String), ids)
      assert.strictEqual(submission.kind, "image")
    }))

  for (
    const [body, expected] of [
      [{ jobid: a }, [a]],
      [{ jobId: a, status: "created" }, [a]],
      [{ job_id: a }, [a]],
      [{ id: a }, [a]],
      [{ id: "request-7", jobid: a }, [a]],
      [{ jobids: ids }, ids],
      [{ jobIds: ids }, ids],
      [{ job_ids: ids }, ids],
      [{ jobs: ids }, ids],
      [{ ids }, ids],
      [{ jobid: a, images: "pending" }, [a]],
      [{ ids: [a, "queued", b] }, [a, b]],
      [{ jobs: ids.map((jobid) => ({ jobid, status: "created" })) }, ids],
      [{ jobs: ids.map((id) => ({ id })) }, ids],
      [{ jobid: a, type: "image", images: ids.map((jobid) => ({ jobid })) }, ids],
      [{ images: [{ jobid: a }, { jobid: b }, { jobid: a }] }, [a, b]],
      [{ videos: [{ jobId: a }] }, [a]],
      [{ jobid: ids }, ids],
      [{ jobid: a, images: ["https://storage.cdn-luma.com/preview"] }, [a]],
      [{ job: { jobid: a } }, [a]],
      [ids, ids],
      [[{ jobid: c }, { jobid: d }], [c, d]]
    ] as const
  ) {
    it.effect(`finds the ids in ${JSON.stringify(body).replaceAll(/j03\d+/g, "j").slice(0, 60)}`, () =>
      Effect.gen(function*() {
        const { ids } = yield* submitted(rain, body)
        assert.deepStrictEqual([...ids].map(String), [...expected])
      }))
  }

  for (
    const body of [
      {},
      [],
      null,
      "j1",
      7,
      { jobid: 7 },
      { jobid: "" },
      { jobs: [] },
      { status: "created" },
      { error: "?" },
      { images: "pending" },
      { jobid: "pending" },
      { jobs: ["queued", "in queue"] },
      { ids: { id: "created" } },
      { jobid: "Job 7 was created" }
    ]
  ) {
    it.effect(`is uncertain after ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const { exit, sent } = yield* submit(rain, body, 201)
        const error = yield* Effect.flip(exit)
        assert.strictEqual(error._tag, "SubmissionUncertain")
        assert.strictEqual(sent.length, 1)
      }))
  }

  it.effect("is uncertain after a body that nests without end", () =>
    Effect.gen(function*() {
      const deep = `${"[".repeat(100_000)}"j1"${"]".repeat(100_000)}`
      assert.strictEqual((yield* Effect.flip(submitted(rain, deep)))._tag, "SubmissionUncertain")
    }))

  it.effect("sends nothing while anything is wrong, and says all of it", () =>
    Effect.gen(function*() {
      const bad = Luma.video({ prompt: "", duration: "10s", dynamic_range: "hdr" })
      const { exit, sent } = yield* submit(bad, { jobid: a })
      const error = yield* Effect.flip(exit)
      assert.isTrue(error instanceof JobError.InvalidRequest)
      assert.deepStrictEqual(sent, [])
      if (error._tag !== "InvalidRequest") return
      assert.deepStrictEqual(error.issues.map(({ field }) => field), ["prompt", "duration"])
      assert.include(error.message, "Nothing was sent: change what is named here. Detail: prompt: Expected a text")
    }))

  it.effect("hands on the service's own refusal", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(submitted(rain, { error: "Parameter aspect_ratio is not valid" }, 400))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.strictEqual(error.detail, "Parameter aspect_ratio is not valid")
    }))

  describe("tells the service where to report", () => {
    const asked: Array<unknown> = []
    const replyTo = (reference?: string): ReplyTo.ReplyTo => ({
      address: (submit) =>
        Effect.sync(() => {
          asked.push({ ...submit })
          return { url: "https://app.test/hooks/luma", reference: reference ?? `signed.${submit.reference}` }
        }),
      callerReference: () => undefined
    })
    const provided = (reference?: string) => Effect.provideService(ReplyTo.ReplyTo, replyTo(reference))

    it.effect("as the application's webhooks ask, with the caller's reference in theirs", () =>
      Effect.gen(function*() {
        const request = Luma.video({ prompt: "rain", replyRef: "order-1" })
        const { exit, sent } = yield* provided()(submit(request, { jobid: a }))
        assert.deepStrictEqual(sent[0]?.body, {
          prompt: "rain",
          replyUrl: "https://app.test/hooks/luma",
          replyRef: "signed.order-1"
        })
        const submission = yield* exit
        assert.strictEqual(submission.reference, "order-1")
        assert.strictEqual(submission.replyRef, "signed.order-1")
        assert.deepStrictEqual(asked.map((one) => JSON.stringify(one)), [
          "{\"provider\":\"useapi-luma\",\"instance\":\"second\",\"reference\":\"order-1\"}"
        ])
      }))

    it.effect("or as the request does, which knows better", () =>
      Effect.gen(function*() {
        const request = Luma.video({ prompt: "rain", replyUrl: "https://mine.test", replyRef: "order-1" })
        const sent = yield* provided()(sentBy(request))
        assert.deepStrictEqual(sent?.body, { prompt: "rain", replyUrl: "https://mine.test", replyRef: "order-1" })
      }))

    it.effect("or not at all", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* sentBy(rain))?.body, { prompt: "rain" })
        assert.deepStrictEqual((yield* sentBy(Luma.video({ prompt: "rain", replyRef: "r" })))?.body, {
          prompt: "rain",
          replyRef: "r"
        })
      }))

    it.effect("within what the service echoes", () =>
      Effect.gen(function*() {
        const { exit, sent } = yield* provided("s".repeat(1025))(submit(rain, { jobid: a }))
        const error = yield* Effect.flip(exit)
        assert.isTrue(error._tag === "InvalidRequest" && error.issues[0]?.field === "replyRef")
        assert.deepStrictEqual(sent, [])
      }))
  })
})

describe("whatever form the emulator's answer has", () => {
  it.effect.each(Object.entries(UseapiLumaEmulator.createdForms))(
    "%s is read",
    ([, created]) =>
      Effect.gen(function*() {
        const { services: { "useapi-luma": hands } } = yield* Emulator.Emulator
        const luma = yield* Luma.make({ token: Redacted.make(Emulator.token) })
        const { ids } = yield* luma.submit(Luma.image({ prompt: "rain" }))
        const made = (yield* hands.jobs).map(({ id }) => id)
        assert.deepStrictEqual(
          [...ids].map(String),
          JSON.stringify(created(made)).includes(made[3] ?? "") ? made : [made[0]]
        )
      }).pipe(Effect.provide(Emulator.layerClient.pipe(
        Layer.provideMerge(Emulator.layer({ services: { "useapi-luma": UseapiLumaEmulator.service({ created }) } }))
      )))
  )
})
