import { assert, describe, it } from "@effect/vitest"
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import * as JobId from "@media-jobs/core/JobId"
import * as Schema from "effect/Schema"

const Record = Schema.Struct({ id: JobId.JobId })
const read = Records.reader(Record, ({ id }) => ({ id, state: { _tag: "Queued" } }))
const seen = [{ id: JobId.make("j1"), state: { _tag: "Queued" } }, { id: "j1" }] as const

describe("Records", () => {
  it("are read with what they say, and an odd one is none", () => {
    assert.deepStrictEqual(read({ id: "j1" }), [seen])
    assert.deepStrictEqual(read({ id: 7 }), [])
  })

  it("may stand in another form than their own, and are kept in that", () => {
    const inside = Records.from((value) => Wire.object(value)["job"], Record)
    const [found] = Records.reader(inside, ({ id }) => ({ id, state: { _tag: "Queued" } }))({ job: { id: "j1" } })
    assert.deepStrictEqual(found, [seen[0], { job: { id: "j1" } }])
  })

  it("a submit is taken with its ids, each once, and not without one", () => {
    assert.deepStrictEqual(Records.accepted(["j1", undefined, "j2", "j1"], [[...seen]])?.ids, [
      JobId.make("j1"),
      JobId.make("j2")
    ])
    assert.deepStrictEqual(Records.accepted(["j1"], [[...seen]])?.seen, [seen])
    assert.isUndefined(Records.accepted([undefined], [[...seen]]))
  })
})
