import { NodeHttpServer } from "@effect/platform-node"
import { Emulator } from "@media-jobs/testing"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of Node, unless told, for the time of the scope, with all it has printed; in a folder of its own if it is given one. */
export const node = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  env: { readonly [name: string]: string } = {},
  cwd = ".",
  command = process.execPath
) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      !/^(USEAPI_|REPLICATE_|FAL_|GEMINI_|GOOGLE_|LUMA|RUNWAYML_|npm_|NODE_RUN_)/.test(name)
    )
  )
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(command, args, {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...inherited, ...env },
        cwd
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const printed = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => printed.stdout += chunk)
  child.stderr.on("data", (chunk) => printed.stderr += chunk)
  const says = (word: string) =>
    Effect.promise(() =>
      new Promise<void>((resolve) => {
        const listen = () => printed.stdout.includes(word) ? resolve() : void child.stdout.once("data", listen)
        listen()
      })
    )
  const begun = new Promise<string>((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk))))
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, ...printed })))
  return {
    child,
    printed,
    cwd,
    begun: Effect.promise(() => begun),
    /** Once it has printed the word. */
    says,
    finished: Effect.promise(() => finished)
  }
})

/** The file of an example. */
export const example = (name: string): string => fileURLToPath(new URL(`../${name}.ts`, import.meta.url))

const loadedBefore = ["resolve.ts", "faster.ts"].flatMap((file) => [
  "--import",
  fileURLToPath(new URL(file, import.meta.url))
])

/** A folder for the time of the scope. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "example-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** Starts an example in a process of its own and the given folder, against the emulator of the test, whose files have a public name. */
export const startIn = Effect.fnUntraced(function*(
  cwd: string,
  name: string,
  env: { readonly [name: string]: string } = {},
  ...args: ReadonlyArray<string>
) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  return yield* node([...loadedBefore, example(name), ...args], {
    USEAPI_TOKEN: Emulator.token,
    USEAPI_BASE_URL: url,
    REPLICATE_API_TOKEN: Emulator.token,
    REPLICATE_BASE_URL: `${url}/v1`,
    FAL_KEY: Emulator.token,
    FAL_BASE_URL: `${url}/fal`,
    GEMINI_API_KEY: Emulator.token,
    GOOGLE_GEMINI_BASE_URL: `${url}/google`,
    GOOGLE_OAUTH_ACCESS_TOKEN: Emulator.token,
    GOOGLE_CLOUD_PROJECT: "emulator",
    GOOGLE_VERTEX_BASE_URL: `${url}/google-vertex`,
    LUMA_AGENTS_API_KEY: Emulator.token,
    LUMA_BASE_URL: `${url}/luma`,
    LUMAAI_API_KEY: Emulator.token,
    LUMAAI_BASE_URL: `${url}/luma-dream-machine`,
    RUNWAYML_API_SECRET: Emulator.token,
    RUNWAYML_BASE_URL: `${url}/runway`,
    ...env
  }, cwd)
})

/** Starts an example in a folder of its own. */
export const start = Effect.fnUntraced(function*(
  name: string,
  env: { readonly [name: string]: string } = {},
  ...args: ReadonlyArray<string>
) {
  return yield* startIn(yield* folder, name, env, ...args)
})

/** Runs an example to its end. */
export const run = (...started: Parameters<typeof start>) =>
  Effect.scoped(Effect.flatMap(start(...started), ({ finished }) => finished))

/** An emulator on a free port, whose jobs take a second of their minutes; its files have a public name, see `resolve.ts`. */
export const emulator = (options?: Emulator.Options) =>
  Emulator.layerServer.pipe(
    Layer.provideMerge(Layer.effectDiscard(Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* HttpServer.addressFormattedWith((url) =>
        emulator.locateMedia(`${url.replace("127.0.0.1", "media.example")}/media`)
      )
    }))),
    Layer.provideMerge(Emulator.layer({ speed: 200, ...options })),
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
    )
  )

/** A port that was free a moment ago. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
