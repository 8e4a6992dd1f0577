import { assert, describe, it } from "@effect/vitest"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as DreaminaRequest from "@media-jobs/useapi-dreamina/DreaminaRequest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { accountOfRequest } from "../src/internal/rules.ts"
import { account, any, dreamina, idOf, world } from "./support.ts"

type Given = Readonly<Record<string, unknown>>
/** What is given, and each field that is refused with what is said of it. */
type Case = readonly [what: string, given: Given, ...refused: ReadonlyArray<readonly [field: string, message: string]>]

const mine = `${account}-image:w685:h900:s86866-uri:tos-useast5-1`
const other = "CA:user@example.com-image:w685:h900:s86866-uri:tos-useast5-2"
const prompt = "a lighthouse in the rain"
const long = (characters: number) => "r".repeat(characters)
const count = (n: number, name: (n: number) => string, value: unknown = mine): Given =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [name(i + 1), value]))
const frames = (n: number) => count(n, (n) => `frame_${n}_imageRef`)
const oneOf = (...values: ReadonlyArray<string>) => `Expected ${values.map((value) => `"${value}"`).join(" | ")}`
const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
const seconds = "Expected a whole number of seconds from 4 to 30"
const jobs = "Expected a whole number from 1 to 50"
const url = "Expected an absolute http or https URL"
const gap = "Expected an assetRef: they are counted from 1 without gaps"
const frame = "Expected an assetRef: there are at least two, counted from 1 without gaps"
const noFrames = "Expected none with frame_N_imageRef"
const noOmni = "Expected none with omni references"

const reporting: ReadonlyArray<Case> = [
  ["a relative replyUrl", { replyUrl: "/callback" }, ["replyUrl", url]],
  ["another scheme", { replyUrl: "ftp://example.com" }, ["replyUrl", url]],
  ["a replyUrl that is no text", { replyUrl: 7 }, ["replyUrl", url]],
  ["a long replyRef", { replyRef: long(1025) }, ["replyRef", "Expected at most 1024 characters"]],
  ["no jobs", { maxJobs: 0 }, ["maxJobs", jobs]],
  ["51 jobs", { maxJobs: 51 }, ["maxJobs", jobs]],
  ["half a job", { maxJobs: 1.5 }, ["maxJobs", jobs]],
  ["jobs as a text", { maxJobs: "5" }, ["maxJobs", jobs]],
  ["a field of another service", { email: "user@example.com" }, ["email", "Expected no such field"]]
]

const making: ReadonlyArray<Case> = [
  ...reporting,
  ["an empty prompt", { prompt: "" }, ["prompt", "Expected a text that is not empty"]],
  ["a prompt that is no text", { prompt: 7 }, ["prompt", "Expected a text that is not empty"]],
  ["no model's name", { model: "" }, ["model", "Expected a model's name that is not empty"]],
  ["no account's name", { account: "" }, ["account", "Expected an account's name that is not empty"]]
]

const cases: Readonly<Record<DreaminaRequest.Request["_tag"], readonly [least: Given, ReadonlyArray<Case>]>> = {
  Video: [{ prompt }, [
    ...making,
    ["nothing", { prompt: undefined }, [
      "prompt",
      "Expected a text, or firstFrameRef or frame_1_imageRef in its place"
    ]],
    ["a long prompt", { prompt: long(5001) }, ["prompt", "Expected at most 5000 characters"]],
    ["another ratio", { ratio: "2:3" }, ["ratio", oneOf(...ratios)]],
    ["a resolution of images", { resolution: "8k" }, ["resolution", oneOf("480p", "720p", "1080p", "2k", "4k")]],
    ["a duration as Luma has it", { duration: "5s" }, ["duration", seconds]],
    ["a short duration", { duration: 3 }, ["duration", seconds]],
    ["a long duration", { duration: 31 }, ["duration", seconds]],
    ["a broken duration", { duration: 5.5 }, ["duration", seconds]],
    ["an end without a first", { endFrameRef: mine }, ["endFrameRef", "Expected firstFrameRef beside it"]],
    ["an empty reference", { firstFrameRef: "" }, ["firstFrameRef", "Expected an assetRef that is not empty"]],
    ["a ratio beside a first frame", { firstFrameRef: mine, ratio: "1:1" }, [
      "ratio",
      "Expected none with frames: it is that of the images"
    ]],
    ["a ratio beside frames", { prompt: undefined, ...frames(2), ratio: "1:1" }, [
      "ratio",
      "Expected none with frames: it is that of the images"
    ]],
    ["a prompt beside frames", frames(2), ["prompt", "Expected none with frames: each takes a frame_N_prompt"]],
    ["one frame", { prompt: undefined, ...frames(1) }, ["frame_2_imageRef", frame]],
    ["eleven frames", { prompt: undefined, ...frames(11) }, [
      "frame_11_imageRef",
      "Expected frame_1_imageRef to frame_10_imageRef"
    ]],
    ["a frame too few", { prompt: undefined, ...frames(2), frame_4_imageRef: mine }, ["frame_3_imageRef", frame]],
    ["frames from 0", { prompt: undefined, frame_0_imageRef: mine, ...frames(2) }, [
      "frame_0_imageRef",
      "Expected frame_1_imageRef to frame_10_imageRef"
    ]],
    ["frames with leading zeros", { prompt: undefined, ...frames(2), frame_03_imageRef: mine }, [
      "frame_03_imageRef",
      "Expected frame_1_imageRef to frame_10_imageRef"
    ]],
    ["a frame that is no number", { prompt: undefined, ...frames(2), frame_x_imageRef: mine }, [
      "frame_x_imageRef",
      "Expected no such field"
    ]],
    [
      "prompts and durations without their frames",
      { prompt: undefined, ...frames(2), frame_3_prompt: prompt, frame_4_duration: 2 },
      ["frame_3_imageRef", frame],
      ["frame_4_imageRef", frame]
    ],
    ["an empty frame prompt", { prompt: undefined, ...frames(2), frame_1_prompt: "" }, [
      "frame_1_prompt",
      "Expected a text that is not empty"
    ]],
    ["a frame of no length", { prompt: undefined, ...frames(2), frame_1_duration: 0 }, [
      "frame_1_duration",
      "Expected a number of seconds"
    ]],
    [
      "frames beside a first and an end",
      { prompt: undefined, ...frames(2), firstFrameRef: mine, endFrameRef: mine },
      ["firstFrameRef", noFrames],
      ["endFrameRef", noFrames]
    ],
    ["omni without a prompt", { prompt: undefined, omni_1_imageRef: mine }, [
      "prompt",
      "Expected a text that speaks of the references"
    ]],
    ["omni beside a first", { omni_1_imageRef: mine, firstFrameRef: mine }, ["firstFrameRef", noOmni]],
    [
      "omni beside frames",
      { prompt: undefined, ...frames(2), omni_1_audioRef: mine },
      ["frame_1_imageRef", noOmni],
      ["frame_2_imageRef", noOmni]
    ],
    ["31 omni images", count(31, (n) => `omni_${n}_imageRef`), [
      "omni_31_imageRef",
      "Expected omni_1_imageRef to omni_30_imageRef"
    ]],
    ["11 omni videos", count(11, (n) => `omni_${n}_videoRef`), [
      "omni_11_videoRef",
      "Expected omni_1_videoRef to omni_10_videoRef"
    ]],
    ["11 omni audios", count(11, (n) => `omni_${n}_audioRef`), [
      "omni_11_audioRef",
      "Expected omni_1_audioRef to omni_10_audioRef"
    ]],
    ["a gap in omni", { omni_2_videoRef: mine }, ["omni_1_videoRef", gap]],
    ["references of two accounts", { omni_1_imageRef: mine, omni_2_imageRef: other }, [
      "omni_2_imageRef",
      "Expected a reference of the account of omni_1_imageRef"
    ]],
    ["a reference of another account", { firstFrameRef: other, account }, [
      "firstFrameRef",
      "Expected a reference of the account of account"
    ]],
    [
      "everything at once",
      { prompt: long(5001), ratio: "5:4", duration: "long", endFrameRef: mine, n: 4 },
      ["n", "Expected no such field"],
      ["prompt", "Expected at most 5000 characters"],
      ["ratio", oneOf(...ratios)],
      ["duration", seconds],
      ["endFrameRef", "Expected firstFrameRef beside it"]
    ]
  ]],
  Image: [{ prompt }, [
    ...making,
    ["nothing", { prompt: undefined }, ["prompt", "Expected a text, or imageRef_1 in its place"]],
    ["a long prompt", { prompt: long(1601) }, ["prompt", "Expected at most 1600 characters"]],
    ["another ratio", { ratio: "5:4" }, ["ratio", oneOf("auto", "2:3", "3:2", ...ratios)]],
    ["a resolution of videos", { resolution: "1080p" }, ["resolution", oneOf("1k", "2k", "4k")]],
    ["a strength that is no number", { imageStrength: "strong" }, ["imageStrength", "Expected a number"]],
    ["a strength without end", { imageStrength: Infinity }, ["imageStrength", "Expected a number"]],
    ["seven references", count(7, (n) => `imageRef_${n}`), ["imageRef_7", "Expected no such field"]],
    ["a gap", { imageRef_1: mine, imageRef_4: mine }, ["imageRef_2", gap], ["imageRef_3", gap]],
    ["references of two accounts", { imageRef_1: other, imageRef_2: mine }, [
      "imageRef_2",
      "Expected a reference of the account of imageRef_1"
    ]]
  ]],
  UpscaleVideo: [{ jobid: idOf() }, [
    ...reporting,
    ...["", undefined, 7].map((jobid): Case => [`${jobid} for an id`, { jobid }, [
      "jobid",
      "Expected a job's id that is not empty"
    ]]),
    ...[idOf("V"), idOf("F"), idOf("i"), idOf("I"), "j1v-u1-bot:luma"].map((jobid): Case => [`of ${jobid}`, { jobid }, [
      "jobid",
      "Expected the id of a Dreamina job that made a video"
    ]])
  ]],
  UpscaleImage: [{ jobid: idOf("i") }, [
    ...reporting,
    ...[idOf("I"), idOf("v"), idOf("V"), idOf("F"), "j1i-u1-bot:luma"].map((jobid): Case => [`of ${jobid}`, { jobid }, [
      "jobid",
      "Expected the id of a Dreamina job that made images"
    ]]),
    ...[-1, 4, 0.5, "0"].map((imageIndex): Case => [`image ${JSON.stringify(imageIndex)}`, { imageIndex }, [
      "imageIndex",
      "Expected a whole number from 0 to 3"
    ]]),
    ["another resolution", { upscaleResolution: "1k" }, ["upscaleResolution", oneOf("2k", "4k", "8k")]],
    ["the name that a sample has", { resolution: "4k" }, ["resolution", "Expected no such field"]],
    ["more than all", { originalImageStrength: 1.1 }, ["originalImageStrength", "Expected a number from 0 to 1"]],
    ["less than none", { detailStrength: -0.1 }, ["detailStrength", "Expected a number from 0 to 1"]]
  ]],
  Interpolate: [{ jobid: idOf(), fps: 30 }, [
    ...reporting,
    ...[idOf("F"), idOf("i"), idOf("I"), "j1v-u1-bot:luma"].map((jobid): Case => [`of ${jobid}`, { jobid }, [
      "jobid",
      "Expected the id of a Dreamina job that made or upscaled a video"
    ]]),
    ...[24, "60", undefined].map((fps): Case => [`${JSON.stringify(fps)} frames`, { fps }, ["fps", "Expected 30 | 60"]])
  ]]
}

for (const [_tag, [least, refused]] of Object.entries(cases)) {
  describe(`A request for ${_tag}`, () => {
    it("is fine with the least it needs", () => {
      assert.deepStrictEqual(DreaminaRequest.issues(any({ _tag, ...least })), [])
    })
    for (const [what, given, ...expected] of refused) {
      it.effect(`is refused with ${what}, before anything is sent`, () =>
        Effect.gen(function*() {
          const service = yield* dreamina()
          const request = any<DreaminaRequest.Request>({ _tag, ...least, ...given })
          const error = yield* Effect.flip(Answers.timely(service.submit(request)))
          if (error._tag !== "InvalidRequest") return assert.fail(error._tag)
          assert.deepStrictEqual(error.issues, expected.map(([field, message]) => ({ field, message })))
          assert.strictEqual(error.remedy._tag, "Fix")
          const emulator = yield* Emulator.Emulator
          assert.strictEqual(yield* emulator.count(), 0)
        }).pipe(Effect.provide(world())))
    }
  })
}

describe("A request", () => {
  for (const given of [undefined, null, 7, "video", [], {}, { _tag: "Song" }, { _tag: "constructor" }]) {
    it(`is refused where it is none: ${JSON.stringify(given)}`, () => {
      assert.deepStrictEqual(DreaminaRequest.issues(any(given)), [{
        field: "_tag",
        message: "Expected a request made by Dreamina.video, image, upscaleVideo, upscaleImage or interpolate"
      }])
    })
  }

  it("may have all that the tables allow, and fields that are undefined", () => {
    const fine: ReadonlyArray<DreaminaRequest.Request> = [
      ...ratios.map((ratio) =>
        Dreamina.video({ prompt, ratio: any(ratio), model: undefined, firstFrameRef: undefined })
      ),
      ...[4, 5, 10, 12, 15, 30].map((duration) => Dreamina.video({ prompt, duration, model: "a model of next year" })),
      Dreamina.video({ prompt: long(5000), firstFrameRef: mine, endFrameRef: mine, account: account.toUpperCase() }),
      Dreamina.video({ ...frames(10), frame_10_prompt: prompt, frame_1_duration: 0.5, frame_2_duration: undefined }),
      Dreamina.video({
        prompt,
        ratio: "1:1",
        ...count(30, (n) => `omni_${n}_imageRef`),
        ...count(10, (n) => `omni_${n}_videoRef`),
        ...count(10, (n) => `omni_${n}_audioRef`)
      }),
      Dreamina.video({ prompt, omni_1_imageRef: "a form of next year", omni_2_imageRef: mine }),
      Dreamina.image({ prompt: long(1600), ratio: "auto", resolution: "1k", imageStrength: 0.3, maxJobs: 50 }),
      Dreamina.image({ imageRef_1: mine, imageRef_2: mine, imageRef_3: undefined }),
      Dreamina.image({ imageRef_1: mine, replyRef: other }),
      Dreamina.upscaleVideo({ jobid: idOf("q") }),
      Dreamina.upscaleVideo({ jobid: "US:[email protected]:dreamina" }),
      Dreamina.upscaleImage({ jobid: idOf("i"), imageIndex: 3, upscaleResolution: "8k", detailStrength: 1 }),
      Dreamina.interpolate({ jobid: idOf("V"), fps: 60, replyRef: long(1024), replyUrl: "http://localhost:8080/hook" })
    ]
    for (const request of fine) assert.deepStrictEqual(DreaminaRequest.issues(request), [])
  })

  it("does not say what was given", () => {
    const secret = "s3cret@example.com"
    for (
      const request of [
        { _tag: "Video", prompt: { secret }, ratio: secret, duration: secret, replyUrl: secret, [secret]: 1 },
        { _tag: "Image", imageRef_1: mine, imageRef_2: other, resolution: secret }
      ]
    ) {
      const messages = DreaminaRequest.issues(any(request)).map(({ message }) => message).join()
      assert.notInclude(messages, "example.com")
    }
  })

  it("does not compile where it can't be", () => {
    // @ts-expect-error: a duration is a number
    Dreamina.video({ prompt, duration: "5s" })
    // @ts-expect-error: frames are numbered
    Dreamina.video({ frame_first_imageRef: mine })
    // @ts-expect-error: an id is needed
    Dreamina.upscaleVideo({})
    // @ts-expect-error: 24 is what it has
    Dreamina.interpolate({ jobid: idOf(), fps: 24 })
  })

  const accounts: ReadonlyArray<readonly [DreaminaRequest.Request, string | undefined]> = [
    [Dreamina.video({ prompt }), undefined],
    [Dreamina.video({ prompt, account }), account],
    [Dreamina.video({ omni_1_imageRef: "other", omni_1_videoRef: `${account}-video:s1`, prompt }), account],
    [Dreamina.image({ imageRef_1: other }), "CA:user@example.com"],
    [Dreamina.upscaleVideo({ jobid: idOf() }), undefined]
  ]
  for (const [request, expected] of accounts) {
    it(`of ${Object.keys(request).join()} runs on ${expected}`, () => {
      assert.strictEqual(accountOfRequest(request), expected)
    })
  }
})

describe("The account that a submit's options name", () => {
  const refused = (request: DreaminaRequest.Request, name: string) =>
    Effect.gen(function*() {
      const { submit } = yield* dreamina()
      const error = yield* Effect.flip(submit(request, { account: name }))
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
      return error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : error._tag
    })

  it.effect("is the one that the request runs on", () =>
    Effect.gen(function*() {
      const { submit } = yield* dreamina()
      const submission = yield* Answers.timely(submit(Dreamina.video({ prompt }), { account }))
      const [entry] = yield* (yield* Emulator.Emulator).journal
      assert.deepStrictEqual(JSON.parse(entry?.body ?? ""), { prompt, account })
      assert.strictEqual(submission.account, account)
    }).pipe(Effect.provide(world())))

  it.effect("is refused beside another, beside files of another, and for work on a job, which has its own", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused(Dreamina.video({ prompt, account: "CA:user@example.com" }), account), [
        "account"
      ])
      assert.deepStrictEqual(yield* refused(Dreamina.image({ imageRef_1: other }), account), ["imageRef_1"])
      assert.deepStrictEqual(yield* refused(Dreamina.upscaleVideo({ jobid: idOf() }), account), ["account"])
    }).pipe(Effect.provide(world())))
})

describe("What is sent", () => {
  const sent = (request: DreaminaRequest.Request) =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const submission = yield* Effect.option(Answers.timely(service.submit(request)))
      const emulator = yield* Emulator.Emulator
      const entry = (yield* emulator.journal).at(-1)
      return { url: `${entry?.method} ${entry?.url}`, body: JSON.parse(entry?.body ?? "null"), submission }
    }).pipe(Effect.provide(world()))

  const reply = { replyUrl: "https://example.com/hook", replyRef: "order-7" }
  for (
    const [request, url] of [
      [Dreamina.video({ prompt, account, duration: 8, model: undefined, ...reply }), "videos"],
      [Dreamina.image({ prompt, ...reply }), "images"],
      [Dreamina.upscaleVideo({ jobid: idOf(), ...reply }), "videos/upscale"],
      [Dreamina.upscaleImage({ jobid: idOf("i"), imageIndex: 1, ...reply }), "images/upscale"],
      [Dreamina.interpolate({ jobid: idOf(), fps: 60, ...reply }), "videos/interpolate"]
    ] as const
  ) {
    it.effect(`to ${url} is the request's own fields`, () =>
      Effect.gen(function*() {
        const { body, url: where } = yield* sent(request)
        assert.strictEqual(where, `POST /v1/dreamina/${url}`)
        const { _tag, ...fields } = request
        assert.deepStrictEqual(body, JSON.parse(JSON.stringify(fields)))
      }))
  }

  const replyTo: ReplyTo.ReplyTo = {
    address: ({ instance, provider, reference }) =>
      Effect.succeed({ url: `https://example.com/${provider}/${instance}`, reference: `mac.${reference}` }),
    callerReference: (echoed) => echoed.slice(4)
  }

  it.effect("is where the application reports to, unless the request says so itself", () =>
    Effect.gen(function*() {
      const { body, submission } = yield* sent(Dreamina.video({ prompt, replyRef: "order-7" }))
      assert.deepStrictEqual(body, {
        prompt,
        replyUrl: "https://example.com/useapi-dreamina/default",
        replyRef: "mac.order-7"
      })
      if (submission._tag === "None") return assert.fail()
      const { account: _, kind, reference, replyRef, replyUrl } = submission.value
      assert.deepStrictEqual([kind, reference, replyRef, replyUrl], ["video", "order-7", body.replyRef, body.replyUrl])
      const own = yield* sent(Dreamina.video({ prompt, ...reply }))
      assert.deepStrictEqual(own.body, { prompt, ...reply })
    }).pipe(Effect.provideService(ReplyTo.ReplyTo, replyTo)))

  it.effect("is nothing, where what is added to a reference is too much", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const error = yield* Effect.flip(service.submit(Dreamina.video({ prompt, replyRef: long(1021) })))
      assert.deepStrictEqual(error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : error._tag, [
        "replyRef"
      ])
      assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 0)
    }).pipe(Effect.provideService(ReplyTo.ReplyTo, replyTo), Effect.provide(world())))

  it.effect("makes work of work that is done", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      const emulator = yield* Emulator.Emulator
      const video = yield* emulator.services["useapi-dreamina"].add({ state: "completed" })
      const image = yield* emulator.services["useapi-dreamina"].add({ type: "image", state: "completed" })
      for (
        const request of [
          Dreamina.upscaleVideo({ jobid: video.id }),
          Dreamina.interpolate({ jobid: video.id, fps: 30 }),
          Dreamina.upscaleImage({ jobid: image.id, imageIndex: 0, upscaleResolution: "4k" })
        ]
      ) {
        const { ids } = yield* service.submit(request)
        assert.strictEqual(ids.length, 1)
        yield* TestClock.adjust("1 hour")
        const job = yield* service.get(ids[0])
        assert.isTrue(job.is("Succeeded"))
      }
    }).pipe(Effect.provide(world())))
})
