import type { Link } from "@media-jobs/core/Provider"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type About,
  DownloadCut,
  type DownloadError,
  LengthMismatch,
  LinkDead,
  LinkUnavailable,
  type SinkError,
  TooLarge
} from "../ArtifactError.ts"
import type * as Sink from "../Sink.ts"
import { parseUrl } from "./address.ts"
import * as Exchange from "./exchange.ts"
import * as FileHash from "./fileHash.ts"
import * as MediaType from "./mediaType.ts"
import * as Writer from "./writer.ts"

/** How files are fetched. */
export interface DownloadOptions extends Exchange.ExchangeOptions {
  readonly retries: number
  readonly maxBytes: number
  readonly buffers: Writer.Buffers
}

/** What is known of a file before its bytes have come. */
export interface Head {
  readonly bytes?: number | undefined
  readonly validator?: string | undefined
  readonly mediaType?: string | undefined
}

/** What a download tells while it runs. */
export interface Listener {
  /** A file begins, or begins anew; what comes first may be all of it. */
  readonly begin: (head: Head, ending: string, first: Uint8Array) => Effect.Effect<void, SinkError>
  /** What was begun is worth nothing. */
  readonly abandon: Effect.Effect<void, SinkError>
  readonly progress: (received: number, head: Head) => Effect.Effect<void>
}

/** A file to be fetched. */
export interface Task {
  readonly subject: Exchange.Subject
  /** The link of the artifact, which may say what the one that is followed does not. */
  readonly named: URL | undefined
  /** Whether what is asked for may be a page of the web. */
  readonly mayBePage: boolean
  readonly draft: Sink.Draft
  /** What the draft has been begun with. */
  readonly begun: Head | undefined
  readonly listener: Listener
}

/** A file that came whole. */
export interface Whole extends Sink.About {
  readonly source: string
}

/** Longest pause between two tries, and the most that a host may ask for. */
const maxRetryDelay = /* @__PURE__ */ Duration.minutes(1)

const pauses = (retries: number) =>
  Schedule.exponential("500 millis").pipe(
    Schedule.jittered,
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<DownloadError | SinkError>(),
    Schedule.while(({ input }) =>
      input._tag === "DownloadCut" ||
      input._tag === "LengthMismatch" && input.received < input.expected ||
      input._tag === "LinkUnavailable" && Duration.isLessThanOrEqualTo(input.retryAfter ?? Duration.zero, maxRetryDelay)
    ),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(Duration.sum(
        Duration.min(duration, maxRetryDelay),
        input._tag === "LinkUnavailable" ? input.retryAfter ?? Duration.zero : Duration.zero
      ))
    )
  )

const isEncoded = ({ headers }: HttpClientResponse.HttpClientResponse): boolean =>
  (headers["content-encoding"] ?? "identity") !== "identity"

/** What tells one version of a file from any other: a strong tag. Two may come within the second of one date. */
const validatorOf = ({ headers }: HttpClientResponse.HttpClientResponse): string | undefined =>
  /^"[!#-~]{1,200}"$/.exec(headers["etag"] ?? "")?.[0]

const headOf = (response: HttpClientResponse.HttpClientResponse): Head => {
  const mediaType = MediaType.parse(response.headers["content-type"])
  // What the client has unpacked is neither as long as it says, nor to be gone on with.
  if (isEncoded(response)) return { mediaType }
  const length = /^\d{1,15}$/.exec(response.headers["content-length"] ?? "")?.[0]
  return { mediaType, bytes: length === undefined ? undefined : Number(length), validator: validatorOf(response) }
}

/** What is known of a file by a 206 that is the rest of it; `undefined` for any other. */
const goesOn = (response: HttpClientResponse.HttpClientResponse, received: number, head: Head): Head | undefined => {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d{1,15}|\*)$/.exec(response.headers["content-range"] ?? "") ?? []
  const bytes = total === undefined || total === "*" ? head.bytes : Number(total)
  return Number(from) === received && !isEncoded(response) && validatorOf(response) === head.validator &&
      bytes === (head.bytes ?? bytes)
    ? { ...head, bytes }
    : undefined
}

/** How many bytes of a file are looked at before it has a name. */
const looked = 64
/** A file that is known to be no longer is collected first: it is written, and noted, once. */
const small = 262_144

/**
 * A way to bring one draft to its end, from whatever link.
 *
 * What arrived in one try is gone on with in the next, and so is what an earlier process left, where `begun` tells one
 * version of the file from another.
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  settings: DownloadOptions,
  { begun, draft, listener, mayBePage, named, subject }: Task
): Effect.fn.Return<(link: Link) => Effect.Effect<Whole, DownloadError | SinkError>, SinkError> {
  let head = begun ?? {}
  let received = 0
  let hash = FileHash.make()
  let lastEnd = -1
  let heardAt = 0
  const clock = yield* Clock.Clock

  const forget = () => {
    head = {}
    received = 0
    hash = FileHash.make()
  }
  const restart = Effect.suspend(() => {
    forget()
    return draft.restart
  })

  const mayKeep = draft.kept <= Math.min(head.bytes ?? Infinity, settings.maxBytes) &&
    (head.validator !== undefined || draft.kept === head.bytes)
  if (draft.kept > 0 && !mayKeep) yield* restart
  if (draft.kept > 0 && mayKeep) {
    yield* Stream.runForEach(draft.read, (bytes) =>
      Effect.sync(() => {
        hash.update(bytes)
        received += bytes.length
      }))
  }

  const abandon = (error: DownloadError) =>
    restart.pipe(Effect.andThen(listener.abandon), Effect.andThen(Effect.fail(error)))

  /** What is wrong with a file that would go on with so many bytes. */
  const excess = (about: About, bytes: number): LengthMismatch | TooLarge | undefined => {
    const next = received + bytes
    return head.bytes !== undefined && next > head.bytes
      ? new LengthMismatch({ ...about, received: next, expected: head.bytes })
      : next > settings.maxBytes
      ? new TooLarge({ ...about, maxBytes: settings.maxBytes })
      : undefined
  }

  /** One timer for the whole body: one for each chunk, as of `Stream.timeout`, costs more than the reading. */
  const idle = (about: About): Effect.Effect<never, DownloadCut> =>
    Effect.suspend(() => {
      const left = Duration.toMillis(settings.idleTimeout) - (clock.currentTimeMillisUnsafe() - heardAt)
      return left > 0
        ? Effect.flatMap(Effect.sleep(Math.min(left, Duration.toMillis(settings.idleTimeout))), () => idle(about))
        : Effect.fail(cutOff(about, `No byte for ${Duration.format(settings.idleTimeout)}`))
    })

  const cutOff = (about: About, detail: string): DownloadCut => {
    const { bytes: expected } = head
    return new DownloadCut({ ...about, received, detail, ...(expected === undefined ? undefined : { expected }) })
  }

  /** A file that ends before its end, and does so twice at the same byte or without a break, is no longer than that. */
  const cut = (about: About, detail: string, isBreak: boolean): DownloadCut | LengthMismatch => {
    const { bytes: expected } = head
    const isLie = expected !== undefined && received > 0 && received < expected && (!isBreak || received === lastEnd)
    lastEnd = received
    return isLie ? new LengthMismatch({ ...about, received, expected }) : cutOff(about, detail)
  }

  /** Makes ready for the body of an answer that goes on with the file; false where the file is whole already. */
  const goOn = Effect.fnUntraced(function*(
    { about, response }: Exchange.Answer
  ): Effect.fn.Return<boolean, DownloadError | SinkError> {
    const { headers, status } = response
    const next = status === 206 && received > 0 ? goesOn(response, received, head) : undefined
    if (next !== undefined) {
      head = next
      return true
    }
    // Of a file that was said to be longer, this is what a host says that knows a part of it.
    const mayBeWhole = status === 416 && received > 0 && head.bytes === undefined &&
      validatorOf(response) === head.validator
    if (mayBeWhole && headers["content-range"] === `bytes */${received}`) return false
    yield* restart
    return yield* new LinkUnavailable({ ...about, status, detail: "Not the range that was asked for" })
  })

  /** Takes the body of an answer, of which the draft has the beginning already, or nothing. */
  const takeBody = Effect.fnUntraced(function*(
    { about, response, url }: Exchange.Answer
  ): Effect.fn.Return<void, DownloadError | SinkError, Scope.Scope> {
    const writer = yield* Writer.make(draft, settings.buffers)

    const add = (bytes: Uint8Array): Effect.Effect<void, DownloadError | SinkError> => {
      const error = excess(about, bytes.length)
      if (error !== undefined) return Effect.andThen(writer.flush, abandon(error))
      hash.update(bytes)
      received += bytes.length
      heardAt = Infinity // a slow disk is no silent host
      return Effect.flatMap(writer.add(bytes), () => {
        heardAt = clock.currentTimeMillisUnsafe()
        return listener.progress(received, head)
      })
    }

    /** What has come of a file that has no name yet. */
    let first: Array<Uint8Array> | undefined = response.status === 200 ? [] : undefined
    let length = 0
    const next = headOf(response)
    const collected = next.bytes !== undefined && next.bytes <= small ? next.bytes : looked
    if (response.status === 200 && received === 0) head = next
    const isPage = (bytes: Uint8Array) => !mayBePage && (next.mediaType === "text/html" || MediaType.isPage(bytes))
    const begin = Effect.fnUntraced(function*(
      pieces: ReadonlyArray<Uint8Array>
    ): Effect.fn.Return<void, DownloadError | SinkError> {
      const bytes = joined(pieces)
      first = undefined
      if (bytes.length === 0) return
      if (isPage(bytes)) {
        const { status } = response
        return yield* Exchange.isChallenge(response, bytes)
          ? new LinkUnavailable({ ...about, status, detail: "A page that tells people from programs" })
          : new LinkDead({ ...about, status, detail: "A page, not a file" })
      }
      if (received > 0) yield* restart
      const { ending, mediaType } = MediaType.find(next.mediaType, [url, named], bytes)
      head = { ...next, mediaType }
      const error = excess(about, bytes.length)
      if (error !== undefined) return yield* error
      yield* listener.begin(head, ending, bytes)
      yield* add(bytes)
    })

    const take = (bytes: Uint8Array): Effect.Effect<void, DownloadError | SinkError> => {
      if (first === undefined) return add(bytes)
      first.push(bytes)
      length += bytes.length
      heardAt = clock.currentTimeMillisUnsafe()
      return length < collected || length < Exchange.pageLength && isPage(joined(first)) ? Effect.void : begin(first)
    }

    heardAt = clock.currentTimeMillisUnsafe()
    const ended = yield* response.stream.pipe(
      Stream.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Stream.empty),
      Stream.mapError(({ reason }) => Exchange.codeOf(reason.cause) ?? "Cut"),
      Stream.runForEach(take),
      Effect.raceFirst(idle(about)),
      Effect.exit
    )
    // What has come is kept, however it ended.
    if (first !== undefined) yield* begin(first)
    yield* writer.flush
    yield* Effect.mapError(ended, (error) => typeof error === "string" ? cut(about, error, true) : error)
  })

  const attempt = Effect.fnUntraced(function*(
    link: Link
  ): Effect.fn.Return<Whole, DownloadError | SinkError, Scope.Scope> {
    if (received > 0 && received !== head.bytes && head.validator === undefined) yield* restart
    const { validator } = head
    const range = received > 0 && validator !== undefined ? { from: received, validator } : undefined
    let source = sourceOf(parseUrl(Exchange.isInline(link.url) ? "data:," : link.url))
    if (received === 0 || received !== head.bytes) {
      const answer = yield* Exchange.open(settings, subject, link, range)
      const { about, response, url } = answer
      source = sourceOf(url)
      if (response.status === 200) {
        if ((headOf(response).bytes ?? 0) > settings.maxBytes) {
          return yield* abandon(new TooLarge({ ...about, maxBytes: settings.maxBytes }))
        }
        yield* takeBody(answer)
      } else if (yield* goOn(answer)) {
        yield* takeBody(answer)
      }
      if (received === 0) return yield* new LinkUnavailable({ ...about, detail: "The file is empty" })
      if (head.bytes !== undefined && received < head.bytes) return yield* cut(about, "Short", false)
    }
    return { bytes: received, sha256: FileHash.hexOf(hash), mediaType: head.mediaType, source }
  })

  return (link) => Effect.retry(Effect.scoped(attempt(link)), pauses(settings.retries))
})

const joined = ([only = new Uint8Array(), ...others]: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (others.length === 0) return only
  const pieces = [only, ...others]
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** Where a file came from: the rest of a link stays private. */
export const sourceOf = (url: URL | undefined): string => url?.protocol === "data:" ? "data:" : url?.origin ?? ""
