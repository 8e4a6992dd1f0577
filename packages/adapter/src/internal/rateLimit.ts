import { OneTry } from "@media-jobs/core/OneTry"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import type * as RateLimiter from "effect/persistence/RateLimiter"

/** Effect's own service, by its key: its module brings the schemas of its errors along. */
export const ApplicationLimiter = Context.Service<RateLimiter.RateLimiter>("~effect/persistence/RateLimiter")

/** What one token at one base may send, for all callers: its turns, and what the service asked for. */
interface Gate {
  /** When the next turn is; as far in the past as turns may be taken at once. */
  nextTurnAt: number
  lastTurnTakenAt: number
  closedUntil: number
  /** A pause that is too long to be waited out is one of submits, where it was asked of one: looks at what runs go on. */
  submitsClosedUntil: number
  /** Until then, calls go one at a time: what the service counts may allow no more than one. */
  carefulUntil: number
  isBusy: boolean
  /** Each call that waits, until when it will have looked again, unless its request has gone and its timers with it. */
  readonly waiting: Map<number, number>
}

/** One gate for all adapters of a process; it holds times of one clock, so each clock has its own. */
const gates = new WeakMap<Clock.Clock, Map<string, Gate>>()

const gateOf = (clock: Clock.Clock, key: string): Gate => {
  const known = gates.get(clock) ?? new Map<string, Gate>()
  gates.set(clock, known)
  const gate = known.get(key) ??
    {
      nextTurnAt: -Infinity,
      lastTurnTakenAt: -Infinity,
      closedUntil: 0,
      submitsClosedUntil: 0,
      carefulUntil: 0,
      isBusy: false,
      waiting: new Map<number, number>()
    }
  known.set(key, gate)
  return gate
}

/** Services have asked for years: no more of it than this is waited out. */
export const maxPause = 300_000
/** How often a caller looks whether it is its turn: woken by another, it might go on in the other's request. */
const beat = 50
/** No timer is later than this. */
const late = 1000

/** How much is left of a pause that the service asked for, in milliseconds. */
type Rest = number

/** Waits for a turn, and gives what its try calls at its end. */
type Admitted = Effect.Effect<(pause: number) => void, RateLimiter.RateLimiterError | Rest>

/**
 * What all calls to one base with one token share: a token bucket of `requestsPerSecond` requests a second, and the pauses that the service
 * asks for. `limiter` is the application's own, in the bucket's place.
 *
 * A try of a call waits for its turn, and calls what it is given when it has ended, with the pause that the service asked for, in
 * milliseconds: that closes the way to all. When it opens again calls go one at a time, in the order of their numbers, for as long
 * as the pause was. A pause longer than `maxRetryDelay` is not waited for, and none is by a call that is tried once.
 *
 * The key may end in a store that others read: it holds 32 bits of the token's hash.
 */
export const make = ({ baseUrl, key, limiter, maxRetryDelay, owner, requestsPerSecond }: {
  readonly key: string
  /** The token, or what stands for one that changes. */
  readonly owner: string
  readonly baseUrl: string
  readonly requestsPerSecond: number
  readonly limiter: RateLimiter.RateLimiter | undefined
  readonly maxRetryDelay: number
}): (call: number, isSubmit: boolean) => Admitted => {
  const name = `${key}:${(Hash.string(`${baseUrl} ${owner}`) >>> 0).toString(16)}`
  const interval = 1000 / requestsPerSecond
  // A bucket smaller than one request would make the first one wait.
  const size = Math.max(requestsPerSecond, 1)
  const ofLimiter = limiter && Effect.map(
    limiter.consume({
      key: name,
      algorithm: "token-bucket",
      onExceeded: "delay",
      limit: size,
      window: interval * size
    }),
    ({ delay }) => Duration.toMillis(delay)
  )
  return (call, isSubmit) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const waitable = fiber.getRef(OneTry) ? 0 : maxRetryDelay
      const gate = gateOf(clock, name)
      const { waiting } = gate
      const now = () => clock.currentTimeMillisUnsafe()
      const isBehind = () => {
        for (const [other, until] of waiting) {
          if (until < now()) waiting.delete(other)
          else if (other < call) return true
        }
        return false
      }
      const enter = () => {
        const isCareful = now() < gate.carefulUntil
        if (isCareful) gate.isBusy = true
        return (pause: number) => {
          if (isCareful) gate.isBusy = false
          // Whole milliseconds: a fraction too soon is a try for nothing.
          const until = Math.ceil(now() + Math.min(pause, maxPause))
          if (isSubmit && pause > maxPause) return void (gate.submitsClosedUntil = until)
          if (pause <= 0 || until <= gate.closedUntil) return
          gate.carefulUntil = 2 * until - now()
          gate.closedUntil = until
          gate.isBusy = false
        }
      }
      /** How long until a turn of its own. */
      const takeTurn = ofLimiter ?? Effect.sync(() => {
        const at = now()
        // A clock that was set back would hold all calls until it is as late again.
        const nextAt = at < gate.lastTurnTakenAt ? at : gate.nextTurnAt
        const turnAt = Math.max(nextAt, at - (size - 1) * interval)
        gate.lastTurnTakenAt = at
        gate.nextTurnAt = turnAt + interval
        return turnAt - at
      })
      // A turn in the bucket may take longer than the way stays open.
      const admit = (hasTurn: boolean): Admitted =>
        Effect.suspend(() => {
          const rest = Math.max(gate.closedUntil, isSubmit ? gate.submitsClosedUntil : 0) - now()
          if (rest > waitable) return Effect.fail(rest)
          if (now() < gate.carefulUntil) {
            const millis = rest > 0 ? Math.ceil(rest) : beat
            waiting.set(call, now() + millis + late)
            if (rest > 0 || gate.isBusy || isBehind()) return Effect.flatMap(Effect.sleep(millis), () => admit(false))
          }
          if (hasTurn) return Effect.sync(enter)
          return Effect.flatMap(
            takeTurn,
            (wait) => Effect.flatMap(wait > 0 ? Effect.sleep(wait) : Effect.void, () => admit(true))
          )
        })
      return Effect.ensuring(admit(false), Effect.sync(() => waiting.delete(call)))
    })
}
