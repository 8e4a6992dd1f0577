import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import { digits } from "./random.ts"
import { iso, type World } from "./world.ts"

export type Kind = "video" | "image"

/**
 * How long jobs run, and by what fraction that varies.
 */
export interface Lengths {
  readonly videoLife?: Duration.Input | undefined
  readonly imageLife?: Duration.Input | undefined
  readonly jitter?: number | undefined
}

/**
 * What the jobs of all services have; what each adds is its own.
 */
export interface Life<Outcome extends string> {
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

export interface Course<Outcome extends string> {
  readonly state?: "running" | Outcome | undefined
  readonly duration?: Duration.Input | undefined
  readonly outcome?: Outcome | undefined
  readonly reason?: string | undefined
  readonly listed?: Life<Outcome>["listed"] | undefined
  readonly override?: Life<Outcome>["override"] | undefined
}

export interface Newborn<Outcome extends string> extends Course<Outcome> {
  readonly id?: string | undefined
  readonly type?: Kind | undefined
  readonly user?: string | undefined
  readonly account?: string | undefined
  readonly created?: string | undefined
  readonly replyUrl?: string | undefined
}

export interface Hands<Job, NewJob, Course> {
  readonly add: (job?: NewJob) => Effect.Effect<Job>
  readonly change: (id: string, course: Course) => Effect.Effect<Job>
  readonly jobs: Effect.Effect<ReadonlyArray<Job>>
}

/**
 * The memory of one service.
 */
export const make = <Outcome extends string, Job extends Life<Outcome>>(
  world: World,
  lengths: { readonly video: Duration.Input; readonly image: Duration.Input; readonly jitter: number | undefined }
) => {
  const jobs = new Map<string, Job>()

  const isRunning = (job: Life<string>, now: number): boolean => now < job.endsAt

  const after = (now: number, life: Duration.Input): number => now + Duration.toMillis(life) / world.speed

  const drawLife = (type: Kind): number => {
    const deviation = (lengths.jitter ?? 0) * (2 * world.random.nextDoubleUnsafe() - 1)
    return Duration.toMillis(lengths[type]) * (1 + deviation)
  }

  const keep = (job: Job): Job => {
    jobs.set(job.id, job)
    world.revision++
    return job
  }

  const steer = (
    job: Job,
    { duration, listed, outcome, override, reason, state }: Course<Outcome>,
    now: number
  ): Job => {
    const ended = state === undefined || isOngoing(state) ? undefined : state
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
    steer,
    find: (id: string | undefined): Job | undefined => id === undefined ? undefined : jobs.get(id),
    forget: (id: string): void => {
      jobs.delete(id)
      world.revision++
    },
    all: (): ReadonlyArray<Job> => [...jobs.values()],

    running: (user: string, account: string, now: number): ReadonlyArray<Job> =>
      [...jobs.values()].filter((job) => job.user === user && job.account === account && isRunning(job, now)),

    listed: (user: string, now: number): ReadonlyArray<Job> =>
      [...jobs.values()].filter((job) =>
        job.user === user && (job.listed === "always" || (job.listed === "running" && isRunning(job, now)))
      ),

    /** The life of a job that begins now, with the id that all services give in the same way but for its `ending`. */
    begin: (
      whose: Pick<Job, "type" | "user" | "account">,
      ending: string,
      now: number,
      { created = iso(now), id }: { readonly id?: string | undefined; readonly created?: string | undefined } = {}
    ) => ({
      ...whose,
      id: id ?? `j${created.replaceAll(/\D/g, "").slice(4)}${digits(world.random, 6)}${whose.type.charAt(0)}` +
          `-u${whose.user}-${ending}`,
      created,
      createdAt: Option.match(DateTime.make(created), { onNone: () => now, onSome: DateTime.toEpochMillis }),
      endsAt: after(now, drawLife(whose.type)),
      outcome: "completed" as const,
      reason: undefined,
      listed: "running" as const,
      override: {}
    }),

    hands: <NewJob extends Newborn<Outcome>>(
      begin: (job: Partial<NewJob>, whose: Pick<Job, "type" | "user">, now: number) => Job
    ): Hands<Job, NewJob, Course<Outcome>> => ({
      add: (job) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const whose = { type: job?.type ?? "video", user: job?.user ?? world.users[0] ?? "" }
          return steer(begin(job ?? {}, whose, now), job ?? {}, now)
        }),
      change: (id, course) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const job = jobs.get(id)
          if (job === undefined) return Effect.die(new Error("The emulator has no such job"))
          return Effect.succeed(steer(job, course, now))
        }),
      jobs: Effect.sync(() => [...jobs.values()])
    })
  }
}

const isOngoing = (state: string): state is "running" => state === "running"
