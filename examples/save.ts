/**
 * Saves what all jobs of a list of handles made: waits for those that still run, asks again for a link that died, and goes on
 * where an earlier run was stopped. Run again, it downloads nothing twice.
 *
 * `node examples/save.ts handles.txt [directory]`, with a handle (`Handle.toText`) on each line.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Handle, JobId, Providers } from "@media-jobs/core"
import { Poller } from "@media-jobs/poller"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect, FileSystem, Layer, Result, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

const [, , file = "handles.txt", directory = "out"] = process.argv

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const [luma, dreamina] = [yield* Luma.Luma, yield* Dreamina.Dreamina]
  const providers = Providers.make({ luma, dreamina })

  const lines = (yield* fs.readFileString(file)).split("\n").map((line) => line.trim()).filter((line) => line !== "")
  const ended = Stream.fromIterable(lines).pipe(
    Stream.mapEffect((line) =>
      Effect.gen(function*() {
        const handle = yield* Handle.fromText(line)
        return yield* Poller.await(yield* providers.of(handle), handle)
      }).pipe(
        Effect.map(Stream.succeed),
        // A line that is no handle, or a job that can't be waited for, keeps no other from being saved.
        Effect.catch((error) => Effect.as(Console.error(error.message), Stream.empty))
      ), { concurrency: "unbounded", unordered: true }),
    Stream.flatten()
  )
  const outcomes = ArtifactStore.saveAll(ended, { providers: [luma, dreamina] })
  yield* Stream.runForEach(outcomes, ({ job, result }) =>
    Result.isSuccess(result)
      ? Console.log(result.success.map(({ location }) => location).join("\n"))
      : Console.error(`${JobId.fingerprint(job.id)}  ${result.failure.message}`))
})

const Live = Layer.mergeAll(Luma.layerConfig(), Dreamina.layerConfig(), ArtifactStore.layer({ directory })).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provideMerge(NodeServices.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
