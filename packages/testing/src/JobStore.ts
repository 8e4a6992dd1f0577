/**
 * The memory of an emulated service: jobs that run for a while and end, and a test's controls of them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type { World } from "./EmulatedService.ts"
import { iso } from "./internal/iso.ts"

/** What sort of file a job makes, as far as the emulators have files. */
type Kind = "video" | "image" | "audio"

/**
 * What the jobs of all services have; what each adds is its own.
 *
 * **Details**
 *
 * A job runs until `endsAt`, milliseconds of the `Clock`, and then is what `outcome` says; `createdAt` is the instant that
 * `created` prints. `listed` tells whether a list of what runs shows it while it runs, or always, or never. Fields of
 * `override` replace those of its record: a status word, an `error`.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredJob<Outcome extends string> {
  readonly id: string
  readonly type: Kind
  readonly user: string
  readonly account: string
  readonly created: string
  readonly createdAt: number
  readonly endsAt: number
  readonly outcome: Outcome
  readonly reason: string | undefined
  readonly listed: "running" | "always" | "never"
  readonly override: { readonly [field: string]: Schema.Json }
}

/**
 * What becomes of a job.
 *
 * **Details**
 *
 * `state` is what the job is now; a finished one ended this instant. A running one ends after `duration`, before `speed`
 * is applied, as `outcome` says. One that failed tells its `reason`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Change<Outcome extends string> {
  readonly state?: "running" | Outcome | undefined
  readonly duration?: Duration.Input | undefined
  readonly outcome?: Outcome | undefined
  readonly reason?: string | undefined
  readonly listed?: StoredJob<Outcome>["listed"] | undefined
  readonly override?: StoredJob<Outcome>["override"] | undefined
}

/**
 * A job to put into the emulator's memory without a request.
 *
 * **Details**
 *
 * Everything may be left out: a job of the first user and account, made now, running. `id` is any text, and `created` is
 * printed as given. The job of a `user` that no token belongs to is foreign to all.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob<Outcome extends string> extends Change<Outcome> {
  readonly id?: string | undefined
  readonly type?: Kind | undefined
  readonly user?: string | undefined
  readonly account?: string | undefined
  readonly created?: string | undefined
  readonly replyUrl?: string | undefined
}

/**
 * A test's controls of the jobs of a service; `change` keeps what it is not told, and dies where there is no such job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controls<Job extends StoredJob<string>, New = NewJob<Job["outcome"]>> {
  readonly add: (job?: New) => Effect.Effect<Job>
  readonly change: (id: string, change: Change<Job["outcome"]>) => Effect.Effect<Job>
  readonly jobs: Effect.Effect<ReadonlyArray<Job>>
}

/**
 * The memory of one service, with no jobs in it yet.
 *
 * **Details**
 *
 * Jobs run for their `life`, which varies by the fraction `jitter`, and end in `outcome` unless told.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Job extends StoredJob<string>>(world: World, { jitter = 0, life, outcome }: {
  readonly life: (type: Kind) => Duration.Input
  readonly jitter?: number | undefined
  readonly outcome: Job["outcome"]
}) => {
  const jobs = new Map<string, Job>()

  const isRunning = (job: StoredJob<string>, now: number): boolean => now < job.endsAt

  const after = (now: number, life: Duration.Input): number => now + Duration.toMillis(life) / world.speed

  const drawLife = (type: Kind): number => Duration.toMillis(life(type)) * (1 + jitter * (2 * world.random() - 1))

  const keep = (job: Job): Job => {
    jobs.set(job.id, job)
    world.changed()
    return job
  }

  const change = (
    job: Job,
    { duration, listed, outcome, override, reason, state }: Change<Job["outcome"]>,
    now: number
  ): Job => {
    const ended = state === "running" ? undefined : state
    const life = duration ?? (state === "running" && !isRunning(job, now) ? drawLife(job.type) : undefined)
    return keep({
      ...job,
      endsAt: ended !== undefined ? now : life !== undefined ? after(now, life) : job.endsAt,
      outcome: ended ?? outcome ?? job.outcome,
      reason: reason ?? job.reason,
      listed: listed ?? job.listed,
      override: override ?? job.override
    })
  }

  return {
    isRunning,
    keep,
    change,
    find: (id: string | undefined): Job | undefined => id === undefined ? undefined : jobs.get(id),
    forget: (id: string): void => {
      jobs.delete(id)
      world.changed()
    },
    all: (): ReadonlyArray<Job> => [...jobs.values()],

    running: (user: string, account: string, now: number): ReadonlyArray<Job> =>
      [...jobs.values()].filter((job) => job.user === user && job.account === account && isRunning(job, now)),

    listed: (user: string, now: number): ReadonlyArray<Job> =>
      [...jobs.values()].filter((job) =>
        job.user === user && (job.listed === "always" || (job.listed === "running" && isRunning(job, now)))
      ),

    /** What a job that begins now has in common with others; `newId` names it unless it is given an id. */
    begin: (
      whose: Pick<StoredJob<string>, "type" | "user" | "account">,
      newId: (created: string) => string,
      now: number,
      { created = iso(now), id = newId(created) }: Pick<NewJob<string>, "created" | "id"> = {}
    ) => ({
      ...whose,
      id,
      created,
      createdAt: Option.match(DateTime.make(created), { onNone: () => now, onSome: DateTime.toEpochMillis }),
      endsAt: after(now, drawLife(whose.type)),
      outcome,
      reason: undefined,
      listed: "running" as const,
      override: {}
    }),

    /** A test's controls, once the jobs are there that were there from the start. */
    controls: <New extends NewJob<Job["outcome"]>>(
      begin: (job: Partial<New>, whose: Pick<StoredJob<string>, "type" | "user">, now: number) => Job,
      first: ReadonlyArray<New> = []
    ): Controls<Job, New> => {
      const add = (job: Partial<New>, now: number) => {
        const whose: Pick<StoredJob<string>, "type" | "user"> = {
          type: job.type ?? "video",
          user: job.user ?? world.users[0] ?? ""
        }
        return change(begin(job, whose, now), job, now)
      }
      for (const job of first) add(job, world.startedAt)
      return {
        add: (job) => Effect.map(Clock.currentTimeMillis, (now) => add(job ?? {}, now)),
        change: (id, course) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const job = jobs.get(id)
            if (job === undefined) return Effect.die(new Error("The emulator has no such job"))
            return Effect.succeed(change(job, course, now))
          }),
        jobs: Effect.sync(() => [...jobs.values()])
      }
    }
  }
}
