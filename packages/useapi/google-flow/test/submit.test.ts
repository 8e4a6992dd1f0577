import { assert, describe, it } from "@effect/vitest"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import { fixtures, sentences } from "@media-jobs/testing/useapi-google-flow"
import * as GoogleFlow from "@media-jobs/useapi-google-flow/GoogleFlow"
import * as GoogleFlowRequest from "@media-jobs/useapi-google-flow/GoogleFlowRequest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { account, flow, idOf, ref, submitted, world } from "./support.ts"

const { assembled: seen } = fixtures
const rain = { prompt: "rain" }
const other = ref().replace(/(?<=email:)[0-9a-f]+/, "6240622e63") // b@b.c

describe("the answer to a create", () => {
  for (
    const [name, request, snapshots] of [
      ["submitted", GoogleFlow.video(rain), ["video Queued created"]],
      [
        "submittedUpscale",
        GoogleFlow.upscaleVideo({ mediaGenerationId: ref("video") }),
        ["video Queued created"]
      ],
      ["submittedAtOnce", GoogleFlow.video(rain), ["video Succeeded completed"]],
      ["made", GoogleFlow.image(rain), ["image Succeeded completed"]]
    ] as const
  ) {
    it.effect(`${name} holds the job as it is`, () =>
      Effect.gen(function*() {
        const submission = yield* submitted(seen[name].status, seen[name].json, request)
        assert.deepStrictEqual(submission.ids, [idOf(name === "made" ? "i" : "v")])
        assert.deepStrictEqual(
          submission.snapshots?.map(({ kind, providerStatus, state }) => `${kind} ${state._tag} ${providerStatus}`),
          [...snapshots]
        )
      }))
  }

  for (
    const [what, json, states] of [
      ["an id alone", { jobid: idOf() }, []],
      ["an id and no output yet", { jobId: idOf(), media: [] }, []],
      ["images that were refused", { jobId: idOf("i"), media: [{ image: { generatedImage: {} } }] }, ["Failed"]],
      ["a word that nobody knows", { jobid: idOf(), status: "musing" }, ["Running"]],
      ["odd fields", { jobid: idOf(), status: 7, media: "none", request: [] }, []]
    ] as ReadonlyArray<readonly [string, Schema.JsonObject, ReadonlyArray<string>]>
  ) {
    it.effect(`with ${what} costs no job`, () =>
      Effect.gen(function*() {
        const submission = yield* submitted(201, json)
        assert.strictEqual(submission.ids.length, 1)
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), [...states])
      }))
  }
})

describe("a submit", () => {
  const bodyOf = (request: GoogleFlowRequest.Request, options?: { readonly account?: string }) =>
    Effect.gen(function*() {
      const { submit } = yield* flow()
      const submission = yield* Answers.timely(submit(request, options))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      const body: unknown = JSON.parse(entry?.body ?? "")
      return { body, entry, submission }
    }).pipe(Effect.provide(world({ accounts: [{ email: account }, { email: "b@b.c" }] })))

  it.effect("asks for videos without their wait, and for images as they refuse to be asked otherwise", () =>
    Effect.gen(function*() {
      for (
        const [request, operation] of [
          [GoogleFlow.video({ ...rain, replyRef: "order-7" }), "video"],
          [GoogleFlow.extendVideo({ mediaGenerationId: ref("video") }), "extendVideo"],
          [GoogleFlow.upscaleVideo({ mediaGenerationId: ref("video") }), "upscaleVideo"]
        ] as const
      ) {
        const { body, entry } = yield* bodyOf(request)
        assert.strictEqual(entry?.operation, `useapi-google-flow.${operation}`)
        assert.propertyVal(body, "async", true)
        assert.notProperty(body, "_tag")
      }
      const { body, submission } = yield* bodyOf(GoogleFlow.image({ ...rain, replyRef: "order-7", count: 2 }))
      assert.deepStrictEqual(body, { prompt: "rain", count: 2, replyRef: "order-7" })
      assert.deepStrictEqual(submission.snapshots?.map(({ isSettled }) => isSettled), [true])
    }))

  it.effect("goes to the account that its options or its references name", () =>
    Effect.gen(function*() {
      const named = yield* bodyOf(GoogleFlow.video(rain), { account: "b@b.c" })
      assert.propertyVal(named.body, "email", "b@b.c")
      assert.include(named.submission.ids[0], "b@b.c")
      const owned = yield* bodyOf(GoogleFlow.video({ ...rain, startImage: other }))
      assert.notProperty(owned.body, "email")
      assert.strictEqual(owned.submission.account, "b@b.c")
    }))

  it.effect("of images waits for minutes, of videos half one", () =>
    Effect.gen(function*() {
      const { submit } = yield* flow()
      const slow = (operation: "useapi-google-flow.video" | "useapi-google-flow.image") =>
        Effect.flatMap(Emulator.Emulator, ({ inject }) => inject({ operation, fault: Faults.slow("100 seconds") }))
      yield* slow("useapi-google-flow.image")
      yield* slow("useapi-google-flow.video")
      const made = yield* Answers.timely(submit(GoogleFlow.image(rain)))
      assert.strictEqual(made.snapshots?.[0]?.state._tag, "Succeeded")
      const error = yield* Effect.flip(Answers.timely(submit(GoogleFlow.video(rain))))
      assert.strictEqual(error._tag, "SubmissionUncertain")
    }).pipe(Effect.provide(world())))

  it.effect("that content policy refuses says why, as the emulator says it", () =>
    Effect.gen(function*() {
      const { submit } = yield* flow()
      const error = yield* Effect.flip(Answers.timely(submit(GoogleFlow.image(rain))))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.include(error.message, "PUBLIC_ERROR_TRUMP_FACE_DETECTED")
    }).pipe(Effect.provide(Answers.layer(400, JSON.parse(sentences.contentPolicy.body)))))

  it.effect("at an account that is full is RateLimited until it is free", () =>
    Effect.gen(function*() {
      const { submit } = yield* flow({ retries: 0 })
      yield* submit(GoogleFlow.video(rain))
      const error = yield* Effect.flip(submit(GoogleFlow.video(rain)))
      assert.strictEqual(error._tag, "RateLimited")
      assert.include(error.message, "no_eligible_account")
    }).pipe(Effect.provide(world({ accounts: [{ email: account, maxJobs: 1 }] }))))
})

describe("what is wrong with a request", () => {
  const fields = (request: GoogleFlowRequest.Request) =>
    GoogleFlowRequest.issues(request).map(({ field }) => field).toSorted()
  const omni = { ...rain, model: "omni-flash" }
  const images = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`referenceImage_${i + 1}`, ref()]))

  for (
    const [request, wrong] of [
      [GoogleFlow.video(rain), []],
      [GoogleFlow.video({ ...rain, model: "veo-4" }), []],
      [GoogleFlow.video({ ...rain, aspectRatio: "16:9" }), []],
      [GoogleFlow.video({ ...rain, aspectRatio: "wide" }), ["aspectRatio"]],
      [GoogleFlow.video({ ...rain, duration: 10 }), ["duration"]],
      [GoogleFlow.video({ ...omni, duration: 10, resolution: "360p" }), []],
      [GoogleFlow.video({ ...rain, resolution: "360p" }), ["resolution"]],
      [GoogleFlow.video({ ...rain, count: 5, seed: -1 }), ["count", "seed"]],
      [GoogleFlow.video({ ...rain, startImage: ref(), endImage: ref() }), []],
      [GoogleFlow.video({ ...rain, endImage: ref() }), ["endImage"]],
      [GoogleFlow.video({ ...omni, startImage: ref(), endImage: ref() }), ["endImage"]],
      [GoogleFlow.video({ ...rain, startImage: ref(), character_1: "c" }), ["character_1"]],
      [GoogleFlow.video({ ...rain, ...images(3) }), []],
      [GoogleFlow.video({ ...rain, ...images(3), character_1: "c" }), ["character_1"]],
      [GoogleFlow.video({ ...rain, ...images(1), model: "veo-3.1-quality" }), ["referenceImage_1"]],
      [GoogleFlow.video({ ...omni, ...images(7) }), []],
      [GoogleFlow.video({ ...omni, ...images(6), referenceVideo_1: ref("video") }), ["referenceImage_6"]],
      [GoogleFlow.video({ ...omni, referenceImage_8: ref() }), ["referenceImage_8"]],
      [GoogleFlow.video({ ...omni, referenceImage_0: ref() }), ["referenceImage_0"]],
      [GoogleFlow.video({ ...omni, referenceAudio_6: "Kore" }), ["referenceAudio_6"]],
      [GoogleFlow.video({ ...rain, referenceAudio_1: "Kore", referenceAudio_2: "Kore" }), ["referenceAudio_2"]],
      [GoogleFlow.video({ ...rain, referenceVideo_1: ref("video") }), ["referenceVideo_1"]],
      [GoogleFlow.video({ ...omni, referenceVideo_1: ref("video"), duration: 8 }), ["duration"]],
      [GoogleFlow.video({ ...omni, startFrameIndex_1: 0, endFrameIndex_1: 241 }), [
        "endFrameIndex_1",
        "startFrameIndex_1"
      ]],
      [GoogleFlow.video({ prompt: "@REFERENCEIMAGE_1 in rain", ...images(1) }), []],
      [GoogleFlow.video({ prompt: "@referenceImage_2 in rain", ...images(1) }), ["prompt"]],
      [GoogleFlow.video({ ...omni, prompt: "@referenceVideo in rain", referenceVideo_1: ref("video") }), ["prompt"]],
      [GoogleFlow.video({ prompt: "write to me@example.com" }), []],
      [GoogleFlow.video({ ...rain, captchaToken: "t", captchaRetry: 3 }), ["captchaRetry"]],
      [GoogleFlow.video({ ...rain, captchaRetry: 11 }), ["captchaRetry"]],
      [GoogleFlow.image({ ...rain, captchaOrder: "a,".repeat(10) }), ["captchaOrder"]],
      [GoogleFlow.video({ ...rain, startImage: ref(), email: "USER@example.com" }), []],
      [GoogleFlow.video({ ...rain, startImage: ref(), email: "b@b.c" }), ["startImage"]],
      [GoogleFlow.video({ ...rain, startImage: ref(), endImage: other }), ["endImage"]],
      [GoogleFlow.video({ ...rain, startImage: "./lighthouse.png" }), ["startImage"]],
      [GoogleFlow.image({ ...rain, aspectRatio: "auto", reference_2: ref() }), []],
      [GoogleFlow.image({ ...rain, aspectRatio: "auto" }), ["aspectRatio"]],
      [GoogleFlow.image({ ...rain, reference_11: ref(), character_8: "c" }), ["character_8", "reference_11"]],
      [GoogleFlow.image({ ...rain, reference_1: ref(), reference_2: other }), ["reference_2"]],
      [GoogleFlow.extendVideo({ mediaGenerationId: "" }), ["mediaGenerationId"]],
      [GoogleFlow.upscaleVideo({ mediaGenerationId: ref("video"), captchaToken: "t", captchaOrder: "a" }), [
        "captchaOrder"
      ]]
    ] as const
  ) {
    it(`${request._tag} ${JSON.stringify(request)}`, () => assert.deepStrictEqual(fields(request), [...wrong]))
  }

  it("is an unknown field too, as the service has it", () => {
    const request = { ...GoogleFlow.image(rain), async: true }
    assert.deepStrictEqual(GoogleFlowRequest.issues(request), [{ field: "async", message: "Expected no such field" }])
  })
})
