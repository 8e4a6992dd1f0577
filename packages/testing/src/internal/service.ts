import type * as Reply from "../Reply.ts"

/**
 * A request as a service sees it: `segment` is the variable part of the path, still encoded, `now` is in milliseconds.
 */
export interface Call {
  readonly user: string
  readonly segment: string
  readonly body: string
  readonly now: number
}

/**
 * One documented call; `path` has at most one variable segment, written `:name`.
 */
export interface Route<Operation extends string> {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly answer: (call: Call) => Reply.Reply
}

/**
 * The variable segment of `path` when it fits `pattern`, empty when `pattern` has none.
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
    segment = part
  }
  return segment
}
