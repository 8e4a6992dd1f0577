import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Cause from "effect/Cause"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Stored } from "../ReplicateWire.ts"
import type { Client, Failed } from "./client.ts"

const decodeStored = Schema.decodeUnknownResult(Stored)
const encoder = /* @__PURE__ */ new TextEncoder()

/** Files may be large, and lines slow. */
const timeout = Duration.minutes(10)

/** The content as it came, and why it is not what was promised, once that shows. */
const guarded = ({ content, length }: Provider.Upload) => {
  let size = 0
  const state: { spoiled?: string } = {}
  const checked = content.pipe(
    Stream.tap((chunk) => Effect.sync(() => void (size += chunk.length))),
    Stream.concat(Stream.suspend(() =>
      size === 0
        ? Stream.fail("at least one byte")
        : length !== undefined && size !== length
        ? Stream.fail(`${length} bytes, as its length says`)
        : Stream.empty
    )),
    Stream.tapCause((cause) =>
      Effect.sync(() => {
        if (Cause.hasInterruptsOnly(cause)) return
        const failure = Cause.squash(cause)
        state.spoiled = typeof failure === "string"
          ? failure
          : `content that can be read to its end: ${
            JobError.scrub(failure instanceof Error ? failure.message : Formatter.format(failure))
          }`
      })
    )
  )
  return { checked, state }
}

/** Sends a file once, as it streams: the part `content` of a form, under a name that only its media type tells. */
export const send = Effect.fnUntraced(function*(
  client: Client,
  refuse: (issue: JobError.Issue) => JobError.InvalidRequest,
  file: Provider.Upload
): Effect.fn.Return<Provider.Uploaded, Failed | JobError.InvalidRequest> {
  const { length, mediaType } = file
  // It stands in a header, which must not grow another.
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) {
    return yield* refuse({ field: "mediaType", message: "Expected a type and a subtype, as in image/png" })
  }
  if (length !== undefined && !(Number.isSafeInteger(length) && length > 0)) {
    return yield* refuse({ field: "length", message: "Expected a whole number of bytes, at least 1" })
  }
  const boundary = `media-jobs-${SecureRandom.uuidV4Unsafe().replaceAll("-", "")}`
  const name = `file.${/[a-z0-9]+$/i.exec(mediaType)?.[0] ?? "bin"}`
  const head = encoder.encode(
    `--${boundary}\r\nContent-Disposition: form-data; name="content"; filename="${name}"\r\n` +
      `Content-Type: ${mediaType}\r\n\r\n`
  )
  const end = encoder.encode(`\r\n--${boundary}--\r\n`)
  const { checked, state } = guarded(file)
  const result = yield* Effect.result(client.run({
    operation: "upload",
    method: "POST",
    path: "/files",
    body: HttpBody.stream(
      Stream.succeed(head).pipe(Stream.concat(checked), Stream.concat(Stream.succeed(end))),
      `multipart/form-data; boundary=${boundary}`,
      length === undefined ? undefined : head.length + length + end.length
    ),
    timeout,
    decode: (body) => Result.map(decodeStored(body), ({ urls }): Provider.Uploaded => ({ reference: urls.get }))
  }))
  if (state.spoiled !== undefined) return yield* refuse({ field: "content", message: `Expected ${state.spoiled}` })
  return yield* Effect.fromResult(result)
})
