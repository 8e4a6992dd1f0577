import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./processes.ts"

const output = (command: string, ...args: ReadonlyArray<string>): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    return undefined
  }
}

const bin = (name: string) => join(output("pg_config", "--bindir") ?? "", name)
/** A server of one's own refuses to run as root. */
const user = process.getuid?.() === 0 ? Number(output("id", "-u", "postgres")) : undefined

/** Whether this machine has what a PostgreSQL of the test's own is made of. */
export const hasServer = output(bin("initdb"), "--version") !== undefined && !Number.isNaN(user)

/** The port of a PostgreSQL of the test's own, which asks its user `postgres` for a password. */
export const guarded = Effect.fnUntraced(function*(password: string) {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "media-jobs-postgres-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const as = user === undefined ? {} : { uid: user }
  if (user !== undefined) chownSync(directory, user, -1)
  const [port, data, file] = [`${yield* freePort}`, join(directory, "data"), join(directory, "password")]
  writeFileSync(file, password)
  execFileSync(bin("initdb"), ["-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${file}`, "--no-sync"], {
    ...as,
    stdio: "ignore"
  })
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(bin("postgres"), ["-D", data, "-p", port, "-k", directory, "-h", "127.0.0.1"], { ...as, stdio: "ignore" })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("close", () => resume(Effect.void))
        child.kill("SIGQUIT")
      })
  )
  const answers = Effect.sync(() => output(bin("pg_isready"), "-h", "127.0.0.1", "-p", port) !== undefined)
  yield* Effect.repeat(Effect.delay(answers, "100 millis"), { until: (ready) => ready })
  return port
})
