/** A full `get`, from request to Job, beside effect/http and bare fetch over the same loopback, in turns. */
import * as JobId from "@media-jobs/core/JobId"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Redacted from "effect/Redacted"
import type { Measured } from "../measured.ts"
import * as Statistics from "../statistics.ts"
import * as Workload from "../workload.ts"

const calls = 120
const warmUps = 4

type Way = "ours" | "effect" | "bare"
const ways: ReadonlyArray<Way> = ["ours", "effect", "bare"]

const makeWays = (base: string) =>
  Effect.gen(function*() {
    const luma = yield* Luma.make({ token: Redacted.make("benchmark"), baseUrl: base, requestsPerSecond: 1e6 })
    const client = yield* HttpClient.HttpClient
    const id = JobId.make(Workload.idOf(0))
    const url = `${base}/v1/luma/jobs/${id}`
    return {
      ours: luma.get(id),
      effect: Effect.flatMap(client.get(url), (response) => response.json),
      bare: Effect.promise(async () => JSON.parse(await (await fetch(url)).text()))
    }
  }).pipe(Effect.provide(FetchHttpClient.layer))

/** The milliseconds that a call takes, `concurrency` of them at once. */
const time = async (call: Effect.Effect<unknown, unknown>, concurrency: number): Promise<number> => {
  const startedAt = performance.now()
  await Effect.runPromise(Effect.forEach(Array.from({ length: calls }), () => call, { concurrency, discard: true }))
  return (performance.now() - startedAt) / calls
}

const compare = async (
  key: string,
  effects: { readonly [K in Way]: Effect.Effect<unknown, unknown> },
  concurrency: number,
  rounds: number
): Promise<Measured> => {
  const taken: { readonly [K in Way]: Array<number> } = { ours: [], effect: [], bare: [] }
  const ratios: Array<number> = []
  for (let i = 0; i < warmUps + rounds; i++) {
    const round = { ours: NaN, effect: NaN, bare: NaN }
    // Each comes first, second and last equally often.
    for (const turn of ways.keys()) {
      const way = ways[(turn + i) % ways.length] ?? "ours"
      round[way] = await time(effects[way], concurrency)
    }
    if (i < warmUps) continue
    ratios.push(round.ours / round.effect)
    for (const way of ways) taken[way].push(round[way])
  }
  const [ours, effect, bare] = ways.map((way) => `${(Statistics.median(taken[way]) * 1000).toFixed(0)} µs`)
  return { key, value: Statistics.median(ratios), note: `${ours} ÷ ${effect}; bare fetch and JSON.parse ${bare}` }
}

export const measure = async (base: string, rounds: number): Promise<ReadonlyArray<Measured>> => {
  const effects = await Effect.runPromise(makeWays(base))
  return [await compare("get_sequential", effects, 1, rounds), await compare("get_16", effects, 16, rounds)]
}
