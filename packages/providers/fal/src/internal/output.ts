/**
 * What a model made, whatever its shape.
 */
import * as Failure from "@media-jobs/adapter/Failure"
import * as Output from "@media-jobs/adapter/Output"
import * as Wire from "@media-jobs/adapter/Wire"
import type { JobState, Missing } from "@media-jobs/core/JobState"
import * as Arr from "effect/Array"
import type * as Schema from "effect/Schema"

const refusal = { reason: "It was flagged as not safe for work", code: "has_nsfw_concepts", cause: "content" } as const

/** A key under which a file is expected. */
const place = /^(?:image|video|audio)s?$|_urls?$/

/**
 * The state of a job with this output.
 *
 * - An object with a `url` is a file, and a link under a key that says so; links elsewhere are texts.
 * - An image that is flagged is a black one: it is missing, and the output still has its link.
 * - An output with nothing in the place of its files is none. One without such a place is a text, or what else a model makes.
 */
export const made = (output: Schema.Json): JobState => {
  const found = Output.find(output, { objects: true, isFile: (key) => place.test(key) })
  const { has_nsfw_concepts, nsfw_content_detected, ...rest } = Wire.object(output)
  const flags = Wire.array(has_nsfw_concepts ?? nsfw_content_detected)
  const isFlagged = ({ path: [key, i] }: Output.Found) =>
    key === "images" ? flags[Number(i)] === true : key === "image" && flags[0] === true
  const files = found.filter((one) => !isFlagged(one))
  const missing = found.filter(isFlagged).map((one): Missing => ({ label: Output.labelOf(one), ...refusal }))
  if (files.length === 0) {
    if (missing.length > 0) return { _tag: "Failed", ...refusal }
    if (Object.keys(rest).some((key) => place.test(key))) return Failure.withoutFile
  }
  return {
    _tag: "Succeeded",
    artifacts: Output.artifacts(files),
    output,
    ...(Arr.isReadonlyArrayNonEmpty(missing) ? { missing } : undefined)
  }
}
