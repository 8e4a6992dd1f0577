import type { Link } from "@media-jobs/core/Provider"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type About, LinkDead, LinkLocked, LinkRefused, LinkUnavailable } from "../ArtifactError.ts"
import { parseUrl, refusalOf } from "./address.ts"
import * as DataUrl from "./dataUrl.ts"
import * as MediaType from "./mediaType.ts"

/** How files are asked for. */
export interface ExchangeOptions {
  readonly client: HttpClient.HttpClient
  readonly allowPrivate: boolean
  readonly idleTimeout: Duration.Duration
  /** What `fetch` is told, by what this platform's requests know. */
  readonly options: RequestInit
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

/** A failure below HTTP with its causes; of several attempts, the first. */
const chainOf = (cause: unknown): ReadonlyArray<object> => {
  const chain: Array<object> = []
  for (let at = cause; chain.length < 8 && Predicate.isObject(at);) {
    chain.push(at)
    const next: unknown = Predicate.hasProperty(at, "cause") ? at.cause : undefined
    at = next ?? (Predicate.hasProperty(at, "errors") && Array.isArray(at.errors) ? at.errors[0] : undefined)
  }
  return chain
}

/** The system's word for what went wrong below HTTP, such as `ECONNRESET`. The messages around it may quote the URL. */
export const codeOf = (cause: unknown): string | undefined =>
  chainOf(cause).map((at) => Predicate.hasProperty(at, "code") ? String(at.code) : "")
    .find((code) => /^[A-Z][A-Z0-9_]{1,40}$/.test(code))

/** What `fetch` is told of a request for a file, where the platform's requests know of it: others throw. */
const options = {
  redirect: "manual",
  credentials: "omit",
  referrerPolicy: "no-referrer",
  cache: "no-store"
} as const

export const optionsKnown = (): RequestInit =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => !("Request" in globalThis) || name in Request.prototype)
  )

/** How undici and node:http say that a proxy opened no way to the host. */
const refusedByProxy = /^proxy response \(|^proxy authentication required|^failed to establish tunnel/i

/** A failure below HTTP: of this program or a proxy, for which no later try helps, or of the way to the host. */
const failureOf = (cause: unknown, about: About): LinkRefused | LinkUnavailable => {
  const messages = chainOf(cause).map((at) => Predicate.hasProperty(at, "message") ? String(at.message) : "")
  const refusal = messages.find((message) => refusedByProxy.test(message))
  if (refusal !== undefined) {
    const status = /(?<!:)\b[3-5]\d\d\b/.exec(refusal)?.[0] ?? "407"
    const detail = `The proxy answered ${status}`
    return status.startsWith("5")
      ? new LinkUnavailable({ ...about, detail })
      : new LinkRefused({ ...about, reason: "proxy", detail })
  }
  const code = codeOf(cause)
  const option = code !== undefined ?
    undefined :
    Object.keys(options).find((name) =>
      messages.some((message) => new RegExp(`(?:^|[\\s"'\`])${name}(?:$|[\\s"'\`.,:])`).test(message))
    )
  return option === undefined
    ? new LinkUnavailable({ ...about, detail: code ?? "No connection" })
    : new LinkRefused({ ...about, reason: "fetch", detail: `The option ${option}` })
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Where a redirect leads; letters that a host sent as they are have come in as single bytes, as all of a header does. */
const locationOf = (location: string, base: URL): URL | undefined => {
  const bytes = /^[\0-\x7f]*$|[^\0-\xff]/.test(location)
    ? undefined
    : Uint8Array.from(location, (letter) => letter.charCodeAt(0))
  const text = bytes === undefined ? undefined : Result.getOrUndefined(Result.try(() => utf8.decode(bytes)))
  return parseUrl(text ?? location, base)
}

const retryAfterOf = /* @__PURE__ */ Effect.fnUntraced(function*(header: string | undefined) {
  const parsed = Headers.parseRetryAfter(header ?? "")
  if (Result.isFailure(parsed)) return undefined
  if (parsed.success._tag === "Duration") return parsed.success.duration
  const now = yield* DateTime.now
  return Duration.millis(Math.max(0, parsed.success.dateTime.epochMilliseconds - now.epochMilliseconds))
})

const patient = /* @__PURE__ */ new Set([408, 425, 429])
const redirects = /* @__PURE__ */ new Set([301, 302, 303, 307, 308])

/** No redirect unseen, no trace header, and nothing of what the application says to other hosts. */
const discreet = <A, E, R>(effect: Effect.Effect<A, E, R>, options: RequestInit): Effect.Effect<A, E, R> =>
  Effect.updateContext(effect, (context: Context.Context<R>) => {
    const { headers: _, ...init } = Context.getOrUndefined(context, FetchHttpClient.RequestInit) ?? {}
    return context.pipe(
      Context.add(HttpClient.TracerPropagationEnabled, false),
      Context.add(HttpClient.TracerDisabledWhen, constTrue),
      Context.add(FetchHttpClient.RequestInit, { ...init, ...options })
    )
  })

/** Asks one host, once. */
const ask = (settings: ExchangeOptions, url: URL, headers: Record<string, string>, about: About) =>
  HttpClient.withScope(settings.client).execute(HttpClientRequest.get(url.href, { headers })).pipe(
    (sent) => discreet(sent, settings.options),
    Effect.catch(({ reason }) => {
      if (reason._tag === "StatusCodeError") return Effect.succeed(reason.response) // of a client with filterStatus
      return Effect.fail(failureOf(reason.cause, about))
    }),
    Effect.timeoutOrElse({
      duration: settings.idleTimeout,
      orElse: () =>
        Effect.fail(
          new LinkUnavailable({ ...about, detail: `No answer within ${Duration.format(settings.idleTimeout)}` })
        )
    })
  )

/** By headers, or by what stands in the page: one that tells people from programs, and may let the next try pass. */
const challenge =
  /just a moment|attention required|checking (?:if the site|your browser)|ddos.protection|challenge-platform|captcha|(?:verify|are) you (?:are )?(?:a )?(?:human|robot)|enable javascript and cookies/i

export const isChallenge = ({ headers }: HttpClientResponse.HttpClientResponse, page: Uint8Array): boolean =>
  headers["cf-mitigated"] === "challenge" || headers["x-amzn-waf-action"] !== undefined ||
  challenge.test(new TextDecoder().decode(page))

/** Of a page, enough to tell what it is. */
export const pageLength = 4_096

/** The beginning of a page, or of what came of it. */
const beginningOf = (
  settings: ExchangeOptions,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Uint8Array> =>
  Effect.suspend(() => {
    const page = new Uint8Array(pageLength)
    let length = 0
    return response.stream.pipe(
      Stream.runForEachWhile((bytes) =>
        Effect.sync(() => {
          page.set(bytes.subarray(0, pageLength - length), length)
          length = Math.min(length + bytes.length, pageLength)
          return length < pageLength
        })
      ),
      Effect.timeout(settings.idleTimeout),
      Effect.ignore,
      Effect.map(() => page.subarray(0, length))
    )
  })

/** An answer that holds the file, a part of it (206), or the word that there is no more (416); and the host that gave it. */
export interface Answer {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly url: URL
  readonly about: About
}

const inline = /* @__PURE__ */ new URL("data:,")

/** What stands in the link itself, as an answer of no host. */
const unpack = (subject: Subject, link: string): Effect.Effect<Answer, LinkRefused> => {
  const content = DataUrl.parse(link)
  const about: About = { ...subject, host: "" }
  if (content === undefined || content.bytes.length === 0) {
    return Effect.fail(new LinkRefused({ ...about, reason: "data" }))
  }
  const { bytes } = content
  const mediaType = MediaType.parse(content.mediaType)
  const headers = {
    "content-length": String(bytes.length),
    ...(mediaType === undefined ? undefined : { "content-type": mediaType })
  }
  // The array is this package's own, and none is shared between threads.
  const response = new Response(bytes as Uint8Array<ArrayBuffer>, { headers })
  return Effect.succeed({
    response: HttpClientResponse.fromWeb(HttpClientRequest.get(inline), response),
    url: inline,
    about
  })
}

/** Whether the file stands in its link. */
export const isInline = (link: string): boolean => /^\s*data:/i.test(link)

/** Brings an answer from wherever a link leads; what its provider sends along goes to the first host alone. */
export const open = /* @__PURE__ */ Effect.fnUntraced(function*(
  settings: ExchangeOptions,
  subject: Subject,
  link: Link,
  range: Range | undefined
): Effect.fn.Return<Answer, LinkDead | LinkLocked | LinkRefused | LinkUnavailable, Scope.Scope> {
  if (isInline(link.url)) return yield* unpack(subject, link.url.trimStart())
  let url = parseUrl(link.url)
  for (let hops = 0;; hops++) {
    const reason = refusalOf(url, settings.allowPrivate)
    // Of other schemes, what stands in the host's place may be anything.
    const about: About = { ...subject, host: url === undefined || reason === "scheme" ? "" : url.hostname }
    if (url === undefined || reason !== undefined) return yield* new LinkRefused({ ...about, reason: reason ?? "url" })
    if (hops > mostHops) return yield* new LinkRefused({ ...about, reason: "redirects" })

    const own = hops === 0 ? Object.entries(link.headers ?? {}) : []
    const response = yield* ask(settings, url, {
      ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), Redacted.value(value)])),
      // Compression would hide the length, and media have none to lose.
      "accept-encoding": "identity",
      ...(range === undefined ? undefined : { range: `bytes=${range.from}-`, "if-range": range.validator })
    }, about)
    const { headers, status } = response
    if (status === 200 || status === 206 || status === 416) return { response, url, about }
    if (redirects.has(status) && headers["location"] !== undefined) {
      url = locationOf(headers["location"], url)
    } else if (status === 401) {
      return yield* new LinkLocked({ ...about, status })
    } else if (status === 407) {
      return yield* new LinkRefused({ ...about, reason: "proxy", status })
    } else if (
      status >= 400 && status <= 499 && !patient.has(status) &&
      !isChallenge(response, isHtml(response) ? yield* beginningOf(settings, response) : new Uint8Array())
    ) {
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

const isHtml = ({ headers }: HttpClientResponse.HttpClientResponse): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)$/.test(MediaType.parse(headers["content-type"]) ?? "")
