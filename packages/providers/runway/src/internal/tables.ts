/**
 * What each of Runway's models takes, by endpoint, from the facts in this package's `FACTS.md`.
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Schema from "effect/Schema"

const opt = Schema.optional
const one = Schema.Literals
const flag = opt(Schema.Boolean)

/** Runway measures texts in UTF-16 units, as JavaScript does. */
const prompt = (most?: number) => {
  const text = RequestSchema.text("a text")
  return most === undefined ? text : text.check(RequestSchema.atMost(most))
}
const between = (from: number, to: number) =>
  RequestSchema.number(`a number from ${from} to ${to}`, (n) => n >= from && n <= to)
const whole = (from: number, to: number) =>
  RequestSchema.number(`a whole number from ${from} to ${to}`, (n) => Number.isInteger(n) && n >= from && n <= to)
const number = RequestSchema.number("a number", Number.isFinite)
const seconds = RequestSchema.number("seconds, more than none", (n) => n > 0 && Number.isFinite(n))
const count = RequestSchema.number("a whole number of at least 1", (n) => Number.isSafeInteger(n) && n >= 1)
const seed = opt(whole(0, 4_294_967_295))

/** 5 MB of a data URI count as they are encoded, whatever is in it. */
const longestData = 5 * 1024 * 1024

const isUri = (text: string): boolean => {
  if (text.startsWith("runway://")) return true
  if (text.startsWith("data:")) return text.length <= longestData && /^data:[^\s;,]+\/[^\s;,]+;base64,\S+$/.test(text)
  const host = /^https:\/\/([^/?#\s]+)\S*$/.exec(text)?.[1]
  return host !== undefined && text.length <= 2048 && !/^(?:\[|[\d.]+(?::\d+)?$)/.test(host)
}

/** A file as Runway takes one, wherever a field takes a file. */
export const uri = Schema.String.check(
  Schema.makeFilter(isUri, {
    expected: "an https URL of a domain (2048 characters), a data URI in Base64 (5 MB) or a runway:// URI: " +
      "upload other files first"
  })
).annotate({ takesFile: true })

const image = Schema.Struct({ uri })
const images = opt(Schema.Array(image))
const tagged = Schema.Array(Schema.Struct({ uri, tag: opt(prompt()) }))
const subjects = opt(Schema.Array(Schema.Struct({ uri, tag: opt(prompt()), subject: opt(one(["object", "human"])) })))
const audios = opt(Schema.Array(Schema.Struct({ type: one(["audio"]), uri })))
const videos = opt(Schema.Array(Schema.Struct({ type: one(["video"]), uri })))
const media = <const Types extends ReadonlyArray<string>>(types: Types) => Schema.Struct({ type: one(types), uri })

const frames = <const Positions extends ReadonlyArray<string>>(positions: Positions) =>
  Schema.Union([uri, Schema.Array(Schema.Struct({ uri, position: one(positions) }))])
const first = frames(["first"])
const ends = frames(["first", "last"])
const perhapsEnds = Schema.Union([uri, Schema.Array(Schema.Struct({ uri, position: opt(one(["first", "last"])) }))])
/** Models whose frames no page describes. */
const anyFrames = Schema.Union([uri, Schema.Array(Schema.Json)])

const moderation = opt(Schema.Struct({ publicFigureThreshold: opt(one(["auto", "low"])) }))
const profile = opt(one(["422", "4444", "422 Proxy", "422 LT", "422 HQ", "4444 XQ"]))
const master = {
  outputFormat: opt(
    one([
      "mp4",
      "prores",
      "png_sequence",
      "hdr10",
      "hlg",
      "sdr_rec709_10bit",
      "hdr_pq_12bit_master",
      "hdr_prores",
      "hdr_png_sequence",
      "hdr_exr_sequence",
      "hdr_exr_acescg_sequence_1_3",
      "hdr_exr_acescg_sequence_2_0"
    ])
  ),
  proresProfile: profile
}

const shaped = (pattern: RegExp, expected: string) =>
  Schema.String.check(Schema.makeFilter((text: string) => pattern.test(text), { expected }))
/** Models have up to 56 pairs, and new ones every few weeks. */
const pixels = shaped(/^\d+:\d+$/, "a ratio in pixels, such as 1280:720")
const pixelsOrAuto = shaped(/^(?:\d+:\d+|auto(?:_\w+)?)$/, "a ratio in pixels, such as 1280:720, or an auto one")
const sides = one(["1280:720", "720:1280"])
const six = one(["1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"])
const hd = one(["1280:720", "720:1280", "1080:1920", "1920:1080"])
const eight = one([
  "640:360",
  "360:640",
  "1280:720",
  "720:1280",
  "1920:1080",
  "1080:1920",
  "3840:2160",
  "2160:3840"
])
const adaptive = one(["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"])

const orAuto = <S extends Schema.Constraint>(duration: S) => Schema.Union([duration, one(["auto"])])
const veo = {
  ratio: hd,
  audio: flag,
  duration: opt(one([4, 6, 8])),
  negativePrompt: opt(prompt()),
  seed
}
const seedance = (most: number) => ({
  promptText: opt(prompt(most)),
  audio: flag,
  duration: opt(orAuto(seconds)),
  ratio: opt(pixels),
  referenceAudio: audios,
  seed
})
const others = { references: images, referenceVideos: videos }
const hailuo = {
  promptText: prompt(),
  duration: opt(seconds),
  ratio: opt(adaptive),
  resolution: opt(one(["768p", "2k", "768P", "2K"])),
  referenceAudio: audios
}
const wan = {
  promptText: prompt(),
  audio: flag,
  duration: opt(seconds),
  ratio: opt(pixelsOrAuto),
  referenceAudio: audios,
  referenceVideos: videos
}
const h3 = {
  promptText: prompt(),
  duration: opt(seconds),
  promptExpansionMode: opt(one(["disabled", "balanced", "quality"])),
  resolution: opt(one(["480p", "768p"])),
  seed
}
const gemini11 = { promptText: prompt(), duration: opt(orAuto(between(3, 10))), ratio: opt(eight) }

export const imageToVideo = {
  "gen4.5": {
    promptImage: first,
    promptText: prompt(1000),
    duration: whole(2, 10),
    ratio: six,
    contentModeration: moderation,
    ...master,
    seed
  },
  gen4_turbo: {
    promptImage: first,
    promptText: opt(prompt(1000)),
    duration: opt(whole(2, 10)),
    ratio: six,
    contentModeration: moderation,
    seed
  },
  "veo3.1": { promptImage: ends, promptText: opt(prompt(1000)), ...veo },
  "veo3.1_fast": { promptImage: ends, promptText: opt(prompt(1000)), ...veo },
  hailuo3: { promptImage: anyFrames, ...hailuo },
  h3_max: { promptImage: ends, ...h3 },
  happyhorse_1_0: {
    promptImage: first,
    promptText: opt(prompt(2500)),
    duration: opt(seconds),
    resolution: opt(one(["720p", "1080p", "720P", "1080P"]))
  },
  seedance2: { promptImage: perhapsEnds, ...seedance(3500) },
  seedance2_fast: { promptImage: perhapsEnds, ...seedance(3500) },
  seedance2_mini: { promptImage: perhapsEnds, ...seedance(3500) },
  seedance2_5: { promptImage: perhapsEnds, ...seedance(15_000) },
  gemini_omni_flash: {
    promptImage: first,
    promptText: opt(prompt()),
    duration: opt(between(3, 10)),
    ratio: opt(sides)
  },
  "gemini_omni_flash_1.1": { promptImage: ends, ...gemini11 },
  grok_imagine_1_5: {
    promptImage: first,
    promptText: opt(prompt()),
    duration: opt(seconds),
    resolution: opt(one(["480p", "720p", "1080p"]))
  },
  wan3: { promptImage: anyFrames, ...wan },
  wan3_prime: { promptImage: anyFrames, ...wan }
}

export const textToVideo = {
  "gen4.5": {
    promptText: prompt(1000),
    duration: whole(2, 10),
    ratio: sides,
    contentModeration: moderation,
    ...master,
    seed
  },
  "veo3.1": { promptText: prompt(1000), ...veo },
  "veo3.1_fast": { promptText: prompt(1000), ...veo },
  hailuo3: { ...hailuo, ...others },
  h3_max: h3,
  happyhorse_1_0: { promptText: prompt(2500), duration: opt(seconds), ratio: opt(pixels) },
  seedance2: { ...seedance(3500), promptText: prompt(3500), ...others },
  seedance2_fast: { ...seedance(3500), promptText: prompt(3500), ...others },
  seedance2_mini: { ...seedance(3500), promptText: prompt(3500), ...others },
  seedance2_5: { ...seedance(15_000), ...others },
  gemini_omni_flash: { promptText: prompt(), duration: opt(between(3, 10)), ratio: opt(sides) },
  "gemini_omni_flash_1.1": { ...gemini11, references: images, referenceVideos: images },
  grok_imagine_1_5: {
    promptText: prompt(),
    duration: opt(seconds),
    ratio: opt(one(["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"])),
    resolution: opt(one(["480p", "720p", "1080p"])),
    references: images,
    referenceAudio: audios
  },
  wan3: { ...wan, references: images },
  wan3_prime: { ...wan, references: images }
}

const range = opt(Schema.Struct({ start_seconds: number, end_seconds: number }))
const mode = opt(one(["reference", "extend", "edit"]))

export const videoToVideo = {
  aleph2: {
    videoUri: uri,
    promptText: opt(prompt()),
    keyframes: opt(
      Schema.Array(
        Schema.Union([Schema.Struct({ seconds: number, uri, range }), Schema.Struct({ at: number, uri, range })])
      )
    ),
    targetAspectRatio: opt(one(["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"])),
    ratio: opt(prompt()),
    contentModeration: moderation,
    outputFormat: opt(one(["mp4", "prores", "png_sequence", "sdr_rec709_10bit"])),
    proresProfile: profile,
    seed
  },
  hailuo3: { promptVideo: uri, ...hailuo, ...others },
  seedance2: { promptVideo: uri, ...seedance(3500), ...others },
  seedance2_fast: { promptVideo: uri, ...seedance(3500), ...others },
  seedance2_mini: { promptVideo: uri, ...seedance(3500), ...others },
  seedance2_5: { promptVideo: uri, ...seedance(15_000), ...others, mode },
  gemini_omni_flash: { videoUri: uri, promptText: prompt(), references: images },
  "gemini_omni_flash_1.1": { videoUri: uri, ...gemini11, references: images, mode }
}

const gen4Image = { promptText: prompt(1000), ratio: pixels, contentModeration: moderation, seed }
const gpt = { promptText: prompt(), ratio: pixelsOrAuto, outputCount: opt(whole(1, 10)), referenceImages: opt(tagged) }
const gpt25 = { ...gpt, quality: opt(one(["low", "medium", "high", "xhigh", "max"])) }
const geminiImage = {
  promptText: prompt(),
  ratio: pixels,
  outputCount: opt(one([1, 4])),
  referenceImages: subjects
}
const seedream = {
  promptText: prompt(),
  ratio: pixelsOrAuto,
  grounding: flag,
  outputCount: opt(count),
  outputFormat: opt(one(["png", "jpeg"])),
  referenceImages: images
}
const three = tagged.check(Schema.isMaxLength(3, { expected: "at most 3 images" }))

export const textToImage = {
  gen4_image: { ...gen4Image, referenceImages: opt(three) },
  gen4_image_turbo: { ...gen4Image, referenceImages: three },
  gpt_image_2: {
    ...gpt,
    background: opt(one(["transparent", "opaque", "auto"])),
    quality: opt(one(["low", "medium", "high", "auto"]))
  },
  gpt_image_2_5_flare: { ...gpt25, background: opt(one(["opaque", "auto"])) },
  gpt_image_2_5_sunburst: { ...gpt25, background: opt(one(["transparent", "opaque", "auto"])) },
  "gemini_2.5_flash": { promptText: prompt(), ratio: pixels, referenceImages: opt(tagged) },
  gemini_image3_pro: geminiImage,
  "gemini_image3.1_flash": geminiImage,
  muse_image: {
    promptText: prompt(),
    ratio: pixelsOrAuto,
    outputCount: opt(whole(1, 4)),
    outputFormat: opt(one(["webp", "png", "jpeg"])),
    referenceImages: images
  },
  seedream5_pro: seedream,
  seedream5_lite: seedream,
  grok_imagine_image_2: {
    promptText: prompt(),
    ratio: pixelsOrAuto,
    edit: flag,
    outputCount: opt(count),
    quality: opt(one(["low", "medium"])),
    referenceImages: images
  }
}

export const characterPerformance = {
  act_two: {
    character: media(["image", "video"]),
    reference: media(["video"]),
    bodyControl: flag,
    expressionIntensity: opt(whole(1, 5)),
    ratio: opt(six),
    contentModeration: moderation,
    seed
  }
}

const percent = opt(between(0, 100))

export const imageUpscale = {
  magnific_precision_upscaler_v2: {
    imageUri: uri,
    scaleFactor: opt(one([2, 4, 8, 16])),
    flavor: opt(one(["sublime", "photo", "photo_denoiser"])),
    sharpen: percent,
    smartGrain: percent,
    ultraDetail: percent
  }
}

export const videoUpscale = {
  magnific_video_upscaler_creative: {
    videoUri: uri,
    resolution: opt(one(["720p", "1k", "2k", "4k"])),
    creativity: opt(number),
    flavor: opt(one(["vivid", "natural"])),
    fpsBoost: flag,
    sharpen: opt(number),
    smartGrain: opt(number)
  },
  enhance_frame_rate: {
    videoUri: uri,
    targetFramerate: one(["24", "25", "30", "48", "50", "60", "120", "23_98", "29_97", "59_94"])
  }
}

export const videoToHdr = {
  ruby: {
    videoUri: uri,
    outputFormat: opt(
      one([
        "hdr10",
        "hlg",
        "hdr_prores",
        "hdr_exr_sequence",
        "hdr_exr_acescg_sequence_1_3",
        "hdr_exr_acescg_sequence_2_0"
      ])
    ),
    proresProfile: opt(one(["422", "4444", "422 HQ"]))
  }
}

const seedAudio = {
  promptText: prompt(),
  loudnessRate: opt(number),
  outputFormat: opt(one(["wav", "mp3", "ogg_opus"])),
  pitchRate: opt(number),
  sampleRate: opt(one([8000, 16_000, 24_000, 32_000, 44_100, 48_000])),
  speechRate: opt(number)
}
const preset = Schema.Struct({ type: one(["runway-preset"]), presetId: prompt() })

export const soundEffect = {
  eleven_text_to_sound_v2: { promptText: prompt(), duration: opt(between(0.5, 30)), loop: flag },
  seed_audio: { ...seedAudio, referenceAudios: opt(Schema.Array(uri)) }
}

export const textToSpeech = {
  eleven_multilingual_v2: { promptText: prompt(1000), voice: preset },
  eleven_v3: {
    promptText: prompt(),
    voice: preset,
    applyTextNormalization: opt(one(["auto", "on", "off"])),
    languageCode: opt(prompt()),
    seed,
    similarityBoost: opt(number),
    speed: opt(number),
    stability: opt(number),
    style: opt(number),
    useSpeakerBoost: flag
  },
  seed_audio: { ...seedAudio, voice: opt(Schema.Struct({ type: one(["reference-audio"]), audioUri: uri })) }
}

export const speechToSpeech = {
  eleven_multilingual_sts_v2: { media: media(["audio", "video"]), voice: preset, removeBackgroundNoise: flag }
}

export const voiceIsolation = { eleven_voice_isolation: { audioUri: uri } }

export const voiceDubbing = {
  eleven_voice_dubbing: {
    audioUri: uri,
    targetLang: one(
      [
        ...["en", "hi", "pt", "zh", "es", "fr", "de", "ja", "ar", "ru", "ko", "id", "it", "nl", "tr"] as const,
        ...["pl", "sv", "fil", "ms", "ro", "uk", "el", "cs", "da", "fi", "bg", "hr", "sk", "ta"] as const
      ]
    ),
    disableVoiceCloning: flag,
    dropBackgroundAudio: flag,
    numSpeakers: opt(count)
  }
}

export const avatarVideo = {
  gwm1_avatars: {
    avatar: Schema.Union([preset, Schema.Struct({ type: one(["custom"]), avatarId: prompt() })]),
    speech: Schema.Union([
      Schema.Struct({ type: one(["audio"]), audio: uri }),
      Schema.Struct({
        type: one(["text"]),
        text: prompt(),
        voice: opt(
          Schema.Union([
            Schema.Struct({ type: one(["preset"]), presetId: prompt() }),
            Schema.Struct({ type: one(["custom"]), id: prompt() })
          ])
        )
      })
    ])
  }
}

const version = prompt()
const shots = {
  version,
  audio: flag,
  duration: opt(one([5, 10, 15])),
  firstFrame: opt(image),
  ratio: opt(one(["1280:720", "720:1280", "960:960", "1920:1080", "1080:1920", "1440:1440"])),
  mode: one(["auto", "custom"]),
  prompt: opt(prompt()),
  shots: opt(Schema.Array(Schema.Struct({ duration: seconds, prompt: prompt() })))
}

export const recipe = {
  ad_localization: { version, referenceImage: image, targetLanguage: prompt() },
  marketing_stock_image: {
    version,
    prompt: prompt(),
    outputCount: opt(count),
    quality: opt(one(["low", "medium", "high"])),
    referenceImage: opt(image)
  },
  multi_shot_video: shots,
  product_ad: {
    version,
    productImages: Schema.Array(image),
    audio: flag,
    duration: opt(seconds),
    productInfo: opt(prompt()),
    ratio: opt(pixels),
    styleImages: images,
    userConcept: opt(prompt())
  },
  product_campaign_image: { version, image, prompt: prompt() },
  product_swap: {
    version,
    newProductImages: Schema.Array(Schema.Struct({ uri, view: opt(one(["front", "side", "back"])) })),
    originalProductImage: image,
    referenceVideo: image,
    audio: flag,
    duration: opt(seconds),
    resolution: opt(one(["720p", "1080p"]))
  },
  product_ugc: {
    version,
    characterImage: image,
    productImage: image,
    audio: flag,
    duration: opt(seconds),
    productInfo: opt(prompt()),
    ratio: opt(one(["720:1280", "1080:1920"])),
    userConcept: opt(prompt())
  }
}
