/** What one request of a Worker leaves to the next: nothing that sleeps, waits or holds. */
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, UseapiLumaEmulator } from "@media-jobs/testing"
import { Effect, Fiber, Layer, Schedule } from "effect"
import { HttpServer } from "effect/http"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { folder } from "./program.ts"

// It comes without types: where its binary is.
const { default: workerd }: { readonly default: string } = createRequire(import.meta.url)("workerd")

/** How long a call may take, and a body, in milliseconds. */
const limit = 2500

const bundle = build({
  entryPoints: [fileURLToPath(new URL("workerd/worker.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  platform: "browser",
  external: ["cloudflare:workers"],
  write: false
})

/** How the first of two overlapping requests ends, before its work has. */
const ends = ["answered", "left", "failed"] as const

interface Call {
  readonly end?: (typeof ends)[number]
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
  /** Whether the body never comes to its end. */
  readonly half?: boolean
}

/** One isolate for the time of the scope, and the gate that lets the first of its requests end before its work has. */
const worker = Effect.gen(function*() {
  const home = yield* folder
  const service = yield* HttpServer.addressFormattedWith(Effect.succeed)
  let gate: Array<() => void> | undefined
  const opened = (then: () => void) => gate === undefined ? then() : gate.push(then)
  const { port } = yield* Effect.acquireRelease(
    Effect.sync(() => createServer((_, response) => opened(() => response.end())).listen(0, "127.0.0.1")),
    (server) => Effect.sync(() => server.close().closeAllConnections())
  ).pipe(
    Effect.tap((server) => Effect.promise(() => once(server, "listening"))),
    Effect.map((server) => server.address() as AddressInfo) // as it listens at a port
  )
  const { outputFiles: [script] } = yield* Effect.promise(() => bundle)
  writeFileSync(join(home, "worker.js"), script?.text ?? "")
  const settings = {
    service,
    token: Emulator.token,
    key: "a-key-of-the-tests-0123456789-0123456789-0123",
    limit: `${limit}`,
    gate: `http://127.0.0.1:${port}`
  }
  writeFileSync(
    join(home, "config.capnp"),
    `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "worker", worker = (
      compatibilityDate = "2026-11-01",
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [${Object.entries(settings).map(([name, text]) => `(name = "${name}", text = "${text}")`).join(", ")}]
    ))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);`
  )
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      // It says at its first descriptor where it listens, once it does.
      spawn(workerd, ["serve", "config.capnp", "--control-fd=1"], { cwd: home, stdio: ["ignore", "pipe", "ignore"] })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const [said] = yield* Effect.promise(() => once(child.stdout, "data"))
  const origin = `http://127.0.0.1:${JSON.parse(said).port}`

  const send = (path: string, { body, end, half = false, headers }: Call = {}) =>
    Effect.callback<string>((resume) => {
      const sent = request(new URL(path, origin), {
        method: body === undefined ? "GET" : "POST",
        headers: { ...headers, ...(end === undefined ? undefined : { "x-end": end }) }
      }, (response) => {
        let text = ""
        response.on("data", (chunk) => text += chunk)
        response.on("close", () => resume(Effect.succeed("cut")))
        response.on("end", () => resume(Effect.succeed(`${response.statusCode} ${text}`.trim())))
      })
      sent.on("error", () => resume(Effect.succeed("cut")))
      if (half) sent.write(body?.slice(0, body.length / 2))
      else sent.end(body)
      if (end === "left") opened(() => sent.destroy())
      return Effect.sync(() => sent.destroy())
    }).pipe(Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => Effect.succeed("hung") }))
  // Its code is compiled and its layers are built, by a request that is gone.
  yield* send("/submit")
  /** What is said to the second request, sent while the first is there, and to the third, sent once that has ended. */
  const others = Effect.fnUntraced(function*(
    first: Effect.Effect<string>,
    second: Effect.Effect<string>,
    third: Effect.Effect<string>,
    begun: Effect.Effect<unknown> = Effect.sleep("100 millis")
  ) {
    const waiting: Array<() => void> = gate = []
    const ending = yield* Effect.forkChild(first)
    yield* begun
    const overlapping = yield* Effect.forkChild(second)
    yield* Effect.sleep("200 millis")
    gate = undefined
    for (const end of waiting) end()
    yield* Fiber.join(ending)
    const last = yield* third
    return [yield* Fiber.join(overlapping), last]
  })
  /** Sends a request, and gives status and text of the answer. */
  return { send, others }
})

type Worker = Effect.Success<typeof worker>

/** A job, as it is in a query. */
const added = (state: "completed" | "running") =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ services: { "useapi-luma": luma } }) => Effect.map(luma.add({ state }), ({ id }) => encodeURIComponent(id))
  )

const emulator = Emulator.layerServer.pipe(
  Layer.provideMerge(Emulator.layer({
    services: {
      "useapi-luma": UseapiLumaEmulator.service({ accounts: [{ email: "user@example.com", concurrency: 99 }] })
    }
  })),
  Layer.provideMerge(
    NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
  )
)

type First = Required<Pick<Call, "end">>

/** Runs a test in three isolates, of which each sees another end of its first request. */
const whatever =
  (test: (worker: Worker, first: First) => Effect.Effect<void, never, Emulator.Emulator | HttpServer.HttpServer>) =>
  () =>
    Effect.forEach(
      ends,
      (end) => Effect.provide(Effect.scoped(Effect.flatMap(worker, (worker) => test(worker, { end }))), emulator),
      { concurrency: "unbounded", discard: true }
    )

describe("in workerd, whatever becomes of the request before", { concurrent: true }, () => {
  it.live(
    "a call has its time limit",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { heal, inject } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.hang, operation: "useapi-luma.get" })
      const call = `/call?id=${yield* added("completed")}`
      assert.deepStrictEqual(
        yield* others(send(call, first), send(call), send(call)),
        ["502 Unavailable", "502 Unavailable"]
      )
      yield* heal
      assert.strictEqual(yield* send(call), "200 Succeeded")
    }))
  )

  it.live(
    "a wait finds its job's end, or its own deadline",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { inject } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.hang, path: /luma\/jobs/, times: 1 })
      const [ended, running] = [`/wait?id=${yield* added("completed")}`, `/wait?id=${yield* added("running")}`]
      assert.deepStrictEqual(
        yield* others(send(ended, first), send(ended), send(running)),
        ["200 Succeeded", "502 DeadlineExceeded"]
      )
    }))
  )

  it.live(
    "an engine and slots of its own serve a request",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const own = `/own?id=${yield* added("completed")}`
      assert.deepStrictEqual(yield* others(send(own, first), send(own), send(own)), ["200 2", "200 2"])
    }))
  )

  it.live(
    "a webhook's body has its time limit, and a genuine one wakes",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { count, services: { "useapi-luma": luma } } = yield* Emulator.Emulator
      const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
      const hook = Effect.gen(function*() {
        const [, id = "", replyUrl = ""] = (yield* send("/submit")).split(" ")
        yield* luma.change(id, { state: "completed" })
        const headers = { authorization: `Bearer ${Emulator.token}` }
        const record = fetch(`${url}/v1/luma/jobs/${id}`, { headers }).then((answer) => answer.text())
        const body = yield* Effect.promise(() => record)
        return (call?: Call) => send(new URL(replyUrl).pathname, { ...call, body })
      })
      const [a, b, c] = yield* Effect.all([hook, hook, hook])
      const before = yield* count("useapi-luma.get")
      assert.deepStrictEqual(yield* others(a({ ...first, half: true }), b({ half: true }), c()), ["408", "200"])
      assert.strictEqual(yield* count("useapi-luma.get"), before + 1)
      assert.deepStrictEqual(yield* others(a(first), b(), c()), ["200", "200"])
      assert.strictEqual(yield* count("useapi-luma.get"), before + 4)
    }))
  )

  it.live(
    "a webhook that is too large wakes by its address",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { count } = yield* Emulator.Emulator
      const hook = Effect.map(send("/submit"), (said) => {
        const { pathname } = new URL(said.split(" ")[2] ?? "")
        return (call?: Call) => send(pathname, { ...call, body: "x".repeat(1_500_000) })
      })
      const [a, b, c] = yield* Effect.all([hook, hook, hook])
      assert.deepStrictEqual(yield* others(a(first), b(), c()), ["200", "200"])
      assert.isAtLeast(yield* count("useapi-luma.list"), 2)
    }))
  )

  it.live(
    "a signed webhook is verified, with a secret that is renewed, and wakes",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { count, inject, services: { replicate } } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.slow("1 second"), operation: "replicate.secret", times: 1 })
      const hook = Effect.gen(function*() {
        const [, id = "", replyUrl = ""] = (yield* send("/predict")).split(" ")
        yield* replicate.change(id, { state: "succeeded" })
        const { body, headers } = yield* replicate.webhook(id)
        return (call?: Call) => send(new URL(replyUrl).pathname, { ...call, headers, body })
      })
      const [a, b, c] = yield* Effect.all([hook, hook, hook])
      const before = yield* count("replicate.get")
      assert.deepStrictEqual(yield* others(a(first), b(), c()), ["200", "200"])
      assert.isAtLeast(yield* count("replicate.get"), before + 2)
      assert.deepStrictEqual(yield* c(), "200")
    }))
  )

  it.live(
    "a job is saved, and a silent host given up",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const { count, inject } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.hang, operation: "media.get", times: 2 })
      const hanging = Effect.repeat(count("media.get"), { until: (n) => n >= 2, schedule: Schedule.spaced("5 millis") })
      const [save, another] = [`/save?id=${yield* added("completed")}`, `/save?id=${yield* added("completed")}`]
      assert.deepStrictEqual(yield* others(send(save, first), send(save), send(save), hanging), ["200 3", "200 3"])
      yield* inject({ fault: Faults.hang, operation: "media.get", times: 1 })
      assert.strictEqual(yield* send(another), "502 LinkUnavailable")
    }))
  )

  it.live(
    "the progress of saves is told, and a reader of it harms none",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const [save, another] = [`/save?id=${yield* added("completed")}`, `/save?id=${yield* added("completed")}`]
      const told = yield* others(send("/progress", first), send("/progress"), send(save))
      assert.match(told[0] ?? "", /^200 (running)+saved$/)
      assert.strictEqual(told[1], "200 3")
      assert.strictEqual(yield* send(another), "200 3")
    }))
  )

  it.live(
    "a submit is noted in the ledger",
    whatever(Effect.fnUntraced(function*({ others, send }, first) {
      const note = "/note"
      assert.deepStrictEqual(yield* others(send(note, first), send(note), send(note)), ["200 1", "200 1"])
    }))
  )
})
