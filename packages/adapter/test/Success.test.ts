import { assert, describe, it } from "@effect/vitest"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as WireFile from "@media-jobs/adapter/WireFile"

const filesOf = (work: unknown, index: number) => WireFile.of(work, { kind: "audio", role: "primary", index })
const [one, two] = ["https://example.com/1.mp3", "https://example.com/2.mp3"]

describe("Success", () => {
  it("of nothing at all is a failure that is asked about once more", () => {
    assert.strictEqual(Success.of([], { missing: [{ cause: "content" }], output: "lyrics" }), Failure.withoutFile)
    assert.strictEqual(Success.ofWorks([undefined], filesOf), Failure.withoutFile)
  })

  it("has what was made beside files", () => {
    const artifacts = filesOf(one, 0)
    assert.deepStrictEqual(Success.of(artifacts), { _tag: "Succeeded", artifacts })
    assert.deepStrictEqual(Success.of(artifacts, { output: "" }), { _tag: "Succeeded", artifacts, output: "" })
  })

  it("leaves each work its place, and says what is missing and why", () => {
    const why = (work: unknown) => Failure.missing(work === 7 ? "NSFW content detected" : undefined)
    assert.deepStrictEqual(Success.ofWorks([undefined, one, 7, two], filesOf, why), {
      _tag: "Succeeded",
      artifacts: [...filesOf(one, 1), ...filesOf(two, 3)],
      missing: [
        { label: "primary", cause: "unknown" },
        { label: "primary-3", reason: "NSFW content detected", cause: "content" }
      ]
    })
    assert.deepStrictEqual([1, 3].map((i) => filesOf(one, i)[0]?.label), ["primary-2", "primary-4"])
  })
})
