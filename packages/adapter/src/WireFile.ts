/**
 * Files as records tell of them.
 *
 * @since 0.1.0
 */
import * as Artifact from "@media-jobs/core/Artifact"
import * as Wire from "./Wire.ts"

/**
 * What is told of a file beside its link.
 *
 * **Details**
 *
 * `index` is its place among those of its role, from which its label is made; absent where there is one of each role. `width` and
 * `height` are as they came.
 *
 * @since 0.1.0
 * @category models
 */
export interface About extends Partial<Omit<Artifact.Fields, "url" | "width" | "height">> {
  readonly index?: number | undefined
  readonly width?: unknown
  readonly height?: unknown
}

/**
 * The file behind a link, or none where that leads nowhere.
 *
 * @since 0.1.0
 * @category conversions
 */
export const of = (
  link: unknown,
  { height, index, label, width, ...rest }: About & Pick<Artifact.Fields, "kind" | "role">
): ReadonlyArray<Artifact.Artifact> => {
  const url = Wire.link(link)
  return url === undefined ? [] : [
    Artifact.fromValid({
      ...rest,
      url,
      label: index === undefined ? label : Wire.labelAt(rest.role, index),
      width: Wire.number(width),
      height: Wire.number(height)
    })
  ]
}

/**
 * A file and the image that shows it, if there is one; of a file that is not there, nothing.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withThumbnail = (
  files: ReadonlyArray<Artifact.Artifact>,
  link: unknown,
  about?: About
): ReadonlyArray<Artifact.Artifact> =>
  files.length === 0 ? [] : [...files, ...of(link, { ...about, kind: "image", role: "thumbnail" })]
