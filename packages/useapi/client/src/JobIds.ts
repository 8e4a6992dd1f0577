/**
 * The ids of useapi.net jobs: what their form tells, and where answers hold them.
 *
 * @since 0.1.0
 */
import * as Records from "@media-jobs/adapter/Records"
import * as JobId from "@media-jobs/core/JobId"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"

/** Services that ids spell otherwise than their provider's id does. */
const renamed: Readonly<Record<string, string>> = { runwayml: "runway", flowmusic: "flow-music" }

/**
 * The id of the provider that a job's id says it is of, as `useapi-luma`; `undefined` for any other form.
 *
 * **Details**
 *
 * Most ids end in `-bot:` and the service. The documents' samples went through a filter that takes an address with the word
 * glued to it for one address, so that some end in `:` and the service alone. Runway, PixVerse, MiniMax and TemPolor name
 * the service after the user.
 *
 * **Example** (A Dreamina id as the documents print it)
 *
 * ```ts import.meta.vitest
 * import * as JobIds from "@media-jobs/useapi/JobIds"
 *
 * JobIds.provider("j0223140530123456789v-u12345-US:[email protected]:dreamina") // => "useapi-dreamina"
 * JobIds.provider("j1-u2-email:user@example.com-bot:luma") // => "useapi-luma"
 * JobIds.provider("a1b2c3") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category getters
 */
export const provider = (id: string): string | undefined => {
  const service = /-bot:([a-z0-9-]+)$/.exec(id)?.[1] ??
    /:(luma|dreamina|midjourney|google-flow|google-vids|mureka|flowmusic)$/.exec(id)?.[1] ??
    /^user:\d+-(runwayml|pixverse|minimax|tempolor):/.exec(id)?.[1]
  return service === undefined ? undefined : `useapi-${renamed[service] ?? service}`
}

/**
 * A record under its id `jobid`, which some services spell `jobId`, some of them in one answer and not in another.
 *
 * @since 0.1.0
 * @category schemas
 */
export const withJobId = <S extends Schema.Constraint>(record: S) =>
  Records.from(
    (value) =>
      Predicate.hasProperty(value, "jobId") && (!Predicate.hasProperty(value, "jobid") || value.jobid === null)
        ? { ...value, jobid: value.jobId }
        : value,
    record
  )

const one = ["jobid", "jobId", "job_id"]
const many = ["jobids", "jobIds", "job_ids", "jobs", "ids", "images", "videos"]

const named = (body: object, names: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  names.flatMap((name) => Predicate.hasProperty(body, name) ? [body[name]] : [])

/** `depth` is how many lists or objects may still be opened: a batch is two deep, and a stack must not be. */
const idsIn = (value: unknown, depth: number): ReadonlyArray<string> => {
  // Every service's ids have a digit; a status word in the place of one has none.
  if (typeof value === "string") return /\d/.test(value) && !/^https?:|\s/i.test(value) ? [value] : []
  if (depth === 0) return []
  if (Array.isArray(value)) return value.flatMap((entry) => idsIn(entry, depth - 1))
  if (!Predicate.isObject(value)) return []
  const under = (names: ReadonlyArray<string>) => named(value, names).flatMap((inner) => idsIn(inner, depth - 1))
  // What should be a list and is a text is a word, as in `pending`.
  const lists = named(value, many).filter((inner) => typeof inner !== "string")
  const found = [...under(one), ...lists.flatMap((inner) => idsIn(inner, depth - 1))]
  if (found.length > 0) return found
  const job = under(["job"])
  return job.length > 0 ? job : under(["id"])
}

/**
 * The ids in the answer to a create, in its order and each once; `undefined` where it holds none.
 *
 * **Details**
 *
 * The services disagree on the name, some with themselves: `jobid`, `jobId`, `job_id`; `jobids`, `jobIds`, `jobs`, `ids`, `images`
 * of texts or of objects with one of the former; under `job`; or `id`, where there is no other. The answer to a create is not
 * on the pages that could be read for Luma, so all of them are taken.
 *
 * **Example** (A batch)
 *
 * ```ts import.meta.vitest
 * import * as JobIds from "@media-jobs/useapi/JobIds"
 *
 * JobIds.created({ jobid: "j1", images: [{ jobid: "j1" }, { jobid: "j2" }] }) // => ["j1", "j2"]
 * JobIds.created({ error: "none" }) // => undefined
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const created = (body: unknown): readonly [JobId.JobId, ...Array<JobId.JobId>] | undefined => {
  const [first, ...rest] = new Set(typeof body === "string" ? [] : idsIn(body, 4))
  return first === undefined ? undefined : [JobId.make(first), ...rest.map(JobId.make)]
}
