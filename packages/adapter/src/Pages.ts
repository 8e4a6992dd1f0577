/**
 * A list that comes in pages, walked with a bound.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"

/** One page: what stands on it, and what asks for the one after it, `undefined` on the last. */
interface Page<A> {
  readonly entries: ReadonlyArray<A>
  readonly next: string | undefined
}

/** No walk is worth more pages, whatever it is told. */
const maxPages = 1000

/**
 * The entries of all pages, up to the last, the first that is `enough`, or the `most`th.
 *
 * **Details**
 *
 * Only where `most` cut the walk short are they not `whole`. A page that can't be had fails the walk: what would stand on it
 * must not look absent. A page that leads back to one that was read, and one that leads on for ever, are `UnexpectedResponse`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const walk = Effect.fnUntraced(function*<const Op extends "list" | "recover", A>(
  { instance, provider }: { readonly provider: ProviderId; readonly instance: Instance },
  operation: Op,
  { ask, enough = () => false, first, most = Infinity }: {
    readonly first: string
    readonly ask: (cursor: string) => Effect.Effect<Page<A>, JobError.Of<Op>>
    readonly enough?: ((entries: ReadonlyArray<A>) => boolean) | undefined
    readonly most?: number | undefined
  }
): Effect.fn.Return<{ readonly entries: ReadonlyArray<A>; readonly whole: boolean }, JobError.Of<Op>> {
  const found: Array<A> = []
  const asked = new Set<string>()
  for (let at: string | undefined = first; at !== undefined;) {
    if (asked.size >= most) return { entries: found, whole: false }
    if (asked.has(at) || asked.size >= maxPages) {
      const detail = "The address of the next page leads nowhere"
      const error = new JobError.UnexpectedResponse({ provider, instance, operation, detail })
      return yield* Effect.fail(JobError.narrow(operation, error))
    }
    asked.add(at)
    const page: Page<A> = yield* ask(at)
    for (const entry of page.entries) found.push(entry)
    if (page.entries.length > 0 && enough(page.entries)) break
    at = page.next
  }
  return { entries: found, whole: true }
})
