import * as JobError from "@media-jobs/core/JobError"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Tracer from "effect/Tracer"
import * as Classify from "../Classify.ts"
import * as Body from "./body.ts"
import * as Transport from "./transport.ts"

/** An error, and whether it is certain that the service has begun nothing because of the call. */
export interface Failed {
  readonly error: JobError.JobError
  readonly nothingBegun: boolean
}

/** What a success holds, before it is decoded. */
export interface Success {
  readonly body: unknown
  readonly status: number
  readonly receivedAt: DateTime.Utc
}

/** A call as it is classified, with what its errors must not show and how long it may take. */
export interface Call extends Classify.Call {
  readonly token: Redacted.Redacted
  readonly timeout: Duration.Duration
}

/** The fields that all errors of a call have. */
export const common = (
  call: { readonly provider: ProviderId; readonly instance: Instance; readonly operation: JobError.Operation },
  status?: number
) => ({
  provider: call.provider,
  instance: call.instance,
  operation: call.operation,
  ...(status === undefined ? undefined : { status })
})

/** A refusal begins nothing. A 408, a broken service and a success that can't be read leave it open. */
const isRefusal = (status: number): boolean => status === 596 || status >= 300 && status <= 499 && status !== 408

/** A call that found no answer. */
export const lost = (call: Call, nothingBegun: boolean, detail: string, status?: number): Failed => ({
  nothingBegun,
  error: new JobError.Unavailable({
    ...common(call, status),
    detail: JobError.scrub(detail, [Redacted.value(call.token), ...(call.id === undefined ? [] : [call.id])])
  })
})

/** One try: sent, read and classified, all of it within one time-out. */
export const make = (client: HttpClient.HttpClient) =>
  Effect.fnUntraced(
    function*(
      call: Call,
      request: HttpClientRequest.HttpClientRequest,
      span: Tracer.Span
    ): Effect.fn.Return<Success, Failed> {
      const response = yield* Effect.catch(client.execute(request), ({ reason }) => {
        if (reason._tag === "StatusCodeError") return Effect.succeed(reason.response) // of a client with filterStatus
        const unsent = reason._tag === "EncodeError" || reason._tag === "InvalidUrlError"
        return Effect.fail(
          lost(call, unsent || Transport.neverLeft(reason.cause), Transport.describe(reason.cause))
        )
      })
      const { headers, status } = response
      span.attribute("status", status)
      const text = yield* Effect.mapError(
        Body.read(response),
        ({ reason }) => lost(call, false, Transport.describe(reason.cause), status)
      )
      const receivedAt = yield* DateTime.now
      if (text === undefined) {
        return yield* Effect.fail<Failed>({
          nothingBegun: false,
          error: new JobError.UnexpectedResponse({ ...common(call, status), detail: "The body is too long" })
        })
      }
      const result = Classify.classify(call, { status, text, retryAfter: headers["retry-after"], receivedAt })
      return Result.isSuccess(result)
        ? { body: result.success, status, receivedAt }
        : yield* Effect.fail<Failed>({ error: result.failure, nothingBegun: isRefusal(status) })
    },
    (effect, call) =>
      Effect.timeoutOrElse(effect, {
        duration: call.timeout,
        orElse: () => Effect.fail(lost(call, false, `No complete answer within ${Duration.toSeconds(call.timeout)} s`))
      })
  )
