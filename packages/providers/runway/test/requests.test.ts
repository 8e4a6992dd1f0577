import { assert, describe, it } from "@effect/vitest"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Runway from "@media-jobs/runway/Runway"
import * as RunwayRequest from "@media-jobs/runway/RunwayRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as RunwayEmulator from "@media-jobs/testing/runway"
import * as Effect from "effect/Effect"
import { answered, emulated, id, inMemory, rain } from "./support.ts"

type Fields = Readonly<Record<string, unknown>>
type Row = readonly [model: string, needed: Fields, more: Fields]

const [png, mp4, mp3] = ["png", "mp4", "mp3"].map((ending) => `https://example.com/file.${ending}`)
const promptText = "rain"
const promptImage = png
const referenceAudio = [{ type: "audio", uri: mp3 }]
const referenceVideos = [{ type: "video", uri: mp4 }]
const references = [{ uri: png }]
const contentModeration = { publicFigureThreshold: "low" }
const [first, last] = ["first", "last"].map((position) => ({ uri: png, position }))
const finish = { contentModeration, outputFormat: "hdr_exr_sequence", proresProfile: "422 HQ", seed: 7 }
const veo = { ratio: "1080:1920" }
const moreVeo = { audio: true, duration: 8, negativePrompt: "sun", seed: 0 }
const seedance = { duration: "auto", ratio: "2206:946", audio: false, referenceAudio, seed: 7 }
const hailuo = { duration: 6, ratio: "adaptive", resolution: "2k", referenceAudio }
const wan = { audio: true, duration: 5, ratio: "auto_720p", referenceAudio, referenceVideos }
const h3 = { duration: 5, promptExpansionMode: "quality", resolution: "768p", seed: 7 }
const gemini = { duration: "auto", ratio: "3840:2160" }
const voice = { type: "runway-preset", presetId: "Maya" }
const audio = { loudnessRate: 1, outputFormat: "ogg_opus", pitchRate: 1, sampleRate: 48_000, speechRate: 1 }
const tagged = [{ uri: png, tag: "cat" }]
const gpt = { outputCount: 10, quality: "high", background: "auto", referenceImages: tagged }
const image = { promptText, ratio: "1024:1024" }
const seedream = { grounding: true, outputCount: 2, outputFormat: "png", referenceImages: references }
const product = { audio: true, duration: 5, productInfo: "a lamp", userConcept: "rain" }
const version = "2026-06"

/** Each row of the facts' tables of creates: what a model must be told, and what else it may be. */
const rows: Readonly<Record<RunwayRequest.Modelled, ReadonlyArray<Row>>> = {
  ImageToVideo: [
    ["gen4.5", { promptImage, promptText, duration: 2, ratio: "1584:672" }, { ...finish, promptImage: [first] }],
    ["gen4_turbo", { promptImage, ratio: "832:1104" }, { duration: 10, promptText, contentModeration, seed: 7 }],
    ["veo3.1", { promptImage, ...veo }, { ...moreVeo, promptText, promptImage: [first, last] }],
    ["veo3.1_fast", { promptImage, ...veo }, { ...moreVeo, promptText }],
    ["hailuo3", { promptImage, promptText }, hailuo],
    ["h3_max", { promptImage, promptText }, { ...h3, promptImage: [last] }],
    ["happyhorse_1_0", { promptImage }, { promptText, duration: 5, resolution: "1080p" }],
    ["seedance2", { promptImage }, { ...seedance, promptText, promptImage: [{ uri: png }] }],
    ["seedance2_fast", { promptImage }, { ...seedance, promptText }],
    ["seedance2_mini", { promptImage }, { ...seedance, promptText, duration: 5 }],
    ["seedance2_5", { promptImage }, { ...seedance, promptText: "x".repeat(15_000) }],
    ["gemini_omni_flash", { promptImage }, { promptText, duration: 3, ratio: "720:1280" }],
    ["gemini_omni_flash_1.1", { promptImage, promptText }, gemini],
    ["grok_imagine_1_5", { promptImage }, { promptText, duration: 5, resolution: "480p" }],
    ["wan3", { promptImage, promptText }, { ...wan, promptImage: [{ uri: png, at: 3 }] }],
    ["wan3_prime", { promptImage, promptText }, wan]
  ],
  TextToVideo: [
    ["gen4.5", { promptText, duration: 10, ratio: "720:1280" }, finish],
    ["veo3.1", { promptText, ...veo }, moreVeo],
    ["veo3.1_fast", { promptText, ...veo }, moreVeo],
    ["hailuo3", { promptText }, { ...hailuo, references, referenceVideos }],
    ["h3_max", { promptText }, h3],
    ["happyhorse_1_0", { promptText }, { duration: 5, ratio: "1108:832" }],
    ["seedance2", { promptText }, { ...seedance, references, referenceVideos }],
    ["seedance2_fast", { promptText }, { ...seedance, references, referenceVideos }],
    ["seedance2_mini", { promptText }, { ...seedance, references, referenceVideos }],
    ["seedance2_5", {}, { ...seedance, promptText, references, referenceVideos }],
    ["gemini_omni_flash", { promptText }, { duration: 10, ratio: "1280:720" }],
    ["gemini_omni_flash_1.1", { promptText }, { ...gemini, references, referenceVideos: [{ uri: mp4 }] }],
    [
      "grok_imagine_1_5",
      { promptText },
      { duration: 5, ratio: "3:2", resolution: "720p", references, referenceAudio }
    ],
    ["wan3", { promptText }, { ...wan, references }],
    ["wan3_prime", { promptText }, { ...wan, references }]
  ],
  VideoToVideo: [
    ["aleph2", { videoUri: mp4 }, {
      promptText,
      keyframes: [{ seconds: 1, uri: png }, { at: 0.5, uri: png, range: { start_seconds: 0, end_seconds: 1 } }],
      targetAspectRatio: "21:9",
      contentModeration,
      outputFormat: "prores",
      proresProfile: "4444",
      seed: 7
    }],
    ["hailuo3", { promptVideo: mp4, promptText }, { ...hailuo, references, referenceVideos }],
    ["seedance2", { promptVideo: mp4 }, { ...seedance, promptText, references, referenceVideos }],
    ["seedance2_fast", { promptVideo: mp4 }, { ...seedance, promptText, references, referenceVideos }],
    ["seedance2_mini", { promptVideo: mp4 }, { ...seedance, promptText, references, referenceVideos }],
    ["seedance2_5", { promptVideo: mp4 }, { ...seedance, promptText, references, referenceVideos, mode: "extend" }],
    ["gemini_omni_flash", { videoUri: mp4, promptText }, { references }],
    ["gemini_omni_flash_1.1", { videoUri: mp4, promptText }, { ...gemini, references, mode: "edit" }]
  ],
  TextToImage: [
    ["gen4_image", image, { referenceImages: tagged, seed: 7, contentModeration }],
    ["gen4_image_turbo", { ...image, referenceImages: tagged }, { seed: 7, contentModeration }],
    ["gpt_image_2", { promptText, ratio: "auto" }, gpt],
    ["gpt_image_2_5_flare", image, { ...gpt, quality: "max" }],
    ["gpt_image_2_5_sunburst", image, { ...gpt, background: "transparent" }],
    ["gemini_2.5_flash", image, { referenceImages: tagged }],
    ["gemini_image3_pro", image, { outputCount: 4, referenceImages: [{ uri: png, subject: "human" }] }],
    ["gemini_image3.1_flash", image, { outputCount: 1, referenceImages: [{ uri: png, subject: "object" }] }],
    ["muse_image", image, { outputCount: 4, outputFormat: "webp", referenceImages: references }],
    ["seedream5_pro", { promptText, ratio: "auto_2k" }, seedream],
    ["seedream5_lite", image, seedream],
    ["grok_imagine_image_2", image, { edit: true, outputCount: 2, quality: "low", referenceImages: references }]
  ],
  CharacterPerformance: [[
    "act_two",
    { character: { type: "image", uri: png }, reference: { type: "video", uri: mp4 } },
    { bodyControl: true, expressionIntensity: 5, ratio: "960:960", seed: 7, contentModeration }
  ]],
  ImageUpscale: [["magnific_precision_upscaler_v2", { imageUri: png }, {
    scaleFactor: 16,
    flavor: "photo_denoiser",
    sharpen: 0,
    smartGrain: 100,
    ultraDetail: 50
  }]],
  VideoUpscale: [
    ["magnific_video_upscaler_creative", { videoUri: mp4 }, {
      resolution: "4k",
      creativity: 3,
      flavor: "vivid",
      fpsBoost: true,
      sharpen: 1,
      smartGrain: 1
    }],
    ["enhance_frame_rate", { videoUri: mp4, targetFramerate: "59_94" }, {}]
  ],
  VideoToHdr: [["ruby", { videoUri: mp4 }, { outputFormat: "hlg", proresProfile: "422 HQ" }]],
  SoundEffect: [
    ["eleven_text_to_sound_v2", { promptText }, { duration: 0.5, loop: true }],
    ["seed_audio", { promptText }, { ...audio, referenceAudios: [mp3] }]
  ],
  TextToSpeech: [
    ["eleven_multilingual_v2", { promptText, voice }, {}],
    ["eleven_v3", { promptText, voice }, {
      applyTextNormalization: "on",
      languageCode: "en",
      seed: 7,
      similarityBoost: 0.5,
      speed: 1.1,
      stability: 0.5,
      style: 0.1,
      useSpeakerBoost: false
    }],
    ["seed_audio", { promptText }, { ...audio, voice: { type: "reference-audio", audioUri: mp3 } }]
  ],
  SpeechToSpeech: [[
    "eleven_multilingual_sts_v2",
    { media: { type: "video", uri: mp4 }, voice },
    { removeBackgroundNoise: true }
  ]],
  VoiceIsolation: [["eleven_voice_isolation", { audioUri: mp3 }, {}]],
  VoiceDubbing: [["eleven_voice_dubbing", { audioUri: mp3, targetLang: "fil" }, {
    disableVoiceCloning: true,
    dropBackgroundAudio: true,
    numSpeakers: 2
  }]],
  AvatarVideo: [["gwm1_avatars", { avatar: voice, speech: { type: "text", text: "rain" } }, {
    avatar: { type: "custom", avatarId: "a-1" },
    speech: { type: "audio", audio: mp3 }
  }]],
  Recipe: [
    ["ad_localization", { version, referenceImage: { uri: png }, targetLanguage: "fr" }, {}],
    ["marketing_stock_image", { version, prompt: "rain" }, {
      outputCount: 2,
      quality: "high",
      referenceImage: { uri: png }
    }],
    ["multi_shot_video", { version, mode: "auto" }, {
      prompt: "rain",
      audio: true,
      duration: 15,
      firstFrame: { uri: png },
      ratio: "1440:1440",
      shots: [{ duration: 5, prompt: "rain" }]
    }],
    ["product_ad", { version, productImages: references }, { ...product, ratio: "834:1112", styleImages: references }],
    ["product_campaign_image", { version, image: { uri: png }, prompt: "rain" }, {}],
    ["product_swap", {
      version,
      newProductImages: [{ uri: png, view: "side" }],
      originalProductImage: { uri: png },
      referenceVideo: { uri: mp4 }
    }, { audio: true, duration: 5, resolution: "1080p" }],
    ["product_ugc", { version, characterImage: { uri: png }, productImage: { uri: png } }, {
      ...product,
      ratio: "1080:1920"
    }]
  ]
}

const paths: Readonly<Record<string, readonly [path: string, kind: string]>> = {
  ImageToVideo: ["image_to_video", "video"],
  TextToVideo: ["text_to_video", "video"],
  VideoToVideo: ["video_to_video", "video"],
  TextToImage: ["text_to_image", "image"],
  CharacterPerformance: ["character_performance", "video"],
  ImageUpscale: ["image_upscale", "image"],
  VideoUpscale: ["video_upscale", "video"],
  VideoToHdr: ["video_to_hdr", "video"],
  SoundEffect: ["sound_effect", "audio"],
  TextToSpeech: ["text_to_speech", "audio"],
  SpeechToSpeech: ["speech_to_speech", "audio"],
  VoiceIsolation: ["voice_isolation", "audio"],
  VoiceDubbing: ["voice_dubbing", "audio"],
  AvatarVideo: ["avatar_videos", "video"]
}

const asked = (_tag: string, model: string, fields: Fields) =>
  ({ _tag, [_tag === "Recipe" ? "recipe" : "model"]: model, ...fields }) as unknown as RunwayRequest.Request // as JavaScript sends it

const fieldsOf = (request: unknown) => RunwayRequest.issues(request).map(({ field }) => field)

const known = Object.entries(rows).flatMap(([tag, all]) =>
  all.map(([model, needed, more]) => [tag, model, needed, more] as const)
)
/** Of the tables' gaps: a text that need not be there in a model which has it required elsewhere. */
const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([one]) => one !== name))

describe("a request for a model that is known", () => {
  it.effect.each(known)("%s %s goes to its endpoint with no more than its fields, which the service takes", (
    [tag, model, needed, more]
  ) =>
    Effect.gen(function*() {
      const runway = yield* emulated()
      const emulator = yield* Emulator.Emulator
      for (const fields of [needed, { ...needed, ...more }]) {
        const request = asked(tag, model, fields)
        assert.deepStrictEqual(RunwayRequest.issues(request), [])
        const submission = yield* runway.submit(request)
        const [path, kind] = paths[tag] ?? [`recipes/${model}`, /image/.test(model) ? "image" : "video"]
        assert.deepStrictEqual([submission.kind, submission.model], [kind, model])
        const { body, url } = (yield* emulator.journal).at(-1) ?? assert.fail()
        assert.strictEqual(url, `/v1/${path}`)
        assert.deepStrictEqual(JSON.parse(body), tag === "Recipe" ? fields : { model, ...fields })
      }
    }).pipe(inMemory({ services: { runway: RunwayEmulator.service({ credits: 1e6 }) } })))

  it.each(known)(
    "%s %s is refused for each field that it lacks or that there is none of",
    (tag, model, needed, more) => {
      for (const name of Object.keys(needed)) {
        assert.deepStrictEqual(fieldsOf(asked(tag, model, without(needed, name))), [name])
      }
      for (const name of Object.keys({ ...needed, ...more })) {
        assert.include(fieldsOf(asked(tag, model, { ...needed, ...more, [name]: { odd: true } })).join(), name)
      }
      assert.deepStrictEqual(fieldsOf(asked(tag, model, { ...needed, weather: "rain" })), ["weather"])
      assert.deepStrictEqual(RunwayRequest.issues(asked(tag, model, { ...needed, ...more, onBehalfOf: "user-1" })), [])
    }
  )

  it("is known of every model that the emulator knows, and of each recipe", () => {
    const models = new Set(known.filter(([tag]) => tag !== "Recipe").map(([, model]) => model))
    return Effect.runPromise(
      Effect.gen(function*() {
        const runway = yield* emulated()
        const [{ limit } = assert.fail()] = yield* runway.capacity
        assert.strictEqual(models.size, limit)
      }).pipe(inMemory({ services: { runway: RunwayEmulator.service({ concurrency: 1 }) } }))
    )
  })
})

describe("a value out of its range", () => {
  const gen45 = { promptImage, promptText, duration: 5, ratio: "1280:720" }
  const limits: ReadonlyArray<readonly [tag: string, model: string, fields: Fields, field: string]> = [
    ["ImageToVideo", "gen4.5", { ...gen45, promptText: "x".repeat(1001) }, "promptText"],
    ["ImageToVideo", "gen4.5", { ...gen45, promptText: "" }, "promptText"],
    ["ImageToVideo", "gen4.5", { ...gen45, duration: 1 }, "duration"],
    ["ImageToVideo", "gen4.5", { ...gen45, duration: 11 }, "duration"],
    ["ImageToVideo", "gen4.5", { ...gen45, duration: 2.5 }, "duration"],
    ["ImageToVideo", "gen4.5", { ...gen45, ratio: "16:9" }, "ratio"],
    ["ImageToVideo", "gen4.5", { ...gen45, promptImage: [last] }, "promptImage.0.position"],
    ["ImageToVideo", "gen4.5", { ...gen45, seed: -1 }, "seed"],
    ["TextToVideo", "gen4.5", { promptText, duration: 5, ratio: "1584:672" }, "ratio"],
    ["ImageToVideo", "veo3.1", { promptImage, ...veo, duration: 5 }, "duration"],
    ["ImageToVideo", "happyhorse_1_0", { promptImage, promptText: "x".repeat(2501) }, "promptText"],
    ["ImageToVideo", "seedance2", { promptImage, promptText: "x".repeat(3501) }, "promptText"],
    ["ImageToVideo", "seedance2_5", { promptImage, promptText: "x".repeat(15_001) }, "promptText"],
    ["ImageToVideo", "seedance2", { promptImage, ratio: "wide" }, "ratio"],
    ["ImageToVideo", "gemini_omni_flash", { promptImage, duration: 2 }, "duration"],
    ["TextToImage", "gen4_image", { ...image, referenceImages: Array(4).fill({ uri: png }) }, "referenceImages"],
    ["TextToImage", "gpt_image_2", { ...image, outputCount: 11 }, "outputCount"],
    ["TextToImage", "gemini_image3_pro", { ...image, outputCount: 2 }, "outputCount"],
    ["TextToImage", "muse_image", { ...image, outputCount: 5 }, "outputCount"],
    ["CharacterPerformance", "act_two", {
      character: { type: "image", uri: png },
      reference: { type: "video", uri: mp4 },
      expressionIntensity: 6
    }, "expressionIntensity"],
    ["ImageUpscale", "magnific_precision_upscaler_v2", { imageUri: png, sharpen: 101 }, "sharpen"],
    ["VideoUpscale", "enhance_frame_rate", { videoUri: mp4, targetFramerate: "23.98" }, "targetFramerate"],
    ["SoundEffect", "eleven_text_to_sound_v2", { promptText, duration: 31 }, "duration"],
    ["TextToSpeech", "eleven_multilingual_v2", { promptText: "x".repeat(1001), voice }, "promptText"],
    ["VoiceDubbing", "eleven_voice_dubbing", { audioUri: mp3, targetLang: "tlh" }, "targetLang"],
    ["VideoToHdr", "ruby", { videoUri: mp4, outputFormat: "mp4" }, "outputFormat"]
  ]
  it.each(limits)("%s %s %j", (tag, model, fields, field) => {
    assert.deepStrictEqual(fieldsOf(asked(tag, model, fields)), [field])
    const { message } = RunwayRequest.issues(asked(tag, model, fields))[0] ?? assert.fail()
    assert.notMatch(message, /xxx|tlh|wide/)
  })
})

describe("a file", () => {
  const fits = (videoUri: string) => fieldsOf(asked("VideoToHdr", "ruby", { videoUri })).length === 0
  const data = "data:video/mp4;base64,"

  it.each([
    "https://example.com/a.mp4?x=1",
    "runway://abc",
    `${data}AAAA`,
    `${data}${"A".repeat(5 * 1024 * 1024 - data.length)}`,
    `https://example.com/${"a".repeat(2048 - 20)}`
  ])("may be %.40s", (uri) => assert.isTrue(fits(uri)))

  it.each([
    "",
    "./a.mp4",
    "a.mp4",
    "http://example.com/a.mp4",
    "https://127.0.0.1/a.mp4",
    "https://10.0.0.1:8080/a.mp4",
    "https://[::1]/a.mp4",
    `https://example.com/${"a".repeat(2048 - 19)}`,
    "data:video/mp4,AAAA",
    "data:video/mp4; base64,AAAA",
    `${data}${"A".repeat(5 * 1024 * 1024 + 1 - data.length)}`
  ])("may not be %.40s", (uri) => assert.isFalse(fits(uri)))

  it("is told of each kind's fields, for those that upload first", () => {
    const { ImageToVideo, TextToImage, VoiceDubbing } = RunwayRequest.kinds
    const found = [ImageToVideo, TextToImage, VoiceDubbing].map(RequestSchema.filesOf)
    assert.deepStrictEqual(found, [["promptImage"], [], ["audioUri"]])
  })
})

describe("a request for what is not known here", () => {
  const later = Runway.textToVideo({ model: "gen9", promptText, weather: { wind: 7 }, seed: undefined })

  it.effect("goes as it is, but for its name and what is undefined", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, { id }])
      yield* runway.submit(later)
      assert.deepStrictEqual(JSON.parse(sent[0]?.body ?? ""), { model: "gen9", promptText, weather: { wind: 7 } })
    }))

  it.each(
    [
      [{ model: "gen9", start: { uri: "./cat.png" } }, ["start.uri"]],
      [{ model: "gen9", at: () => 1 }, ["at"]],
      [{ model: "" }, ["model"]],
      [{}, ["model"]]
    ] as const
  )("is refused where it holds what no service can take: %j", (fields, expected) => {
    assert.deepStrictEqual(fieldsOf({ _tag: "TextToVideo", ...fields }), [...expected])
  })

  it("is none without a kind that is known", () => {
    for (const request of [undefined, null, "rain", {}, { _tag: "TextToSmell" }, { _tag: "constructor" }]) {
      assert.deepStrictEqual(fieldsOf(request), ["_tag"])
    }
  })
})

describe("routers and workflows", () => {
  it.effect.each(["video", "image", "audio"] as const)("a router makes %s", (media) =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, { id, routing: { model: "gen4.5" } }])
      const input = { promptText: "rain" }
      const { ids: [made], kind } = yield* runway.submit(Runway.generate({ media, configId: "router-1", input }))
      assert.deepStrictEqual([sent[0]?.url.pathname, JSON.parse(sent[0]?.body ?? ""), String(made), kind], [
        `/v1/generate/${media}`,
        { configId: "router-1", input },
        id,
        media
      ])
    }))

  it.effect("a workflow's run has an id that tells where it is asked for", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, { id }])
      const { ids: [made] } = yield* runway.submit(Runway.workflow({ workflow: "w-1", nodeOutputs: { a: { b: 1 } } }))
      assert.deepStrictEqual([sent[0]?.url.pathname, JSON.parse(sent[0]?.body ?? "")], [
        "/v1/workflows/w-1",
        { nodeOutputs: { a: { b: 1 } } }
      ])
      assert.deepStrictEqual([made, runway.owns(made)], [Runway.workflowRunId(id), true])
    }))

  it.each([
    [{ _tag: "Workflow", workflow: "../tasks" }, ["workflow"]],
    [{ _tag: "Workflow", workflow: "w", nodeOutputs: { a: "./cat.png" } }, ["nodeOutputs.a"]],
    [{ _tag: "Generate", media: "smell", configId: "", input: 1 }, ["media", "configId", "input"]],
    [{ _tag: "Generate", media: "image", configId: "r", input: { a: ["/home/me/cat.png"] } }, ["input.a.0"]]
  ])("%j is refused", (request, fields) => assert.deepStrictEqual(fieldsOf(request), fields))
})

describe("headers", () => {
  it.effect("have the version always, the end user where a request tells one, and what the options add", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [200, { id }], { headers: { "x-team": "rain" } })
      yield* runway.submit({ ...rain, onBehalfOf: "user-1" })
      yield* runway.submit(rain)
      assert.deepStrictEqual(
        sent.map(({ body, headers }) => [
          headers["x-runway-version"],
          headers["x-runway-on-behalf-of"],
          headers["x-team"],
          body?.includes("user-1")
        ]),
        [["2024-11-06", "user-1", "rain", false], ["2024-11-06", undefined, "rain", false]]
      )
    }))

  it.effect("are what an organization wants that must tell its end users", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip((yield* emulated()).submit(rain))
      assert.strictEqual(error._tag, "InvalidRequest")
      yield* (yield* emulated()).submit({ ...rain, onBehalfOf: "user-1" })
      yield* (yield* emulated({ headers: { "X-Runway-On-Behalf-Of": "team" } })).submit(rain)
    }).pipe(inMemory({ services: { runway: RunwayEmulator.service({ endUser: true }) } })))

  it("hold no end user that no header can", () => {
    assert.deepStrictEqual(fieldsOf({ ...rain, onBehalfOf: "a\r\nb: c" }), ["onBehalfOf"])
  })
})
