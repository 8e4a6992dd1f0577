/** The smallest program with Luma and a pace of its own: `get` a job and `watch` it over fetch. */
import * as JobId from "@media-jobs/core/JobId"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const id = JobId.JobId.make("some-id")
  const job = yield* luma.get(id)
  yield* Console.log(job.state._tag)
  const poller = yield* Poller.make(luma, { pace: Pace.steady("5 seconds") })
  yield* poller.watch(id).pipe(Stream.runForEach((job) => Console.log(job.state._tag)))
})

program.pipe(
  Effect.scoped,
  Effect.provide(Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))),
  Effect.runFork
)
