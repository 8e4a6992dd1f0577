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
      ["did not pass our guidelines", "content"],
      ["The image may contain real people", "content"],
      ["Rejected by risk control", "content"],
      ["内容包含敏感信息", "content"],
      ["视频审核未通过", "content"],
      ["The input or output was flagged as sensitive. (E005)", "content"],
      ["Advanced prompt moderation failed", "content"],
      ["Your prompt violates our community guidelines", "content"],
      ["Contains blacklisted words", "content"],
      ["Blocked by the safety system", "content"],
      ["Output video contains copyrighted material", "content"],
      ["OutputVideoSensitiveContentDetected", "content"],
      ["No credits left", "credits"],
      ["You have insufficient credit to run this model", "credits"],
      ["Your balance is too low", "credits"],
      ["Payment required", "credits"],
      ["账户余额不足", "credits"],
      ["Invalid input: width must be a multiple of 8", "input"],
      ["CUDA out of memory", "input"],
      ["The request timed out", "service"],
      ["The server is overloaded", "service"],
      // Words that are of a picture, and what could not be judged at all.
      ["failed to moderate image", "unknown"],
      ["moderate lighting failed", "unknown"],
      ["payment page rendered", "unknown"],
      ["Could not draw the credit card", "unknown"],
      ["A safety helmet was not recognised", "unknown"],
      ["The balance beam broke", "unknown"],
      ["A sensitive plant did not open", "unknown"],
      ["The quota of frames was rendered", "unknown"],
      ["Too few moderators were drawn", "unknown"],
      ["fail_code: 2043", "unknown"],
      ["Internal error", "unknown"]
    ] as const
  ) {
    it(`knows "${reason}" for ${cause}`, () =>
      assert.deepStrictEqual(Failure.fromText(reason), { _tag: "Failed", reason, cause }))
  }

  it("asks a service's own phrases first", () => {
    const own = [["service", /moderat/]] as const
    assert.deepStrictEqual(Failure.fromText("The prompt was moderated", own), {
      _tag: "Failed",
      reason: "The prompt was moderated",
      cause: "service"
    })
  })

  it("takes no longer for what is long", () => {
    const began = performance.now()
    for (const text of ["blocked by ", "contains ", "violated ", "not pass ", "exceeds ", "insufficient a ", "no "]) {
      assert.strictEqual(Failure.fromText(text.repeat(100_000))._tag, "Failed")
    }
    // Quadratic, it would take minutes.
    assert.isBelow(performance.now() - began, 10_000)
  })

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

it("a failure has the code that the service has for it, and what was cancelled has none", () => {
  const failed = Failure.fromText("Internal error")
  assert.deepStrictEqual(Failure.coded(failed, 504), {
    _tag: "Failed",
    reason: "Internal error",
    cause: "unknown",
    code: "504"
  })
  assert.deepStrictEqual(Failure.coded(failed, undefined), failed)
  const cancelled = Failure.fromText("Cancelled by user")
  assert.strictEqual(Failure.coded(cancelled, 504), cancelled)
})

it("what is missing has the cause of its words, and what was cancelled none that is known", () => {
  const reason = "NSFW content detected"
  assert.deepStrictEqual(Failure.missing(reason), { reason, cause: "content" })
  assert.deepStrictEqual(Failure.missing(reason, [["service", /NSFW/]]), { reason, cause: "service" })
  for (const said of [undefined, "Cancelled by user"]) {
    assert.deepStrictEqual(Failure.missing(said), { cause: "unknown" })
  }
})
