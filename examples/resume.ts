/**
 * Takes up at boot what an earlier process left: jobs to wait for, and submits whose outcome was never written.
 *
 * `node examples/resume.ts submit` submits and leaves; `node examples/resume.ts` waits for all that is open. The ledger is
 * a folder, `LEDGER` or `.ledger`.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { JobId, Ledger, LostSubmits, Providers } from "@media-jobs/core"
import { StoredLedger } from "@media-jobs/ledger"
import { Poller } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"

const submit = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const submission = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
  yield* Console.log(`Submitted ${submission.ids.map(JobId.fingerprint).join(" ")}`)
})

const resume = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const providers = Providers.make({ luma })
  const { undecided } = yield* LostSubmits.settle([luma], yield* Ledger.resume)
  for (const { candidates } of undecided) {
    yield* Console.log(
      `Look at the service: ${candidates.length} of the jobs that run may be a submit whose reply was lost`
    )
  }
  const { handles } = yield* Ledger.resume
  yield* Console.log(`${handles.length} to wait for`)
  // One that can't be waited for keeps no other from its end, and stays open for the next boot.
  yield* Effect.forEach(handles, (handle) =>
    Effect.gen(function*() {
      const job = yield* Poller.await(yield* providers.of(handle), handle)
      yield* Console.log(`${JobId.fingerprint(job.id)}  ${job.state._tag}`)
      yield* Ledger.done(handle, job)
    }).pipe(Effect.catch((error) => Console.log(error.message))), { concurrency: "unbounded", discard: true })
})

const Live = Layer.unwrap(Effect.gen(function*() {
  const directory = yield* Config.withDefault(Config.String("LEDGER"), ".ledger")
  return Layer.merge(
    Luma.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)),
    StoredLedger.layer().pipe(
      Layer.provide(KeyValueStore.layerFileSystem(directory)),
      Layer.provide(NodeServices.layer)
    )
  )
}))

const program = Effect.gen(function*() {
  if (process.argv[2] === "submit") yield* submit
  else yield* resume
})

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
