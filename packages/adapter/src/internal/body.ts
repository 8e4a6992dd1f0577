import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** An error is a sentence; a page that stands in for one is not needed whole. */
const maxErrorBytes = 64 * 1024

export const isOk = (status: number): boolean => status >= 200 && status <= 299

/**
 * The text of an answer, read no further than it can be of use; `undefined` for a success that is longer than `maxBytes`.
 *
 * An error's status says most of what there is to say, so of its body any part will do, and none.
 */
export const read = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers,
  maxBytes: number
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> => {
  const ok = isOk(response.status)
  const limit = ok ? maxBytes : maxErrorBytes
  const length = headers["content-encoding"] === undefined ? Number(headers["content-length"]) : NaN
  const text = length <= limit ? response.text : collect(response, limit, ok)
  return ok ? text : Effect.orElseSucceed(text, () => "")
}

/** Ends the reading. */
const enough = "enough" as const

const collect = (response: HttpClientResponse.HttpClientResponse, limit: number, ok: boolean) =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let size = 0
    const read = Stream.runForEach(response.stream, (chunk) => {
      text += decoder.decode(chunk.subarray(0, limit - size), { stream: true })
      size += chunk.length
      return size > limit ? Effect.fail(enough) : Effect.void
    })
    return Effect.map(
      Effect.catch(read, (error) =>
        error === enough || error.reason._tag === "EmptyBodyError" ? Effect.void : Effect.fail(error)),
      () =>
        ok && size > limit ? undefined : text + decoder.decode()
    )
  })
