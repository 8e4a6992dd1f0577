import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { emulator, eventually, folder, freePort, linesOf, start, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000

/** The one sentence that says it. */
const once = (stderr: string, says: RegExp) =>
  assert.deepStrictEqual(stderr.trimEnd().split("\n").map((line) => says.test(line)), [true], stderr)

describe("a variable of one provider", () => {
  it.live("that is empty is not set, in the environment and in the file", () =>
    Effect.gen(function*() {
      const { env } = yield* emulator()
      const cwd = yield* folder
      const submitted = yield* within(["submit", "replicate", "acme/image-1", "--prompt", "x"], { cwd, env })
      writeFileSync(join(cwd, "token"), env["REPLICATE_API_TOKEN"] ?? "")
      writeFileSync(
        join(cwd, "media-jobs.json"),
        JSON.stringify({
          tokenFiles: { REPLICATE_API_TOKEN: "token" },
          variables: { RUNWAYML_BASE_URL: "", USEAPI_BASE_URL: env["USEAPI_BASE_URL"] }
        })
      )
      const empty = {
        ...env,
        FAL_KEY: "",
        MEDIA_JOBS_LEDGER: "",
        REPLICATE_API_TOKEN: "",
        USEAPI_BASE_URL: "",
        WEBHOOKS_URL: ""
      }
      const listed = yield* within(["list"], { cwd, env: empty })
      assert.deepStrictEqual([listed.code, listed.stderr], [0, ""])
      assert.deepStrictEqual(linesOf(listed).map(({ id }) => id), linesOf(submitted).map(({ id }) => id))
      const named = yield* within(["list", "--provider", "fal"], { cwd, env: empty })
      assert.deepStrictEqual([named.code, named.stdout], [3, ""])
      once(named.stderr, /FAL_KEY is not set/)
    }), limit)

  it.live("that is wrong is said once, and keeps none of the others", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const submit = ["submit", "replicate", "acme/image-1", "--prompt", "x"]
      const [job] = linesOf(yield* within(submit, { cwd, env: service.env }))
      const id = job?.id ?? ""
      const port = yield* freePort
      const env = {
        ...service.env,
        FAL_KEY: "a:b",
        FAL_BASE_URL: "nonsense",
        WEBHOOKS_URL: `http://127.0.0.1:${port}/hooks`,
        WEBHOOKS_KEYS: "a key of thirty-two characters or more"
      }
      const wrong = /FAL_BASE_URL is no base URL/

      const listed = yield* within(["list"], { cwd, env })
      assert.deepStrictEqual([listed.code, linesOf(listed).map((line) => line.id)], [2, [id]])
      once(listed.stderr, wrong)
      for (const command of ["capacity", "accounts"]) {
        const told = yield* within([command], { cwd, env })
        assert.strictEqual(told.code, 2)
        assert.match(told.stdout, /"provider":"useapi-/)
        once(told.stderr, wrong)
      }
      // Where no ledger knows the job, its id tells whose it is.
      const got = yield* within(["get", id, "--ledger", "other.db"], { cwd, env })
      assert.deepStrictEqual([got.code, got.stderr, linesOf(got).map((line) => line.id)], [0, "", [id]])
      const unknown = yield* within(["get", "nobodys"], { cwd, env })
      assert.deepStrictEqual([unknown.code, unknown.stdout], [2, ""])
      once(unknown.stderr, wrong)

      // Twelve providers read it.
      const many = yield* within(["list"], { cwd, env: { ...service.env, USEAPI_BASE_URL: "nonsense" } })
      assert.deepStrictEqual([many.code, linesOf(many).map((line) => line.id)], [2, [id]])
      once(many.stderr, /USEAPI_BASE_URL is no base URL/)

      const watched = yield* within(["watch"], { cwd, env })
      assert.strictEqual(linesOf(watched).at(-1)?.state._tag, "Succeeded")
      once(watched.stderr, wrong)

      const server = yield* start(["webhook", "serve", "--port", `${port}`], { cwd, env })
      yield* eventually(Effect.sync(() => server.printed.stderr.split("\n").length > 3))
      assert.match(server.printed.stderr, /^[^\n]*FAL_BASE_URL is no base URL[^\n]*\n[^\n]*Listens at [^\n]*replicate/)
      server.child.kill("SIGTERM")
      yield* server.finished

      for (const command of [["list"], ["watch"], ["capacity"], ["webhook", "serve"]]) {
        const named = yield* within([...command, "--provider", "fal"], { cwd, env })
        assert.deepStrictEqual([named.code, named.stdout], [2, ""])
        once(named.stderr, wrong)
        const alone = { ...env, REPLICATE_API_TOKEN: undefined, USEAPI_TOKEN: undefined }
        const none = yield* within(command, { cwd, env: alone })
        assert.deepStrictEqual([none.code, none.stdout], [2, ""])
        once(none.stderr, wrong)
      }
    }), limit)
})
