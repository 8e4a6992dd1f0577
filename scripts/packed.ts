/**
 * What people would install: every public package, built, packed, checked as a tarball, and imported with nothing beside
 * it but the dependencies that it names.
 */
import { execFile } from "node:child_process"
import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

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

const unpack = async ({ filename, name }: Packed) => {
  mkdirSync(home(name), { recursive: true })
  await run("tar", ["-xzf", filename, "--strip-components=1", "-C", home(name)])
  const manifest = read(join(home(name), "package.json"))
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = join(temp, name, "node_modules", dependency)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(names.has(dependency) ? home(dependency) : realpathSync(`node_modules/${dependency}`), link)
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
  if (!paths.has("LICENSE")) found.push("LICENSE is missing")
  if (/"(workspace|catalog):/.test(JSON.stringify(manifest))) found.push("package.json names a workspace version")
  if (Object.values(manifest.exports).some((target) => target !== null && !String(target).startsWith("./dist/"))) {
    found.push("package.json exports something but dist")
  }
  return found
}

const inspect = async (packed: Packed) => {
  const found = problems(packed)
  if (found.length > 0) fail(packed.name, ...found)
  // Neither tool expands `"./*"` by itself; an emulated service is a folder.
  const modules = packed.files.flatMap(({ path }) => /^dist\/([^/]+?)(?:\/Emulator)?\.js$/.exec(path)?.[1] ?? [])
  const entries = modules.map((module) => module === "index" ? "." : module)
  const imports = modules.map((module) => `import "${module === "index" ? packed.name : `${packed.name}/${module}`}"`)
  await Promise.all([
    run("publint", ["run", packed.filename, "--strict"]),
    run("attw", [packed.filename, "--profile", "esm-only", "--no-definitely-typed", "--entrypoints", ...entries]),
    run("node", ["--input-type=module", "--eval", imports.join("\n")], join(temp, packed.name))
  ])
  console.log(`${packed.name}: ${entries.length} entries, ${packed.files.length} files`)
}

// A module whose source has gone must not be shipped.
for (const dist of globSync("packages/{*,*/*}/dist")) rmSync(dist, { recursive: true })
await run("tsc", ["-b", "tsconfig.build.json"])

const filters = Array.from(names, (name) => `--filter=${name}`)
const packages: Array<Packed> = JSON.parse(
  await run("pnpm", ["-r", ...filters, "--json", "pack", "--pack-destination", temp])
)
for (const packed of packages) await unpack(packed)
for (const packed of packages) await inspect(packed)
