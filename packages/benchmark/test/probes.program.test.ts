import { assert, describe, it } from "@effect/vitest"
import * as Probes from "../src/probes.ts"

describe("the probes, in processes of their own", () => {
  it("know jobs by their calls, for one request each", async () => {
    const measured = await Probes.runWebhooks(5, 1500)
    const value = (key: string) => measured.find((one) => one.key === key)?.value
    assert.strictEqual(value("webhook_requests"), 1)
    // Without calls, the poll underneath would have looked after a minute.
    assert.isBelow(value("webhook_lag") ?? NaN, 10_000)
  }, 30_000)
})
