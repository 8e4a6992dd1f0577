/**
 * Files in what a model made, where each model has a shape of its own.
 *
 * @since 0.1.0
 */
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import * as FileType from "@media-jobs/core/FileType"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Wire from "./Wire.ts"

/**
 * A file in an output: its link, the keys and places in lists that lead to it, and what is told of it beside its link.
 *
 * @since 0.1.0
 * @category models
 */
export interface Found {
  readonly url: string
  readonly at: URL
  readonly path: ReadonlyArray<string | number>
  readonly about: Readonly<Record<string, unknown>>
}

/**
 * What is a file in the outputs of a service.
 *
 * **Details**
 *
 * `isFile`: whether a link under this key is one; any is, unless told. `objects`: an object with a link as its `url` is one, of
 * which its other fields tell.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly isFile?: ((key: string) => boolean) | undefined
  readonly objects?: boolean | undefined
}

/** No model nests deeper, and a stack must not. */
const deepest = 16

const keyOf = ({ path }: Pick<Found, "path">): string | undefined => path.findLast(Predicate.isString)

/** Only a whole text is a link: a sentence with an address in it is a sentence. */
const linkIn = (value: unknown): { readonly url: string; readonly at: URL } | undefined => {
  const url = Wire.link(value)
  const at = url === undefined ? undefined : Result.getOrUndefined(Result.try(() => new URL(url)))
  return url === undefined || at === undefined ? undefined : { url, at }
}

const walk = (value: unknown, path: Found["path"], options: Options): ReadonlyArray<Found> => {
  if (typeof value === "string") {
    const found = options.isFile?.(keyOf({ path }) ?? "") === false ? undefined : linkIn(value)
    return found === undefined ? [] : [{ ...found, path, about: {} }]
  }
  if (path.length === deepest) return []
  if (Array.isArray(value)) return value.flatMap((entry, i) => walk(entry, [...path, i], options))
  const about = Wire.object(value)
  const found = options.objects === true ? linkIn(about["url"]) : undefined
  return found === undefined
    ? Object.entries(about).flatMap(([key, entry]) => walk(entry, [...path, key], options))
    : [{ ...found, path, about }]
}

/**
 * Every file in an output, in its order and each once.
 *
 * @since 0.1.0
 * @category readers
 */
export const find = (output: unknown, options: Options = {}): ReadonlyArray<Found> => {
  const urls = new Set<string>()
  return walk(output, [], options).filter(({ url }) => !urls.has(url) && urls.add(url))
}

const roleOf = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "primary"

/**
 * The label of a file: the keys that lead to it, and its place in each list but the first, whatever else is there.
 *
 * @since 0.1.0
 * @category getters
 */
export const labelOf = (found: Found): string => {
  const steps = found.path.flatMap((step) =>
    step === 0 ? [] : [typeof step === "string" ? /^[\w-]+$/.test(step) ? roleOf(step) : step : step + 1]
  )
  return (keyOf(found) === undefined ? ["primary", ...steps] : steps).join("-") || "primary"
}

const kindOf = (found: Found): MediaKind => {
  const { about, at: { pathname, protocol } } = found
  const byType = FileType.kindOf(Wire.text(about["content_type"]) ?? (protocol === "data:" ? pathname : ""))
  return (byType === "other" ? undefined : byType) ??
    [protocol === "data:" ? "" : pathname, Wire.text(about["file_name"]) ?? ""]
      .map((name) => FileType.ofName(name)?.kind).find((kind) => kind !== undefined) ??
    (["video", "image", "audio"] as const).find((kind) => keyOf(found)?.includes(kind)) ?? "other"
}

/**
 * Files of an output as artifacts.
 *
 * **Details**
 *
 * - The kind is told by the media type, else by the link's ending or the file's name, else by the key.
 * - Files outside any object are `primary`. Where there are none, the first is, with those under the same key; of any other the key
 *   is the role, as `last-frame` for `last_frame`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const artifacts = (
  found: ReadonlyArray<Found>,
  expiresAt: (at: URL) => DateTime.Utc | undefined = () => undefined
): ReadonlyArray<Artifact> => {
  const first = found.find((one) => keyOf(one) === undefined) ?? found[0]
  return found.map((one) => {
    const { about, at, url } = one
    const key = keyOf(one)
    const [width, height, seconds] = ["width", "height", "duration"].map((name) => Wire.number(about[name]))
    const expires = expiresAt(at)
    return new Artifact({
      kind: kindOf(one),
      role: key === undefined || first !== undefined && key === keyOf(first) ? "primary" : roleOf(key),
      label: labelOf(one),
      url,
      ...(width === undefined ? undefined : { width }),
      ...(height === undefined ? undefined : { height }),
      ...(seconds === undefined || seconds < 0 ? undefined : { duration: Duration.seconds(seconds) }),
      ...(expires === undefined ? undefined : { expiresAt: expires })
    })
  })
}
