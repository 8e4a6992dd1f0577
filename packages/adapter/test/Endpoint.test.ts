import { assert, describe, it } from "@effect/vitest"
import * as Answer from "@media-jobs/adapter/Answer"
import * as Endpoint from "@media-jobs/adapter/Endpoint"
import * as Parts from "@media-jobs/adapter/Parts"
import { Instance } from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { acme } from "./service.ts"

describe("Endpoint", () => {
  const rain = Endpoint.make("rain", {
    input: Schema.Struct({ prompt: Schema.NonEmptyString, seed: Schema.optionalKey(Schema.Int) }),
    output: Schema.Struct({ length: Schema.NumberFromString })
  }, (asked, options: { readonly fast?: boolean } = {}) => ({ ...options, ...asked }))

  it("sends what its schema takes, as it is", () => {
    assert.deepStrictEqual(rain.request({ prompt: "x" }, { fast: true }), { fast: true, input: { prompt: "x" } })
  })

  it("names all that is wrong, and sends nothing of it", () => {
    // @ts-expect-error: a text is no number
    const asked = rain.request({ prompt: "", seed: "7", more: 1 })
    assert.deepStrictEqual(asked.input, {})
    assert.deepStrictEqual(asked.refused?.map(({ field }) => field).toSorted(), [
      "input.more",
      "input.prompt",
      "input.seed"
    ])
    assert.notInclude(JSON.stringify(asked.refused), "7")
  })

  it.effect("has no output of a run without jobs", () =>
    Effect.gen(function*() {
      const { issues, remedy } = yield* Effect.flip(rain.output({ jobs: [] }))
      assert.deepStrictEqual([issues.map(({ field }) => field), remedy._tag], [[""], "Fix"])
    }))
})

describe("Parts", () => {
  it.effect.each(
    [
      [[], []],
      [[3], [3]],
      [[4], [4]],
      [[9], [4, 4, 1]],
      [[1, 1, 1, 1, 1], [4, 1]],
      [[3, 0, 6, 3], [4, 4, 4]]
    ] as const
  )("%o becomes %o", ([chunks, parts]) =>
    Effect.gen(function*() {
      let next = 0
      const content = chunks.map((size) => Uint8Array.from({ length: size }, () => next++))
      const found = yield* Stream.runCollect(Parts.ofSize(Stream.fromIterable(content), 4))
      assert.deepStrictEqual(found.map(({ length }) => length), [...parts])
      assert.deepStrictEqual(found.flatMap((part) => [...part]), Array.from({ length: next }, (_, i) => i))
    }))
})

describe("an answer that a call accepts", () => {
  const meaning = (status: number, text: string) =>
    Answer.classify({ errorText: () => "No" }, {
      provider: acme,
      instance: Instance.make("default"),
      operation: "recover",
      accepts: (status, body) => status === 422 ? { status, body } : undefined
    }, { status, text, receivedAt: DateTime.makeUnsafe(0) })

  it("is its value, and any other an error as ever", () => {
    assert.deepStrictEqual(meaning(422, "[1]"), Result.succeed({ status: 422, body: [1] }))
    assert.deepStrictEqual(meaning(200, "[1]"), Result.succeed([1]))
    for (const [status, text] of [[500, "[1]"], [422, "<html>"]] as const) {
      assert(Result.isFailure(meaning(status, text)))
    }
  })
})
