/**
 * Publishes what the changesets have versioned, once everything is green: `pnpm release`.
 *
 * `--dry-run` packs and checks, and shows what would be published; both refuse while the root's package.json names no repository.
 */
import { execFileSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { table } from "./generate.ts"

/** Why nothing may be published, or `undefined`: a package without a source is not trusted. */
export const refusal = (manifest: { readonly repository?: unknown }): string | undefined =>
  typeof manifest.repository === "string" && /^https:\/\/[^/\s]+\/[^\s]*[^/\s]$/.test(manifest.repository) &&
    !manifest.repository.endsWith(".git")
    ? undefined
    : "Nothing is published: `repository` in the root's package.json is to be the https URL of the public repository, " +
      "without .git. Every package's repository, homepage and bugs come from it."

interface Packed {
  readonly name: string
  readonly version: string
  readonly size: number
  readonly filename: string
  readonly files: ReadonlyArray<unknown>
}

/** What would be published, and the versions that the changesets make of it. */
const show = () => {
  const temp = mkdtempSync(join(tmpdir(), "release-"))
  try {
    execFileSync("changeset", ["status", `--output=${join(temp, "plan.json")}`], { stdio: "ignore" })
    const plan: { readonly releases: ReadonlyArray<{ readonly name: string; readonly newVersion: string }> } = JSON
      .parse(
        readFileSync(join(temp, "plan.json"), "utf8")
      )
    const names = globSync("packages/{*,*/*}/package.json").map((path) => JSON.parse(readFileSync(path, "utf8")))
      .flatMap(
        ({ name, private: hidden }) => hidden === true ? [] : [`--filter=${name}`]
      )
    const packed: ReadonlyArray<Packed> = JSON.parse(
      execFileSync("pnpm", ["-r", ...names, "--json", "pack", "--pack-destination", temp], { encoding: "utf8" })
    )
    console.log(table([
      ["package", "is", "becomes", "files", "bytes packed"],
      ...packed.map(({ files, name, size, version }) => {
        const next = plan.releases.find((release) => release.name === name)?.newVersion ?? version
        return [name, version, next, `${files.length}`, `${size}`]
      })
    ]))
  } finally {
    rmSync(temp, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: { "dry-run": dry } } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } })
  const refused = refusal(JSON.parse(readFileSync("package.json", "utf8")))
  const run = (...args: ReadonlyArray<string>) => execFileSync("pnpm", args, { stdio: "inherit" })
  if (dry) {
    run("packed")
    show()
  } else if (refused === undefined) {
    run("test")
    run("exec", "changeset", "publish")
  }
  if (refused !== undefined) {
    console.error(refused)
    process.exitCode = 1
  }
}
