/** What the front door costs on top of its parts: the processor time of `run`, beside `submit` and `Poller.succeed`, in turns. */
import * as StoredLedger from "@media-jobs/ledger/StoredLedger"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as MediaJobs from "media-jobs/MediaJobs"
import type { Measured } from "../measured.ts"
import * as Statistics from "../statistics.ts"

class Media extends MediaJobs.Service<Media>()("benchmark/Media", { luma: Luma.Luma }) {}

const batch = 500
const rounds = 10
const video = Luma.video({ prompt: "rain" })

/** The microseconds of processor time that a job of a batch takes. */
const cpuOf = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { system, user } = process.cpuUsage(before)
  return (user + system) / batch
}

export const measure = async (base: string): Promise<ReadonlyArray<Measured>> => {
  const Live = Media.layer({ finish: () => Effect.void }).pipe(
    Layer.provideMerge(StoredLedger.layerMemory),
    Layer.provideMerge(Pollers.layer({ pace: Pace.steady("500 millis") })),
    Layer.provideMerge(Luma.layer({ token: Redacted.make(Emulator.token), baseUrl: base, requestsPerSecond: 1e6 })),
    Layer.provide(FetchHttpClient.layer)
  )
  const taken = await Effect.runPromise(Effect.provide(
    Effect.gen(function*() {
      const luma = yield* Luma.Luma
      const media = yield* Media
      const all = (one: Effect.Effect<unknown, unknown>) =>
        Effect.forEach(Array.from({ length: batch }), () => one, { concurrency: "unbounded", discard: true })
      const context = yield* Effect.context<Luma.Luma | Media>()
      const run = (one: Effect.Effect<unknown, unknown>) => () => Effect.runPromiseWith(context)(all(one))
      const ways = [
        run(media.luma.run(video)),
        run(Effect.flatMap(luma.submit(video), (submission) => Poller.succeed(luma, submission)))
      ] as const
      return yield* Effect.promise(async () => {
        const taken: readonly [Array<number>, Array<number>] = [[], []]
        for (let i = 0; i <= rounds; i++) {
          // Each comes first equally often; the first round only warms up.
          const order = i % 2 === 0 ? [0, 1] as const : [1, 0] as const
          for (const way of order) {
            const cpu = await cpuOf(ways[way])
            if (i > 0) taken[way].push(cpu)
          }
        }
        return taken
      })
    }),
    Live
  ))
  const [door, parts] = taken.map((cpus) => Statistics.median(cpus)) as [number, number] // of two
  return [{ key: "front_door_cost", value: door / parts, note: `${door.toFixed(0)} ÷ ${parts.toFixed(0)} µs a job` }]
}
