import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"

/**
 * Neither trace headers nor the client's own span, which hold the URL; no redirect, which would take the token along; and no
 * answer from a cache, where the platform has one to forbid.
 */
export const shieldOf = (init: RequestInit | undefined) => {
  const own: RequestInit = { redirect: "manual", ...("cache" in Request.prototype ? { cache: "no-store" } : undefined) }
  const silent = Context.make(HttpClient.TracerPropagationEnabled, false).pipe(
    Context.add(HttpClient.TracerDisabledWhen, constTrue)
  )
  const shielded = new WeakMap<object, Context.Context<never>>()
  return <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.updateContext(effect, (context) => {
      let found = shielded.get(context)
      if (found === undefined) {
        found = Context.add(Context.merge(context, silent), FetchHttpClient.RequestInit, {
          ...init,
          ...Context.getOrUndefined(context, FetchHttpClient.RequestInit),
          ...own
        })
        shielded.set(context, found)
      }
      return found
    })
}
