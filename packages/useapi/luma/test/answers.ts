import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"

export const token = Redacted.make("user:12345-SeCrEt0123")

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  readonly body: unknown
}

/** A client that answers everything alike, and keeps what was sent. */
export const client = (status: number, body: unknown = "") => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const bytes = request.body._tag === "Uint8Array" ? request.body.body : undefined
      sent.push({
        method: request.method,
        url,
        authorization: request.headers["authorization"],
        body: bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes))
      })
      const text = typeof body === "string" ? body : JSON.stringify(body)
      return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : text, { status }))
    })
  )
  return { sent, provide: Effect.provideService(HttpClient.HttpClient, client) }
}

/** Luma before a service that answers everything alike. */
export const luma = (status: number, body?: unknown, options?: Partial<Luma.Options>) => {
  const { provide, sent } = client(status, body)
  return Effect.map(
    provide(Effect.orDie(Luma.make({ token, retries: 0, requestsPerSecond: 1000, ...options }))),
    (luma) => ({ luma, sent })
  )
}
