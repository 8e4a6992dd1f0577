import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/*
 * What fetch, undici and node:http let through: bodies without end, and failures that say what happened in the causes they
 * nest.
 */

/** A page holds a hundred predictions with all that went in and came out, `data` URLs included. */
const longest = 64 * 1024 * 1024
/** An error is a sentence; a page that stands in for one is not needed whole. */
const longestError = 64 * 1024

/**
 * The text of an answer, read no further than it can be of use; `undefined` for a success that is too long. Of an error any
 * part will do, and none.
 */
export const read = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> => {
  const isOk = response.status >= 200 && response.status <= 299
  const limit = isOk ? longest : longestError
  return Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let size = 0
    const all = Stream.runForEachWhile(response.stream, (chunk) =>
      Effect.sync(() => {
        text += decoder.decode(chunk.subarray(0, limit - size), { stream: true })
        size += chunk.length
        return size <= limit
      })).pipe(
        Effect.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Effect.void),
        Effect.map(() => isOk && size > limit ? undefined : text + decoder.decode())
      )
    return isOk ? all : Effect.orElseSucceed(all, () => text)
  })
}

interface SystemError {
  readonly message?: unknown
  readonly code?: unknown
  readonly syscall?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/** A failure with its causes, as deep as anybody would read; of several attempts to connect the first, since all failed. */
const chain = (error: unknown): ReadonlyArray<SystemError> => {
  const links: Array<SystemError> = []
  for (let at = error; typeof at === "object" && at !== null && links.length < 8;) {
    const link: SystemError = at // every field of it is unknown and may be absent
    links.push(link)
    at = link.cause ?? (Array.isArray(link.errors) ? link.errors[0] : undefined)
  }
  return links
}

const beforeSending: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT"
])

/** Whether it is certain that no byte of the request reached a server. */
export const neverLeft = (error: unknown): boolean =>
  chain(error).some(({ code, syscall }) =>
    beforeSending.has(code) || syscall === "connect" || syscall === "getaddrinfo"
  )

/** The messages and codes of a failure, outermost first. */
export const describe = (error: unknown): string => {
  const parts = chain(error).flatMap(({ code, message }) => [message, code]).filter((part) => typeof part === "string")
  return [...new Set(parts.filter((part) => part !== ""))].join(": ") || "The connection failed"
}
