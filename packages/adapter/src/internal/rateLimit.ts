import type * as Clock from "effect/Clock"
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

/**
 * Waits for a turn at `limit` requests a second, counted with all other calls to the same base with the same token.
 *
 * The key may end in a store that others read: it holds 32 bits of the token's hash.
 */
export const make = (options: {
  readonly key: string
  readonly token: Redacted.Redacted
  readonly baseUrl: string
  readonly limit: number
}): Effect.Effect<Effect.Effect<unknown, RateLimiter.RateLimiterError>> => {
  const { baseUrl, key, limit, token } = options
  const bucket = {
    key: `${key}:${(Hash.string(`${baseUrl} ${Redacted.value(token)}`) >>> 0).toString(16)}`,
    algorithm: "token-bucket",
    // A bucket smaller than one request would make the first one wait.
    ...(limit >= 1 ? { limit, window: 1000 } : { limit: 1, window: 1000 / limit })
  } as const
  return Effect.map(Effect.serviceOption(RateLimiter.RateLimiter), (provided) =>
    Option.isSome(provided)
      ? RateLimiter.sleep(provided.value, bucket)
      : Effect.flatMap(ofProcess, (limiter) => RateLimiter.sleep(limiter, bucket)))
}
