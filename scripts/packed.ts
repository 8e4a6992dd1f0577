/**
 * What people would install: every public package, built, packed, checked as a tarball, imported and required with nothing beside
 * it but the dependencies that it names; and all of them as pnpm installs them in an application, which is compiled and run.
 *
 * `--all` tries the application everywhere it should run, and writes what it was into README.md.
 */
import { build } from "esbuild"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs, promisify } from "node:util"
import { between, table } from "./generate.ts"

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

const { values: { all } } = parseArgs({ options: { all: { type: "boolean", default: false } } })
const read = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const fail = (...problem: ReadonlyArray<string>): never => {
  console.error(problem.join("\n"))
  process.exit(1)
}
const run = async (command: string, args: ReadonlyArray<string>, cwd = "."): Promise<string> => {
  const result = promisify(execFile)(command, args, { cwd })
  const { stdout } = await result.catch((error) => fail(error.message, error.stdout))
  return stdout
}

const manifests = globSync("packages/{*,*/*}/package.json").map(read)
const names = new Set<string>(manifests.flatMap(({ name, private: hidden }) => hidden === true ? [] : name))

const temp = realpathSync(mkdtempSync(join(tmpdir(), "packed-")))
process.on("exit", () => rmSync(temp, { recursive: true }))
/** Where a package is unpacked; its siblings there are the dependencies that it names, as pnpm lays them out. */
const home = (name: string) => join(temp, name, "node_modules", name)

/** Where a dependency stands: the command alone has some of its own. */
const placeOf = (dependency: string): string => {
  const shared = `node_modules/${dependency}`
  return existsSync(shared) ? shared : `packages/cli/${shared}`
}

const unpack = async ({ filename, name }: Packed) => {
  mkdirSync(home(name), { recursive: true })
  await run("tar", ["-xzf", filename, "--strip-components=1", "-C", home(name)])
  const manifest = read(join(home(name), "package.json"))
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = join(temp, name, "node_modules", dependency)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(names.has(dependency) ? home(dependency) : realpathSync(placeOf(dependency)), link)
  }
}

const problems = ({ files, name }: Packed): Array<string> => {
  const manifest = read(join(home(name), "package.json"))
  const paths = new Set(files.map(({ path }) => path))
  const found: Array<string> = []
  for (const path of paths) {
    if (
      !/^((src|dist)\/.+|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path) ||
      /\.test\.|tsbuildinfo/.test(path)
    ) {
      found.push(`${path} does not belong in the package`)
    }
    for (const extension of path.startsWith("src/") ? ["js", "js.map", "d.ts", "d.ts.map"] : []) {
      const built = path.replace(/^src\/(.*)\.ts$/, `dist/$1.${extension}`)
      if (!paths.has(built)) found.push(`${built} is missing`)
    }
  }
  for (const path of ["LICENSE", "README.md"]) if (!paths.has(path)) found.push(`${path} is missing`)
  if (!(manifest.keywords?.length > 0)) found.push("package.json has no keywords")
  if (
    read("package.json").repository !== "" &&
    [manifest.repository, manifest.homepage, manifest.bugs].includes(undefined)
  ) {
    found.push("package.json lacks repository, homepage or bugs")
  }
  if (/"(workspace|catalog):/.test(JSON.stringify(manifest))) found.push("package.json names a workspace version")
  if (
    Object.values(manifest.exports ?? {}).some((target) => target !== null && !String(target).startsWith("./dist/"))
  ) {
    found.push("package.json exports something but dist")
  }
  return found
}

// Neither tool expands `"./*"` by itself; an emulated service is a folder.
const entries = ({ files, name }: Packed): ReadonlyArray<string> =>
  read(join(home(name), "package.json")).exports === undefined ?
    [] :
    files.flatMap(({ path }) => /^dist\/([^/]+?)(?:\/Emulator)?\.js$/.exec(path)?.[1] ?? [])
      .map((module) => module === "index" ? "." : module)
const specifiers = (packed: Packed): ReadonlyArray<string> =>
  entries(packed).map((entry) => entry === "." ? packed.name : `${packed.name}/${entry}`)
const importing = (all: ReadonlyArray<string>) => all.map((specifier) => `import "${specifier}"`).join("\n")
const requiring = (all: ReadonlyArray<string>) => all.map((specifier) => `require("${specifier}")`).join("\n")

const inspect = async (packed: Packed) => {
  const found = problems(packed)
  if (found.length > 0) fail(packed.name, ...found)
  const inNode = (type: string, code: string) =>
    run("node", [`--input-type=${type}`, "--eval", code], join(temp, packed.name))
  await Promise.all([
    run("publint", ["run", packed.filename, "--strict"]),
    entries(packed).length > 0 && run("attw", [
      packed.filename,
      "--profile",
      "esm-only",
      "--no-definitely-typed",
      "--entrypoints",
      ...entries(packed)
    ]),
    inNode("module", importing(specifiers(packed))),
    inNode("commonjs", requiring(specifiers(packed)))
  ])
  console.log(`${packed.name}: ${entries(packed).length} entries, ${packed.files.length} files`)
}

/** An application with everything, by pnpm, which links only what its package.json names. */
const app = join(temp, "app")
const versionOf = (name: string): string => read(join(app, "node_modules", name, "package.json")).version
const installed = (name: string, path: string) => join(app, "node_modules", name, path)

const tools = {
  "typescript": read("node_modules/typescript/package.json").version,
  "typescript-5.7": "npm:typescript@~5.7.3",
  ...(all && {
    "typescript-5.9": "npm:typescript@~5.9.3",
    "node-20": "npm:node@~20.19.6",
    "node-22": "npm:node@^22.23.3",
    "bun": "^1.4.5",
    "deno": "^2.9.6",
    "jest": "^30.5.2"
  })
}

const install = async (packages: ReadonlyArray<Packed>) => {
  mkdirSync(join(app, "src"), { recursive: true })
  const files = Object.fromEntries(packages.map(({ filename, name }) => [name, `file:${filename}`]))
  const manifest = {
    private: true,
    type: "module",
    dependencies: {
      ...files,
      effect: versionInHouse("effect"),
      "@effect/platform-node": versionInHouse("@effect/platform-node")
    },
    devDependencies: tools
  }
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest))
  // JSON is YAML. What packages name of each other is not published yet.
  const settings = { overrides: files, allowBuilds: { bun: true, deno: true, node: true }, strictDepBuilds: false }
  writeFileSync(join(app, "pnpm-workspace.yaml"), JSON.stringify(settings))
  await run("pnpm", ["install", "--prefer-offline"], app)
}
const versionInHouse = (name: string): string => read(`node_modules/${name}/package.json`).version

/** Compiles what an application exports, with declarations, which must be able to name every type of it. */
const compile = async (typescript: string) => {
  for (const [moduleResolution, module] of [["nodenext", "nodenext"], ["bundler", "esnext"]] as const) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      // Once is enough for what packages declare themselves.
      skipLibCheck: module === "esnext",
      declaration: true,
      outDir: `out/${typescript}-${module}`,
      rootDir: "src"
    }
    const project = join(app, `${typescript}-${module}.json`)
    writeFileSync(project, JSON.stringify({ compilerOptions, include: ["src"] }))
    await run("node", [installed(typescript, "bin/tsc"), "-p", project])
  }
  console.log(`TypeScript ${versionOf(typescript)}: nodenext and bundler, with declarations`)
  return versionOf(typescript)
}

/** Imports every entry and runs a job, with a program that takes a file. */
const execute = async (command: string, ...args: ReadonlyArray<string>) => {
  for (const file of ["imports.mjs", "program.mjs"]) await run(command, [...args, file], app)
}

const inNode = async (node: string) => {
  await execute(node)
  await run(node, ["requires.cjs"], app)
  const version = (await run(node, ["--version"])).trim().slice(1)
  console.log(`Node ${version}: import and require of every entry, a job`)
  return version
}

const workerd = async () => {
  const { default: binary, version }: { readonly default: string; readonly version: string } = createRequire(
    import.meta.url
  )("workerd")
  await build({
    absWorkingDir: app,
    stdin: {
      contents: `import { made } from "./program.ts"\nexport default { test: made }`,
      resolveDir: join(app, "src")
    },
    outfile: join(app, "worker.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    external: ["cloudflare:workers"]
  })
  writeFileSync(
    join(app, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "2026-11-01",
  modules = [(name = "worker.js", esModule = embed "worker.js")]
))]);`
  )
  await run(binary, ["test", "config.capnp"], app)
  return version
}

/**
 * A fresh folder: the README's install line by npm, its first program, and the packed emulator by npx. The program is told the emulator's base URL, and that
 * files may be on this machine.
 */
const follow = async (packages: ReadonlyArray<Packed>) => {
  const readme = readFileSync("README.md", "utf8")
  const named = /^npm install (.*)$/m.exec(readme)?.[1]?.split(" ") ?? fail("README.md has no install line")
  const program = /^```ts\n(import [^]*?)^```$/m.exec(readme)?.[1] ?? fail("README.md has no first program")
  const folder = join(temp, "fresh")
  mkdirSync(folder)
  const files = new Map(packages.map(({ filename, name }) => [name, `file:${filename}`]))
  const direct = [...named, "@media-jobs/emulator"]
  const manifest = {
    private: true,
    type: "module",
    dependencies: Object.fromEntries(direct.map((name) => [name, files.get(name) ?? versionInHouse(name)])),
    // What packages name of each other is not published yet.
    overrides: Object.fromEntries([...files].filter(([name]) => !direct.includes(name)))
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
  writeFileSync(join(folder, "main.ts"), program)
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], folder)
  const emulator = spawn("npx", ["emulator", "--speed", "100"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [line] = await once(emulator.stdout, "data")
    const { services: { fal: { token, url } } } = JSON.parse(line)
    const env = { ...process.env, FAL_KEY: token, FAL_BASE_URL: url, ARTIFACTS_ALLOW_PRIVATE: "true" }
    const { stdout } = await promisify(execFile)("node", ["main.ts"], { cwd: folder, env, timeout: 60_000 })
    if (!stdout.includes(".mp4")) fail("The README's first program saved no video", stdout)
  } finally {
    emulator.kill()
  }
  console.log("A fresh folder: the README's install line and first program, against the packed emulator")
}

/** One test in Jest, which loads ES modules behind a flag of Node. */
const jest = async () => {
  mkdirSync(join(app, "jest"))
  writeFileSync(
    join(app, "jest", "import.test.js"),
    `import { JobId } from "@media-jobs/core"\ntest("a fingerprint", () => expect(JobId.fingerprint("id")).toMatch(/^job:/))`
  )
  await run("node", ["--experimental-vm-modules", installed("jest", "bin/jest.js"), "--rootDir", "jest"], app)
  return versionOf("jest")
}

/** What ran, into README.md. */
const record = (rows: ReadonlyArray<readonly [where: string, version: string, what: string]>) =>
  writeFileSync(
    "README.md",
    between(readFileSync("README.md", "utf8"), "runs", table([["where", "tried with", "what ran"], ...rows]))
  )

// A module whose source has gone must not be shipped.
for (const dist of globSync("packages/{*,*/*}/dist")) rmSync(dist, { recursive: true })
await run("tsc", ["-b", "tsconfig.build.json"])

const filters = Array.from(names, (name) => `--filter=${name}`)
const packages: Array<Packed> = JSON.parse(
  await run("pnpm", ["-r", ...filters, "--json", "pack", "--pack-destination", temp])
)
for (const packed of packages) await unpack(packed)
for (const packed of packages) await inspect(packed)

await install(packages)
for (const file of ["consumer", "program"]) {
  writeFileSync(join(app, "src", `${file}.ts`), readFileSync(`scripts/packed/${file}.ts`))
}
const every = packages.flatMap(specifiers)
// Their declarations hold whatever the application's compiler is asked to check of them.
writeFileSync(join(app, "src", "every.ts"), every.map((entry, i) => `export * as entry${i} from "${entry}"`).join("\n"))
writeFileSync(join(app, "imports.mjs"), importing(every))
writeFileSync(join(app, "requires.cjs"), requiring(every))
await build({
  entryPoints: [join(app, "src/program.ts")],
  outfile: join(app, "program.mjs"),
  format: "esm",
  footer: { js: "await made()" }
})
await follow(packages)
const compilers = []
for (const typescript of Object.keys(tools).filter((name) => name.startsWith("typescript"))) {
  compilers.push(await compile(typescript))
}
const nodes = [await inNode("node")]
if (all) {
  for (const node of ["node-20", "node-22"]) nodes.push(await inNode(installed(node, "bin/node")))
  await execute(installed("bun", "bin/bun.exe"), "run")
  await execute(installed(".bin", "deno"), "run", "--allow-all")
  record([
    ["Node", nodes.toSorted().join(", "), "`import` and `require` of every entry, a job"],
    ["Bun", versionOf("bun"), "`import` of every entry, a job"],
    ["Deno", versionOf("deno"), "`import` of every entry, a job"],
    ["Jest", await jest(), "a test that imports, with `node --experimental-vm-modules`; without the flag it fails"],
    ["Cloudflare Workers, in `workerd`", await workerd(), "a job, bundled by esbuild"],
    [
      "TypeScript",
      compilers.toSorted().join(", "),
      "`nodenext` and `bundler`; declarations of what is inferred, under pnpm"
    ]
  ])
}
