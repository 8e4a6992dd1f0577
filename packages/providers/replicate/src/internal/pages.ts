import type * as Transport from "@media-jobs/adapter/Transport"
import * as JobError from "@media-jobs/core/JobError"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Page, type Prediction } from "../ReplicateWire.ts"

/** A prediction on a page, with its record as it came. */
export interface Entry {
  readonly prediction: Prediction
  readonly body: unknown
  readonly observedAt: DateTime.Utc
}

/** No walk that anybody waits for is longer. */
const longest = 1000

const decodePage = Schema.decodeUnknownResult(Page)

/** The query alone is taken of where the next page is: the token goes to no host but the base's. */
const queryOf = (next: string): string | undefined => {
  const found = /^[^?#]*\?([^#]+)/.exec(next)?.[1]
  return found === undefined || /[^\x21-\x7e]/.test(found) ? undefined : found
}

const isOlder = (since: DateTime.Utc) => ({ prediction: { created_at } }: Entry): boolean =>
  typeof created_at === "string" && Date.parse(created_at) < since.epochMilliseconds

/**
 * Predictions by their pages, newest first, up to the first page that is wholly older than `since`, the last, or the
 * `most`th; only of the last of these they are not the whole. A page that can't be had is a failure: what would stand on it
 * must not look absent, and who is told to wait must hear of it.
 */
export const walk = Effect.fnUntraced(function*<Op extends "list" | "recover">(
  transport: Transport.Transport,
  { most, operation, query, since }: {
    readonly operation: Op
    readonly query: Readonly<Record<string, string>>
    readonly since: DateTime.Utc
    readonly most: number
  }
): Effect.fn.Return<{ readonly found: ReadonlyArray<Entry>; readonly whole: boolean }, JobError.Of<Op>> {
  const { instance, provider } = transport
  const found: Array<Entry> = []
  const asked = new Set<string>()
  let at: string | undefined = new URLSearchParams(query).toString()
  while (at !== undefined) {
    if (asked.size >= most) return { found, whole: false }
    asked.add(at)
    const page: { readonly entries: ReadonlyArray<Entry>; readonly next: string | null } = yield* transport
      .call(
        operation,
        { method: "GET", path: `/predictions?${at}` },
        (body, observedAt) =>
          Result.map(decodePage(body), ({ next, results }) => {
            // It was just decoded to `results`, so the record of each stands where it does.
            const bodies = (body as { readonly results: ReadonlyArray<unknown> }).results
            return { next, entries: results.map((prediction, i) => ({ prediction, body: bodies[i], observedAt })) }
          })
      )
    const { entries, next } = page
    found.push(...entries)
    if (next === null || entries.length > 0 && entries.every(isOlder(since))) break
    at = queryOf(next)
    if (at === undefined || asked.has(at) || asked.size >= longest) {
      const detail = "The address of the next page leads nowhere"
      const error = new JobError.UnexpectedResponse({ provider, instance, operation, detail })
      return yield* Effect.fail(JobError.narrow(operation, error))
    }
  }
  return { found, whole: true }
})
