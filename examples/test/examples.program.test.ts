import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, FalEmulator, Faults, GoogleEmulator } from "@media-jobs/testing"
import { Effect, FileSystem, Layer } from "effect"
import { createServer, type Server } from "node:http"
import { emulator, run, start } from "./program.ts"

const words = (stdout: string) => stdout.trim().split("\n")

describe("examples", () => {
  it.live("list-everywhere shows the others' jobs where one service can't be asked", () =>
    Effect.gen(function*() {
      const service = yield* Emulator.Emulator
      yield* service.services["useapi-luma"].add()
      yield* service.services["useapi-dreamina"].add()
      yield* service.services["useapi-midjourney"].add()
      yield* service.inject({ operation: "useapi-dreamina.list", fault: Faults.status(401) })
      const { code, stderr, stdout } = yield* run("list-everywhere")
      assert.strictEqual(code, 0, stderr)
      const lines = words(stdout)
      assert.match(lines[0] ?? "", /^useapi-luma {2}job:\w{8} {2}video {2}Running$/)
      assert.match(lines[1] ?? "", /^useapi-midjourney {2}job:\w{8} {2}image {2}Running$/)
      assert.match(lines[2] ?? "", /^useapi-dreamina {2}useapi-dreamina list: Unauthorized/)
      assert.strictEqual(lines[3], "2 jobs, and there may be more")
    }).pipe(Effect.provide(emulator({ speed: 1 }))))

  it.live("three-providers runs one program on three services", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("three-providers")
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "useapi-luma: 4 made")
      assert.include(stdout, "midjourney: 4 made")
      assert.include(stdout, "dreamina: ")
      assert.include(stdout, "3 of 3 succeeded")
    }).pipe(Effect.provide(emulator())))

  it.live("recover finds the job of a submit whose reply was lost, which was sent once", () =>
    Effect.gen(function*() {
      const service = yield* Emulator.Emulator
      yield* service.inject({ operation: "useapi-luma.video", fault: Faults.dropReply, times: 1 })
      const { code, stderr, stdout } = yield* run("recover")
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "SubmissionUncertain")
      assert.include(stdout, "1 candidate: job:")
      assert.strictEqual(yield* service.count("useapi-luma.video"), 1)
      assert.strictEqual((yield* service.services["useapi-luma"].jobs).length, 1)
    }).pipe(Effect.provide(emulator({ speed: 1 }))))

  it.live("resume waits for what an earlier process submitted, and then knows of nothing more", () =>
    Effect.gen(function*() {
      const service = yield* Emulator.Emulator
      const LEDGER = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const submitted = yield* run("resume", { LEDGER }, "submit")
      assert.include(submitted.stdout, "Submitted job:")
      yield* service.inject({ operation: "useapi-luma.video", fault: Faults.dropReply, times: 1 })
      const lost = yield* run("resume", { LEDGER }, "submit")
      assert.strictEqual(lost.code, 1)
      const resumed = yield* run("resume", { LEDGER })
      assert.strictEqual(resumed.code, 0, resumed.stderr)
      // The lost one was found while it ran, or had ended by then, which its service does not show.
      assert.match(resumed.stdout, /2 to wait for|Look at the service: 0 [^]*1 to wait for/)
      assert.match(resumed.stdout, /job:\w{8} {2}Succeeded/)
      const last = yield* run("resume", { LEDGER })
      assert.include(last.stdout, "0 to wait for")
      assert.strictEqual(yield* service.count("useapi-luma.video"), 2)
    }).pipe(Effect.provide(Layer.merge(emulator(), NodeServices.layer))))

  it.live("cancel stops the job at the service when it is interrupted", () =>
    Effect.gen(function*() {
      const service = yield* Emulator.Emulator
      const { child, finished, says } = yield* start("cancel")
      yield* says("Running")
      child.kill("SIGINT")
      const { stdout } = yield* finished
      assert.include(stdout, "Cancelled")
      assert.strictEqual(yield* service.count("useapi-dreamina.cancel"), 1)
    }).pipe(Effect.provide(emulator({ speed: 1 }))))

  it.live("observe exports spans and metrics that name no id, address or token", () =>
    Effect.gen(function*() {
      const received: Array<{ readonly url: string; readonly body: string }> = []
      const collector = yield* Effect.acquireRelease(
        Effect.callback<Server>((resume) => {
          const server = createServer((request, response) => {
            let body = ""
            request.on("data", (chunk) => body += chunk)
            request.on("end", () => {
              received.push({ url: request.url ?? "", body })
              response.end("{}")
            })
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.closeAllConnections())
      )
      const address = collector.address()
      const port = typeof address === "object" ? address?.port : undefined
      const { code, stderr, stdout } = yield* run("observe", {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`
      })
      assert.strictEqual(code, 0, stderr)
      const traces = received.filter(({ url }) => url === "/v1/traces").map(({ body }) => body).join()
      for (const span of ["four images", "useapi-luma.submit", "useapi-luma.list", "useapi-luma.get"]) {
        assert.include(traces, `"${span}"`)
      }
      assert.isTrue(received.some(({ body, url }) => url === "/v1/metrics" && body.includes("media_jobs_looks")))
      assert.match(stdout, /media_jobs_ended\{[^}]*state="Succeeded"[^}]*\} 4/)
      const service = yield* Emulator.Emulator
      const secrets = [
        "user@example.com",
        Emulator.token,
        ...(yield* service.services["useapi-luma"].jobs).map((job) => job.id)
      ]
      for (const text of [stdout, stderr, ...received.map(({ body }) => body)]) {
        for (const secret of secrets) assert.notInclude(text, secret)
      }
    }).pipe(Effect.provide(emulator())))

  it.live("typed-output has what its schema says, and sends nothing that it refuses", () =>
    Effect.gen(function*() {
      const service = yield* Emulator.Emulator
      const { code, stderr, stdout } = yield* run("typed-output")
      assert.strictEqual(code, 0, stderr)
      const [output, files, refused] = words(stdout)
      assert.deepStrictEqual([output, files], ["seed 7: 1024x768, 1024x768", "2 files saved"])
      assert.match(refused ?? "", /InvalidRequest.*input\.prompt/)
      assert.strictEqual(yield* service.count("fal.submit"), 1)
    }).pipe(Effect.provide(emulator())))

  it.live("replicate-and-luma waits for both alike", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("replicate-and-luma")
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /^useapi-luma {2}job:\w{8} {2}3 made$/m)
      assert.match(stdout, /^replicate {2}job:\w{8} {2}\d made$/m)
    }).pipe(Effect.provide(emulator())))

  it.live("gemini-or-vertex runs one program on both", () =>
    Effect.gen(function*() {
      const [gemini, vertex] = yield* Effect.all([
        run("gemini-or-vertex", {}, "gemini"),
        run("gemini-or-vertex", {}, "vertex")
      ], { concurrency: "unbounded" })
      assert.deepStrictEqual([gemini.code, gemini.stdout], [0, "google: video video\n"], gemini.stderr)
      const made = "google-vertex: video video\ngoogle-vertex: video video-2\n"
      assert.deepStrictEqual([vertex.code, vertex.stdout], [0, made], vertex.stderr)
    }).pipe(Effect.provide(emulator())))

  it.live("google-save saves a file that the key alone opens", () =>
    Effect.gen(function*() {
      const { count, services: { google } } = yield* Emulator.Emulator
      const { code, stderr, stdout } = yield* run("google-save", { ARTIFACTS_ALLOW_PRIVATE: "true" })
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /^.*out\/google-[0-9a-f]{32}-video-video\.mp4 {2}\d{4,} bytes$/m)
      assert.strictEqual(yield* count("google.download"), 2)
      const [job] = yield* google.jobs
      for (const secret of [Emulator.token, job?.id ?? "", job?.fileId ?? ""]) {
        assert.notInclude(stdout + stderr, secret)
      }
    }).pipe(Effect.provide(emulator({
      services: { google: GoogleEmulator.service({ processing: "1 minute" }) }
    }))))

  it.live("race takes the first of three, and stops the others where it can", () =>
    Effect.gen(function*() {
      const { services: { google } } = yield* Emulator.Emulator
      const { code, stderr, stdout } = yield* run("race")
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(words(stdout).toSorted(), [
        "fal: cancelled",
        "google: cancelled",
        "replicate: first, with video"
      ])
      assert.deepStrictEqual((yield* google.jobs).map(({ outcome }) => outcome), ["cancelled"])
    }).pipe(Effect.provide(emulator({
      services: {
        google: GoogleEmulator.service({ life: "10 hours" }),
        fal: FalEmulator.service({ life: "10 hours" })
      }
    }))))
})
