/** The bundle budget: what this library may add, minified and compressed, to a program written with Effect alone. */
import { build } from "esbuild"
import { gzipSync } from "node:zlib"

/** What the library is held to, and where it stands above that, from which it may only fall. */
const programs: { readonly [entry: string]: { readonly goal: number; readonly stands?: number } } = {
  program: { goal: 22 * 1024, stands: 23_697 },
  paced: { goal: 18 * 1024, stands: 21_332 },
  "front-door": { goal: 64 * 1024 }
}

const size = async (entry: string): Promise<number> => {
  const { outputFiles } = await build({
    entryPoints: [`scripts/bundle/${entry}.ts`],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}

const floor = await size("floor")
for (const [entry, { goal, stands = goal }] of Object.entries(programs)) {
  const more = await size(entry) - floor
  console.log(`${entry}: ${more} B gzip over the floor of ${floor} B; at most ${stands} B, the goal is ${goal} B`)
  if (more > stands) process.exitCode = 1
}
