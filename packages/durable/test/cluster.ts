import { Effect } from "effect"
import { database } from "./postgres.ts"
import { freePort, start } from "./processes.ts"
import { folder } from "./support.ts"

/** A database, and runners that share it. */
export const cluster = Effect.fnUntraced(function*(count: number, env: Record<string, string> = {}) {
  const cwd = yield* folder
  const { ask, url } = yield* database
  const runner = Effect.gen(function*() {
    const [RUNNER_PORT, WEBHOOKS_PORT] = [`${yield* freePort}`, `${yield* freePort}`]
    const name = `runner-${RUNNER_PORT}`
    const DATABASE_URL = `${url}?application_name=${name}`
    const started = yield* start("machine", cwd, { DATABASE_URL, ...env, RUNNER_PORT, WEBHOOKS_PORT })
    yield* started.says("ready")
    return { ...started, name, webhooks: Number(WEBHOOKS_PORT) }
  })
  const runners = yield* Effect.all(Array.from({ length: count }, () => runner), { concurrency: "unbounded" })
  type Runner = typeof runners[number]
  /** The first of some that works on jobs. */
  const working = (of: ReadonlyArray<Runner> = runners): Effect.Effect<Runner> =>
    Effect.suspend(() => {
      const found = of.find(({ printed }) => printed.out.includes("works"))
      return found === undefined ? Effect.delay(working(of), "20 millis") : Effect.succeed(found)
    })
  return { ask, cwd, runner, runners, url, working }
})
