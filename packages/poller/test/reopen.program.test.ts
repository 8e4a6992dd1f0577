import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

it(
  "a hundred thousand watches that are opened, interrupted and opened again leave the heap where it began",
  async () => {
    const child = fileURLToPath(new URL("reopen.ts", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", child, "100000", "2"])
    const { after, before, gets, lists } = JSON.parse(stdout)
    // A single pointer kept of each would be 2.4 MB; all of them open are 350.
    assert.isBelow(after - before, 2_000_000)
    assert.strictEqual(lists, 3)
    assert.strictEqual(gets, 0)
  },
  60_000
)
