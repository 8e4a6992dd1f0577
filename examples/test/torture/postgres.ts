import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { chownSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../program.ts"

const output = (command: string, ...args: ReadonlyArray<string>): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    return undefined
  }
}

const folderOf = output("pg_config", "--bindir")
/** A server of one's own refuses to run as root. */
const user = process.getuid?.() === 0 ? Number(output("id", "-u", "postgres")) : undefined

/** Whether this machine has what a PostgreSQL of the test's own is made of. */
export const hasServer = output(join(folderOf ?? "", "initdb"), "--version") !== undefined && !Number.isNaN(user)

/** A PostgreSQL of the test's own, to be hurt. */
export const server = Effect.gen(function*() {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "torture-postgres-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const as = user === undefined ? {} : { uid: user }
  if (user !== undefined) chownSync(directory, user, -1)
  const port = `${yield* freePort}`
  const data = join(directory, "data")
  const bin = (name: string) => join(folderOf ?? "", name)
  execFileSync(bin("initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], { ...as, stdio: "ignore" })
  const args = ["-D", data, "-p", port, "-k", directory, "-h", "127.0.0.1", "-c", "max_connections=200"]
  const answers = Effect.sync(() => output(bin("pg_isready"), "-h", "127.0.0.1", "-p", port) !== undefined)
  const start = Effect.gen(function*() {
    const child = spawn(bin("postgres"), args, { ...as, stdio: "ignore" })
    const closed = new Promise<void>((resolve) => child.on("close", () => resolve()))
    yield* Effect.repeat(Effect.delay(answers, "100 millis"), { until: (ready) => ready })
    const signal = (name: NodeJS.Signals) => {
      const pid = `${child.pid}`
      const processes = [pid, ...(output("ps", "-o", "pid=", "--ppid", pid) ?? "").split(/\s+/).filter(Boolean)]
      for (const one of processes) process.kill(Number(one), name)
    }
    const stop = (name: NodeJS.Signals) =>
      Effect.andThen(Effect.sync(() => child.kill(name)), Effect.promise(() => closed))
    return { signal, stop }
  })
  let running = yield* start
  yield* Effect.addFinalizer(() => running.stop("SIGQUIT"))
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    ask: (statement: string): string =>
      output(bin("psql"), "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-Atc", statement) ?? "",
    /** It goes down without a word to anyone, and comes up again from its log. */
    restart: Effect.gen(function*() {
      yield* running.stop("SIGQUIT")
      yield* Effect.sleep("2 seconds")
      running = yield* start
    }),
    /** It and all that serve connections stand still. */
    pause: (duration: `${number} seconds`) =>
      Effect.sync(() => running.signal("SIGSTOP")).pipe(
        Effect.andThen(Effect.sleep(duration)),
        Effect.ensuring(Effect.sync(() => running.signal("SIGCONT")))
      )
  }
})

/** What ends every connection but the one that asks. */
export const cut =
  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
