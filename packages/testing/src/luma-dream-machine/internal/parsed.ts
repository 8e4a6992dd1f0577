import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Invalid } from "./sentences.ts"

/** The fields of a body. */
export const fieldsOf = (body: string): Schema.JsonObject => {
  const sent: unknown = Result.getOrUndefined(Result.try((): unknown => JSON.parse(body)))
  return Predicate.isObject(sent) ? sent as Schema.JsonObject : {} // it was parsed from JSON
}

const videoModels = ["ray-2", "ray-flash-2", "ray-1-6"]
const imageModels = ["photon-1", "photon-flash-1"]
const ratios = ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"]
const modes = ["adhere", "flex", "reimagine"].flatMap((way) => [1, 2, 3].map((degree) => `${way}_${degree}`))

/** What each call needs and which words it takes. */
const rules: { readonly [call: string]: { readonly needs: ReadonlyArray<string>; readonly words: Words } } = {
  video: { needs: ["model"], words: { model: videoModels, aspect_ratio: ratios } },
  image: { needs: ["model"], words: { model: imageModels, aspect_ratio: ratios, format: ["jpg", "png"] } },
  modify_video: {
    needs: ["generation_type", "media", "mode", "model"],
    words: { generation_type: ["modify_video"], mode: modes, model: videoModels }
  },
  reframe_video: {
    needs: ["generation_type", "media", "model", "aspect_ratio"],
    words: { generation_type: ["reframe_video"], model: videoModels, aspect_ratio: ratios }
  },
  reframe_image: {
    needs: ["generation_type", "media", "model", "aspect_ratio"],
    words: { generation_type: ["reframe_image"], model: imageModels, aspect_ratio: ratios, format: ["jpg", "png"] }
  },
  upscale_video: { needs: [], words: { generation_type: ["upscale_video"] } },
  add_audio: { needs: [], words: { generation_type: ["add_audio"] } }
}

type Words = { readonly [field: string]: ReadonlyArray<string> }

/** What is wrong with a call: a sentence about it, or a list by field. */
export const wrongIn = (call: string, fields: Schema.JsonObject): string | ReadonlyArray<Invalid> | undefined => {
  const { needs = [], words = {} } = rules[call] ?? {}
  const { keyframes, loop, prompt } = fields
  const missing = needs.filter((field) => fields[field] === undefined).map((field) => ({
    field,
    message: "Field required"
  }))
  const unknown = Object.entries(words).flatMap(([field, allowed]) => {
    const value = fields[field]
    return value === undefined || typeof value === "string" && allowed.includes(value)
      ? []
      : [{ field, message: `Input should be ${allowed.map((one) => `'${one}'`).join(" or ")}`, input: String(value) }]
  })
  if (missing.length + unknown.length > 0) return [...missing, ...unknown]
  if (typeof prompt === "string" && prompt.length < 3) {
    return "Prompt is too short, minimum length is 3 characters"
  }
  if (typeof prompt === "string" && prompt.length > 5000) {
    return "Prompt is too long, maximum length is 5000 characters"
  }
  const frames = Predicate.isObject(keyframes) ? keyframes as Schema.JsonObject : {} // it was parsed from JSON
  if (call === "video" && prompt === undefined && Object.keys(frames).length === 0) return "Prompt is required"
  return loop === true && frames["frame1"] !== undefined ? "Loop is not supported for an end frame" : undefined
}
