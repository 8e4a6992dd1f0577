/**
 * One request over three services raced: the first video wins, and the slower jobs are cancelled where their service can.
 * `node examples/race.ts [prompt]`
 */
import { NodeRuntime } from "@effect/platform-node"
import type { Provider } from "@media-jobs/core"
import { Fal } from "@media-jobs/fal"
import { Gemini } from "@media-jobs/google"
import { Poller } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const [, , prompt = "a lighthouse in the rain"] = process.argv

type Runner<Request> =
  & Provider.Provider<"submit" | "get", Request>
  & Partial<Provider.Provider<"cancel">>

/** A job that is no longer waited for is stopped, if it can be: it would go on, and be paid. A submit under way is heard out first. */
const run = <Request>(provider: Runner<Request>, request: Request) =>
  Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const submission = yield* provider.submit(request)
    const cancel = Effect.suspend(() => {
      const { cancel } = provider
      if (cancel === undefined) return Console.log(`${provider.id}: runs on`)
      return Effect.forEach(submission.ids, cancel).pipe(
        Effect.andThen(Console.log(`${provider.id}: cancelled`)),
        Effect.catch((error) => Console.error(error.message))
      )
    })
    const jobs = yield* Effect.onInterrupt(restore(Poller.succeed(provider, submission)), () => cancel)
    return { provider: provider.id, made: jobs.flatMap(({ state }) => state.artifacts) }
  }))

const program = Effect.gen(function*() {
  const [gemini, replicate, fal] = [yield* Gemini.Gemini, yield* Replicate.Replicate, yield* Fal.Fal]
  const { made, provider } = yield* Effect.raceAll([
    run(gemini, Gemini.video({ input: prompt })),
    run(replicate, Replicate.prediction({ model: "minimax/video-01", input: { prompt } })),
    run(fal, Fal.video("fal-ai/veo3.1/fast", { prompt }))
  ])
  yield* Console.log(`${provider}: first, with ${made.map(({ kind }) => kind).join(" and ")}`)
})

const Live = Layer.mergeAll(Gemini.layerConfig(), Replicate.layerConfig(), Fal.layerConfig()).pipe(
  Layer.provide(FetchHttpClient.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
