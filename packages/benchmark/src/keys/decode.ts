/** A list from its text to Jobs, beside `JSON.parse` of the same text. */
import * as Effect from "effect/Effect"
import type { Measured } from "../measured.ts"
import * as Statistics from "../statistics.ts"
import * as LumaInMemory from "./lumaInMemory.ts"

const entries = 10_000
const warmUps = 5
const rounds = 25

export const measure = async (): Promise<ReadonlyArray<Measured>> => {
  const text = LumaInMemory.listText(0, entries)
  const { list } = await Effect.runPromise(LumaInMemory.make(text))
  const decoding: Array<number> = []
  const parsing: Array<number> = []
  for (let i = 0; i < warmUps + rounds; i++) {
    const startedAt = performance.now()
    const { jobs } = await Effect.runPromise(list)
    const decodedAt = performance.now()
    const parsed = JSON.parse(text)
    const parsedAt = performance.now()
    if (jobs.length !== entries || parsed.jobs.length !== entries) throw new Error("An entry was lost")
    if (i < warmUps) continue
    decoding.push(decodedAt - startedAt)
    parsing.push(parsedAt - decodedAt)
  }
  const [decode, parse] = [Statistics.median(decoding), Statistics.median(parsing)]
  return [{ key: "list_decode", value: decode / parse, note: `${decode.toFixed(1)} ms ÷ ${parse.toFixed(1)} ms` }]
}
