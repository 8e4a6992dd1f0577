/**
 * Files in what a model made, whatever its shape.
 */
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import type * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

const kindOf = ({ pathname, protocol }: URL): MediaKind =>
  (protocol === "data:" ? FileType.kindOf(pathname) : FileType.ofName(pathname)?.kind) ?? "other"

/** Only a whole text is a link: a sentence with an address in it is a sentence. */
const link = (text: string): URL | undefined =>
  /^(?:https?:\/\/|data:[^,\s]*,)\S+$/i.test(text)
    ? Result.getOrUndefined(Result.try(() => new URL(text)))
    : undefined

interface Found {
  readonly url: string
  readonly at: URL
  readonly key: string | undefined
}

/** No model nests deeper, and a stack must not. */
const deepest = 16

const find = (value: unknown, key: string | undefined, depth: number): ReadonlyArray<Found> => {
  if (typeof value === "string") {
    const at = link(value)
    return at === undefined ? [] : [{ url: value, at, key }]
  }
  if (depth === 0) return []
  if (Array.isArray(value)) return value.flatMap((entry) => find(entry, key, depth - 1))
  return Predicate.isObject(value)
    ? Object.entries(value).flatMap(([key, entry]) => find(entry, key, depth - 1))
    : []
}

const roleOf = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "primary"

/**
 * Every file in an output, in its order and each once.
 *
 * - A text that is a whole `http`, `https` or `data` URL is a file, wherever it stands; nothing else is.
 * - The kind is told by the file's extension, of a `data` URL by its media type.
 * - Files outside any object are `primary`. In an object the role is the nearest key, as `last-frame` for `last_frame`; where
 *   that leaves none `primary`, the first file is.
 * - `expiresAt` is for files on Replicate's own domain: it deletes them. How long others live, it doesn't say.
 */
export const artifacts = (output: unknown, expiresAt?: DateTime.Utc): ReadonlyArray<Artifact> => {
  const found = [...new Map(find(output, undefined, deepest).map((one) => [one.url, one])).values()]
  const first = found.some(({ key }) => key === undefined) ? undefined : found[0]
  return found.map((one) => {
    const { at, key, url } = one
    const expires = expiresAt !== undefined && /^https?:$/.test(at.protocol) &&
      /(?:^|\.)replicate\.delivery$/.test(at.hostname)
    return new Artifact({
      kind: kindOf(at),
      role: key === undefined || one === first ? "primary" : roleOf(key),
      url,
      ...(expires ? { expiresAt } : undefined)
    })
  })
}
