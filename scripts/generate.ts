/**
 * Writes whatever lists packages or services, from the folders: `pnpm generate`. The tests check that nothing would change.
 *
 * - `tsconfig.build.json`: a reference for each public package.
 * - `packages/testing`: the registry of emulated services, one for each folder with an `Emulator.ts`, and the index of its modules.
 * - `README.md`: what each provider can do and which variables it reads, from the descriptors of the adapters, and what packages there are.
 * - The README of each adapter: the variables that it reads.
 */
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import type * as Provider from "@media-jobs/core/Provider"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")
const find = (pattern: string): ReadonlyArray<string> => globSync(pattern, { cwd: root }).toSorted()

/** A page of Markdown with other text between its two marks. */
export const between = (page: string, mark: string, inside: string): string => {
  const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const [before, rest] = [page.split(start)[0], page.split(end)[1]]
  if (before === undefined || rest === undefined) throw new Error(`There is no ${mark} to replace`)
  return `${before}${start}\n\n${inside}\n\n${end}${rest}`
}

const emulated = find("packages/testing/src/*/Emulator.ts").map((path) => {
  const id = basename(dirname(path))
  return { id, name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()) }
})

const registry = (): string => {
  const each = (line: (service: typeof emulated[number]) => string, separator = ",\n") =>
    emulated.map(line).join(separator)
  return `// Written by \`pnpm generate\` from the folders of \`src\` that hold an \`Emulator.ts\`; not to be edited.
${each(({ id, name }) => `import * as ${name} from "../${id}/Emulator.ts"`, "\n")}

export const services = {
${each(({ id, name }) => `  "${id}": ${name}.service()`)}
}

export const documented = (empty: boolean) => ({
${each(({ id, name }) => `  "${id}": ${name}.documented(empty)`)}
})

export const fixtures = {
${each(({ id, name }) => `  "${id}": ${name}.fixtures`)}
}
`
}

/** The modules of testing, of which those of services are found by their folders. */
const testingIndex = (): string => {
  const modules = find("packages/testing/src/*.ts").map((path) => basename(path, ".ts")).filter((name) =>
    name !== "index"
  )
  return [
    ...modules.map((name) => [name, `./${name}.ts`] as const),
    ...emulated.map(({ id, name }) => [`${name}Emulator`, `./${id}/Emulator.ts`] as const)
  ].toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, path]) => `export * as ${name} from "${path}"\n`).join("")
}

/** All operations, in the order that tables have them. */
export const operations: ReadonlyArray<Provider.Capability> = [
  "list",
  "get",
  "submit",
  "recover",
  "cancel",
  "untrack",
  "remove",
  "link",
  "upload",
  "accounts",
  "capacity",
  "webhook"
]

/** What Markdown's formatter would make of a table. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const [head = []] = rows
  const widths = head.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n")
}

/** Every public package, by where it is. */
const manifests: ReadonlyArray<readonly [folder: string, manifest: Manifest]> = find("packages/{*,*/*}/package.json")
  .map((path) => [dirname(path), JSON.parse(read(path))] as const)
  .filter(([, { private: hidden }]) => hidden !== true)

interface Manifest {
  readonly name: string
  readonly description: string
  readonly private?: boolean
}

const references = (): string => {
  const lines = manifests.map(([folder]) => `    { "path": "${folder}" }`)
  return `{\n  "files": [],\n  "references": [\n${lines.join(",\n")}\n  ]\n}\n`
}

const packages = (): string =>
  table([
    ["package", "is"],
    ...manifests.map(([folder, { description, name }]) => [`[\`${name}\`](${folder})`, description])
  ])

/** The READMEs of adapters, each with the variables that it reads. */
const adapterReadmes = (all: ReadonlyArray<Descriptor.Descriptor>): ReadonlyArray<readonly [string, string]> =>
  all.flatMap((descriptor) =>
    manifests.flatMap(([folder, { name }]) => {
      const path = `${folder}/README.md`
      return name === `@media-jobs/${descriptor.id}`
        ? [[path, between(read(path), "variables", variables([descriptor]))] as const]
        : []
    })
  )

const isDescriptor = (value: unknown): value is Descriptor.Descriptor =>
  typeof value === "object" && value !== null && "layerConfig" in value && "kinds" in value

/** The descriptors of all adapters. */
export const descriptors = async (): Promise<ReadonlyArray<Descriptor.Descriptor>> => {
  const found: Array<Descriptor.Descriptor> = []
  for (const path of find("packages/{providers,useapi}/*/src/index.ts")) {
    const modules: Readonly<Record<string, object>> = await import(pathToFileURL(`${root}${path}`).href)
    for (const module of Object.values(modules)) {
      if ("descriptor" in module && isDescriptor(module.descriptor)) found.push(module.descriptor)
    }
  }
  return found
}

/** A provider as its environment makes it, when every variable that must be set is set to `secret`. */
export const made = (
  { layerConfig, tag, variables }: Descriptor.Descriptor,
  secret = "user:1-token"
): Effect.Effect<Provider.Any, never, HttpClient.HttpClient> => {
  const env = Object.fromEntries(variables.map(({ fallback, name }) => [name, fallback ?? secret]))
  return Effect.scoped(Layer.build(layerConfig())).pipe(
    Effect.map((context) => Context.get(context, tag)),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))),
    Effect.orDie
  )
}

const capabilities = (providers: ReadonlyArray<Provider.Any>): string =>
  table([
    ["", ...operations],
    ...providers.map(({ capabilities, id, retired }) => [
      retired === undefined ? id : `${id} (closed)`,
      ...operations.map((operation) => capabilities.includes(operation) ? "yes" : "")
    ])
  ])

const variables = (all: ReadonlyArray<Descriptor.Descriptor>): string =>
  table([
    ["provider", "reads", "which is"],
    ...all.flatMap(({ id, variables }) =>
      variables.map(({ fallback, name, what }, i) => [
        i === 0 ? id : "",
        `\`${name}\``,
        fallback === undefined ? what : `${what}; \`${fallback}\` unless set`
      ])
    )
  ])

/** Every generated file, by its path. */
export const generated = async (): Promise<ReadonlyMap<string, string>> => {
  const all = await descriptors()
  const providers = await Effect.runPromise(
    Effect.provide(Effect.forEach(all, (one) => made(one)), FetchHttpClient.layer)
  )
  const readme = [
    ["operations", capabilities(providers)],
    ["variables", variables(all)],
    ["packages", packages()]
  ].reduce((page, [mark = "", text = ""]) => between(page, mark, text), read("README.md"))
  return new Map([
    ["tsconfig.build.json", references()],
    ["packages/testing/src/internal/services.ts", registry()],
    ["packages/testing/src/index.ts", testingIndex()],
    ["README.md", readme],
    ...adapterReadmes(all)
  ])
}

/** The generated files that are not on the disk as they should be. */
export const stale = async (): Promise<ReadonlyArray<string>> =>
  [...await generated()].flatMap(([path, text]) => read(path) === text ? [] : [path])

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await generated()) writeFileSync(`${root}${path}`, text)
}
