import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { emulator, eventually, folder, linesOf, start, within } from "./support.ts"

const limit = 120_000

describe("a command that is killed", () => {
  it.live(
    "loses no job and pays none twice, wherever it dies, beside others on the same ledger",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator()
        const cwd = yield* folder
        const options = { cwd, env: service.env }
        const submit = (n: number) =>
          `submit replicate acme/image-1 --prompt prompt-${n} --key key-${n} --save out`.split(" ")
        const posts = Effect.map(service.requests, (all) =>
          all.flatMap(({ body, method }) =>
            method === "POST" ? /prompt-\d+/.exec(JSON.stringify(body) ?? "") ?? [] : []
          ))
        const jobs = [0, 1, 2, 3, 4, 5]

        // The answers to the first two are long on their way, so that they die between their request and its ids.
        yield* service.fault({ fault: "slow", over: "20 seconds", operation: "replicate.submit", times: 2 })
        yield* Effect.forEach(jobs.slice(0, 2), (n) =>
          Effect.scoped(Effect.gen(function*() {
            const { child, finished } = yield* start(submit(n), options)
            yield* eventually(Effect.map(posts, (all) =>
              all.includes(`prompt-${n}`)))
            child.kill("SIGKILL")
            yield* finished
          })), { concurrency: 2 })
        yield* service.heal
        // The others die whenever: before the request, after it, while they wait, while they save.
        yield* Effect.forEach(jobs.slice(2), (n) =>
          Effect.scoped(Effect.gen(function*() {
            const { child, finished } = yield* start(submit(n), options)
            yield* Effect.sleep(Duration.millis(500 + 400 * n))
            child.kill("SIGKILL")
            yield* finished
          })), { concurrency: 3 })

        // What was sent is taken up, and is there in the end; what was not is not.
        const before = yield* posts
        const resumed = yield* within(["resume"], options)
        assert.strictEqual(resumed.code, 0, resumed.stderr + resumed.stdout)
        assert.deepStrictEqual(yield* posts, before)

        // The same commands again pay for what was never sent, and for nothing else.
        const again = yield* Effect.forEach(jobs, (n) =>
          within(submit(n), options), { concurrency: 3 })
        assert.deepStrictEqual(again.map(({ code, stderr }) => [code, stderr]), jobs.map(() => [0, ""]))
        assert.deepStrictEqual((yield* posts).toSorted(), jobs.map((n) => `prompt-${n}`))
        assert.strictEqual(new Set(again.flatMap(linesOf).map(({ id }) => id)).size, jobs.length)
        const manifests = readdirSync(join(cwd, "out")).filter((name) => name.endsWith(".json"))
        assert.strictEqual(manifests.length, jobs.length)
        assert.deepStrictEqual(linesOf(yield* within(["list"], options)), [])
      }),
    limit
  )

  it.live("is told what goes on when it is interrupted, and leaves the rest to resume", () =>
    Effect.gen(function*() {
      const service = yield* emulator(5)
      const cwd = yield* folder
      const options = { cwd, env: service.env }
      const { child, finished } = yield* start(
        ["submit", "useapi-luma", "video", "--prompt", "x", "--wait", "--key", "mine"],
        options
      )
      yield* eventually(Effect.map(service.requests, (all) => all.some(({ method }) => method === "POST")))
      yield* Effect.sleep("300 millis")
      child.kill("SIGINT")
      const { code, stderr, stdout } = yield* finished
      assert.deepStrictEqual([code, stdout], [130, ""])
      assert.match(stderr, /^media-jobs: Interrupted: 1 job goes on at the service; `media-jobs resume`[^\n]*\n$/)
      const [line] = linesOf(yield* within(["get", "mine"], options))
      assert.strictEqual(line?.key, "mine")
      const late = yield* within(["resume", "--deadline", "20 seconds"], options)
      assert.deepStrictEqual([late.code, late.stdout], [1, ""])
      assert.match(
        late.stderr,
        /^media-jobs: [^\n]*had not ended at the deadline and go on: `media-jobs resume`[^\n]*\n$/
      )
    }), limit)
})
