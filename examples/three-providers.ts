/**
 * One program over three services: the same prompt to each, and the first one done wins.
 * `node examples/three-providers.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import type { Provider } from "@media-jobs/core"
import { Poller } from "@media-jobs/poller"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

/** What this program asks of a service; which one it is, it never asks. */
type Maker<Request> = Provider.Provider<"submit" | "get", Request>

const make = Effect.fnUntraced(function*<Request>(provider: Maker<Request>, request: Request) {
  const submission = yield* provider.submit(request)
  const jobs = yield* Poller.succeed(provider, submission)
  const made = jobs.flatMap(({ state }) => state.artifacts.filter(({ role }) => role === "primary"))
  yield* Console.log(`${provider.id}: ${made.length} made`)
  return made
})

const program = Effect.gen(function*() {
  const prompt = "a lighthouse in the rain"
  const luma = yield* Luma.Luma
  const dreamina = yield* Dreamina.Dreamina
  const midjourney = yield* Midjourney.Midjourney
  const outcomes = yield* Effect.all([
    Effect.exit(make(luma, Luma.image({ prompt }))),
    Effect.exit(make(dreamina, Dreamina.image({ prompt }))),
    Effect.exit(make(midjourney, Midjourney.imagine({ prompt })))
  ], { concurrency: "unbounded" })
  yield* Console.log(`${outcomes.filter((outcome) => outcome._tag === "Success").length} of 3 succeeded`)
})

const Live = Layer.mergeAll(Luma.layerConfig(), Dreamina.layerConfig(), Midjourney.layerConfig()).pipe(
  Layer.provide(FetchHttpClient.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
