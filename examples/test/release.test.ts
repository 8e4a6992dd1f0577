import { assert, describe, it } from "@effect/vitest"
import { refusal } from "../../scripts/release.ts"

describe("a release", () => {
  it.each([
    undefined,
    "",
    "the public one",
    "git@example.com:a/b",
    "http://example.com/a/b",
    "https://example.com/",
    "https://example.com/a/b.git"
  ])(
    "is refused while the repository is %j",
    (repository) => assert.include(refusal({ repository }), "Nothing is published")
  )

  it("is not refused once there is one", () => {
    assert.isUndefined(refusal({ repository: "https://example.com/a/b" }))
  })
})
