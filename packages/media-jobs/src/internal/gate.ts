import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

/** Many pass at once, or some exclude them: these wait for those under way, and what comes meanwhile waits for them. */
export interface Gate {
  readonly pass: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly exclude: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const make = (): Gate => {
  let [passing, excluding] = [0, 0]
  let empty: Deferred.Deferred<void> | undefined
  let open: Deferred.Deferred<void> | undefined

  const leave = Effect.sync(() => {
    if (--passing > 0 || empty === undefined) return
    Deferred.doneUnsafe(empty, Effect.void)
    empty = undefined
  })
  const close = Effect.sync(() => {
    excluding++
    open ??= Deferred.makeUnsafe()
    if (passing > 0) empty ??= Deferred.makeUnsafe()
  })
  const reopen = Effect.sync(() => {
    if (--excluding > 0 || open === undefined) return
    Deferred.doneUnsafe(open, Effect.void)
    open = undefined
  })

  return {
    pass: (effect) =>
      Effect.uninterruptibleMask((restore) => {
        // What has entered can't be interrupted before it is sure to leave.
        const enter: Effect.Effect<void> = Effect.suspend(() => {
          if (open !== undefined) return Effect.andThen(restore(Deferred.await(open)), enter)
          passing++
          return Effect.void
        })
        return Effect.andThen(enter, Effect.ensuring(restore(effect), leave))
      }),
    exclude: (effect) =>
      Effect.acquireUseRelease(
        close,
        () => Effect.andThen(Effect.suspend(() => empty === undefined ? Effect.void : Deferred.await(empty)), effect),
        () => reopen
      )
  }
}
