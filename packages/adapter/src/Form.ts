/**
 * A file as a part of a form, as it streams.
 *
 * @since 0.1.0
 */
import * as FileType from "@media-jobs/core/FileType"
import type * as Provider from "@media-jobs/core/Provider"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as HttpBody from "effect/http/HttpBody"
import * as Stream from "effect/Stream"

/**
 * A name that tells only the type of a file: `file.png`.
 *
 * @since 0.1.0
 * @category getters
 */
export const nameOf = ({ mediaType }: Pick<Provider.Upload, "mediaType">): string =>
  `file.${FileType.ofMediaType(mediaType)?.ending ?? /[a-z0-9]+$/i.exec(mediaType)?.[0] ?? "bin"}`

const encoder = /* @__PURE__ */ new TextEncoder()

/** A name in a header, which must neither end nor grow another. */
const escaped = (name: string): string =>
  name.replace(/["\r\n]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)

/**
 * A form with the file as its part `name`, behind the `fields`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const file = (
  name: string,
  upload: Pick<Provider.Upload, "length" | "mediaType">,
  fields: Readonly<Record<string, string>> = {}
) =>
(content: Stream.Stream<Uint8Array, unknown>): HttpBody.HttpBody => {
  const { length, mediaType } = upload
  const boundary = `media-jobs-${SecureRandom.uuidV4Unsafe().replaceAll("-", "")}`
  const part = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`
  const others = Object.entries(fields).map(([name, value]) => `${part(name)}\r\n\r\n${value}\r\n`)
  const type = mediaType.replace(/[\r\n]/g, "")
  const head = encoder.encode(
    `${others.join("")}${part(name)}; filename="${escaped(nameOf(upload))}"\r\nContent-Type: ${type}\r\n\r\n`
  )
  const end = encoder.encode(`\r\n--${boundary}--\r\n`)
  return HttpBody.stream(
    Stream.succeed(head).pipe(Stream.concat(content), Stream.concat(Stream.succeed(end))),
    `multipart/form-data; boundary=${boundary}`,
    length === undefined ? undefined : head.length + length + end.length
  )
}
