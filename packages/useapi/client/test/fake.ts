import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"

export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** An answer; `hang` never comes, and an `Error` stands for what fetch throws. */
export type Reply =
  | readonly [status: number, body?: unknown, headers?: Record<string, string>]
  | "hang"
  | Error

export const response = (
  request: HttpClientRequest.HttpClientRequest,
  reply: Exclude<Reply, Error | "hang">
): HttpClientResponse.HttpClientResponse => {
  const [status, body, headers] = reply
  const text = typeof body === "string" || body === undefined || body === null ? body : JSON.stringify(body)
  const bare = status === 204 || status === 304
  return HttpClientResponse.fromWeb(
    request,
    new Response(bare ? null : text ?? "", { status, headers: { ...headers } })
  )
}

/** A client that answers from a script, the last line for ever, and keeps what was sent. */
export const make = (...script: ReadonlyArray<Reply>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      const reply = script[Math.min(sent.length, script.length - 1)] ?? [200, {}]
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
      sent.push({ method: request.method, url: url.href, headers: { ...request.headers }, body })
      if (reply === "hang") return Effect.never
      return reply instanceof Error
        ? Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, cause: reply })
          })
        )
        : Effect.succeed(response(request, reply))
    })
  )
  return { client, sent, provide: Effect.provideService(HttpClient.HttpClient, client) }
}

/** What `fetch` of Node throws for a system error: the code stands in the cause. */
export const fetchFailed = (code: string, syscall: string): Error =>
  new TypeError("fetch failed", {
    cause: Object.assign(new Error(`${syscall} ${code} 127.0.0.1:9`), { code, syscall })
  })

export const failureOf = <E>(cause: Cause.Cause<E>): E | undefined => {
  const found = cause.reasons.find(Cause.isFailReason)
  return found?.error
}
