import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"

type Fields = Schema.JsonObject

/** A request that is taken, or the status and the words with which it is refused. */
export type Parsed =
  | { readonly type: string; readonly model: string; readonly isVideo: boolean; readonly exr: boolean }
  | { readonly status: number; readonly detail: string }

const videos = ["video", "video_edit", "video_reframe"]
const images = ["image", "image_edit", "layering"]
const models: { readonly [model: string]: ReadonlyArray<string> } = {
  "uni-1": images,
  "uni-1-max": images,
  "ray-3.2": videos
}
const ofImages = ["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"]
const ofVideos = ["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]

const object = (value: unknown): Fields => Predicate.isObject(value) ? value as Fields : {} // it was parsed from JSON
const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== false

const wrongRef = (ref: unknown, at: string): string | undefined => {
  const given = ["url", "data", "generation_id", "file_id"].filter((name) => isGiven(object(ref)[name]))
  const [one, other] = given
  if (one === undefined) return `${at}: provide 'url' or 'data'`
  if (other !== undefined) return `${at}: provide either '${one}' or '${other}', not both`
  return one === "data" && !/^[A-Za-z0-9+/]+={0,2}$/.test(String(object(ref)["data"]))
    ? `${at}: invalid base64 data`
    : undefined
}

const refused = (status: number, detail: string): Parsed => ({ status, detail })

/** Pairs of options that exclude each other, as the guide to videos has them. */
const conflictIn = (type: string, video: Fields): string | undefined => {
  const { duration, end_frame, exr_export, hdr, keyframes, loop, resolution, start_frame } = video
  const given = (fields: Fields) => Object.keys(fields).find((name) => isGiven(fields[name]))
  const with_ = (name: string, fields: Fields) => {
    const other = given(fields)
    return other === undefined ? undefined : `${name} cannot be combined with ${other}`
  }
  const draft = resolution === "360p" || resolution === "540p" ? resolution : undefined
  const long = duration === "10s"
  const extends_ = isGiven(object(start_frame)["generation_id"])
  const several = (field: unknown, indexes: unknown, at: string) => {
    if (!isGiven(field) && !isGiven(indexes)) return undefined
    const [frames, places] = [list(field), list(indexes)]
    return frames.length < 1 || frames.length > 64
      ? `${at}: 1 to 64 keyframes`
      : places.length !== frames.length || new Set(places).size !== places.length
      ? `${at}_indexes: one unique index per keyframe`
      : places.some((place) => !Number.isInteger(place) || Number(place) < 0 || Number(place) > (long ? 240 : 120))
      ? `${at}_indexes: off the 24 fps grid`
      : undefined
  }
  const edit = object(video["edit"])
  return [
    long ? with_("10s", { hdr: type === "video" ? hdr ?? null : null, loop: loop ?? null }) : undefined,
    long ? with_("10s", { start_frame: start_frame ?? null, end_frame: end_frame ?? null }) : undefined,
    isGiven(loop)
      ? with_("loop", { hdr: hdr ?? null, end_frame: end_frame ?? null, keyframes: keyframes ?? null })
      : undefined,
    isGiven(hdr) && draft !== undefined ? `hdr is not available at ${draft}` : undefined,
    isGiven(hdr) && type === "video_reframe" ? "hdr is not available for video_reframe" : undefined,
    isGiven(exr_export) && !isGiven(hdr) ? "exr_export requires hdr" : undefined,
    extends_
      ? with_("extend", { end_frame: end_frame ?? null, keyframes: keyframes ?? null, hdr: hdr ?? null })
      : undefined,
    several(keyframes, video["keyframe_indexes"], "video.keyframes"),
    several(edit["keyframes"], edit["keyframe_indexes"], "video.edit.keyframes")
  ].find((found) => found !== undefined)
}

/** What the body of a create asks for. */
export const request = (body: string): Parsed => {
  const sent = object(Result.getOrUndefined(Result.try((): unknown => JSON.parse(body))))
  const { aspect_ratio: ratio, image_ref: refs, model = "uni-1", prompt, source, type = "image" } = sent
  const kinds = models[String(model)]
  if (kinds === undefined) return refused(400, `Unknown model: ${String(model)}`)
  if (typeof type !== "string" || !kinds.includes(type)) {
    return refused(400, `Type '${String(type)}' is not supported for model '${String(model)}'`)
  }
  const isVideo = videos.includes(type)
  const ratios = isVideo ? ofVideos : ofImages
  if (typeof prompt !== "string" || prompt.length < 1 || prompt.length > 6000) {
    return refused(400, "Prompt must be between 1 and 6000 characters")
  }
  if (type !== "video_edit" && isGiven(ratio) && !ratios.includes(String(ratio))) {
    return refused(400, `Invalid aspect_ratio '${String(ratio)}'. Valid: ${ratios.join(", ")}`)
  }
  if (type === "video_reframe" && !isGiven(ratio)) {
    return refused(400, "aspect_ratio is required for type 'video_reframe'")
  }
  if (["image_edit", "video_edit", "video_reframe"].includes(type) && !isGiven(source)) {
    return refused(400, `source is required for type '${type}'`)
  }
  if (type === "image" && isGiven(source)) return refused(400, "source is not supported for type 'image'")
  const most = type === "image" ? 9 : 8
  if (list(refs).length > most) return refused(400, `image_ref: at most ${most}`)
  const video = object(sent["video"])
  const wrong = [
    ...list(refs).map((ref, i) => wrongRef(ref, `image_ref[${i}]`)),
    isGiven(source) ? wrongRef(source, "source") : undefined,
    isGiven(video["start_frame"]) ? wrongRef(video["start_frame"], "video.start_frame") : undefined,
    isGiven(video["end_frame"]) ? wrongRef(video["end_frame"], "video.end_frame") : undefined
  ].find((found) => found !== undefined)
  if (wrong !== undefined) return refused(/base64/.test(wrong) ? 422 : 400, wrong)
  const conflict = isVideo ? conflictIn(type, video) : undefined
  return conflict === undefined
    ? { type, model: String(model), isVideo, exr: isGiven(video["exr_export"]) }
    : refused(422, conflict)
}
