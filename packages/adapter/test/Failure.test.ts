import { assert, describe, it } from "@effect/vitest"
import * as Failure from "@media-jobs/adapter/Failure"

describe("Failure.fromText", () => {
  for (
    const [reason, cause] of [
      ["The prompt was moderated", "content"],
      ["Content policy violation", "content"],
      ["NSFW content detected", "content"],
      ["Not enough credits", "credits"],
      ["Quota exceeded", "credits"],
      ["fail_code: 2043", "unknown"],
      ["Internal error", "unknown"]
    ] as const
  ) {
    it(`knows "${reason}" for ${cause}`, () =>
      assert.deepStrictEqual(Failure.fromText(reason), { _tag: "Failed", reason, cause }))
  }

  it("knows a cancelled job by its words", () => {
    for (const reason of ["Cancelled by user", "Job cancelled by user", "canceled by User"]) {
      assert.deepStrictEqual(Failure.fromText(reason), { _tag: "Cancelled" })
    }
    assert.strictEqual(Failure.fromText("The upload was cancelled")._tag, "Failed")
  })

  it("says nothing where nothing was said", () => {
    for (const reason of [undefined, ""]) {
      assert.deepStrictEqual(Failure.fromText(reason), { _tag: "Failed", cause: "unknown" })
    }
  })
})
