/**
 * What a submit whose answer was lost became, by what lists and records repeat of it.
 *
 * @since 0.1.0
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Recovery from "@media-jobs/adapter/Recovery"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const isAnother = (echo: unknown, sent: string | undefined): boolean =>
  sent !== undefined && Wire.text(echo) !== undefined && echo !== sent

/**
 * Recovers by a list that echoes what a submit gave: the jobs with the very reference and address, or, where there are none or it gave
 * neither, all of its account in the list and in the `history` that nothing speaks against, a reference of another submit included.
 *
 * @since 0.1.0
 * @category combinators
 */
export const byEcho = (
  tracked: Effect.Effect<
    ReadonlyArray<{ readonly job: Job; readonly record: { readonly replyRef?: unknown; readonly replyUrl?: unknown } }>,
    JobError.Of<"recover">
  >,
  history: (
    account: string,
    kind: string | undefined,
    couldBe: (job: Job) => boolean,
    submittedAt: DateTime.Utc
  ) => Effect.Effect<ReadonlyArray<Job>, JobError.Of<"recover">>
): Provider.Operations["recover"] =>
  Effect.fnUntraced(function*(lost) {
    const { account, kind, replyRef, replyUrl, submittedAt } = lost
    const couldBe = Recovery.couldBe(lost)
    const listed = yield* tracked
    const found = listed.filter(({ job, record }) =>
      (replyRef === undefined || record.replyRef === replyRef) &&
      (replyUrl === undefined || record.replyUrl === replyUrl) && couldBe(job)
    ).map(({ job }) => job)
    const isExact = replyRef !== undefined || replyUrl !== undefined
    if (account === undefined || isExact && found.length > 0) return found
    // The history echoes nothing: what the list shows to be another submit's is no candidate there either.
    const others = listed.filter(({ record }) =>
      isAnother(record.replyRef, replyRef) || isAnother(record.replyUrl, replyUrl)
    )
    const known = new Set([...found, ...others.map(({ job }) => job)].map(({ id }) => id))
    const made = yield* history(account, kind, couldBe, submittedAt)
    return [...found, ...made.filter((job) => couldBe(job) && !known.has(job.id))]
  })

/**
 * A page of what an account had made, a list or one `under` a name: what `then` makes of the jobs of its entries, of which an odd one
 * costs no other, of the entries, and of the body.
 *
 * @since 0.1.0
 * @category combinators
 */
export const pageOf = <A>(
  api: Pick<Adapter.Kit, "call" | "reading">,
  path: string,
  under: string,
  read: (entry: unknown) => ReadonlyArray<Adapter.Seen>,
  then: (jobs: ReadonlyArray<Job>, entries: ReadonlyArray<unknown>, body: unknown) => Result.Result<A, string>
): Effect.Effect<A, JobError.Of<"recover">> =>
  api.reading((job) =>
    api.call("recover", { method: "GET", path }, (body, at) => {
      const entries = Array.isArray(body) ? body : Wire.object(body)[under]
      return Array.isArray(entries)
        ? then(entries.flatMap(read).map((seen) => job(seen, at)), entries, body)
        : Result.fail(`Expected a list at ["${under}"]`)
    })
  )

/**
 * The jobs of such a page, which are no answer where it is cut: what comes after it might be the very job.
 *
 * @since 0.1.0
 * @category combinators
 */
export const page = (
  api: Pick<Adapter.Kit, "call" | "reading">,
  path: string,
  under: string,
  read: (entry: unknown) => ReadonlyArray<Adapter.Seen>,
  isCut: (jobs: ReadonlyArray<Job>, entries: ReadonlyArray<unknown>) => boolean
): Effect.Effect<ReadonlyArray<Job>, JobError.Of<"recover">> =>
  pageOf(
    api,
    path,
    under,
    read,
    (jobs, entries) => isCut(jobs, entries) ? Result.fail("The history is longer than a page") : Result.succeed(jobs)
  )

/**
 * Recovers by a list that echoes nothing and a look at each of its jobs that could be what was lost: those whose record repeats the
 * reference, or, where not every record does (`repeats`), those whose record repeats no other. One that is gone meanwhile is none.
 *
 * @since 0.1.0
 * @category combinators
 */
export const byLook = (
  listed: Effect.Effect<ReadonlyArray<{ readonly job: Job }>, JobError.Of<"recover">>,
  look: (
    id: JobId
  ) => Effect.Effect<{ readonly job: Job; readonly report: Pick<Adapter.Report, "echo"> }, JobError.Of<"get">>,
  repeats: boolean
): Provider.Operations["recover"] =>
  Effect.fnUntraced(function*(lost) {
    const couldBe = Recovery.couldBe(lost)
    const agrees = (echo: string | undefined) =>
      lost.replyRef === undefined || echo === lost.replyRef || !repeats && echo === undefined
    const seen = ({ id }: Job) =>
      look(id).pipe(
        Effect.map(({ job, report: { echo } }) => agrees(echo) && couldBe(job) ? [job] : []),
        Effect.catchTag(["NotFound", "Forbidden", "InvalidJobId"], () => Effect.succeed([])),
        Effect.mapError((error) => JobError.narrow("recover", error))
      )
    const candidates = (yield* listed).map(({ job }) => job).filter(couldBe)
    return (yield* Effect.forEach(candidates, seen, { concurrency: 4 })).flat()
  })
