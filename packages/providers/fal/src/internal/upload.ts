/**
 * A file on its way to fal's storage: in one piece, or in parts where it is large or its length is not known.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Form from "@media-jobs/adapter/Form"
import * as Parts from "@media-jobs/adapter/Parts"
import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as wire from "./wire.ts"

type Api = Effect.Success<ReturnType<typeof Adapter.make>>
type Content = Stream.Stream<Uint8Array, unknown>

const mebibyte = 1024 * 1024
/** As the official client has it. */
const largestPiece = 90 * mebibyte
const partSize = 10 * mebibyte

/** Files may be large, and lines slow. */
const timeout = Duration.minutes(10)

const decodeInitiated = Schema.decodeUnknownResult(wire.Initiated)
const decodePart = Schema.decodeUnknownResult(wire.Part)

/** Asks the storage where the bytes go, which then wants no key, and sends them there. */
export const send = (storage: Api, { length, mediaType }: Provider.Upload) => {
  const isWhole = length !== undefined && length <= largestPiece
  const call = <A>(request: Transport.Request, decode: Transport.Decode<A>) =>
    storage.call("upload", { timeout, ...request }, decode)
  const initiated = call({
    method: "POST",
    path: `/storage/upload/initiate${isWhole ? "" : "-multipart"}?storage_type=fal-cdn-v3`,
    body: HttpBody.jsonUnsafe({ content_type: mediaType, file_name: Form.nameOf({ mediaType }) })
  }, (body) =>
    Result.flatMap(decodeInitiated(body), ({ file_url, upload_url }) => {
      const at = URL.parse(upload_url)
      return at === null
        ? Result.fail("The address for the upload is none")
        : Result.succeed({ at, reference: file_url })
    }))
  const put = (at: URL, rest: string, body: HttpBody.HttpBody): Transport.Request => ({
    method: "PUT",
    origin: at.origin,
    path: `${at.pathname}${rest}${at.search}`,
    body
  })
  const inParts = (at: URL, content: Content) =>
    Effect.gen(function*() {
      const sent = yield* Stream.runCollect(
        Stream.mapEffect(
          // What is wrong with the content the kit tells by itself.
          Stream.zipWithIndex(Stream.orDie(Parts.ofSize(content, partSize))),
          ([bytes, i]) =>
            Effect.retry(
              call(put(at, `/${i + 1}`, HttpBody.uint8Array(bytes, mediaType)), (body) => decodePart(body)),
              {
                times: 2,
                while: JobError.isRetryable
              }
            )
        )
      )
      const body = HttpBody.jsonUnsafe({ parts: sent })
      return yield* call({ ...put(at, "/complete", body), method: "POST" }, () => Result.void)
    })
  return (content: Content): Effect.Effect<Provider.Uploaded, JobError.Of<"upload">> =>
    Effect.flatMap(initiated, ({ at, reference }) =>
      Effect.as(
        isWhole
          ? call(put(at, "", HttpBody.stream(content, mediaType, length)), () => Result.void)
          : inParts(at, content),
        { reference }
      ))
}
