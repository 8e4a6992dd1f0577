import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@media-jobs/testing"
import { Effect, Fiber, Random } from "effect"
import { join } from "node:path"
import { folder } from "../program.ts"
import { server } from "../server.ts"
import { agreeing, promptOf, savedIn, seeded, services, size, textsOf } from "./support.ts"

const orders = size(700)
const repeated = size(300)
const kills = 2

describe("a server that is killed while orders come in", { timeout: 300_000 }, () => {
  it.live("takes each once, saves each once, and tells clients that come late at once", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const { deliver, services: { replicate } } = yield* Emulator.Emulator
      yield* Effect.forkScoped(deliver)
      const { events, get, post, start } = yield* server(cwd, agreeing)

      const keys = Array.from({ length: orders }, (_, index) => `order-${index}`)
      const sent = yield* Random.shuffle([...keys, ...keys.slice(0, repeated)])
      const total = orders + repeated
      const points: Array<number> = []
      while (points.length < kills) points.push(yield* Random.nextIntBetween(1, total - 1))

      let taken = 0
      let running = yield* start
      const waiting = points.toSorted((a, b) => b - a)
      const restarted = Effect.gen(function*() {
        for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
          const from = point
          yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => taken >= from })
          running.child.kill("SIGKILL")
          yield* running.finished
          running = yield* start
        }
      })
      const restarting = yield* Effect.forkScoped(restarted)

      // The client of a payment: what got no yes is sent again, under the same key.
      const order = (key: string): Effect.Effect<void> =>
        Effect.matchEffect(post(key, key), {
          onFailure: () => Effect.delay(order(key), "1 second"),
          onSuccess: ({ body, status }) => {
            if (status !== 202) return Effect.delay(order(key), "1 second")
            assert.deepStrictEqual(body, { key })
            taken++
            return Effect.void
          }
        })
      yield* Effect.forEach(sent, order, { concurrency: 32, discard: true })
      yield* Fiber.join(restarting)

      yield* Effect.forEach(keys, (key) =>
        Effect.gen(function*() {
          const { ended, heard } = yield* events(key)
          yield* ended
          assert.strictEqual(heard.at(-1)?.["phase"], "done", key)
          const late = yield* events(key)
          yield* late.ended
          assert.deepStrictEqual(late.heard, heard.slice(-1))
          assert.deepStrictEqual([(yield* get(`/jobs/${key}`)).body], late.heard)
        }), { concurrency: 32, discard: true })

      const paid = (yield* replicate.jobs).map(({ input }) => promptOf(input))
      assert.deepStrictEqual(paid.toSorted(), keys.toSorted())
      const out = savedIn(join(cwd, "out"))
      assert.deepStrictEqual(out, { ...out, jobs: orders, manifests: orders, files: orders, wrong: [], missing: [] })
      assert.deepStrictEqual(textsOf(join(cwd, ".ledger"), encodeURIComponent("/intent/")), [])

      const began = Date.now()
      running.child.kill("SIGTERM")
      const { code } = yield* running.finished
      assert.isBelow(Date.now() - began, 1000)
      assert.strictEqual(code, 130)
    }).pipe(seeded, Effect.provide(services)))
})
