import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Timed, Timers } from "../src/internal/timers.ts"

const Steps = Schema.Array(Schema.Struct({
  entry: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
  dueAt: Schema.Int.check(Schema.isBetween({ minimum: -1, maximum: 30 }))
}))

it.effect.prop(
  "Timers hold the earliest first, whatever was set, set again and deleted",
  [Steps],
  ([steps]) =>
    Effect.sync(() => {
      const timers = new Timers<Timed>()
      const entries = Array.from({ length: 21 }, (): Timed => ({ dueAt: 0, heapIndex: -1 }))
      const model = new Map<Timed, number>()
      for (const { dueAt, entry: at } of steps) {
        const entry = entries[at]
        if (entry === undefined) continue
        if (dueAt < 0) {
          timers.delete(entry)
          model.delete(entry)
        } else {
          timers.set(entry, dueAt)
          model.set(entry, dueAt)
        }
        assert.strictEqual(timers.earliest?.dueAt, model.size === 0 ? undefined : Math.min(...model.values()))
      }
      const left: Array<number> = []
      for (let entry = timers.earliest; entry !== undefined; entry = timers.earliest) {
        left.push(entry.dueAt)
        timers.delete(entry)
      }
      assert.deepStrictEqual(left, [...model.values()].sort((a, b) => a - b))
    }),
  { arbitrary: { runs: 500 } }
)
