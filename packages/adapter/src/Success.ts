/**
 * How a job ended that the service calls done, by what is there of it.
 *
 * @since 0.1.0
 */
import type { Artifact } from "@media-jobs/core/Artifact"
import type { Missing, Of } from "@media-jobs/core/JobState"
import type * as Schema from "effect/Schema"
import * as Failure from "./Failure.ts"
import * as Wire from "./Wire.ts"

/**
 * A success with what is there, and with what of it is `missing`; without any file, `Failure.withoutFile`.
 *
 * @since 0.1.0
 * @category conversions
 */
export const of = (
  artifacts: ReadonlyArray<Artifact>,
  { missing: [first, ...others] = [], output }: {
    readonly missing?: ReadonlyArray<Missing> | undefined
    readonly output?: Schema.Json | undefined
  } = {}
): Of<"Succeeded" | "Failed"> =>
  artifacts.length === 0 ? Failure.withoutFile : {
    _tag: "Succeeded",
    artifacts,
    ...(first === undefined ? undefined : { missing: [first, ...others] }),
    ...(output === undefined ? undefined : { output })
  }

/**
 * The same of works that each keep their place, whatever became of the others: what made no file is missing, and `whyOf` tells why.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofWorks = (
  works: ReadonlyArray<unknown>,
  filesOf: (work: unknown, index: number) => ReadonlyArray<Artifact>,
  whyOf: (work: unknown) => Missing = () => ({ cause: "unknown" }),
  output?: Schema.Json
): Of<"Succeeded" | "Failed"> => {
  const files = works.map(filesOf)
  const missing = works.flatMap((work, i) =>
    files[i]?.length === 0 ? [{ label: Wire.labelAt("primary", i), ...whyOf(work) }] : []
  )
  return of(files.flat(), { missing, output })
}
