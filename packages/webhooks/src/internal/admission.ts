import type { Job } from "@media-jobs/core/Job"
import * as Json from "@media-jobs/core/Json"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Webhook from "@media-jobs/core/Webhook"
import type * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Refusal from "../Refusal.ts"
import * as Signer from "../Signer.ts"
import type { Source, Submit } from "../Source.ts"
import * as ExpiringMap from "./expiringMap.ts"

/** What a genuine call says: its jobs are what it tells of, not what is so. */
export interface Call {
  readonly jobs: ReadonlyArray<Job>
  /** The caller's part of the reference that it repeats. */
  readonly reference: string | undefined
  /** What a repeat of it would have again, as its provider's signature vouches. */
  readonly repeat: string | undefined
  /** Its body was larger than what is read: it names no jobs. */
  readonly isOversized: boolean
}

/** A call to an address of ours: of which source and submit, and what it says. */
export interface Admitted {
  readonly source: Source
  readonly providerKey: string
  readonly submit: Submit
  readonly read: Effect.Effect<Call, Refusal.Refusal>
}

/** No service makes more jobs of one request, by an order of magnitude; each costs a request. */
const mostJobs = 100

const decoder = /* @__PURE__ */ new TextDecoder()

const segmentOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = (end === -1 ? url : url.slice(0, end)).replace(/\/+$/, "")
  // Some gateways encode what no address has to.
  return path.slice(path.lastIndexOf("/") + 1).replaceAll(/%7e/gi, "~")
}

const isTooLarge = ({ reason }: HttpServerError.HttpServerError): boolean =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"

/** Whether something has read the body, of a `Request` or of Node's. */
const isUsed = ({ source }: HttpServerRequest.HttpServerRequest): boolean =>
  Predicate.hasProperty(source, "bodyUsed")
    ? source.bodyUsed === true
    : Predicate.hasProperty(source, "readableDidRead") && source.readableDidRead === true

/** What the bytes of a call show of its way here, where they are not those that its service sent. */
const transformed = (
  headers: HttpServerRequest.HttpServerRequest["headers"],
  bytes: Uint8Array
): "compressed" | "base64" | "changed" | undefined => {
  const { "content-encoding": encoding = "identity", "content-length": length } = headers
  if (encoding !== "identity" || bytes[0] === 0x1f && bytes[1] === 0x8b) return "compressed"
  const text = decoder.decode(bytes)
  const decoded = /^[\w+/-]{8,}={0,2}\s*$/.test(text)
    ? Base64Url.decodeString(text.slice(0, 8).replace(/=/g, ""))
    : undefined
  if (decoded !== undefined && Result.isSuccess(decoded) && /^\s*[[{]/.test(decoded.success)) return "base64"
  return length === undefined || Number(length) === bytes.length ? undefined : "changed"
}

/**
 * What lets a call in: its address, then its size and haste, then the provider's signature, then its body, then the reference
 * in it. Nothing is read of a call to a wrong address.
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  signer: Signer.Signer["Service"],
  options: {
    readonly sources: ReadonlyArray<Source>
    readonly maxBody: ByteSize.ByteSize
    readonly timeout: Duration.Duration
  }
): Effect.fn.Return<
  (
    request: HttpServerRequest.HttpServerRequest
  ) => Result.Result<Admitted, Refusal.Forged | Refusal.UnknownSource>,
  never,
  Scope.Scope
> {
  const sources = new Map(options.sources.map((source) => [
    Signer.providerKey(source.provider.id, source.provider.instance),
    source
  ]))
  if (sources.size < options.sources.length) {
    return yield* Effect.die(new Error("Two sources of one provider and instance: give one, whose wake wakes both"))
  }
  const maxBytes = Number(options.maxBody)
  // A timer for each body would cost as much as the rest of its reading.
  const arriving = yield* ExpiringMap.make<() => void, undefined>(
    Duration.divideUnsafe(options.timeout, 2),
    (giveUp) => giveUp()
  )

  /** The bytes; `undefined` where they are too many. */
  const whole = (
    exit: Exit.Exit<ArrayBuffer, HttpServerError.HttpServerError>
  ): Exit.Exit<Uint8Array | undefined, Refusal.Malformed> => {
    if (Exit.isSuccess(exit)) {
      return Exit.succeed(exit.value.byteLength > maxBytes ? undefined : new Uint8Array(exit.value))
    }
    const error = Cause.findError(exit.cause)
    return Result.isFailure(error)
      ? Exit.failCause(error.failure)
      : isTooLarge(error.success)
      ? Exit.succeed(undefined)
      : Exit.fail(new Refusal.Malformed({ reason: "cut" }))
  }

  /** A caller that is too slow is told so: to interrupt the reading cuts the connection, so that is left to the request's end. */
  const read = (
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<Uint8Array | undefined, Refusal.Malformed | Refusal.TooSlow> =>
    Effect.flatMap(
      Effect.forkChild(request.arrayBuffer, { startImmediately: true }),
      (reading) =>
        Runtime.isolatesRequests()
          ? Effect.timeoutOrElse(Effect.flatMap(Fiber.await(reading), whole), {
            duration: options.timeout,
            orElse: () => Effect.fail(new Refusal.TooSlow())
          })
          : Effect.callback<Uint8Array | undefined, Refusal.Malformed | Refusal.TooSlow>((resume) => {
            const giveUp = () => resume(Effect.fail(new Refusal.TooSlow()))
            arriving.set(giveUp, undefined)
            reading.addObserver((exit) => {
              arriving.delete(giveUp)
              resume(whole(exit))
            })
            return Effect.sync(() => arriving.delete(giveUp))
          })
    )

  /** What was read before may still be there, where a middleware of Effect's has read it. */
  const readUsed = (
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<Uint8Array | undefined, Refusal.BodyUsed> =>
    Effect.matchEffect(read(request), {
      onFailure: () => Effect.fail(new Refusal.BodyUsed()),
      onSuccess: (bytes) => bytes?.length === 0 ? Effect.fail(new Refusal.BodyUsed()) : Effect.succeed(bytes)
    })

  /** The decoder is the provider's, and its defects are no reason to leave a call without an answer. */
  const undecoded = (
    cause: Cause.Cause<{ readonly detail?: string | undefined }>
  ): Exit.Exit<never, Refusal.Malformed> => {
    const error = Cause.findError(cause)
    if (Result.isFailure(error) && !Cause.hasDies(cause)) return Exit.failCause(error.failure)
    const detail = Result.isSuccess(error) ? error.success.detail : undefined
    return Exit.fail(new Refusal.Malformed({ reason: "decoder", ...(detail === undefined ? undefined : { detail }) }))
  }

  /** What reads one call: the references that its decoder asks for are this submit's alone. */
  const reader = (
    { provider, verify }: Source,
    signed: Signer.Signed,
    request: HttpServerRequest.HttpServerRequest
  ): Effect.Effect<Call, Refusal.Refusal> => {
    let reference: string | undefined
    let forged = false
    // The provider knows where its service repeats a reference: it asks here for the caller's part of each.
    const replyTo: ReplyTo.ReplyTo = {
      address: signer.replyTo.address,
      callerReference: (echoed) => {
        const found = signer.ofReference(echoed)
        if (found?.nonce !== signed.nonce) {
          forged = true
          return undefined
        }
        reference = found.reference
        return reference
      }
    }
    const decode = (bytes: Uint8Array, repeat: string | undefined): Effect.Effect<Call, Refusal.Refusal> => {
      const body = Json.parse(decoder.decode(bytes))
      if (Result.isFailure(body)) {
        const reason = transformed(request.headers, bytes)
        return Exit.fail(new Refusal.Malformed({ reason: reason === "changed" ? "cut" : reason ?? "json" }))
      }
      return Effect.matchCauseEffect(provider.webhook(body.success), {
        onFailure: undecoded,
        onSuccess: (jobs): Exit.Exit<Call, Refusal.Refusal> =>
          forged
            ? Exit.fail(new Refusal.Forged({ by: "reference" }))
            : jobs.length > mostJobs
            ? Exit.fail(new Refusal.Malformed({ reason: "jobs" }))
            : Exit.succeed({ jobs, reference, repeat, isOversized: false })
      })
    }
    const verified = (verify: Webhook.Verifier, bytes: Uint8Array) =>
      Effect.matchEffect(verify({ headers: request.headers, body: bytes }), {
        onFailure: ({ reason }) =>
          Effect.fail(
            new Webhook.Unverified({
              reason: reason === "signature" ? transformed(request.headers, bytes) ?? reason : reason
            })
          ),
        onSuccess: (repeat) => decode(bytes, repeat ?? undefined)
      })
    const bytes: Effect.Effect<Uint8Array | undefined, Refusal.Refusal> = isUsed(request)
      ? readUsed(request)
      : read(request)
    const call = Effect.flatMap(
      bytes,
      (bytes): Effect.Effect<Call, Refusal.Refusal> =>
        bytes === undefined
          ? Effect.succeed({ jobs: [], reference, repeat: undefined, isOversized: true })
          : verify === undefined
          ? decode(bytes, undefined)
          : verified(verify, bytes)
    )
    // Added one by one: to merge a context into that of a server's request costs as much as the rest of a call.
    return Effect.updateContext(call, (context: Context.Context<never>) =>
      Context.add(
        Context.add(context, ReplyTo.ReplyTo, replyTo),
        HttpServerRequest.MaxBodySize,
        options.maxBody
      ))
  }

  return (request) => {
    const segment = segmentOf(request.url)
    const signed = signer.ofSegment(segment)
    if (signed === undefined) {
      return Result.fail(new Refusal.Forged({ by: segment.startsWith("1.") ? "key" : "address" }))
    }
    const source = sources.get(signed.providerKey)
    if (source === undefined) return Result.fail(new Refusal.UnknownSource())
    const { id: provider, instance } = source.provider
    return Result.succeed({
      source,
      providerKey: signed.providerKey,
      submit: { provider, instance, replyUrl: `${signer.url}/${segment}`, reference: undefined },
      read: reader(source, signed, request)
    })
  }
})
