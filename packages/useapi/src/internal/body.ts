import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** A list of 50,000 jobs is about 13 MB; nothing that these services answer in earnest is larger. */
const longest = 20 * 1024 * 1024
/** An error is a sentence; a page that stands in for one is not needed whole. */
const longestError = 64 * 1024

const isOk = (status: number): boolean => status >= 200 && status <= 299

/**
 * The text of an answer, read no further than it can be of use; `undefined` for a success that is too long.
 *
 * An error's status says most of what there is to say, so of its body any part will do, and none.
 */
export const read = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> => {
  const { headers, status } = response
  const limit = isOk(status) ? longest : longestError
  const length = headers["content-encoding"] === undefined ? Number(headers["content-length"] ?? NaN) : NaN
  const text = length <= limit ? response.text : collect(response, limit)
  return isOk(status) ? text : Effect.orElseSucceed(text, () => "")
}

const collect = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  limit: number
): Effect.fn.Return<string | undefined, HttpClientError.HttpClientError> {
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  yield* Stream.runForEachWhile(response.stream, (chunk) =>
    Effect.sync(() => {
      text += decoder.decode(chunk.subarray(0, limit - size), { stream: true })
      size += chunk.length
      return size <= limit
    })).pipe(
      Effect.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Effect.void)
    )
  if (size > limit && isOk(response.status)) return undefined
  return text + decoder.decode()
})
