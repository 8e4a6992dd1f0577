import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { type About, LinkDead, LinkRefused, LinkUnavailable } from "../ArtifactError.ts"
import { refusalOf } from "./address.ts"

/** How files are asked for. */
export interface Way {
  readonly client: HttpClient.HttpClient
  readonly allowPrivate: boolean
  readonly silence: Duration.Duration
}

/** Which artifact of which job. */
export type Subject = Omit<About, "host">

/** From where on, and of which version of the file. */
export interface Range {
  readonly from: number
  readonly validator: string
}

/** Enough for a link shortener before a content network; a loop is longer. */
const mostHops = 5

/** The system's word for what went wrong below HTTP, such as `ECONNRESET`. The messages around it may quote the URL. */
export const codeOf = (cause: unknown): string | undefined => {
  for (let at = cause, depth = 0; depth < 8 && Predicate.isObject(at); depth++) {
    if (Predicate.hasProperty(at, "code") && /^[A-Z][A-Z0-9_]{1,40}$/.test(String(at.code))) return String(at.code)
    const next: unknown = Predicate.hasProperty(at, "cause") ? at.cause : undefined
    at = next ?? (Predicate.hasProperty(at, "errors") && Array.isArray(at.errors) ? at.errors[0] : undefined)
  }
  return undefined
}

const retryAfterOf = Effect.fnUntraced(function*(header: string | undefined) {
  const parsed = Headers.parseRetryAfter(header ?? "")
  if (Result.isFailure(parsed)) return undefined
  if (parsed.success._tag === "Duration") return parsed.success.duration
  const now = yield* DateTime.now
  return Duration.millis(Math.max(0, parsed.success.dateTime.epochMilliseconds - now.epochMilliseconds))
})

const patient = new Set([408, 425, 429])
const redirects = new Set([301, 302, 303, 307, 308])

/** No redirect unseen, no trace header, and nothing of what the application says to other hosts. */
const discreet = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, (context: Context.Context<R>) => {
    const { headers: _, ...init } = Context.getOrUndefined(context, FetchHttpClient.RequestInit) ?? {}
    return context.pipe(
      Context.add(HttpClient.TracerPropagationEnabled, false),
      Context.add(HttpClient.TracerDisabledWhen, constTrue),
      Context.add(FetchHttpClient.RequestInit, {
        ...init,
        redirect: "manual",
        credentials: "omit",
        referrerPolicy: "no-referrer"
      })
    )
  })

/** Asks one host, once. */
const ask = (way: Way, url: URL, range: Range | undefined, unavailable: (detail: string) => LinkUnavailable) =>
  HttpClient.withScope(way.client).execute(
    HttpClientRequest.get(url.href, {
      headers: {
        // Compression would hide the length, and media have none to lose.
        "accept-encoding": "identity",
        ...(range === undefined ? undefined : { range: `bytes=${range.from}-`, "if-range": range.validator })
      }
    })
  ).pipe(
    discreet,
    Effect.catch(({ reason }) =>
      reason._tag === "StatusCodeError" // of a client with filterStatus
        ? Effect.succeed(reason.response)
        : Effect.fail(unavailable(codeOf(reason.cause) ?? "No connection"))
    ),
    Effect.timeoutOrElse({
      duration: way.silence,
      orElse: () => Effect.fail(unavailable(`No answer within ${Duration.format(way.silence)}`))
    })
  )

/** An answer that holds the file, a part of it (206), or the word that there is no more (416); and who gave it. */
export const open = Effect.fnUntraced(function*(
  way: Way,
  subject: Subject,
  link: string,
  range: Range | undefined
): Effect.fn.Return<
  { readonly response: HttpClientResponse.HttpClientResponse; readonly url: URL },
  LinkDead | LinkRefused | LinkUnavailable,
  Scope.Scope
> {
  let url = URL.parse(link)
  for (let hops = 0;; hops++) {
    const reason = refusalOf(url, way.allowPrivate)
    // Of other schemes, what stands in the host's place may be anything.
    const about: About = { ...subject, host: url === null || reason === "scheme" ? "" : url.hostname }
    if (url === null || reason !== undefined) return yield* new LinkRefused({ ...about, reason: reason ?? "url" })
    if (hops > mostHops) return yield* new LinkRefused({ ...about, reason: "redirects" })

    const response = yield* ask(way, url, range, (detail) => new LinkUnavailable({ ...about, detail }))
    const { headers, status } = response
    if (status === 200 || status === 206 || status === 416) return { response, url }
    if (redirects.has(status) && headers["location"] !== undefined) {
      url = URL.parse(headers["location"], url)
    } else if (status >= 400 && status <= 499 && !patient.has(status)) {
      return yield* new LinkDead({ ...about, status })
    } else {
      const retryAfter = yield* retryAfterOf(headers["retry-after"])
      return yield* new LinkUnavailable({
        ...about,
        status,
        ...(retryAfter === undefined ? undefined : { retryAfter })
      })
    }
  }
})
