import type { Job } from "@media-jobs/core/Job"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Runtime from "@media-jobs/core/Runtime"
import type * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Refusal from "../Refusal.ts"
import * as Signer from "../Signer.ts"
import type { Source, Submit } from "../Source.ts"
import * as Generations from "./generations.ts"

/** A call that a service has made, as far as anybody can tell; its jobs are what it says, not what is so. */
export interface Call {
  readonly source: Source
  readonly target: string
  readonly submit: Submit
  readonly jobs: ReadonlyArray<Job>
}

/** Whose call it is, as soon as that is certain, and what becomes of it. */
export interface Visit {
  readonly source: Source | undefined
  readonly call: Effect.Effect<Call, Refusal.Refusal>
}

/** No service makes more jobs of one request, by an order of magnitude; each costs a request. */
const mostJobs = 100

const decoder = /* @__PURE__ */ new TextDecoder()

const segmentOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  return path.slice(path.lastIndexOf("/") + 1)
}

const unreadable = (error: HttpServerError.HttpServerError): Refusal.Refusal =>
  error.reason._tag === "RequestParseError" && error.reason.reason === "BodyTooLarge"
    ? new Refusal.TooLarge()
    : new Refusal.Malformed({ detail: "It was cut" })

/**
 * What lets a call in: its address, then its size and haste, then the provider's signature, then its body, then the reference
 * in it. Nothing is read of a call to a wrong address.
 */
export const make = Effect.fnUntraced(function*(
  signer: Signer.Signer["Service"],
  options: {
    readonly sources: ReadonlyArray<Source>
    readonly maxBody: ByteSize.ByteSize
    readonly timeout: Duration.Duration
  }
): Effect.fn.Return<
  (request: HttpServerRequest.HttpServerRequest) => Visit,
  never,
  Scope.Scope
> {
  const sources = new Map(options.sources.map((source) => [
    Signer.target(source.provider.id, source.provider.instance),
    source
  ]))
  if (sources.size < options.sources.length) {
    return yield* Effect.die(new Error("Two sources of one provider and instance: give one, whose wake wakes both"))
  }
  const maxBytes = Number(options.maxBody)
  // A timer for each body would cost as much as the rest of its reading.
  const arriving = yield* Generations.make<() => void, undefined>(
    Duration.divideUnsafe(options.timeout, 2),
    (giveUp) => giveUp()
  )

  const whole = (
    exit: Exit.Exit<ArrayBuffer, HttpServerError.HttpServerError>
  ): Exit.Exit<Uint8Array, Refusal.Refusal> => {
    if (Exit.isFailure(exit)) return Exit.failCause(Cause.map(exit.cause, unreadable))
    return exit.value.byteLength > maxBytes
      ? Exit.fail(new Refusal.TooLarge())
      : Exit.succeed(new Uint8Array(exit.value))
  }

  /** Whoever is too slow is told so: to interrupt the reading cuts the connection, so that is left to the request's end. */
  const read = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Uint8Array, Refusal.Refusal> =>
    Effect.flatMap(
      Effect.forkChild(request.arrayBuffer, { startImmediately: true }),
      (reading) =>
        Runtime.isolatesRequests()
          ? Effect.timeoutOrElse(Effect.flatMap(Fiber.await(reading), whole), {
            duration: options.timeout,
            orElse: () => Effect.fail(new Refusal.TooSlow())
          })
          : Effect.callback<Uint8Array, Refusal.Refusal>((resume) => {
            const giveUp = () => resume(Effect.fail(new Refusal.TooSlow()))
            arriving.set(giveUp, undefined)
            reading.addObserver((exit) => {
              arriving.delete(giveUp)
              resume(whole(exit))
            })
            return Effect.sync(() => arriving.delete(giveUp))
          })
    )

  /** The decoder is the provider's, and its defects are no reason to leave a call without an answer. */
  const malformed = (
    cause: Cause.Cause<{ readonly detail?: string | undefined }>
  ): Exit.Exit<never, Refusal.Malformed> => {
    const error = Cause.findError(cause)
    if (Result.isSuccess(error)) {
      return Exit.fail(new Refusal.Malformed({ detail: error.success.detail ?? "Its decoder refused it" }))
    }
    return Cause.hasDies(cause)
      ? Exit.fail(new Refusal.Malformed({ detail: "Its decoder broke" }))
      : Exit.failCause(error.failure)
  }

  /** What reads one call: the references that its decoder asks for are this submit's alone. */
  const reader = (source: Source, signed: Signer.Signed, url: string) => {
    const { id, instance } = source.provider
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
    const told = (jobs: ReadonlyArray<Job>): Exit.Exit<Call, Refusal.Refusal> =>
      forged
        ? Exit.fail(new Refusal.Forged({ by: "reference" }))
        : jobs.length > mostJobs
        ? Exit.fail(new Refusal.Malformed({ detail: `It tells of more than ${mostJobs} jobs` }))
        : Exit.succeed({
          source,
          target: signed.target,
          jobs,
          submit: { provider: id, instance, replyUrl: url, reference }
        })
    return {
      decode: (bytes: Uint8Array): Effect.Effect<Call, Refusal.Refusal> => {
        const body = Result.try((): unknown => JSON.parse(decoder.decode(bytes)))
        return Result.isFailure(body)
          ? Exit.fail(new Refusal.Malformed({ detail: "It is no JSON" }))
          : Effect.matchCauseEffect(source.provider.webhook(body.success), { onFailure: malformed, onSuccess: told })
      },
      // Added one by one: to merge a context into that of a server's request costs as much as the rest of a call.
      provide: <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
        Effect.updateContext(effect, (context: Context.Context<never>) =>
          Context.add(
            Context.add(context, ReplyTo.ReplyTo, replyTo),
            HttpServerRequest.MaxBodySize,
            options.maxBody
          ))
    }
  }

  return (request) => {
    const segment = segmentOf(request.url)
    const signed = signer.ofSegment(segment)
    if (signed === undefined) return { source: undefined, call: Exit.fail(new Refusal.Forged({ by: "address" })) }
    const source = sources.get(signed.target)
    if (source === undefined) return { source, call: Exit.fail(new Refusal.Unserved()) }
    const { verify } = source
    const { decode, provide } = reader(source, signed, `${signer.url}/${segment}`)
    const call = Effect.flatMap(read(request), (bytes) =>
      verify === undefined ? decode(bytes) : Effect.flatMap(
        verify({ headers: request.headers, body: bytes }),
        (genuine) => genuine ? decode(bytes) : Effect.fail(new Refusal.Forged({ by: "signature" }))
      ))
    return { source, call: provide(call) }
  }
})
