import type * as Answer from "@media-jobs/adapter/Answer"
import * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/** What a service answers, or what fetch throws in place of it. */
export type Reply = readonly [status: number, body?: string, headers?: Record<string, string>] | Error

export const token = Redacted.make("acme-5ecret")
export const acme = ProviderId.make("acme")

/** Acme speaks in plain text, and puts what went wrong behind an exclamation mark. */
const errorText = (body: unknown) => typeof body === "string" && body.startsWith("!") ? body.slice(1) : undefined
const classify = (
  call: Answer.Call,
  { status, text }: Answer.Answer
): Result.Result<unknown, JobError.JobError> => {
  const about = { provider: call.provider, instance: call.instance, operation: call.operation, status, detail: text }
  if (status < 300) return Result.succeed(text)
  if (status === 429) return Result.fail(new JobError.RateLimited(about))
  if (status === 510) return Result.fail(new JobError.InvalidRequest({ ...about, issues: [] }))
  if (status === 418) return Result.fail(new JobError.SessionExpired(about))
  return Result.fail(status >= 500 ? new JobError.Unavailable(about) : new JobError.Unauthorized(about))
}

/** A way to Acme, before a client that answers from a script, the last line for ever; and what was sent. */
export const start = (
  script: ReadonlyArray<Reply>,
  { token: own = token, ...given }:
    & Partial<Omit<Transport.Options & Transport.Service, "token">>
    & Partial<Pick<Transport.Options, "token">> = {}
) => {
  const sent: Array<string> = []
  const headers: Array<Headers.Headers> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      const reply = script[Math.min(sent.length, script.length - 1)] ?? [200]
      sent.push(`${request.method} ${url.href}`)
      headers.push(request.headers)
      return reply instanceof Error
        ? Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, cause: reply })
          })
        )
        : Effect.succeed(
          HttpClientResponse.fromWeb(
            request,
            new Response(reply[1] ?? "", { status: reply[0], headers: { ...reply[2] } })
          )
        )
    })
  )
  const service = {
    id: acme,
    token: "the key of Acme",
    baseUrl: "https://acme.test",
    rateLimitKey: "acme",
    maxResponseBytes: 1000,
    classify,
    errorText,
    ...given
  }
  return Effect.map(
    Effect.provideService(Transport.make(service, { token: own, retries: 0, ...given }), HttpClient.HttpClient, client),
    (transport) => ({ transport, sent, headers })
  )
}
