/** The bundle budget: what this library may add, minified and compressed, to a program written with Effect alone. */
import { build } from "esbuild"
import { gzipSync } from "node:zlib"

const budget = 18 * 1024

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

const [floor, program] = [await size("floor"), await size("program")]
console.log(`floor ${floor} B, program ${program} B gzip: ${program - floor} B more, of ${budget} B at most`)
if (program - floor > budget) process.exit(1)
