import * as Content from "@media-jobs/adapter/Content"
import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Stored } from "../ReplicateWire.ts"

const decodeStored = Schema.decodeUnknownResult(Stored)
const encoder = /* @__PURE__ */ new TextEncoder()

/** Files may be large, and lines slow. */
const timeout = Duration.minutes(10)

/** Sends a file once, as it streams: the part `content` of a form, under a name that only its media type tells. */
export const send = Effect.fnUntraced(function*(
  transport: Transport.Transport,
  file: Provider.Upload
): Effect.fn.Return<Provider.Uploaded, JobError.UploadError> {
  const { instance, provider } = transport
  const { length, mediaType } = file
  const refuse = (issues: ReadonlyArray<JobError.Issue>) =>
    new JobError.InvalidRequest({ provider, instance, operation: "upload", issues })
  const issues = [
    // It stands in a header, which must not grow another.
    ...(/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)
      ? []
      : [{ field: "mediaType", message: "Expected a type and a subtype, as in image/png" }]),
    ...Content.issues(file)
  ]
  if (issues.length > 0) return yield* refuse(issues)
  const boundary = `media-jobs-${SecureRandom.uuidV4Unsafe().replaceAll("-", "")}`
  const name = `file.${/[a-z0-9]+$/i.exec(mediaType)?.[0] ?? "bin"}`
  const head = encoder.encode(
    `--${boundary}\r\nContent-Disposition: form-data; name="content"; filename="${name}"\r\n` +
      `Content-Type: ${mediaType}\r\n\r\n`
  )
  const end = encoder.encode(`\r\n--${boundary}--\r\n`)
  const content = Content.make(file)
  const result = yield* Effect.result(transport.call(
    "upload",
    {
      method: "POST",
      path: "/files",
      body: HttpBody.stream(
        Stream.succeed(head).pipe(Stream.concat(content.stream), Stream.concat(Stream.succeed(end))),
        `multipart/form-data; boundary=${boundary}`,
        length === undefined ? undefined : head.length + length + end.length
      ),
      timeout
    },
    (body) => Result.map(decodeStored(body), ({ urls }): Provider.Uploaded => ({ reference: urls.get }))
  ))
  const issue = content.issue()
  if (issue !== undefined) return yield* refuse([issue])
  return yield* Effect.fromResult(result)
})
