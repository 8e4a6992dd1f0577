import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import type * as Reply from "../Reply.ts"

/**
 * A request as a service sees it: `segment` is the variable part of the path, still encoded, `query` what follows it without
 * its mark, `now` is in milliseconds.
 *
 * `body` is empty where the route takes a file, of which only `bytes` is kept; of a form it is one character for each byte.
 */
export interface Call {
  readonly user: string
  readonly segment: string
  readonly query: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  readonly bytes: number
  readonly contentType: string
  readonly now: number
}

/**
 * An answer that goes on after its body.
 */
export interface Live extends Reply.Reply {
  readonly tail: Stream.Stream<string>
}

/**
 * One documented call; the variable segments of `path` are written `:name`. `unauthorized` is what a service says to a token
 * that is not accepted, where that is not what useapi.net says.
 */
export interface Route<Operation extends string> {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly file?: boolean | "form"
  readonly unauthorized?: Reply.Reply
  readonly answer: (call: Call) => Reply.Reply | Live
}

/**
 * The variable segments of `path` when it fits `pattern`, with slashes between, empty when `pattern` has none.
 *
 * Nothing is decoded: whether a client sends `:` or `%3A` is what some services look at.
 */
export const match = (pattern: string, path: string): string | undefined => {
  const expected = pattern.split("/")
  const actual = path.split("/")
  if (expected.length !== actual.length) return undefined
  let segment = ""
  for (const [i, part] of actual.entries()) {
    if (expected[i] === part) continue
    if (part === "" || expected[i]?.startsWith(":") !== true) return undefined
    segment += segment === "" ? part : `/${part}`
  }
  return segment
}

/**
 * A segment that is an account, which clients may encode or not.
 */
export const decode = (segment: string): string | undefined =>
  Result.getOrUndefined(Result.try(() => decodeURIComponent(segment)))

/**
 * A segment that is an id: the services' routing does not know `:` and `@` by their other names.
 */
export const decodeId = (segment: string): string | undefined => /%3a|%40/i.test(segment) ? undefined : decode(segment)
