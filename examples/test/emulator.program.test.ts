import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  Emulator,
  type Fixtures,
  UseapiDreaminaEmulator,
  UseapiLumaEmulator,
  UseapiMidjourneyEmulator
} from "@media-jobs/testing"
import { Effect, FileSystem, Path, Schema } from "effect"
import { createServer } from "node:http"
import { connect } from "node:net"
import { fileURLToPath } from "node:url"
import { node } from "./program.ts"

const program = fileURLToPath(new URL("../../packages/emulator/src/main.ts", import.meta.url))
const root = fileURLToPath(new URL("../..", import.meta.url))
const Address = { url: Schema.String, token: Schema.String }
const Announcement = Schema.fromJsonString(
  Schema.Struct({ ...Address, services: Schema.Record(Schema.String, Schema.Struct(Address)) })
)

const emulator = Effect.fnUntraced(function*(...flags: ReadonlyArray<string>) {
  const started = yield* node([program, ...flags])
  const line = yield* started.begun
  const { services, token, url } = yield* Schema.decodeUnknownEffect(Announcement)(line)
  const call = (method: string, path: string) =>
    Effect.promise(async () => {
      const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } })
      const json: Schema.Json = await response.json()
      return { status: response.status, json }
    })
  return { ...started, line, url, token, services, call }
})

/** Runs what a document prints, with nothing but host and token replaced. */
const run = Effect.fnUntraced(function*(sample: Fixtures.Sample, at: { readonly url: string; readonly token: string }) {
  const fs = yield* FileSystem.FileSystem
  const file = (yield* Path.Path).join(yield* fs.makeTempDirectoryScoped(), "sample.mjs")
  const script = sample.script.replaceAll("https://api.useapi.net", at.url).replaceAll("YOUR_API_TOKEN", at.token)
  yield* fs.writeFileString(file, script)
  return yield* (yield* node([file])).finished
})

/** The names of the fields, whatever ages since. */
const shape = (json: Schema.Json) => Object.keys(json ?? {})

describe("pnpm emulator", () => {
  it.live("runs the documents' samples while the jobs run", () =>
    Effect.gen(function*() {
      const served = yield* emulator()
      const { listed, listedImage, polled } = UseapiLumaEmulator.fixtures.ids
      assert.deepStrictEqual(yield* run(UseapiLumaEmulator.fixtures.samples.list, served), {
        code: 0,
        stdout: [
          "Executing: 3 jobs",
          ` ${listed} (video, ray-v3-flash)`,
          ` ${polled} (video, ray-v3-flash)`,
          ` ${listedImage} (image, photon-v2)`,
          ""
        ].join("\n"),
        stderr: ""
      })
      const refused = yield* run(UseapiLumaEmulator.fixtures.samples.remove, served)
      assert.deepStrictEqual(refused, { code: 0, stdout: "Deleted: undefined\n", stderr: "" })
      assert.deepStrictEqual(yield* served.call("DELETE", `/v1/luma/jobs/${listed}`), {
        status: 409,
        json: UseapiLumaEmulator.fixtures.documented.removeNotTerminal.json
      })
      assert.deepStrictEqual(yield* run(UseapiDreaminaEmulator.fixtures.samples.list, served), {
        code: 0,
        stdout: "Executing jobs: 3\n  US:docs@example.com: 3 jobs\n",
        stderr: ""
      })
      const { first, second } = UseapiMidjourneyEmulator.fixtures.ids
      const running = yield* run(UseapiMidjourneyEmulator.fixtures.samples.list, served)
      assert.deepStrictEqual({ ...running, stdout: running.stdout.replaceAll(/\(00:\d\d\)$/gm, "(00:00)") }, {
        code: 0,
        stdout: [
          "2 jobs running (2 images, 0 videos)",
          "Channel 1234567890123456789: 2 jobs",
          `  ${first}: image (00:00)`,
          `  ${second}: image (00:00)`,
          ""
        ].join("\n"),
        stderr: ""
      })
      const { printed } = UseapiDreaminaEmulator.fixtures.ids
      assert.strictEqual((yield* served.call("GET", `/v1/dreamina/videos/${printed}`)).status, 200)
      assert.strictEqual((yield* served.call("DELETE", `/v1/dreamina/scheduler/${printed}`)).status, 200)
      const { stdout } = yield* run(UseapiDreaminaEmulator.fixtures.samples.list, served)
      assert.strictEqual(stdout, "Executing jobs: 2\n  US:docs@example.com: 2 jobs\n")
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("runs the documents' samples once the jobs are done", () =>
    Effect.gen(function*() {
      const served = yield* emulator("--speed", "1000000")
      const polled = yield* run(UseapiLumaEmulator.fixtures.samples.get, served)
      assert.deepInclude(polled, { code: 0, stderr: "" })
      const [, link = ""] = /^Status: completed\nVideo URL: (\S+)\nDimensions: 1280x720\n$/.exec(polled.stdout) ?? []
      assert.isTrue(link.startsWith(`${served.url}/media/`), link)
      const video = yield* Effect.promise(() => fetch(link))
      assert.deepStrictEqual([video.status, video.headers.get("content-type")], [200, "video/mp4"])
      const removed = yield* run(UseapiLumaEmulator.fixtures.samples.remove, served)
      assert.deepStrictEqual(removed, { code: 0, stdout: "Deleted: true\n", stderr: "" })
      const { stdout: dreamina } = yield* run(UseapiDreaminaEmulator.fixtures.samples.list, served)
      assert.strictEqual(dreamina, "Executing jobs: 0\n")
      const { stdout: midjourney } = yield* run(UseapiMidjourneyEmulator.fixtures.samples.list, served)
      assert.strictEqual(midjourney, "0 jobs running (0 images, 0 videos)\n")
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("reports to the address that a submit names", () =>
    Effect.gen(function*() {
      const heard = yield* Effect.acquireRelease(
        Effect.callback<{ readonly url: string; readonly call: Promise<string>; readonly close: () => void }>(
          (resume) => {
            const call = Promise.withResolvers<string>()
            const server = createServer((request, response) => {
              request.setEncoding("utf8").on("data", (body) => call.resolve(body))
              response.end()
            })
            server.listen(0, "127.0.0.1", () => {
              const address = server.address()
              const port = typeof address === "object" ? address?.port : undefined
              resume(Effect.succeed({
                url: `http://127.0.0.1:${port}/report`,
                call: call.promise,
                close: () => server.closeAllConnections()
              }))
            })
          }
        ),
        ({ close }) => Effect.sync(close)
      )
      const { token, url } = yield* emulator("--empty", "--speed", "1000")
      yield* Effect.promise(() =>
        fetch(`${url}/v1/luma/videos`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ prompt: "rain", replyUrl: heard.url })
        })
      )
      assert.deepInclude(JSON.parse(yield* Effect.promise(() => heard.call)), { type: "video", status: "completed" })
    }))

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it.live(`ends on ${signal} with 0, whoever is still connected, having printed one line`, () =>
      Effect.gen(function*() {
        const served = yield* emulator("--empty")
        const { port } = new URL(served.url)
        const idle = yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof connect>>((resume) => {
            const socket = connect(Number(port), "127.0.0.1", () => resume(Effect.succeed(socket)))
            socket.on("error", () => {})
          }),
          (socket) => Effect.sync(() => socket.destroy())
        )
        assert.isFalse(idle.destroyed)
        const empty: ReadonlyArray<readonly [path: string, json: Schema.Json]> = [
          ["/v1/luma/jobs", { executing: 0, jobs: [] }],
          ["/v1/dreamina/scheduler", UseapiDreaminaEmulator.fixtures.documented.listEmpty.json],
          ["/v3/midjourney/jobs", { total: 0, images: 0, videos: 0, channels: {} }]
        ]
        for (const [path, json] of empty) {
          assert.deepStrictEqual(yield* served.call("GET", path), { status: 200, json })
        }
        served.child.kill(signal)
        assert.match(served.line, /^\{.*\}\n$/)
        assert.deepStrictEqual(yield* served.finished, { code: 0, stdout: served.line, stderr: "" })
      }))
  }

  const managers: ReadonlyArray<readonly [name: string, args: ReadonlyArray<string>, env: Record<string, string>]> = [
    ["node --run", [process.execPath, "--run", "emulator", "--", "--empty"], {}],
    ["npm, with a shell between", ["sh", "-c", `"${process.execPath}" "${program}" --empty; true`], {
      npm_lifecycle_event: "emulator"
    }],
    ["npm, with none", ["sh", "-c", `"${process.execPath}" "${program}" --empty & wait`], {
      npm_lifecycle_event: "emulator"
    }]
  ]
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it.live.each(managers)(
      `ends with ${signal} to what runs it: %s`,
      ([, [command = "", ...args], env]) =>
        Effect.gen(function*() {
          const manager = yield* node(args, env, root, command)
          const { url } = yield* Schema.decodeUnknownEffect(Announcement)(yield* manager.begun)
          manager.child.kill(signal)
          // Its streams close with the last process that has them.
          yield* manager.finished
          yield* Effect.flip(Effect.tryPromise(() => fetch(url)))
        })
    )
  }

  it.live("goes on without the shell that it was started from, as in the background", () =>
    Effect.gen(function*() {
      const shell = yield* node(
        ["-c", `"${process.execPath}" "${program}" --empty & echo $! >&2; wait`],
        {},
        root,
        "sh"
      )
      const { url } = yield* Schema.decodeUnknownEffect(Announcement)(yield* shell.begun)
      shell.child.kill("SIGKILL")
      yield* Effect.promise(() => new Promise((resolve) => shell.child.on("exit", resolve)))
      yield* Effect.sleep("1 second")
      assert.strictEqual((yield* Effect.promise(() => fetch(url))).status, 404)
      process.kill(Number(shell.printed.stderr))
      yield* shell.finished
    }))

  it.live("says in a sentence on stderr that a port is taken", () =>
    Effect.gen(function*() {
      const { port } = new URL((yield* emulator("--empty")).url)
      const second = yield* (yield* node([program, "--port", port])).finished
      assert.deepInclude(second, { code: 1, stdout: "" })
      assert.match(second.stderr, /^.*EADDRINUSE.*\n$/)
    }))

  it.live("tells of each service's own URL, which answers beside the root", () =>
    Effect.gen(function*() {
      const served = yield* emulator()
      const { token, url } = served
      assert.deepStrictEqual(
        served.services,
        Object.fromEntries(Object.keys(Emulator.documented(true)).map((id) => [id, { url: `${url}/${id}`, token }]))
      )
      const paths: ReadonlyArray<readonly [id: string, path: string]> = [
        ["useapi-luma", "/v1/luma/jobs"],
        ["useapi-dreamina", "/v1/dreamina/scheduler"],
        ["useapi-midjourney", "/v3/midjourney/jobs"],
        ["replicate", "/v1/predictions"]
      ]
      for (const [id, path] of paths) {
        const [root, own] = [yield* served.call("GET", path), yield* served.call("GET", `/${id}${path}`)]
        assert.deepStrictEqual([root.status, own.status], [200, 200])
        assert.deepStrictEqual(shape(own.json), shape(root.json))
      }
    }))

  it.live("serves the services that are asked for, and no others", () =>
    Effect.gen(function*() {
      const served = yield* emulator("--services", "replicate,useapi-luma")
      assert.sameMembers(Object.keys(served.services), ["replicate", "useapi-luma"])
      const paths = [
        "/v1/predictions",
        "/v1/luma/jobs",
        "/v1/dreamina/scheduler",
        "/useapi-dreamina/v1/dreamina/scheduler"
      ]
      const answers = yield* Effect.forEach(paths, (path) => served.call("GET", path))
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 404, 404])
    }))

  it.live("has go wrong what its flags say, and what programs ask it for", () =>
    Effect.gen(function*() {
      const served = yield* emulator(
        "--fault",
        JSON.stringify({ fault: "withField", name: "executing", value: 99, times: 1 }),
        "--fault",
        JSON.stringify({ fault: "withField", name: "executing", value: 98, times: 1 })
      )
      const control = Effect.promise(() =>
        fetch(`${served.url}/-/faults`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ fault: "withField", name: "executing", value: 97 })
        })
      )
      assert.strictEqual((yield* control).status, 204)
      const lists = yield* Effect.forEach([1, 2, 3], () => served.call("GET", "/v1/luma/jobs"))
      assert.deepStrictEqual(lists.map(({ json }) => Object.values(json ?? {})[0]), [99, 98, 97])
    }))

  it.live.each(
    [
      ["--services", "useapi-luma,moon", /"moon".*useapi-luma/],
      ["--port", "http", /--port/],
      ["--prot", "1", /--prot/],
      ["--fault", "{\"fault\":\"status\"}", /--fault/],
      ["--fault", "status", /--fault/],
      ["--webhook-fault", "{\"fault\":\"Lsot\"}", /--webhook-fault/]
    ] as const
  )("says in a sentence on stderr what is wrong with %s %s", ([flag, value, says]) =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* (yield* node([program, flag, value])).finished
      assert.deepStrictEqual({ code, stdout }, { code: 2, stdout: "" })
      assert.match(stderr, /^[^\n]+\n$/)
      assert.match(stderr, says)
    }))
})
