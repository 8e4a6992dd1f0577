import * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Absence } from "./absence.ts"
import type { Trouble } from "./trouble.ts"

/** What one step must know of those before it. */
export interface StepState {
  /** In milliseconds since the epoch, as all times here. */
  readonly firstLookAt: number
  readonly absence?: Absence | undefined
  readonly trouble?: Omit<Trouble, "message"> | undefined
  /** What the service has told so far. */
  readonly job?: Job.Job | undefined
}

const version = "ms1."

/** Made on use, for bundlers. Like a handle's text, it hides the id from a glance. */
const codec = () =>
  Schema.StringFromBase64Url.pipe(Schema.decodeTo(Schema.fromJsonString(Schema.toCodecJson(Schema.Struct({
    firstLookAt: Schema.Finite,
    absence: Schema.optionalKey(Schema.Struct({ times: Schema.Int, since: Schema.Finite })),
    trouble: Schema.optionalKey(Schema.Struct({ failures: Schema.Int, surprises: Schema.Int })),
    job: Schema.optionalKey(Job.Job)
  })))))

export const toText = ({ absence, firstLookAt, job, trouble }: StepState): string =>
  version + Schema.encodeSync(codec())({
    firstLookAt,
    ...(absence === undefined ? undefined : { absence }),
    ...(trouble === undefined
      ? undefined
      : { trouble: { failures: trouble.failures, surprises: trouble.surprises } }),
    ...(job === undefined ? undefined : { job: Job.fromValid({ ...job, raw: undefined }) })
  })

/** What `toText` gave for the same job; of any other text, nothing. */
export const fromText = (text: string | undefined, id: JobId): StepState | undefined => {
  if (text?.startsWith(version) !== true) return undefined
  const state = Option.getOrUndefined(Schema.decodeUnknownOption(codec())(text.slice(version.length)))
  return state?.job === undefined || state.job.id === id ? state : undefined
}
