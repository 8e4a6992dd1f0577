import { assert, describe, it } from "@effect/vitest"
import { InvalidRequest } from "@media-jobs/core/JobError"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as MidjourneyRequest from "@media-jobs/useapi-midjourney/MidjourneyRequest"
import * as Effect from "effect/Effect"
import { channel, midjourney, world } from "./support.ts"

const prompt = "a cat in a hat --ar 16:9"
const fine = Midjourney.imagine({ prompt })

/** Whatever JavaScript passes. */
const any = (request: unknown) => request as MidjourneyRequest.Request

const refused: ReadonlyArray<readonly [what: string, request: MidjourneyRequest.Request, ...issues: Array<string>]> = [
  ["no prompt", any({ _tag: "Imagine" }), "prompt: Expected a text that is not empty"],
  ["an empty prompt", { ...fine, prompt: "" }, "prompt: Expected a text that is not empty"],
  ["a blank prompt", { ...fine, prompt: " \n" }, "prompt: Expected a text that is not empty"],
  ["a prompt too long", { ...fine, prompt: "a".repeat(5001) }, "prompt: Expected at most 5000 characters"],
  ["a prompt that is no text", any({ ...fine, prompt: 7 }), "prompt: Expected a text that is not empty"],
  ["a channel by name", { ...fine, channel: "#general" }, "channel: Expected the id of a Discord channel, digits only"],
  ["an empty channel", { ...fine, channel: "" }, "channel: Expected the id of a Discord channel, digits only"],
  ["a relative replyUrl", { ...fine, replyUrl: "/callback" }, "replyUrl: Expected an absolute http or https URL"],
  ["another scheme", { ...fine, replyUrl: "ftp://example.com" }, "replyUrl: Expected an absolute http or https URL"],
  [
    "a replyUrl too long",
    { ...fine, replyUrl: `https://example.com/${"a".repeat(1005)}` },
    "replyUrl: Expected at most 1024 characters"
  ],
  ["a replyRef too long", { ...fine, replyRef: "a".repeat(1025) }, "replyRef: Expected at most 1024 characters"],
  ["a stream", any({ ...fine, stream: true }), "stream: Expected no such field"],
  ["a field of another service", any({ ...fine, model: "v7" }), "model: Expected no such field"],
  [
    "everything at once",
    any({ ...fine, prompt: "", channel: "x", n: 1 }),
    "prompt: Expected a text that is not empty",
    "channel: Expected the id of a Discord channel, digits only",
    "n: Expected no such field"
  ],
  ["another request", any({ _tag: "Video", prompt }), "_tag: Expected a request made by Midjourney.imagine"],
  ["nothing", any(undefined), "_tag: Expected a request made by Midjourney.imagine"]
]

describe("a bad submit is refused by its fields, before anything is sent", () => {
  for (const [what, request, ...issues] of refused) {
    it.effect(what, () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const { submit } = yield* midjourney()
        const error = yield* Effect.flip(submit(request))
        assert.instanceOf(error, InvalidRequest)
        assert.sameMembers(error.issues.map(({ field, message }) => `${field}: ${message}`), issues)
        assert.strictEqual(yield* emulator.count(), 0)
      }).pipe(Effect.provide(world())))
  }
})

describe("a submit", () => {
  const sent = (request: MidjourneyRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { submit } = yield* midjourney()
      const submission = yield* submit(request)
      const [entry, ...rest] = yield* emulator.journal
      assert.deepStrictEqual(rest, [])
      assert.strictEqual(entry?.method, "POST")
      assert.strictEqual(entry?.url, "/v3/midjourney/jobs/imagine")
      return { submission, body: JSON.parse(entry?.body ?? "") as unknown }
    })

  it.effect("asks for an answer, never for a stream", () =>
    Effect.gen(function*() {
      const { body, submission } = yield* sent(fine)
      assert.deepStrictEqual(body, { prompt, stream: false })
      assert.strictEqual(submission.ids.length, 1)
    }).pipe(Effect.provide(world())))

  it.effect("runs in the channel that the options name, unless it names another", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { submit } = yield* midjourney()
      const submission = yield* submit(fine, { account: channel })
      assert.strictEqual(submission.account, channel)
      const error = yield* Effect.flip(submit(Midjourney.imagine({ prompt, channel: "7" }), { account: channel }))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["channel"])
      const sent = (yield* emulator.journal).map(({ body }) => JSON.parse(body ?? ""))
      assert.deepStrictEqual(sent, [{ prompt, channel, stream: false }])
    }).pipe(Effect.provide(world())))

  it.effect("sends its limits whole", () =>
    Effect.gen(function*() {
      const whole = {
        prompt: "a".repeat(5000),
        channel,
        replyUrl: `https://example.com/${"a".repeat(1004)}`,
        replyRef: "a".repeat(1024)
      }
      assert.deepStrictEqual((yield* sent(Midjourney.imagine(whole))).body, { ...whole, stream: false })
    }).pipe(Effect.provide(world())))

  it.effect("is known by its kind, channel and what is echoed", () =>
    Effect.gen(function*() {
      const { submission } = yield* sent(
        Midjourney.imagine({ prompt: `${prompt} --video`, channel, replyRef: "order-7" })
      )
      assert.strictEqual(submission.kind, "video")
      assert.strictEqual(submission.account, channel)
      assert.strictEqual(submission.reference, "order-7")
      assert.strictEqual(submission.replyRef, "order-7")
    }).pipe(Effect.provide(world())))

  it("makes videos where the prompt says so", () => {
    const kindOf = (prompt: string) => MidjourneyRequest.kindOf(Midjourney.imagine({ prompt }))
    const videos = ["--video", "https://example.com/a.png runs --video --motion low", "a cat --VIDEO", "a cat —video"]
    assert.deepStrictEqual(videos.map(kindOf), videos.map(() => "video"))
    const images = ["a cat", "a cat --videos", "a cat--video", "a video of --ar 16:9", "video"]
    assert.deepStrictEqual(images.map(kindOf), images.map(() => "image"))
  })
})

describe("with a ReplyTo", () => {
  const replyTo = (suffix: string): ReplyTo.ReplyTo => ({
    address: ({ reference }) =>
      Effect.succeed({ url: "https://example.com/hooks/midjourney", reference: `${suffix}.${reference ?? ""}` }),
    callerReference: (echoed) => echoed.startsWith(`${suffix}.`) ? echoed.slice(suffix.length + 1) : undefined
  })

  it.effect("a submit says where to report, and reads its reference back", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { get, submit } = yield* midjourney()
      const { ids, reference, replyRef } = yield* submit(Midjourney.imagine({ prompt, replyRef: "order-7" }))
      assert.strictEqual(reference, "order-7")
      assert.strictEqual(replyRef, "nonce.order-7")
      const [entry] = yield* emulator.journal
      assert.deepInclude(JSON.parse(entry?.body ?? ""), {
        replyUrl: "https://example.com/hooks/midjourney",
        replyRef: "nonce.order-7"
      })
      assert.strictEqual((yield* get(ids[0])).reference, "order-7")
    }).pipe(Effect.provideService(ReplyTo.ReplyTo, replyTo("nonce")), Effect.provide(world())))

  it.effect("a request's own replyUrl goes before it", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { submit } = yield* midjourney()
      yield* submit(Midjourney.imagine({ prompt, replyUrl: "https://example.com/mine", replyRef: "order-7" }))
      const [entry] = yield* emulator.journal
      assert.deepInclude(JSON.parse(entry?.body ?? ""), { replyUrl: "https://example.com/mine", replyRef: "order-7" })
    }).pipe(Effect.provideService(ReplyTo.ReplyTo, replyTo("nonce")), Effect.provide(world())))

  it.effect("a reference that it makes too long is refused", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { submit } = yield* midjourney()
      const error = yield* Effect.flip(submit(Midjourney.imagine({ prompt, replyRef: "a".repeat(1020) })))
      assert.instanceOf(error, InvalidRequest)
      assert.deepStrictEqual(error.issues.map(({ field }) => field), ["replyRef"])
      assert.strictEqual(yield* emulator.count(), 0)
    }).pipe(Effect.provideService(ReplyTo.ReplyTo, replyTo("nonce")), Effect.provide(world())))
})
