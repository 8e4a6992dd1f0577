/**
 * How what hears of a job wakes what waits for it.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { JobId } from "./JobId.ts"
import type { Instance, ProviderId } from "./ProviderId.ts"

interface Whose {
  readonly provider: ProviderId
  readonly instance: Instance
}

/**
 * One job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subject extends Whose {
  readonly id: JobId
}

/**
 * All jobs of one submit, by the address that it gave to the service.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitSubject extends Whose {
  readonly replyUrl: string
}

/**
 * What waits for jobs of one provider and instance.
 *
 * **Details**
 *
 * `wake` asks with the token, now, and tells whether the job, or one of the submit's, is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sleeper extends Whose {
  readonly wake: (subject: Subject | SubmitSubject) => boolean
}

/**
 * What can be woken, and the wakes that came before their waits.
 *
 * **Details**
 *
 * A wake reaches all that registered for its provider and instance. One that finds nothing to wait for its jobs is remembered
 * for five minutes, the latest 10,000 of them, on the clock that it came by.
 *
 * @since 0.1.0
 * @category models
 */
export interface Wakes {
  /** Registers what waits; what is returned ends that. */
  readonly register: (sleeper: Sleeper) => () => void
  readonly wake: (subject: Subject | SubmitSubject) => Effect.Effect<void>
  /** Whether there was a wake for a job whose wait begins now, which is forgotten then, or for its submit. */
  readonly claim: (subject: Subject | SubmitSubject, clock: Clock.Clock) => boolean
}

const rememberedFor = 300_000
const mostRemembered = 10_000

interface Remembered {
  readonly clock: Clock.Clock
  readonly at: number
}

const isFresh = ({ at, clock }: Remembered): boolean => clock.currentTimeMillisUnsafe() - at <= rememberedFor

/**
 * A registry that is empty yet.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Wakes => {
  const sleepers = new Set<Sleeper>()
  // The oldest first.
  const remembered = new Map<string, Remembered>()
  const keyOf = (subject: Subject | SubmitSubject) =>
    JSON.stringify([subject.provider, subject.instance, "id" in subject ? subject.id : [subject.replyUrl]])

  const remember = (subject: Subject | SubmitSubject, clock: Clock.Clock) => {
    const key = keyOf(subject)
    remembered.delete(key)
    remembered.set(key, { clock, at: clock.currentTimeMillisUnsafe() })
    for (const [oldest, wake] of remembered) {
      if (remembered.size <= mostRemembered && isFresh(wake)) return
      remembered.delete(oldest)
    }
  }

  return {
    register: (sleeper) => {
      sleepers.add(sleeper)
      return () => void sleepers.delete(sleeper)
    },
    wake: (subject) =>
      Effect.clockWith((clock) =>
        Effect.sync(() => {
          let isAwaited = false
          for (const { instance, provider, wake } of Array.from(sleepers)) {
            if (provider === subject.provider && instance === subject.instance && wake(subject)) isAwaited = true
          }
          if (!isAwaited) remember(subject, clock)
        })
      ),
    claim: (subject, clock) => {
      const key = keyOf(subject)
      const wake = remembered.get(key)
      // A submit may have several jobs, each with a wait of its own.
      return wake !== undefined && wake.clock === clock && isFresh(wake) &&
        (!("id" in subject) || remembered.delete(key))
    }
  }
}

/**
 * Where engines register and webhooks look up; one for the process until an application provides its own.
 *
 * @since 0.1.0
 * @category services
 */
export const Wakes = Context.Reference<Wakes>("@media-jobs/core/Wakes", { defaultValue: make })
