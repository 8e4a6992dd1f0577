import { assert, describe, it } from "@effect/vitest"
import { Emulator, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
import { Effect, Predicate, type Schema } from "effect"
import { emulator, start } from "./processes.ts"
import { guarded, hasServer } from "./server.ts"
import { client, folder, Media } from "./support.ts"

const services = emulator({
  services: {
    replicate: ReplicateEmulator.service({ life: "2 seconds", creates: 1e6, others: 1e6, echoesWebhook: true }),
    "useapi-luma": UseapiLumaEmulator.service()
  }
})
const keys = Array.from({ length: 40 }, (_, n) => `job-${n}`)
const promptOf = (input: Schema.Json) => Predicate.hasProperty(input, "prompt") ? input.prompt : undefined

describe("a database that a program can't use", { timeout: 60_000 }, () => {
  it.live.skipIf(!hasServer)("tells a wrong password, and takes the right one", () =>
    Effect.gen(function*() {
      const port = yield* guarded("the-right-one")
      const asked = (password: string) =>
        client(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`)(Media.use(({ runs }) => runs))
      const error = yield* Effect.flip(asked("the-wr0ng-one"))
      assert.deepStrictEqual(
        [error._tag === "TablesUnavailable" && error.reason, /check the address, the password/.test(error.message)],
        ["denied", true]
      )
      assert.notInclude(error.message, "the-wr0ng-one")
      assert.deepStrictEqual(yield* asked("the-right-one"), [])
    }))

  it.live("is told by the second process of a file, and the first goes on", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const first = yield* start("machine", cwd, {})
      yield* first.says("ready")
      const second = yield* Effect.flatMap(start("machine", cwd, { KEYS: "job" }), ({ finished }) => finished)
      assert.strictEqual(second.code, 1)
      assert.match(second.out + second.error, /Another process has the file open: end it/)
      yield* first.kill
      const third = yield* Effect.flatMap(start("machine", cwd, { KEYS: "job" }), ({ finished }) => finished)
      assert.deepStrictEqual([third.code, third.out.includes("ended job 1")], [0, true], third.error)
    }).pipe(Effect.provide(services)))

  it.live("whose file may not grow refuses new runs with what to do; with room again, each of them is paid once", () =>
    Effect.gen(function*() {
      const { services } = yield* Emulator.Emulator
      const cwd = yield* folder
      const all = { KEYS: keys.join() }
      const limited = yield* Effect.flatMap(start("machine", cwd, all, 1024), ({ finished }) => finished)
      assert.strictEqual(limited.code, 1)
      assert.match(
        limited.out + limited.error,
        /LedgerUnavailable[^]*make room, raise the quota/
      )
      const { code, error } = yield* Effect.flatMap(start("machine", cwd, all), ({ finished }) => finished)
      assert.strictEqual(code, 0, error)
      const paid = (yield* services.replicate.jobs).map(({ input }) => promptOf(input))
      assert.deepStrictEqual(paid.toSorted(), keys.toSorted())
    }).pipe(Effect.provide(services)))
})
