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

/**
 * Whose job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subject {
  readonly provider: ProviderId
  readonly instance: Instance
  readonly id: JobId
}

/**
 * What waits for jobs of one provider and instance.
 *
 * **Details**
 *
 * `wake` asks for a job with the token, now, and tells whether the job is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sleeper extends Omit<Subject, "id"> {
  readonly wake: (id: JobId) => boolean
}

/**
 * Who can be woken, and the wakes that came before their waits.
 *
 * **Details**
 *
 * A wake reaches all that registered for its provider and instance. One that finds none to wait for its job is remembered
 * for five minutes, the latest 10,000 of them, on the clock that it came by.
 *
 * @since 0.1.0
 * @category models
 */
export interface Wakes {
  /** Registers what waits; what is returned ends that. */
  readonly register: (sleeper: Sleeper) => () => void
  readonly wake: (subject: Subject) => Effect.Effect<void>
  /** Whether there was a wake for a job whose wait begins now; it is forgotten then. */
  readonly claim: (subject: Subject, clock: Clock.Clock) => boolean
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
  const keyOf = ({ id, instance, provider }: Subject) => JSON.stringify([provider, instance, id])

  const remember = (subject: Subject, clock: Clock.Clock) => {
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
            if (provider === subject.provider && instance === subject.instance && wake(subject.id)) isAwaited = true
          }
          if (!isAwaited) remember(subject, clock)
        })
      ),
    claim: (subject, clock) => {
      const wake = remembered.get(keyOf(subject))
      return wake !== undefined && wake.clock === clock && remembered.delete(keyOf(subject)) && isFresh(wake)
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
