import { assert, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"

it("JobId.fingerprint is short, stable, and tells ids apart", () => {
  const ids = Array.from({ length: 1000 }, (_, i) => JobId.make(`j${i}-email:user@example.com-bot:luma`))
  const shown = ids.map(JobId.fingerprint)
  assert.strictEqual(new Set(shown).size, 1000)
  assert.isTrue(shown.every((one) => /^job:[0-9a-f]{8}$/.test(one)))
  assert.strictEqual(JobId.fingerprint(JobId.make("a")), "job:e40c292c")
})
