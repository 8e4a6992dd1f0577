/**
 * Files in what a model made, whatever its shape.
 */
import * as Wire from "@media-jobs/adapter/Wire"
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import type * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

const kindOf = ({ pathname, protocol }: URL): MediaKind =>
  (protocol === "data:" ? FileType.kindOf(pathname) : FileType.ofName(pathname)?.kind) ?? "other"

/** Only a whole text is a link: a sentence with an address in it is a sentence. */
const link = (text: string): URL | undefined =>
  Wire.link(text) !== undefined
    ? Result.getOrUndefined(Result.try(() => new URL(text)))
    : undefined

interface Found {
  readonly url: string
  readonly at: URL
  readonly path: ReadonlyArray<string | number>
}

/** No model nests deeper, and a stack must not. */
const deepest = 16

const find = (value: unknown, path: Found["path"]): ReadonlyArray<Found> => {
  if (typeof value === "string") {
    const at = link(value)
    return at === undefined ? [] : [{ url: value, at, path }]
  }
  if (path.length === deepest) return []
  if (Array.isArray(value)) return value.flatMap((entry, i) => find(entry, [...path, i]))
  return Predicate.isObject(value)
    ? Object.entries(value).flatMap(([key, entry]) => find(entry, [...path, key]))
    : []
}

const isKey = (step: string | number): step is string => typeof step === "string"

/** By the keys that lead to a file, and its place in each list but the first. */
const labelOf = (path: Found["path"]): string => {
  const steps = path.flatMap((step) =>
    step === 0 ? [] : [isKey(step) ? /^[\w-]+$/.test(step) ? roleOf(step) : step : step + 1]
  )
  return (path.some(isKey) ? steps : ["primary", ...steps]).join("-") || "primary"
}

const roleOf = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "primary"

/**
 * Every file in an output, in its order and each once.
 *
 * - A text that is a whole `http`, `https` or `data` URL is a file, wherever it stands; nothing else is.
 * - The kind is told by the file's extension, of a `data` URL by its media type.
 * - Files outside any object are `primary`. In an object the role is the nearest key, as `last-frame` for `last_frame`; where
 *   that leaves none `primary`, the first file is.
 * - The label is where the file stands, whatever else is there.
 * - `expiresAt` is for files on Replicate's own domain: it deletes them. How long others live, it doesn't say.
 */
export const artifacts = (output: unknown, expiresAt?: DateTime.Utc): ReadonlyArray<Artifact> => {
  const urls = new Set<string>()
  const found = find(output, []).filter(({ url }) => !urls.has(url) && urls.add(url))
  const keyOf = ({ path }: Found) => path.findLast(isKey)
  const first = found.some((one) => keyOf(one) === undefined) ? undefined : found[0]
  return found.map((one) => {
    const { at, path, url } = one
    const key = keyOf(one)
    const expires = expiresAt !== undefined && /^https?:$/.test(at.protocol) &&
      /(?:^|\.)replicate\.delivery$/.test(at.hostname)
    return new Artifact({
      kind: kindOf(at),
      role: key === undefined || one === first ? "primary" : roleOf(key),
      label: labelOf(path),
      url,
      ...(expires ? { expiresAt } : undefined)
    })
  })
}
