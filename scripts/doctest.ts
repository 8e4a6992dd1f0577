/**
 * Writes the tests that are in the documentation: every fence
 *
 *     ```ts import.meta.vitest
 *
 * of a doc comment in a package, of a README or of a page in docs, becomes a file under .doctest, named after where it stands.
 * `expression // => value`, on one line, becomes a check by Effect's `Equal`.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

const out = ".doctest"
// Comment and Markdown at once: what stands before the fence (` * ` or nothing) stands before each of its lines.
const fence = /^([ \t]*\* ?|)```ts import\.meta\.vitest *\n([\s\S]*?)^[ \t]*(?:\* ?)?``` *$/gm
const imports = /^import\s[^"]*"[^"]+".*\n/gm
const expectation = /^([ \t]*)(const (\w+)[^=]* = )?(.*?)[ \t]*\/\/ => (.*)$/gm

// Waits of minutes pass at once, but where an example is on a disk, whose work takes as long as it takes.
const passesAtOnce = `$vi.useFakeTimers().setTimerTickMode("nextTimerAsync")
$onTestFinished(() => void $vi.useRealTimers())`

const test = (where: string, code: string): string => `
import { assert as $assert, it as $it } from "@effect/vitest"
import * as $Equal from "effect/Equal"
import { onTestFinished as $onTestFinished, vi as $vi } from "vitest"
${code.match(imports)?.join("") ?? ""}
const $equal = (actual: unknown, expected: unknown) => {
  if ($Equal.equals(actual, expected)) return
  $assert.deepStrictEqual(actual, expected) // for its diff
  $assert.fail("not equal")
}
$it("${where}", async () => {
${code.includes("NodeServices") ? "" : passesAtOnce}
${
  code.replace(imports, "").replace(expectation, (_, indent, declaration, name, actual, expected) => {
    if (/^[)\]}.|]/.test(actual)) throw new Error(`${where}: the whole expression belongs on the line of its "// =>"`)
    return declaration === undefined
      ? `${indent}$equal(${actual}, ${expected})`
      : `${indent}${declaration}${actual}; $equal(${name}, ${expected})`
  })
}
})
`

rmSync(out, { recursive: true, force: true })
for (const file of globSync(["README.md", "docs/*.md", "packages/{*,*/*}/README.md", "packages/{*,*/*}/src/**/*.ts"])) {
  const text = readFileSync(file, "utf8")
  for (const { 1: prefix, 2: code = "", index } of text.matchAll(fence)) {
    const line = text.slice(0, index).split("\n").length
    const target = `${out}/${file}.${line}.test.ts`
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, test(`${file}:${line}`, prefix === "" ? code : code.replace(/^[ \t]*\* ?/gm, "")))
  }
}
