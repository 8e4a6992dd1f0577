import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpBody from "effect/http/HttpBody"

/**
 * Has `fetch` tell the length of a stream, where it is known and the platform's `fetch` takes it: the client leaves it out, and hosts
 * of files, as S3, refuse a body without one.
 */
export const announced =
  (body: HttpBody.HttpBody) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const length = body._tag === "Stream" ? body.contentLength : undefined
    if (length === undefined) return effect
    const told = (fetch: typeof globalThis.fetch): typeof globalThis.fetch => (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set("content-length", `${length}`)
      return fetch(input, { ...init, headers })
    }
    return Effect.updateService(effect, FetchHttpClient.Fetch, told)
  }
