/**
 * What became of submits whose outcome was never written.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Job } from "./Job.ts"
import type * as JobError from "./JobError.ts"
import type { JobId } from "./JobId.ts"
import * as Ledger from "./Ledger.ts"
import * as Provider from "./Provider.ts"

/**
 * A submit of which this could not be told, with the jobs that it may have become, and why the service could not be asked, where
 * that is the reason.
 *
 * **Details**
 *
 * Without a candidate and an error, the service shows no job that it may be, and shows none that has ended: look there by hand.
 * `Ledger.settle` says what was found out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Undecided {
  readonly intent: Ledger.Intent
  readonly candidates: ReadonlyArray<Job>
  readonly error?: JobError.Of<"recover"> | Ledger.LedgerUnavailable | undefined
}

/**
 * What became of each: the jobs of those that were `found` and the keys of those that never began are in the ledger now.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settled {
  readonly found: ReadonlyArray<{ readonly intent: Ledger.Intent; readonly job: Job }>
  readonly notStarted: ReadonlyArray<Ledger.Intent>
  readonly undecided: ReadonlyArray<Undecided>
}

/** How long after its intent a request may be on its way, and its job unlisted: before that, finding none means nothing. */
const underWay = 30_000

/**
 * Finds out what became of the submits whose outcome was never written, and writes it into the ledger; it sends nothing again.
 *
 * **When to use**
 *
 * Use at boot, with what `Ledger.resume` gives, before any of these is submitted again.
 *
 * **Details**
 *
 * A job is taken for a submit's where nothing known speaks against it and it can be no other's: no submit in the ledger has it, and
 * no other uncertain one may be it, unless it asked for the same; one that the service could not be asked about may be any of its
 * jobs. Where the service shows what a job was asked for, it is taken for no submit that asked for something else, and is none of its candidates
 * where another asked for that, or where the submit's own input is shown. A submit that no job can be never began where the service shows what has ended too, once half a minute has passed
 * since it was sent: this waits for that long, and has written down by then what it found. Whatever else is `undecided`; one
 * service's outage leaves the others' submits as they are.
 *
 * @since 0.1.0
 * @category combinators
 */
export const settle = /* @__PURE__ */ Effect.fnUntraced(function*(
  providers: Iterable<Provider.Any>,
  { uncertain }: Pick<Ledger.Unfinished, "uncertain">
): Effect.fn.Return<Settled> {
  const [found, notStarted, undecided]: [Array<Settled["found"][number]>, Array<Ledger.Intent>, Array<Undecided>] = [
    [],
    [],
    []
  ]
  const ledger = yield* Ledger.Ledger
  if (ledger === undefined || uncertain.length === 0) return { found, notStarted, undecided }
  const all = Array.from(providers)

  const ask = Effect.fnUntraced(function*(intent: Ledger.Intent): Effect.fn.Return<Asked> {
    const provider = all.find(({ id, instance }) => id === intent.provider && instance === intent.instance)
    if (provider === undefined || !Provider.supports("recover")(provider)) {
      return { intent, candidates: [], wait: 0, showsEnded: false }
    }
    const wait = intent.submittedAt.epochMilliseconds + underWay - (yield* Clock.currentTimeMillis)
    return yield* Effect.gen(function*() {
      const jobs = yield* provider.recover(intent)
      const known = yield* ledger.known(jobs.map(({ id }) => id))
      return jobs.filter(({ id }) => !known.has(id))
    }).pipe(Effect.match({
      onSuccess: (candidates): Asked => ({
        intent,
        candidates,
        wait: Math.min(wait, underWay),
        showsEnded: provider.recoversEnded === true
      }),
      onFailure: (error): Asked => ({ intent, candidates: [], wait: 0, showsEnded: false, error })
    }))
  })

  /** Writes down the jobs of those of which they are certain; the others, with what may still be theirs. */
  const take = Effect.fnUntraced(function*(all: ReadonlyArray<Asked>) {
    const asked = withoutOthers(all)
    const paired = pair(asked)
    const taken = new Set(Array.from(paired.values(), ({ id }) => id))
    const left: Array<Asked> = []
    for (const one of asked) {
      const { intent } = one
      const job = paired.get(intent)
      if (job === undefined) left.push({ ...one, candidates: one.candidates.filter(({ id }) => !taken.has(id)) })
      else {
        yield* Effect.match(ledger.submitted(intent, [job.id]), {
          onSuccess: () => void found.push({ intent, job }),
          onFailure: (error) => void undecided.push({ intent, candidates: [job], error })
        })
      }
    }
    return left
  })

  const isYoung = ({ candidates, wait }: Asked) => candidates.length === 0 && wait > 0
  const asking = { concurrency: 8 }
  const again = (asked: ReadonlyArray<Asked>) =>
    Effect.forEach(asked, (one) => isYoung(one) ? ask(one.intent) : Effect.succeed(one), asking)
  // Those without a candidate twice: of two submits that a job may be, one that is asked about before it shows lacks it.
  let left = yield* Effect.forEach(uncertain, ask, asking).pipe(Effect.flatMap(again), Effect.flatMap(take))
  // What was found is written by now: the process may not live as long as this waits for the others.
  const wait = Math.max(0, ...left.filter(isYoung).map(({ wait }) => wait))
  if (wait > 0) {
    yield* Effect.sleep(wait)
    left = yield* Effect.flatMap(again(left), take)
  }
  for (const { candidates, error, intent, showsEnded } of left) {
    if (error !== undefined || !showsEnded || candidates.length > 0) undecided.push({ intent, candidates, error })
    else {
      yield* Effect.match(ledger.refused(intent), {
        onSuccess: () => void notStarted.push(intent),
        onFailure: (error) => void undecided.push({ intent, candidates, error })
      })
    }
  }
  return { found, notStarted, undecided }
})

interface Asked extends Undecided {
  /** How long finding none means nothing yet. */
  readonly wait: number
  /** Whether the service shows jobs that have ended too. */
  readonly showsEnded: boolean
}

const serviceOf = ({ intent: { instance, provider } }: Asked): string => JSON.stringify([provider, instance])

/**
 * Each with its candidates, less those of which the service shows that they were asked for by another of these, and those beside one that
 * shows what it asked for itself. Where more jobs show an input than submits had it, one may have been shown otherwise than it was sent, and
 * that says nothing.
 */
const withoutOthers = (asked: ReadonlyArray<Asked>): ReadonlyArray<Asked> => {
  const jobs = new Map(asked.flatMap(({ candidates }) => candidates.map((job) => [job.id, job])))
  const shown = Arr.groupBy(jobs.values(), ({ inputDigest = "" }) => inputDigest)
  const wanted = Arr.groupBy(asked, ({ intent: { inputDigest = "" } }) => inputDigest)
  return asked.map((one) => {
    const own = one.intent.inputDigest ?? ""
    const isSurplus = (digest: string) => (wanted[digest]?.length ?? 0) < (shown[digest]?.length ?? 0)
    const isShown = own !== "" && !isSurplus(own) && one.candidates.some(({ inputDigest }) => inputDigest === own)
    const mayBe = ({ inputDigest: digest = isShown ? "" : own }: Job) =>
      own === "" || digest === own || !isShown && isSurplus(digest)
    return { ...one, candidates: one.candidates.filter(mayBe) }
  })
}

/** Whether a job does not show that it was asked for something else; shown otherwise than it was sent, it may still be the submit's. */
const agrees = ({ inputDigest: sent }: Ledger.Intent, { inputDigest: shown }: Job): boolean =>
  sent === undefined || shown === undefined || sent === shown

/** The job of each submit of which this is certain: no other submit can have it, but for such as asked for the same. */
const pair = (asked: ReadonlyArray<Asked>): ReadonlyMap<Ledger.Intent, Job> => {
  const alike = Arr.groupBy(asked, (one) => JSON.stringify([serviceOf(one), one.intent.digest ?? one.intent.key]))
  // These may be any job of their service.
  const unasked = Arr.groupBy(asked.filter(({ error }) => error !== undefined), serviceOf)
  const claims = new Map<JobId, number>()
  const groups = Object.values(alike).map((group) => {
    const jobs = new Map(group.flatMap(({ candidates }) => candidates.map((job) => [job.id, job])))
    for (const id of jobs.keys()) claims.set(id, (claims.get(id) ?? 0) + 1)
    return { group, jobs }
  })
  const pairs = new Map<Ledger.Intent, Job>()
  for (const { group, jobs } of groups) {
    const isContested = unasked[serviceOf(group[0])]?.some((one) => !group.includes(one)) ||
      Array.from(jobs.keys()).some((id) => claims.get(id) !== 1)
    if (isContested) continue
    const own = new Map<Ledger.Intent, Job>()
    for (const job of jobs.values()) {
      const one = group.find(({ candidates, intent }) =>
        !own.has(intent) && agrees(intent, job) && candidates.some(({ id }) => id === job.id)
      )
      if (one !== undefined) own.set(one.intent, job)
    }
    // Where a job is left over, which is whose is not known.
    if (own.size === jobs.size) { for (const [intent, job] of own) pairs.set(intent, job) }
  }
  return pairs
}
