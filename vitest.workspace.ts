import { globSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { defineConfig } from "vitest/config"

// vitest reads this file only when told to (`--config vitest.workspace.ts`), as every script does.
const roots = globSync(["packages/{*,*/*}/package.json", "examples/package.json"]).map(dirname)
const testsOf = (root: string) => globSync(`${root}/test/**/*.test.ts`)
const nameOf = (root: string): string => JSON.parse(readFileSync(`${root}/package.json`, "utf8")).name

// vitest lets a project without tests pass. A run that nothing narrows (the flag comes last) must find some in each.
const untested = roots.filter((root) => testsOf(root).length === 0)
if (process.argv.at(-1) === "vitest.workspace.ts" && untested.length > 0) {
  throw new Error(`No tests in ${untested.join(", ")}`)
}

// Only files of one project share workers, and to start these costs as much as the tests: there is one, unless the command
// names projects.
const projects = process.argv.some((argument) => argument.startsWith("--project"))
  ? {
    projects: roots.map((root) => ({
      extends: true as const,
      root,
      test: { name: nameOf(root), include: ["test/**/*.test.ts"] }
    }))
  }
  : { include: roots.map((root) => `${root}/test/**/*.test.ts`) }

export default defineConfig({
  test: {
    // Half of the time goes by in child processes and on sockets: more workers than cores.
    maxWorkers: 4,
    // A worker of its own for each file costs a quarter of the run; no test leaves anything behind in its process.
    isolate: false,
    // Node keeps what it compiled, on which workers and the programs that tests start would spend half of their start.
    env: { NODE_COMPILE_CACHE: resolve("node_modules/.cache/node") },
    // What is waited for are processes and a busy machine; how fast anything is, the benchmark says.
    testTimeout: 60_000,
    // A forgotten `.only` is red everywhere, not just where CI is set.
    allowOnly: false,
    ...projects
  }
})
