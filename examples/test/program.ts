import { NodeHttpServer } from "@effect/platform-node"
import { Emulator } from "@media-jobs/testing"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A Node process for the time of the scope, with all it has printed. */
export const node = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  env: { readonly [name: string]: string } = {}
) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(USEAPI|REPLICATE)_/.test(name))
  )
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...inherited, ...env } })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const printed = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => printed.stdout += chunk)
  child.stderr.on("data", (chunk) => printed.stderr += chunk)
  const begun = new Promise<string>((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk))))
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, ...printed })))
  return { child, begun: Effect.promise(() => begun), finished: Effect.promise(() => finished) }
})

/** The file of an example. */
export const example = (name: string): string => fileURLToPath(new URL(`../${name}.ts`, import.meta.url))

/** Starts an example in a process of its own, against the emulator of the test. */
export const start = Effect.fnUntraced(function*(
  name: string,
  env: { readonly [name: string]: string } = {},
  ...args: ReadonlyArray<string>
) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* node([example(name), ...args], {
    USEAPI_TOKEN: Emulator.token,
    USEAPI_BASE_URL: url,
    REPLICATE_API_TOKEN: Emulator.token,
    REPLICATE_BASE_URL: `${url}/v1`,
    ...env
  })
})

/** Runs an example to its end. */
export const run = (...started: Parameters<typeof start>) =>
  Effect.scoped(Effect.flatMap(start(...started), ({ finished }) => finished))

/** An emulator on a free port, whose jobs take a second of their minutes. */
export const emulator = (options?: Emulator.Options) =>
  Emulator.layerServer.pipe(
    Layer.provideMerge(Emulator.layer({ speed: 200, ...options })),
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
    )
  )
