/**
 * Interrupting the wait also stops the job at the service, where the provider can: end this with Ctrl-C.
 * `node examples/cancel.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { Poller } from "@media-jobs/poller"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Console, Effect, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

const program = Effect.gen(function*() {
  const dreamina = yield* Dreamina.Dreamina
  const submission = yield* dreamina.submit(Dreamina.video({ prompt: "a lighthouse in the rain" }))
  yield* Poller.watch(dreamina, submission, { onInterrupt: "cancel" }).pipe(
    Stream.runForEach((job) => Console.log(`${job.state._tag}; Ctrl-C cancels it`))
  )
}).pipe(Effect.onInterrupt(() => Console.log("Cancelled")))

program.pipe(Effect.provide(Dreamina.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))), NodeRuntime.runMain)
