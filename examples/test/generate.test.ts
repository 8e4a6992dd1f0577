import { assert, it } from "@effect/vitest"
import { stale } from "../../scripts/generate.ts"

it("what lists packages and services is as `pnpm generate` writes it", async () => {
  assert.deepStrictEqual(await stale(), [])
}, 30_000)
