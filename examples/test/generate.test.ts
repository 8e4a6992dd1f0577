import { assert, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { matchesGlob } from "node:path"
import { stale } from "../../scripts/generate.ts"

it("what lists packages and services is as `pnpm generate` writes it", async () => {
  assert.deepStrictEqual(await stale(), [])
}, 30_000)

it("every public package is released under the one version, and no private one, which has none", () => {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8"))
  const { fixed: [patterns] }: { readonly fixed: ReadonlyArray<ReadonlyArray<string>> } = read(".changeset/config.json")
  const manifests = globSync("{*,packages/*,packages/*/*}/package.json").map(read)
  assert.isAbove(manifests.length, 12)
  for (const { name, private: hidden = false } of manifests) {
    const isMeant = patterns?.some((one) => matchesGlob(name, one)) === true && !patterns.includes(`!${name}`)
    assert.strictEqual(isMeant, !hidden, name)
  }
})
