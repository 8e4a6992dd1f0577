import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"

const ends = "1280:720|720:1280"
const six = `${ends}|1104:832|960:960|832:1104|1584:672`
const hd = `${ends}|1080:1920|1920:1080`
const formats = "outputFormat? proresProfile? contentModeration? seed?"
const veo = `ratio=${hd} audio? duration?=4|6|8 negativePrompt? seed?`
const seedance = "audio? duration? ratio? referenceAudio? seed?"
const more = "references? referenceVideos?"
const hailuo = "promptText duration? ratio? referenceAudio? resolution?=768p|2k|768P|2K"
const wan = "promptText audio? duration? ratio? referenceAudio? referenceVideos?"
const h3 = "promptText duration? promptExpansionMode?=disabled|balanced|quality resolution?=480p|768p seed?"
const gemini =
  "promptText duration?=auto|3|4|5|6|7|8|9|10 ratio?=640:360|360:640|1280:720|720:1280|1920:1080|1080:1920|3840:2160|2160:3840"
const seconds = "=2|3|4|5|6|7|8|9|10"
const gen4 = "promptText<1000 ratio contentModeration? seed?"
const gpt = "promptText ratio outputCount?=1|2|3|4|5|6|7|8|9|10 quality? background? referenceImages?"
const flash = "promptText ratio outputCount?=1|4 referenceImages?"
const seedream = "promptText ratio grounding? outputCount? outputFormat?=png|jpeg referenceImages?"
const audio = "promptText loudnessRate? outputFormat?=wav|mp3|ogg_opus pitchRate? sampleRate? speechRate?"
const languages = "en|hi|pt|zh|es|fr|de|ja|ar|ru|ko|id|it|nl|tr|pl|sv|fil|ms|ro|uk|el|cs|da|fi|bg|hr|sk|ta"
const product = "version audio? duration? productInfo? ratio? userConcept?"

/**
 * The fields that each model takes, by the endpoint's path: with a question mark those that may be absent, with the values that one
 * may have or the characters that it may hold. Endpoints without models stand under an empty name.
 */
const spec: { readonly [path: string]: { readonly [model: string]: string } } = {
  image_to_video: {
    "gen4.5": `promptImage promptText<1000 duration${seconds} ratio=${six} ${formats}`,
    gen4_turbo: `promptImage promptText?<1000 duration?${seconds} ratio=${six} contentModeration? seed?`,
    "veo3.1": `promptImage promptText? ${veo}`,
    "veo3.1_fast": `promptImage promptText? ${veo}`,
    hailuo3: `promptImage ${hailuo}`,
    h3_max: `promptImage ${h3}`,
    happyhorse_1_0: "promptImage promptText?<2500 duration? resolution?=720p|1080p|720P|1080P",
    seedance2: `promptImage promptText?<3500 ${seedance}`,
    seedance2_fast: `promptImage promptText?<3500 ${seedance}`,
    seedance2_mini: `promptImage promptText?<3500 ${seedance}`,
    seedance2_5: `promptImage promptText?<15000 ${seedance}`,
    gemini_omni_flash: `promptImage promptText? duration? ratio?=${ends}`,
    "gemini_omni_flash_1.1": `promptImage ${gemini}`,
    grok_imagine_1_5: "promptImage promptText? duration? resolution?=480p|720p|1080p",
    wan3: `promptImage ${wan}`,
    wan3_prime: `promptImage ${wan}`
  },
  text_to_video: {
    "gen4.5": `promptText<1000 duration${seconds} ratio=${ends} ${formats}`,
    "veo3.1": `promptText ${veo}`,
    "veo3.1_fast": `promptText ${veo}`,
    hailuo3: `${hailuo} ${more}`,
    h3_max: h3,
    happyhorse_1_0: "promptText<2500 duration? ratio?",
    seedance2: `promptText<3500 ${seedance} ${more}`,
    seedance2_fast: `promptText<3500 ${seedance} ${more}`,
    seedance2_mini: `promptText<3500 ${seedance} ${more}`,
    seedance2_5: `promptText?<15000 ${seedance} ${more}`,
    gemini_omni_flash: `promptText duration? ratio?=${ends}`,
    "gemini_omni_flash_1.1": `${gemini} ${more}`,
    grok_imagine_1_5:
      "promptText duration? ratio?=1:1|16:9|9:16|4:3|3:4|3:2|2:3 resolution? references? referenceAudio?",
    wan3: `${wan} references?`,
    wan3_prime: `${wan} references?`
  },
  video_to_video: {
    aleph2:
      "videoUri promptText? keyframes? targetAspectRatio? ratio? contentModeration? outputFormat? proresProfile? seed?",
    hailuo3: `promptVideo ${hailuo} ${more}`,
    seedance2: `promptVideo promptText?<3500 ${seedance} ${more}`,
    seedance2_fast: `promptVideo promptText?<3500 ${seedance} ${more}`,
    seedance2_mini: `promptVideo promptText?<3500 ${seedance} ${more}`,
    seedance2_5: `promptVideo promptText?<15000 ${seedance} ${more} mode?=reference|extend|edit`,
    gemini_omni_flash: "videoUri promptText references?",
    "gemini_omni_flash_1.1": `videoUri ${gemini} references? mode?=reference|extend|edit`
  },
  text_to_image: {
    gen4_image: `${gen4} referenceImages?`,
    gen4_image_turbo: `${gen4} referenceImages`,
    gpt_image_2: gpt,
    gpt_image_2_5_flare: gpt,
    gpt_image_2_5_sunburst: gpt,
    "gemini_2.5_flash": "promptText ratio referenceImages?",
    gemini_image3_pro: flash,
    "gemini_image3.1_flash": flash,
    muse_image: "promptText ratio outputCount?=1|2|3|4 outputFormat?=webp|png|jpeg referenceImages?",
    seedream5_pro: seedream,
    seedream5_lite: seedream,
    grok_imagine_image_2: "promptText ratio edit? outputCount? quality?=low|medium referenceImages?"
  },
  character_performance: {
    act_two: `character reference bodyControl? expressionIntensity?=1|2|3|4|5 ratio?=${six} contentModeration? seed?`
  },
  image_upscale: {
    magnific_precision_upscaler_v2:
      "imageUri scaleFactor?=2|4|8|16 flavor?=sublime|photo|photo_denoiser sharpen? smartGrain? ultraDetail?"
  },
  video_upscale: {
    magnific_video_upscaler_creative:
      "videoUri resolution?=720p|1k|2k|4k creativity? flavor?=vivid|natural fpsBoost? sharpen? smartGrain?",
    enhance_frame_rate: "videoUri targetFramerate=24|25|30|48|50|60|120|23_98|29_97|59_94"
  },
  video_to_hdr: { ruby: "videoUri outputFormat? proresProfile?" },
  sound_effect: {
    eleven_text_to_sound_v2: "promptText duration? loop?",
    seed_audio: `${audio} referenceAudios?`
  },
  text_to_speech: {
    eleven_multilingual_v2: "promptText<1000 voice",
    eleven_v3:
      "promptText voice applyTextNormalization? languageCode? seed? similarityBoost? speed? stability? style? useSpeakerBoost?",
    seed_audio: `${audio} voice?`
  },
  speech_to_speech: { eleven_multilingual_sts_v2: "media voice removeBackgroundNoise?" },
  voice_isolation: { eleven_voice_isolation: "audioUri" },
  voice_dubbing: {
    eleven_voice_dubbing: `audioUri targetLang=${languages} disableVoiceCloning? dropBackgroundAudio? numSpeakers?`
  },
  avatar_videos: { gwm1_avatars: "avatar speech" },
  "recipes/ad_localization": { "": "version referenceImage targetLanguage" },
  "recipes/marketing_stock_image": { "": "version prompt outputCount? quality? referenceImage?" },
  "recipes/multi_shot_video": { "": "version mode=auto|custom prompt? shots? audio? duration? firstFrame? ratio?" },
  "recipes/product_ad": { "": `${product} productImages styleImages?` },
  "recipes/product_campaign_image": { "": "version image prompt" },
  "recipes/product_swap": {
    "": "version newProductImages originalProductImage referenceVideo audio? duration? resolution?=720p|1080p"
  },
  "recipes/product_ugc": { "": `${product} characterImage productImage` },
  "generate/video": { "": "configId input" },
  "generate/image": { "": "configId input" },
  "generate/audio": { "": "configId input" }
}

/** The paths of all creates but that of workflows. */
export const paths: ReadonlyArray<string> = Object.keys(spec)

/** Every model, once. */
export const models: ReadonlyArray<string> = [
  ...new Set(Object.values(spec).flatMap((models) => Object.keys(models)).filter((model) => model !== ""))
]

const missing = (path: string, expected: string): Schema.JsonObject => ({
  expected,
  code: "invalid_type",
  path: [path],
  message: `Invalid input: expected ${expected}, received undefined`
})

const wrongIn = (rule: string, fields: Readonly<Record<string, unknown>>): ReadonlyArray<Schema.JsonObject> => {
  const [, name = "", mark, sign, rest = ""] = /^(\w+)(\?)?([=<])?(.*)$/.exec(rule) ?? []
  const value = fields[name]
  if (value === undefined) return mark === "?" ? [] : [missing(name, "nonoptional")]
  const values = rest.split("|")
  if (sign === "=" && !values.includes(String(value))) {
    return [{
      code: "invalid_value",
      values,
      path: [name],
      message: `Invalid option: expected one of ${values.map((one) => `"${one}"`).join("|")}`
    }]
  }
  return sign === "<" && String(value).length > Number(rest)
    ? [{
      origin: "string",
      code: "too_big",
      maximum: Number(rest),
      inclusive: true,
      path: [name],
      message: `Too big: expected string to have <=${rest} characters`
    }]
    : []
}

/** What is wrong with the body of a create. */
export const issuesIn = (path: string, fields: Readonly<Record<string, unknown>>): ReadonlyArray<Schema.JsonObject> => {
  const models = spec[path] ?? {}
  const whole = models[""]
  const { model } = fields
  if (whole === undefined && model === undefined) return [missing("model", "string")]
  const rules = whole ?? (Predicate.isString(model) && Object.hasOwn(models, model) ? models[model] : undefined)
  if (rules === undefined) {
    return [{
      code: "invalid_union",
      errors: [],
      note: "No matching discriminator",
      discriminator: "model",
      path: ["model"],
      message: "Invalid input"
    }]
  }
  const each = rules.split(" ")
  const names = new Set([...(whole === undefined ? ["model"] : []), ...each.map((rule) => /^\w+/.exec(rule)?.[0])])
  const unknown = Object.keys(fields).filter((name) => !names.has(name))
  return [
    ...each.flatMap((rule) => wrongIn(rule, fields)),
    ...(unknown.length === 0
      ? []
      : [{
        code: "unrecognized_keys",
        keys: unknown,
        path: [],
        message: `Unrecognized key${unknown.length > 1 ? "s" : ""}: ${unknown.map((name) => `"${name}"`).join(", ")}`
      }])
  ]
}
