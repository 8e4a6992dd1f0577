import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"

/** A map whose entries come of age: one timer for all of them, none while it is empty. */
export interface ExpiringMap<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
  readonly size: () => number
}

/** Hands each entry to `expire`, one to two periods after it was set, unless it was deleted. */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*<K, V>(
  period: Duration.Duration,
  expire: (key: K, value: V, self: ExpiringMap<K, V>) => void
): Effect.fn.Return<ExpiringMap<K, V>, never, Scope.Scope> {
  const occupied = yield* Latch.make()
  let young = new Map<K, V>()
  let old = new Map<K, V>()

  const self: ExpiringMap<K, V> = {
    get: (key) => young.get(key) ?? old.get(key),
    set: (key, value) => {
      young.set(key, value)
      occupied.openUnsafe()
    },
    delete: (key) => void (young.delete(key) || old.delete(key)),
    size: () => young.size + old.size
  }

  const pass = Effect.sync(() => {
    const aged = old
    old = young
    young = new Map()
    aged.forEach((value, key) => expire(key, value, self))
    if (self.size() === 0) occupied.closeUnsafe()
  })
  yield* occupied.await.pipe(
    Effect.andThen(Effect.sleep(period)),
    Effect.andThen(pass),
    Effect.forever,
    Effect.forkScoped
  )
  return self
})
