/** What waiting costs as shipped: no option at all, by submission, on the engine that all waits of a provider share. */
import type { MediaKind } from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Submission from "@media-jobs/core/Submission"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Distribution from "../distribution.ts"
import type { Cost } from "../frontier.ts"
import type { Measured } from "../measured.ts"
import * as Random from "../random.ts"
import * as Statistics from "../statistics.ts"
import * as Workload from "../workload.ts"
import * as ManualClock from "./manualClock.ts"

const about = { provider: ProviderId.make("shipped"), instance: ProviderId.defaultInstance } as const

/** A service that answers at once, dates nothing, and lists what runs. */
const makeService = (clock: Clock.Clock, kind: MediaKind) => {
  const now = () => clock.currentTimeMillisUnsafe()
  const endsAt = new Map<JobId.JobId, number>()
  const running = new Set<JobId.JobId>()
  const counts = { requests: 0 }
  const job = (id: JobId.JobId, _tag: "Running" | "Succeeded"): Job.Job => {
    const state = _tag === "Running" ? { _tag } : { _tag, artifacts: [] }
    return Job.fromValid({ ...about, id, kind, model: Workload.model, state, observedAt: DateTime.makeUnsafe(now()) })
  }
  const isRunning = (id: JobId.JobId) => (endsAt.get(id) ?? 0) > now()
  const list = Effect.sync((): Provider.Listing => {
    counts.requests++
    for (const id of running) if (!isRunning(id)) running.delete(id)
    return { complete: true, jobs: Array.from(running, (id) => job(id, "Running")) }
  })
  const get = (id: JobId.JobId) =>
    Effect.sync(() => {
      counts.requests++
      return job(id, isRunning(id) ? "Running" : "Succeeded")
    })
  const identity = { id: about.provider, instance: about.instance, owns: () => true }
  return {
    counts,
    list: Provider.make(identity, { list, get }),
    get: Provider.make(identity, { get }),
    submit: (index: number, seconds: number) => {
      const id = JobId.make(Workload.idOf(index))
      endsAt.set(id, now() + seconds * 1000)
      running.add(id)
      const submittedAt = DateTime.makeUnsafe(now())
      const submission = new Submission.Submission({ ...about, kind, model: Workload.model, ids: [id], submittedAt })
      return { submission, lag: () => (now() - (endsAt.get(id) ?? NaN)) / 1000 }
    }
  }
}

type Service = ReturnType<typeof makeService>

const together = (fibers: ReadonlyArray<Effect.Effect<void>>) =>
  Effect.all(fibers, { concurrency: "unbounded", discard: true })

/** Runs an application on a clock of its own until it has ended. */
const onManualClock = async (kind: MediaKind, application: (service: Service) => Effect.Effect<void>) => {
  const { advanceToNext, clock } = ManualClock.make()
  let done = false
  const running = Effect.runPromiseWith(Context.make(Clock.Clock, clock))(application(makeService(clock, kind)))
  const ended = running.finally(() => {
    done = true
  })
  while (!done) await advanceToNext()
  await ended
}

type Wait = (submission: Submission.Submission) => Effect.Effect<unknown, unknown>

/** Each waits by itself, on the engine that all of the process share. */
const asShipped = (capability: "list" | "get") => (service: Service) =>
  Effect.succeed<Wait>((submission) => Poller.succeed(service[capability], submission))
/** All wait on one engine, which was made for them. */
const onOneEngine = (service: Service) =>
  Effect.map(
    Effect.flatMap(Pollers.Pollers, (pollers) => pollers.get(service.list)),
    ({ succeed }): Wait => (submission) => succeed(submission)
  )

/** Jobs that are submitted one after the other within ten seconds. */
const batch = async (
  kind: MediaKind,
  seconds: ReadonlyArray<number>,
  waiting: (service: Service) => Effect.Effect<Wait, never, Scope.Scope>
): Promise<Cost> => {
  const lags: Array<number> = []
  let requests = 0
  const submitAndWait = Effect.fnUntraced(function*(service: Service, wait: Wait, index: number, life: number) {
    yield* Effect.sleep(1000 * Workload.submitsTake * index / seconds.length)
    const { lag, submission } = service.submit(index, life)
    yield* Effect.orDie(wait(submission))
    lags.push(lag())
    requests = service.counts.requests
  })
  await onManualClock(
    kind,
    (service) =>
      Effect.scoped(
        Effect.flatMap(waiting(service), (wait) =>
          together(seconds.map((life, index) => submitAndWait(service, wait, index, life))))
      )
  )
  return { requests: requests / seconds.length, lag: Statistics.mean(lags) }
}

const atOnce = 100
const learnedFrom = 50
const counted = 50

/** A hundred jobs at any time, each of which makes way for another; counted are fifty, after the first fifty. */
const replaced = async (seed: number): Promise<Cost> => {
  const random = Random.seeded(seed)
  const lags: Array<number> = []
  let [submitted, before, after] = [0, 0, 0]
  const keepOneRunning = Effect.fnUntraced(function*({ counts, get, submit }: Service, place: number) {
    yield* Effect.sleep(1000 * Workload.submitsTake * place / atOnce)
    while (lags.length < learnedFrom + counted) {
      const { lag, submission } = submit(submitted++, Distribution.quantile(Workload.durations, random()))
      yield* Effect.orDie(Poller.succeed(get, submission))
      if (lags.push(lag()) === learnedFrom) before = counts.requests
      if (lags.length === learnedFrom + counted) after = counts.requests
    }
  })
  await onManualClock(
    "video",
    // The last that counts ends it; what runs then is left.
    (service) => Effect.raceAllFirst(Array.from({ length: atOnce }, (_, place) => keepOneRunning(service, place)))
  )
  return { requests: (after - before) / counted, lag: Statistics.mean(lags.slice(learnedFrom, learnedFrom + counted)) }
}

const workload = (n: number, seed: number): ReadonlyArray<number> =>
  Workload.make(n, seed).map(({ endsAt, submittedAt }) => endsAt - submittedAt)

/** Pictures, which take from 8 to 25 seconds. */
const images = (n: number, seed: number): ReadonlyArray<number> => {
  const random = Random.seeded(seed)
  return Random.shuffled(Array.from({ length: n }, (_, i) => 8 + 17 * (i + random()) / n), random)
}

const seeds = 200

interface Scenario {
  readonly key: string
  readonly seeds: number
  readonly cost: (seed: number) => Promise<Cost>
}

const scenarios: ReadonlyArray<Scenario> = [
  { key: "shipped_list_1", seeds, cost: (seed) => batch("video", workload(1, seed), asShipped("list")) },
  { key: "shipped_list_10", seeds, cost: (seed) => batch("video", workload(10, seed), asShipped("list")) },
  { key: "shipped_list_100", seeds, cost: (seed) => batch("video", workload(100, seed), asShipped("list")) },
  { key: "shipped_list_500", seeds: 20, cost: (seed) => batch("video", workload(500, seed), asShipped("list")) },
  { key: "shipped_get_1", seeds, cost: (seed) => batch("video", workload(1, seed), asShipped("get")) },
  { key: "shipped_get_100", seeds, cost: replaced },
  { key: "shipped_image", seeds, cost: (seed) => batch("image", images(10, seed), asShipped("list")) }
]

export const measure = async (): Promise<ReadonlyArray<Measured>> => {
  const measured: Array<Measured> = []
  for (const { cost, key, seeds } of scenarios) {
    const costs: Array<Cost> = []
    for (let seed = 1; seed <= seeds; seed++) costs.push(await cost(seed))
    measured.push(
      { key: `${key}_requests`, value: Statistics.mean(costs.map(({ requests }) => requests)) },
      { key: `${key}_lag`, value: Statistics.mean(costs.map(({ lag }) => lag)) }
    )
  }
  const thousand = workload(1000, 1)
  const [shared, made] = [
    await batch("video", thousand, asShipped("list")),
    await batch("video", thousand, onOneEngine)
  ]
  measured.push(
    { key: "shared_1000_requests", value: shared.requests / made.requests },
    { key: "shared_1000_lag", value: shared.lag / made.lag }
  )
  return measured
}
