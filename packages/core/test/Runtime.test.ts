import { assert, describe, it, vi } from "@effect/vitest"
import * as Runtime from "@media-jobs/core/Runtime"

describe("Runtime.isolatesRequests", () => {
  it("is so in Cloudflare Workers, and nowhere else", () => {
    assert.isFalse(Runtime.isolatesRequests())
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" })
    assert.isTrue(Runtime.isolatesRequests())
    vi.stubGlobal("navigator", undefined)
    assert.isFalse(Runtime.isolatesRequests())
    vi.unstubAllGlobals()
    assert.isFalse(Runtime.isolatesRequests())
  })
})
