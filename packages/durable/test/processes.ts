import { NodeHttpServer } from "@effect/platform-node"
import * as Emulator from "@media-jobs/testing/Emulator"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** An emulator on a port of this machine. */
export const emulator = (options?: Emulator.Options) =>
  Emulator.layerServer.pipe(
    Layer.provideMerge(Layer.effectDiscard(Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* HttpServer.addressFormattedWith((url) => emulator.locateMedia(`${url}/media`))
    }))),
    Layer.provideMerge(Emulator.layer(options)),
    Layer.provideMerge(
      NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
    )
  )

/** A program of this folder in a process of its own, against the emulator of the test; no file of it grows beyond `kilobytes`. */
export const start = Effect.fnUntraced(function*(
  program: string,
  cwd: string,
  env: { readonly [name: string]: string },
  kilobytes?: number
) {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  const limited = kilobytes === undefined ? "" : `ulimit -f ${2 * kilobytes}; ` // in blocks of 512 bytes
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("sh", [
        "-c",
        `${limited}exec "$0" "$1"`,
        process.execPath,
        fileURLToPath(new URL(`${program}.ts`, import.meta.url))
      ], {
        cwd,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
          USEAPI_TOKEN: Emulator.token,
          USEAPI_BASE_URL: url,
          REPLICATE_API_TOKEN: Emulator.token,
          REPLICATE_BASE_URL: `${url}/v1`,
          ARTIFACTS_ALLOW_PRIVATE: "true",
          WEBHOOKS_URL: "http://127.0.0.1:9/webhooks",
          WEBHOOKS_KEYS: "k".repeat(32),
          ...env
        }
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const printed = { out: "", error: "" }
  child.stdout.on("data", (chunk) => printed.out += chunk)
  child.stderr.on("data", (chunk) => printed.error += chunk)
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
  const finished = Effect.map(Effect.promise(() => closed), (code) => ({ code, ...printed }))
  return {
    printed,
    finished,
    /** Once it has printed a word so often. */
    says: (word: string, times = 1) =>
      Effect.sleep("10 millis").pipe(Effect.repeat({
        until: () => {
          if (child.exitCode !== null) throw new Error(printed.out + printed.error)
          return printed.out.split(word).length > times
        }
      })),
    /** Has it stand still, as a paused machine does, and go on. */
    freeze: Effect.sync(() => child.kill("SIGSTOP")),
    thaw: Effect.sync(() => child.kill("SIGCONT")),
    kill: Effect.suspend(() => {
      child.kill("SIGKILL")
      return finished
    })
  }
})

/** The files of a folder that its manifests tell of, and those that are not as they say. */
export const savedIn = (folder: string) => {
  const names = readdirSync(folder)
  const manifests = names.filter((name) => name.endsWith(".json"))
  const saved = manifests.flatMap((name): ReadonlyArray<{ readonly file: string; readonly sha256: string }> =>
    JSON.parse(readFileSync(join(folder, name), "utf8")).saved
  )
  const hashOf = (file: string) => createHash("sha256").update(readFileSync(join(folder, file))).digest("hex")
  return {
    manifests: manifests.length,
    others: names.length - manifests.length - saved.length,
    wrong: saved.filter(({ file, sha256 }) => !names.includes(file) || hashOf(file) !== sha256)
  }
}

/** A port that was free a moment ago. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
