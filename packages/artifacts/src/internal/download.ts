import type { MediaKind } from "@media-jobs/core/Artifact"
import * as Sha256 from "@media-jobs/core/Sha256"
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
import * as Exchange from "./exchange.ts"
import { hexOf } from "./fileHash.ts"
import * as MediaType from "./mediaType.ts"

/** How files are fetched. */
export interface Way extends Exchange.Way {
  readonly retries: number
  readonly maxBytes: number
}

/** What is known of a file before its bytes have come. */
export interface Head {
  readonly bytes?: number | undefined
  readonly validator?: string | undefined
  readonly mediaType?: string | undefined
}

/** What a download tells while it runs. */
export interface Listener {
  /** A file begins, or begins anew. */
  readonly begin: (head: Head, url: URL) => Effect.Effect<void, SinkError>
  /** What was begun is worth nothing. */
  readonly abandon: Effect.Effect<void, SinkError>
  readonly progress: (received: number, head: Head) => Effect.Effect<void>
}

/** A file to be fetched. */
export interface Task {
  readonly subject: Exchange.Subject
  readonly kind: MediaKind
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
const patience = Duration.minutes(1)

const pauses = (retries: number) =>
  Schedule.exponential("500 millis").pipe(
    Schedule.jittered,
    Schedule.upTo({ times: retries }),
    Schedule.setInputType<DownloadError | SinkError>(),
    Schedule.while(({ input }) =>
      input._tag === "DownloadCut" ||
      input._tag === "LengthMismatch" && input.received < input.expected ||
      input._tag === "LinkUnavailable" && Duration.isLessThanOrEqualTo(input.retryAfter ?? Duration.zero, patience)
    ),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(Duration.sum(
        Duration.min(duration, patience),
        input._tag === "LinkUnavailable" ? input.retryAfter ?? Duration.zero : Duration.zero
      ))
    )
  )

const isEncoded = ({ headers }: HttpClientResponse.HttpClientResponse): boolean =>
  (headers["content-encoding"] ?? "identity") !== "identity"

/** What `If-Range` can name: a strong tag, else a date. */
const validatorOf = ({ headers }: HttpClientResponse.HttpClientResponse): string | undefined =>
  /^"[!#-~]{1,200}"$/.exec(headers["etag"] ?? "")?.[0] ??
    /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.exec(headers["last-modified"] ?? "")?.[0]

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
  const { validator = head.validator } = headOf(response)
  return Number(from) === received && !isEncoded(response) && validator === head.validator &&
      bytes === (head.bytes ?? bytes)
    ? { ...head, bytes }
    : undefined
}

/**
 * A way to bring one draft to its end, from whatever link.
 *
 * What arrived in one try is gone on with in the next, and so is what an earlier process left, where `begun` tells one
 * version of the file from another.
 */
export const make = Effect.fnUntraced(function*(
  way: Way,
  { begun, draft, kind, listener, subject }: Task
): Effect.fn.Return<(link: string) => Effect.Effect<Whole, DownloadError | SinkError>, SinkError> {
  let head = begun ?? {}
  let received = 0
  let hash = Sha256.make()
  let lastEnd = -1
  let heardAt = 0
  const clock = yield* Clock.Clock

  const restart = Effect.suspend(() => {
    head = {}
    received = 0
    hash = Sha256.make()
    return draft.restart
  })

  const mayKeep = draft.kept <= Math.min(head.bytes ?? Infinity, way.maxBytes) &&
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

  const take = (about: About) => (bytes: Uint8Array): Effect.Effect<void, DownloadError | SinkError> => {
    const next = received + bytes.length
    if (head.bytes !== undefined && next > head.bytes) {
      return abandon(new LengthMismatch({ ...about, received: next, expected: head.bytes }))
    }
    if (next > way.maxBytes) return abandon(new TooLarge({ ...about, maxBytes: way.maxBytes }))
    heardAt = Infinity // a slow disk is no silent host
    return Effect.flatMap(draft.write(bytes), () => {
      hash.update(bytes)
      received = next
      heardAt = clock.currentTimeMillisUnsafe()
      return listener.progress(received, head)
    })
  }

  /** One timer for the whole body: one for each chunk, as of `Stream.timeout`, costs more than the reading. */
  const silence = (about: About): Effect.Effect<never, DownloadCut> =>
    Effect.suspend(() => {
      const left = Duration.toMillis(way.silence) - (clock.currentTimeMillisUnsafe() - heardAt)
      return left > 0
        ? Effect.flatMap(Effect.sleep(Math.min(left, Duration.toMillis(way.silence))), () => silence(about))
        : Effect.fail(cutOff(about, `No byte for ${Duration.format(way.silence)}`))
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

  /** Makes ready for the body of an answer; false where there is none to read, for the file is whole. */
  const prepare = Effect.fnUntraced(function*(
    response: HttpClientResponse.HttpClientResponse,
    url: URL,
    about: About
  ): Effect.fn.Return<boolean, DownloadError | SinkError> {
    const { headers, status } = response
    if (status === 200) {
      const next = headOf(response)
      if (next.mediaType === "text/html" && kind !== "text" && kind !== "other") {
        return yield* new LinkDead({ ...about, status, detail: "A page, not a file" })
      }
      if (received > 0) yield* restart
      if ((next.bytes ?? 0) > way.maxBytes) {
        return yield* abandon(new TooLarge({ ...about, maxBytes: way.maxBytes }))
      }
      head = next
      yield* listener.begin(head, url)
      return true
    }
    const next = status === 206 && received > 0 ? goesOn(response, received, head) : undefined
    if (next !== undefined) {
      head = next
      return true
    }
    // Of a file that was said to be longer, this is what a host says that knows a part of it.
    const mayBeWhole = status === 416 && received > 0 && head.bytes === undefined
    if (mayBeWhole && headers["content-range"] === `bytes */${received}`) return false
    yield* restart
    return yield* new LinkUnavailable({ ...about, status, detail: "Not the range that was asked for" })
  })

  const attempt = Effect.fnUntraced(function*(
    link: string
  ): Effect.fn.Return<Whole, DownloadError | SinkError, Scope.Scope> {
    if (received > 0 && received !== head.bytes && head.validator === undefined) yield* restart
    const { validator } = head
    const range = received > 0 && validator !== undefined ? { from: received, validator } : undefined
    let source = URL.parse(link)?.origin ?? ""
    if (received === 0 || received !== head.bytes) {
      const { response, url } = yield* Exchange.open(way, subject, link, range)
      const about: About = { ...subject, host: url.hostname }
      source = url.origin
      if (yield* prepare(response, url, about)) {
        heardAt = clock.currentTimeMillisUnsafe()
        yield* response.stream.pipe(
          Stream.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Stream.empty),
          Stream.mapError(({ reason }) => cut(about, Exchange.codeOf(reason.cause) ?? "Cut", true)),
          Stream.runForEach(take(about)),
          Effect.raceFirst(silence(about))
        )
        if (received === 0) return yield* new LinkUnavailable({ ...about, detail: "The file is empty" })
        if (head.bytes !== undefined && received < head.bytes) return yield* cut(about, "Short", false)
      }
    }
    return { bytes: received, sha256: hexOf(hash), mediaType: head.mediaType, source }
  })

  return (link) => Effect.retry(Effect.scoped(attempt(link)), pauses(way.retries))
})
