import { NodeServices } from "@effect/platform-node"
import { Clock, Duration, Effect, identity, Schedule } from "effect"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { run as program } from "../src/program.ts"
import { Surface } from "../src/surface.ts"
import { speed } from "./faster.ts"

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** The environment, without what is of services and of this run. */
export const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    !/^(USEAPI_|REPLICATE_|MEDIA_JOBS_|XDG_|npm_|NODE_RUN_|NO_COLOR|FORCE_COLOR)/.test(name)
  )
)

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "media-jobs-cli-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The arguments with which Node is the command. */
export const command = ["--import", fileOf("faster.ts"), fileOf("../src/main.ts")]

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Emulator {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  /** Has something go wrong, as `--fault` of the emulator says it. */
  readonly fault: (...rules: ReadonlyArray<object>) => Effect.Effect<void>
  readonly heal: Effect.Effect<void>
  readonly requests: Effect.Effect<
    ReadonlyArray<{ readonly at: number; readonly method: string; readonly url: string; readonly body?: unknown }>
  >
  readonly stop: Effect.Effect<void>
}

/** An emulator in a process of its own, for the time of the scope. */
export const emulator = Effect.fnUntraced(function*(speed = 200) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [fileOf("../../emulator/src/main.ts"), "--empty", "--speed", `${speed}`], {
        stdio: ["ignore", "pipe", "inherit"],
        env: inherited
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const line = yield* Effect.promise(() =>
    new Promise<string>((resolve) => {
      let text = ""
      child.stdout.on("data", (chunk) => {
        text += chunk
        if (text.includes("\n")) resolve(text)
      })
    })
  )
  const { token, url }: { readonly token: string; readonly url: string } = JSON.parse(line)
  const control = (path: string, method: string, body?: object) =>
    Effect.promise(() =>
      fetch(`${url}/-/${path}`, { method, ...(body === undefined ? undefined : { body: JSON.stringify(body) }) })
    )
  const made: Emulator = {
    url,
    env: {
      USEAPI_TOKEN: token,
      USEAPI_BASE_URL: url,
      REPLICATE_API_TOKEN: token,
      REPLICATE_BASE_URL: `${url}/v1`,
      ARTIFACTS_ALLOW_PRIVATE: "true"
    },
    fault: (...rules) => Effect.asVoid(control("faults", "POST", rules)),
    heal: Effect.asVoid(control("faults", "DELETE")),
    requests: Effect.flatMap(control("requests", "GET"), (answer) => Effect.promise(() => answer.json())),
    stop: Effect.sync(() => void child.kill("SIGKILL"))
  }
  return made
})

export interface Options {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly stdin?: string
  /** Whether `within` has time pass as fast as other processes have it; so it is unless it is told. */
  readonly faster?: boolean
}

/** The time of this process, as much faster as `faster.ts` has it for others. */
const clock = ((): Clock.Clock => {
  const start = Date.now()
  const millis = () => start + (Date.now() - start) * speed
  const nanos = () => BigInt(Math.round(millis() * 1000)) * 1000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.callback((resume) => {
        const timer = setTimeout(() => resume(Effect.void), Math.min(Duration.toMillis(duration) / speed, 2 ** 31 - 1))
        return Effect.sync(() => clearTimeout(timer))
      })
  }
})()

/** Runs the command in this process, which spares its start. */
export const within = (
  args: ReadonlyArray<string>,
  { cwd = ".", env, faster = true }: Options,
  terminal?: Partial<Surface>
): Effect.Effect<Finished> =>
  Effect.suspend(() => {
    const printed = { stdout: "", stderr: "" }
    const surface: Surface = {
      env: { HOME: cwd, ...env },
      cwd,
      size: () => ({ columns: 80, rows: 24 }),
      isTerminal: false,
      ask: () => Effect.undefined,
      isForeground: () => true,
      whenLeaving: () => () => {},
      out: (text) => void (printed.stdout += text),
      err: (text) => void (printed.stderr += text),
      ...terminal
    }
    return program(args).pipe(
      Effect.map((code) => ({ code, ...printed })),
      Effect.provideService(Surface, surface),
      faster ? Effect.provideService(Clock.Clock, clock) : identity,
      Effect.provide(NodeServices.layer)
    )
  })

/** Starts the command. */
export const start = (args: ReadonlyArray<string>, { cwd, env, stdin = "" }: Options) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(process.execPath, [...command, ...args], {
          stdio: ["pipe", "pipe", "pipe"],
          env: { ...inherited, FASTER: "true", HOME: cwd, ...env },
          cwd
        })
        child.stdin.on("error", () => {}).end(stdin)
        return child
      }),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => {
      const printed = { stdout: "", stderr: "" }
      child.stdout.on("data", (chunk) => printed.stdout += chunk)
      child.stderr.on("data", (chunk) => printed.stderr += chunk)
      const ended = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, ...printed })))
      return { child, printed, finished: Effect.promise(() => ended) }
    }
  )

/** Runs the command to its end. */
export const run = (args: ReadonlyArray<string>, options: Options): Effect.Effect<Finished> =>
  Effect.scoped(Effect.flatMap(start(args, options), ({ finished }) => finished))

/** What is read of a printed line here. */
export interface Line {
  readonly id: string
  readonly handle: string
  readonly key: string
  readonly state: { readonly _tag: string }
  readonly files: ReadonlyArray<{ readonly location: string; readonly resource: string }>
}

export const linesOf = ({ stdout }: Pick<Finished, "stdout">): ReadonlyArray<Line> =>
  stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))

/** Once it holds. */
export const eventually = (holds: Effect.Effect<boolean>) =>
  Effect.repeat(holds, { schedule: Schedule.spaced("20 millis"), until: (is) => is })

/** A port that nothing listens at. */
export const freePort = Effect.promise(() =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo // of one that listens at a port
      server.close(() => resolve(port))
    })
  })
)
