/**
 * Writes whatever lists packages or services, from the folders: `pnpm generate`. The tests check that nothing would change.
 *
 * - `tsconfig.build.json`: a reference for each public package.
 * - `packages/testing`: the registry of emulated services, one for each folder with an `Emulator.ts`, and the index of its modules.
 * - `README.md`: what each provider can do and which variables it reads, from the descriptors of the adapters, and what packages there are.
 * - The README of each adapter: the variables that it reads.
 * - `packages/cli`: the list of its providers, and with it the packages that it names (`pnpm install` then writes the lockfile).
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

/** The modules of testing, of which those of services are found by their folders, in the order in which the formatter has them. */
const testingIndex = (): string => {
  const modules = find("packages/testing/src/*.ts").map((path) => basename(path, ".ts")).filter((name) =>
    name !== "index"
  )
  return [
    ...modules.map((name) => [name, `./${name}.ts`] as const),
    ...emulated.map(({ id, name }) => [`${name}Emulator`, `./${id}/Emulator.ts`] as const)
  ].toSorted(([, a], [, b]) => a.toLowerCase() < b.toLowerCase() ? -1 : 1).map(([name, path]) =>
    `export * as ${name} from "${path}"\n`
  ).join("")
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

/** The package that a provider's tag is named after; two providers may be of one. */
export const packageOf = ({ tag }: Descriptor.Descriptor): string => tag.key.split("/").slice(0, 2).join("/")

/** The READMEs of adapters, each with the variables that its providers read. */
export const adapterReadmes = (all: ReadonlyArray<Descriptor.Descriptor>): ReadonlyArray<readonly [string, string]> =>
  [...Map.groupBy(all, packageOf)].map(([owner, providers]) => {
    const [folder] = manifests.find(([, { name }]) => name === owner) ?? []
    if (folder === undefined) throw new Error(`No package ${owner} for ${providers.map(({ id }) => id).join(" and ")}`)
    const path = `${folder}/README.md`
    return [path, between(read(path), "variables", variables(providers))]
  })

/** The providers that the command loads when it needs them, with what must be known before. */
const commandProviders = (all: ReadonlyArray<Described>): string =>
  `// Written by \`pnpm generate\` from the descriptors of the adapters; not to be edited.

export const providers = {
${
    all.map(({ descriptor, module, retired }) => {
      const tokens = descriptor.variables.flatMap(({ fallback, name }) => fallback === undefined ? [`"${name}"`] : [])
      return `  "${descriptor.id}": {
    tokens: [${tokens.join(", ")}],
    retired: ${retired},
    load: () => import("${packageOf(descriptor)}/${module}")
  }`
    }).join(",\n")
  }
}
`

/** What the command depends on beside its own: the package of each provider. */
const commandManifest = (all: ReadonlyArray<Described>): string => {
  const path = "packages/cli/package.json"
  const manifest = JSON.parse(read(path))
  const adapters = new Set(all.map(({ descriptor }) => packageOf(descriptor)))
  const folders = new Map(manifests.map(([folder, { name }]) => [name, folder]))
  const isAdapter = (name: string) => /^packages\/(?:providers|useapi)\/(?!client$)/.test(folders.get(name) ?? "")
  const own = Object.keys(manifest.dependencies).filter((name) => !isAdapter(name))
  const dependencies = [...own, ...adapters].toSorted().map((
    name
  ) => [name, manifest.dependencies[name] ?? "workspace:^"])
  return `${JSON.stringify({ ...manifest, dependencies: Object.fromEntries(dependencies) }, undefined, 2)}\n`
}

const commandReferences = (all: ReadonlyArray<Described>): string => {
  const path = "packages/cli/tsconfig.json"
  const dependencies = Object.keys(JSON.parse(commandManifest(all)).dependencies)
  const paths = manifests.flatMap(([folder, { name }]) =>
    dependencies.includes(name) ? [`    { "path": "../${folder.replace(/^packages\//, "")}" }`] : []
  )
  return read(path).replace(/"references": \[[^\]]*\]/, `"references": [\n${paths.join(",\n")}\n  ]`)
}

const isDescriptor = (value: unknown): value is Descriptor.Descriptor =>
  typeof value === "object" && value !== null && "layerConfig" in value && "kinds" in value

/** A descriptor, and the module that exports it. */
interface Exported {
  readonly descriptor: Descriptor.Descriptor
  readonly module: string
}

interface Described extends Exported {
  readonly retired: boolean
}

const exported = async (): Promise<ReadonlyArray<Exported>> => {
  const found: Array<Exported> = []
  for (const path of find("packages/{providers,useapi}/*/src/index.ts")) {
    const modules: Readonly<Record<string, object>> = await import(pathToFileURL(`${root}${path}`).href)
    for (const [name, module] of Object.entries(modules)) {
      if ("descriptor" in module && isDescriptor(module.descriptor)) {
        found.push({ descriptor: module.descriptor, module: name })
      }
    }
  }
  return found
}

/** The descriptors of all adapters. */
export const descriptors = async (): Promise<ReadonlyArray<Descriptor.Descriptor>> =>
  (await exported()).map(({ descriptor }) => descriptor)

/** A provider as its environment makes it, when every variable that must be set is set to `secret`. */
export const made = (
  { layerConfig, tag, variables }: Descriptor.Descriptor,
  secret = "user:1-token",
  options: object = {}
): Effect.Effect<Provider.Any, never, HttpClient.HttpClient> => {
  const env = Object.fromEntries(variables.map(({ fallback, name }) => [name, fallback ?? secret]))
  // Each takes options, of which a list of all can't say which they are.
  const layer = (layerConfig as (options: object) => ReturnType<typeof layerConfig>)(options)
  return Effect.scoped(Layer.build(layer)).pipe(
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
  const found = await exported()
  const all = found.map(({ descriptor }) => descriptor)
  const providers = await Effect.runPromise(
    Effect.provide(Effect.forEach(all, (one) => made(one)), FetchHttpClient.layer)
  )
  const readme = [
    ["operations", capabilities(providers)],
    ["variables", variables(all)],
    ["packages", packages()]
  ].reduce((page, [mark = "", text = ""]) => between(page, mark, text), read("README.md"))
  const described = found.map((one, i) => ({ ...one, retired: providers[i]?.retired !== undefined }))
  return new Map([
    ["tsconfig.build.json", references()],
    ["packages/cli/src/providers.ts", commandProviders(described)],
    ["packages/cli/package.json", commandManifest(described)],
    ["packages/cli/tsconfig.json", commandReferences(described)],
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
