import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import type { Provider } from "@media-jobs/core"
import { Replicate } from "@media-jobs/replicate"
import { Emulator } from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Effect, FileSystem, Layer, Redacted } from "effect"
import { fileURLToPath } from "node:url"

const operations: ReadonlyArray<Provider.Capability> = [
  "list",
  "get",
  "submit",
  "recover",
  "cancel",
  "remove",
  "upload",
  "accounts",
  "capacity",
  "webhook"
]

const providers = Effect.gen(function*() {
  const token = Redacted.make(Emulator.token)
  return [
    yield* Luma.make({ token }),
    yield* Dreamina.make({ token }),
    yield* Midjourney.make({ token }),
    yield* Replicate.make({ token })
  ]
}).pipe(Effect.provide(Emulator.layerClient.pipe(Layer.provide(Emulator.layer()))))

const table = (providers: ReadonlyArray<Provider.Any>): string => {
  const rows = providers.map(({ capabilities, id, retired }) => [
    retired === undefined ? id : `${id} (closed)`,
    ...operations.map((operation) => capabilities.includes(operation) ? "yes" : "")
  ])
  const head = ["", ...operations]
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

it.effect("the README's table of operations is what the adapters can do", () =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = fileURLToPath(new URL("../../README.md", import.meta.url))
    const readme = yield* fs.readFileString(path)
    const expected = readme.replace(
      /<!-- operations -->[^]*<!-- \/operations -->/,
      `<!-- operations -->\n\n${table(yield* providers)}\n\n<!-- /operations -->`
    )
    if (process.env["UPDATE"] !== undefined) yield* fs.writeFileString(path, expected)
    else assert.strictEqual(readme, expected)
  }).pipe(Effect.provide(NodeServices.layer)))
