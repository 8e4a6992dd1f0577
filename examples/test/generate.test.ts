import { assert, it } from "@effect/vitest"
import { type Provider, ProviderId } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { Context } from "effect"
import { globSync, readFileSync } from "node:fs"
import { matchesGlob } from "node:path"
import { adapterReadmes, descriptors, packageOf, stale } from "../../scripts/generate.ts"

it("what lists packages and services is as `pnpm generate` writes it", async () => {
  assert.deepStrictEqual(await stale(), [])
}, 30_000)

it("every service that `pnpm generate` enters says which fields no job can do without, in its `fixtures` as `vital`", async () => {
  for (const { id } of await descriptors()) assert.isNotEmpty(Fixtures.vitalOf(id), id)
})

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

it("two providers of one package share its README, with the variables of both in one table", async () => {
  const descriptor = (await descriptors()).find(({ id }) => id === "replicate") ?? assert.fail()
  const named = (key: string) => ({
    ...descriptor,
    id: ProviderId.make("replicate-second"),
    tag: Context.Service<never, Provider.Any>(key)
  })
  assert.strictEqual(packageOf(named("@media-jobs/replicate/Second")), "@media-jobs/replicate")
  const [[path, text] = [], ...more] = adapterReadmes([descriptor, named("@media-jobs/replicate/Second")])
  assert.strictEqual(path, "packages/providers/replicate/README.md")
  assert.deepStrictEqual(text?.match(/^\| replicate\S*(?= )/gm), ["| replicate", "| replicate-second"])
  assert.lengthOf(more, 0)
  assert.throws(() => adapterReadmes([named("@x/y/Z")]), "No package @x/y for replicate-second")
})
