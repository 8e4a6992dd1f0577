import { assert, describe, it } from "@effect/vitest"
import * as Pages from "@media-jobs/adapter/Pages"
import * as JobError from "@media-jobs/core/JobError"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"

const acme = { provider: ProviderId.make("acme"), instance: ProviderId.defaultInstance }

/** Pages of two entries each, from `0` on to wherever `next` leads; and which were asked for. */
const walked = (
  next: (page: number) => string | undefined,
  more: { readonly most?: number; readonly enough?: (entries: ReadonlyArray<number>) => boolean } = {}
) => {
  const asked: Array<string> = []
  return Effect.map(
    Effect.result(Pages.walk(acme, "list", {
      first: "0",
      ask: (cursor) =>
        Effect.sync(() => {
          asked.push(cursor)
          const page = Number(cursor)
          return { entries: [page * 2, page * 2 + 1], next: next(page) }
        }),
      ...more
    })),
    (result) => ({ asked, result })
  )
}
const upTo = (last: number) => (page: number) => page === last ? undefined : `${page + 1}`

describe("Pages.walk", () => {
  it.effect("takes the entries of all pages, in their order", () =>
    Effect.gen(function*() {
      const { asked, result } = yield* walked(upTo(2))
      assert.deepStrictEqual(asked, ["0", "1", "2"])
      assert.deepStrictEqual(yield* Effect.fromResult(result), { entries: [0, 1, 2, 3, 4, 5], whole: true })
    }))

  it.effect("ends with a page that is enough, and is whole", () =>
    Effect.gen(function*() {
      const { result } = yield* walked(upTo(9), { enough: (entries) => entries.includes(3) })
      assert.deepStrictEqual(yield* Effect.fromResult(result), { entries: [0, 1, 2, 3], whole: true })
    }))

  it.effect("is whole only where it was not cut", () =>
    Effect.gen(function*() {
      for (const [last, whole] of [[1, true], [2, false]] as const) {
        const { asked, result } = yield* walked(upTo(last), { most: 2 })
        assert.deepStrictEqual(yield* Effect.fromResult(result), { entries: [0, 1, 2, 3], whole })
        assert.lengthOf(asked, 2)
      }
    }))

  it.effect("fails where a page leads back, and where there is no end", () =>
    Effect.gen(function*() {
      for (const [next, pages] of [[() => "0", 1], [(page: number) => `${1 - page}`, 2], [upTo(-1), 1000]] as const) {
        const { asked, result } = yield* walked(next)
        assert.strictEqual(result._tag === "Failure" && result.failure._tag, "UnexpectedResponse")
        assert.lengthOf(asked, pages)
      }
    }))

  it.effect("fails as a page does", () =>
    Effect.gen(function*() {
      const down = new JobError.Unavailable({ ...acme, operation: "recover" })
      const walk = Pages.walk(acme, "recover", { first: "0", ask: () => Effect.fail(down) })
      assert.strictEqual(yield* Effect.flip(walk), down)
    }))
})
