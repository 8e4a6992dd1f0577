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
 * `wake` asks for a job with the token, now, and tells whether it is waited for; `wakeSubmit` the same for the jobs of a submit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sleeper extends Whose {
  readonly wake: (id: JobId) => boolean
  readonly wakeSubmit: (replyUrl: string) => boolean
}

/**
 * Who can be woken, and the wakes that came before their waits.
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
  readonly wake: (subject: Subject) => Effect.Effect<void>
  readonly wakeSubmit: (subject: SubmitSubject) => Effect.Effect<void>
  /** Whether there was a wake for a job whose wait begins now, or for its submit; that of the job is forgotten then. */
  readonly claim: (subject: Subject & { readonly replyUrl?: string | undefined }, clock: Clock.Clock) => boolean
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
  const keyOf = ({ instance, provider }: Whose, name: string) => JSON.stringify([provider, instance, name])

  const rouse = (of: Whose, name: string, isAwaitedBy: (sleeper: Sleeper) => boolean): Effect.Effect<void> =>
    Effect.clockWith((clock) =>
      Effect.sync(() => {
        let isAwaited = false
        for (const sleeper of Array.from(sleepers)) {
          const { instance, provider } = sleeper
          if (provider === of.provider && instance === of.instance && isAwaitedBy(sleeper)) isAwaited = true
        }
        if (isAwaited) return
        const key = keyOf(of, name)
        remembered.delete(key)
        remembered.set(key, { clock, at: clock.currentTimeMillisUnsafe() })
        for (const [oldest, wake] of remembered) {
          if (remembered.size <= mostRemembered && isFresh(wake)) return
          remembered.delete(oldest)
        }
      })
    )
  const isRemembered = (of: Whose, name: string, clock: Clock.Clock): boolean => {
    const wake = remembered.get(keyOf(of, name))
    return wake !== undefined && wake.clock === clock && isFresh(wake)
  }

  return {
    register: (sleeper) => {
      sleepers.add(sleeper)
      return () => void sleepers.delete(sleeper)
    },
    wake: (subject) => rouse(subject, subject.id, ({ wake }) => wake(subject.id)),
    wakeSubmit: (subject) => rouse(subject, subject.replyUrl, ({ wakeSubmit }) => wakeSubmit(subject.replyUrl)),
    claim: (subject, clock) => {
      const { id, replyUrl } = subject
      if (!isRemembered(subject, id, clock)) return replyUrl !== undefined && isRemembered(subject, replyUrl, clock)
      return remembered.delete(keyOf(subject, id))
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
