import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { emulator, eventually, folder, freePort, linesOf, start, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000

describe("webhook serve", () => {
  it.live(
    "answers calls to signed addresses, wakes what runs, saves it and says how it ended",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator(60)
        const cwd = yield* folder
        const port = yield* freePort
        const env = {
          ...service.env,
          WEBHOOKS_URL: `http://127.0.0.1:${port}/hooks`,
          WEBHOOKS_KEYS: "a key of thirty-two characters or more"
        }
        // In its own time, in which a job that no call wakes is looked at after half a minute.
        const options = { cwd, env: { ...env, FASTER: "false" } }
        const server = yield* start(["webhook", "serve", "--port", `${port}`], options)
        yield* eventually(Effect.sync(() => server.printed.stderr.includes("\n")))
        assert.match(
          server.printed.stderr,
          /^media-jobs: Listens at http:\/\/127\.0\.0\.1:\d+\/hooks for [^\n]*useapi-luma[^\n]*a proxy passes every POST below \/hooks on[^\n]*\n/
        )
        const taken = yield* within(
          ["webhook", "serve", "--port", `${port}`],
          { cwd, env }
        )
        assert.deepStrictEqual([taken.code, taken.stdout], [1, ""])
        assert.match(taken.stderr, /^media-jobs: Nothing can listen at port \d+ of 127\.0\.0\.1: give another[^\n]*\n$/)

        const forged = yield* Effect.promise(() =>
          fetch(`${env.WEBHOOKS_URL}/1.a.b.c.d`, { method: "POST", body: "{}" })
        )
        assert.isAtLeast(forged.status, 400)
        // Its own process dies before the job has ended.
        const submit = ["submit", "useapi-luma", "video", "--prompt", "a lighthouse", "--key", "mine", "--save", "out"]
        const submitted = yield* start(submit, options)
        yield* eventually(Effect.map(within(["get", "mine"], { cwd, env }), ({ code }) => code === 0))
        submitted.child.kill("SIGKILL")
        yield* eventually(Effect.sync(() => server.printed.stdout.includes("\n")))
        const [line] = linesOf(server.printed)
        assert.deepStrictEqual([line?.key, line?.state._tag], ["mine", "Succeeded"])
        assert.isTrue(line!.files.length > 0 && line!.files.every(({ location }) => existsSync(location)))
        assert.deepStrictEqual(linesOf(yield* within(["list"], { cwd, env })), [])
        // The call had it looked at: by itself, that would have been many seconds later.
        const calls: ReadonlyArray<{ readonly at: number; readonly outcome: unknown }> = yield* Effect.promise(() =>
          fetch(`${service.url}/-/calls`).then((answer) => answer.json())
        )
        const looks = (yield* service.requests).filter(({ url }) => /luma\/jobs\/./.test(url))
        assert.deepStrictEqual(calls.map(({ outcome }) => outcome), [200])
        assert.isBelow(looks.at(-1)!.at - calls[0]!.at, 8000)
        server.child.kill("SIGTERM")
        assert.strictEqual((yield* server.finished).code, 130)
      }),
    limit
  )

  it.live(
    "lets in what a service signed, and nothing else where one signs; says whose calls are signed",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator()
        const cwd = yield* folder
        const port = yield* freePort
        const { USEAPI_TOKEN: token } = service.env
        const env = {
          ...service.env,
          FAL_KEY: token,
          FAL_BASE_URL: `${service.url}/fal`,
          GEMINI_API_KEY: token,
          GOOGLE_GEMINI_BASE_URL: `${service.url}/google`,
          WEBHOOKS_URL: `http://127.0.0.1:${port}/hooks`,
          WEBHOOKS_KEYS: "a key of thirty-two characters or more"
        }
        // Signatures are of the time that it is.
        const server = yield* start(["webhook", "serve", "--port", `${port}`], {
          cwd,
          env: { ...env, FASTER: "false" }
        })
        yield* eventually(Effect.sync(() => server.printed.stderr.split("\n").length > 2))
        assert.match(
          server.printed.stderr,
          /\nmedia-jobs: The calls of fal, google, replicate are verified by their signatures\. The calls of [^\n]*useapi-luma[^\n]* are not signed: [^\n]*\n$/
        )
        const requests = {
          replicate: ["acme/video-1", "--prompt", "a lighthouse"],
          fal: ["fal-ai/flux/dev", "--prompt", "a lighthouse"],
          google: ["video", "--input", "a lighthouse"],
          "useapi-luma": ["video", "--prompt", "a lighthouse"]
        }
        for (const [provider, request] of Object.entries(requests)) {
          const submitted = yield* within(["submit", provider, ...request], { cwd, env })
          assert.deepStrictEqual([submitted.code, submitted.stderr], [0, ""])
        }
        const calls = Effect.promise((): Promise<ReadonlyArray<{ readonly url: string; readonly outcome: unknown }>> =>
          fetch(`${service.url}/-/calls`).then((answer) => answer.json())
        )
        yield* eventually(
          Effect.map(calls, (all) => all.length >= 4 && all.every(({ outcome }) => outcome !== undefined))
        )
        const answers = yield* Effect.forEach(
          yield* calls,
          Effect.fnUntraced(function*({ outcome, url }) {
            const post = (headers: Record<string, string>) =>
              Effect.promise(() => fetch(url, { method: "POST", body: "{}", headers }).then(({ status }) => status))
            const now = `${Math.floor(Date.now() / 1000)}`
            const forged = {
              "webhook-id": "msg_1",
              "webhook-timestamp": now,
              "webhook-signature": `v1,${btoa("x".repeat(32))}`,
              "x-fal-webhook-request-id": "r",
              "x-fal-webhook-user-id": "u",
              "x-fal-webhook-timestamp": now,
              "x-fal-webhook-signature": "ab".repeat(64)
            }
            return [new URL(url).pathname.split(".")[1], outcome, yield* post({}), yield* post(forged)]
          })
        )
        // No body of a service is empty: the address alone has woken what waits.
        assert.deepStrictEqual(answers.toSorted(), [
          ["fal", 200, 401, 401],
          ["google", 200, 401, 401],
          ["replicate", 200, 401, 401],
          ["useapi-luma", 200, 400, 400]
        ])
      }),
    limit
  )

  it.live("says what is not set", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const unset = yield* within(["webhook", "serve"], { cwd, env: service.env })
      assert.deepStrictEqual([unset.code, unset.stdout], [3, ""])
      assert.match(unset.stderr, /^media-jobs: [^\n]*WEBHOOKS_\w+ is not set[^\n]*\n$/)
    }), limit)
})
