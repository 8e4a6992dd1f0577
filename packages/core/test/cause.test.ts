import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Schema from "effect/Schema"

const call = { provider: ProviderId.make("acme"), instance: ProviderId.defaultInstance, operation: "get" } as const
const codec = Schema.toCodecJson(JobError.Unavailable)
const read = (json: unknown) => Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(json)))

describe("the cause of an error", () => {
  const causes = [
    new TypeError("fetch failed", { cause: new RangeError("port", { cause: new Error("deep") }) }),
    new Error(""),
    "refused",
    { code: "ECONNRESET" },
    null
  ]
  for (const cause of causes) {
    it(`is in JSON as \`Schema.Defect\` has it: ${JSON.stringify(cause)} ${String(cause)}`, () => {
      const error = new JobError.Unavailable({ ...call, cause })
      const encoded = { ...Schema.encodeSync(codec)(error) as object }
      const defect = Schema.encodeSync(Schema.toCodecJson(Schema.Defect()))(error.cause)
      assert.deepStrictEqual(encoded, { ...encoded, cause: defect })
      const seen = (at: unknown): unknown => at instanceof Error ? [at.name, at.message, seen(at.cause)] : at
      assert.deepStrictEqual(seen(read(encoded).cause), seen(error.cause))
    })
  }

  it("is read from what a store has of others", () => {
    const encoded = Schema.encodeSync(codec)(new JobError.Unavailable(call)) as object
    for (
      const [cause, message] of [
        ["down", "down"],
        [{ message: "down", stack: "Error: down at /home/x" }, "down"],
        [{ message: "down", name: "E", cause: "why" }, "down"],
        [{ message: 7 }, "7"]
      ] as const
    ) {
      const found = read({ ...encoded, cause }).cause
      assert.strictEqual(found instanceof Error && found.message, message)
    }
  })
})
