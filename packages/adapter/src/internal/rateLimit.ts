import { OneTry } from "@media-jobs/core/OneTry"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Redacted from "effect/Redacted"

const inMemory = RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))

/** One limiter for all adapters of a process; a bucket holds times of one clock, so each clock has its own. */
const limiters = new WeakMap<Clock.Clock, RateLimiter.RateLimiter>()

const ofProcess: Effect.Effect<RateLimiter.RateLimiter> = Effect.clockWith((clock) => {
  const known = limiters.get(clock)
  if (known !== undefined) return Effect.succeed(known)
  return Effect.map(Effect.scoped(Layer.build(inMemory)), (context) => {
    const limiter = limiters.get(clock) ?? Context.get(context, RateLimiter.RateLimiter)
    limiters.set(clock, limiter)
    return limiter
  })
})

/** What a service asked of one token at one base, for all callers. */
interface Gate {
  closedUntil: number
  /** Until then, calls go one at a time: what the service counts may allow no more than one. */
  carefulUntil: number
  isBusy: boolean
  /** Each call that waits, until when it will have looked again, unless its request has gone and its timers with it. */
  readonly waiting: Map<number, number>
}

/** A gate holds times of one clock, as a bucket does. */
const gates = new WeakMap<Clock.Clock, Map<string, Gate>>()

const gateOf = (clock: Clock.Clock, key: string): Gate => {
  const known = gates.get(clock) ?? new Map<string, Gate>()
  gates.set(clock, known)
  const gate = known.get(key) ?? { closedUntil: 0, carefulUntil: 0, isBusy: false, waiting: new Map<number, number>() }
  known.set(key, gate)
  return gate
}

/** Services have asked for years: no more of it than this is waited out. */
export const longest = 300_000
/** How often a caller looks whether it is its turn: woken by another, it might go on in the other's request. */
const beat = 50
/** No timer is later than this. */
const late = 1000

/** The service has asked for a pause, of which so many milliseconds are left. */
export class Paused {
  readonly rest: number
  constructor(rest: number) {
    this.rest = rest
  }
}

/** Waits for a turn, and gives what its try calls at its end. */
type Admitted = Effect.Effect<(pause: number) => void, RateLimiter.RateLimiterError | Paused>

/**
 * What all calls to one base with one token share: a token bucket of `limit` requests a second, and the pauses that the service
 * asks for.
 *
 * A try of a call waits for its turn, and calls what it is given when it has ended, with the pause that the service asked for, in
 * milliseconds: that closes the way to all. When it opens again calls go one at a time, in the order of their numbers, for as long
 * as the pause was. A pause longer than `patience` is not waited for, and none is by a call that is tried once.
 *
 * The key may end in a store that others read: it holds 32 bits of the token's hash.
 */
export const make = ({ baseUrl, key, limit, patience, token }: {
  readonly key: string
  readonly token: Redacted.Redacted
  readonly baseUrl: string
  readonly limit: number
  readonly patience: number
}): Effect.Effect<(call: number) => Admitted> => {
  const bucket = {
    key: `${key}:${(Hash.string(`${baseUrl} ${Redacted.value(token)}`) >>> 0).toString(16)}`,
    algorithm: "token-bucket",
    // A bucket smaller than one request would make the first one wait.
    ...(limit >= 1 ? { limit, window: 1000 } : { limit: 1, window: 1000 / limit })
  } as const
  return Effect.map(Effect.serviceOption(RateLimiter.RateLimiter), (provided) => {
    const turn = Option.isSome(provided)
      ? RateLimiter.sleep(provided.value, bucket)
      : Effect.flatMap(ofProcess, (limiter) => RateLimiter.sleep(limiter, bucket))
    return (call) =>
      Effect.withFiber((fiber) => {
        const clock = fiber.getRef(Clock.Clock)
        const waitable = fiber.getRef(OneTry) ? 0 : patience
        const gate = gateOf(clock, bucket.key)
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
            const until = Math.ceil(now() + Math.min(pause, longest))
            if (pause <= 0 || until <= gate.closedUntil) return
            gate.carefulUntil = 2 * until - now()
            gate.closedUntil = until
            gate.isBusy = false
          }
        }
        // A turn in the bucket may take longer than the way stays open.
        const admit = (hasTurn: boolean): Admitted =>
          Effect.suspend(() => {
            const rest = gate.closedUntil - now()
            if (rest > waitable) return Effect.fail(new Paused(rest))
            if (now() < gate.carefulUntil) {
              const millis = rest > 0 ? Math.ceil(rest) : beat
              waiting.set(call, now() + millis + late)
              if (rest > 0 || gate.isBusy || isBehind()) return Effect.flatMap(Effect.sleep(millis), () => admit(false))
            }
            return hasTurn ? Effect.sync(enter) : Effect.flatMap(turn, () => admit(true))
          })
        return Effect.ensuring(admit(false), Effect.sync(() => waiting.delete(call)))
      })
  })
}
