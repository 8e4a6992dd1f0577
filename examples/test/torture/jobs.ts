/** Runs the jobs of an application at two services, each under a key of its own; it may be killed at any point, and started again. */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Ledger } from "@media-jobs/core"
import { StoredLedger } from "@media-jobs/ledger"
import { Replicate } from "@media-jobs/replicate"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Signer } from "@media-jobs/webhooks"
import { Clock, Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs, type RunError } from "media-jobs"

class Media extends MediaJobs.Service<Media>()("torture/Media", {
  replicate: Replicate.Replicate,
  dreamina: Dreamina.Dreamina
}) {}

const settings = Config.all({ jobs: Config.Int("JOBS"), life: Config.Int("DREAMINA_LIFE") })

const program = Effect.gen(function*() {
  const { jobs, life } = yield* settings
  const media = yield* Media

  /** Of a submit that left no job behind, only the application can say that nothing began: while jobs live this long, all are listed. */
  const decide = Effect.fnUntraced(function*(key: string) {
    const { undecided } = yield* media.resume
    const lost = undecided.find(({ intent }) => intent.key === key)
    if (lost === undefined) return
    const { candidates, error, intent } = lost
    const age = (yield* Clock.currentTimeMillis) - intent.submittedAt.epochMilliseconds
    if (intent.provider !== "useapi-dreamina" || candidates.length > 0 || error !== undefined || age > life) {
      return yield* Effect.die(`${intent.provider}: ${candidates.length} candidates after ${age} ms ${error}`)
    }
    yield* Ledger.settle(intent, [])
  })

  const run = (index: number) => {
    const key = `job-${index}`
    const one: Effect.Effect<void, RunError.RunError> = Effect.suspend(() =>
      index % 2 === 0
        ? media.dreamina.run(Dreamina.video({ prompt: key }), { key })
        : media.replicate.run({ model: "black-forest-labs/flux-schnell", input: { prompt: key } }, { key })
    ).pipe(
      Effect.andThen(Console.log(`ended ${key}`)),
      // A request that was lost on its way, and began nothing: the same key may be asked for again.
      Effect.catchTag("Unavailable", () => Effect.delay(one, "1 second")),
      Effect.catchTag("SubmissionUncertain", () => Effect.andThen(Effect.orDie(decide(key)), one))
    )
    return one
  }
  yield* Effect.forEach(Array.from({ length: jobs }, (_, index) => index), run, { concurrency: 24, discard: true })
})

const Live = Media.layer().pipe(
  Layer.provideMerge(StoredLedger.layer()),
  Layer.provide([
    Replicate.layerConfig({ requestsPerSecond: 1000 }),
    Dreamina.layerConfig({ requestsPerSecond: 1000 }),
    ArtifactStore.layer({ directory: "out" }),
    Signer.layerConfig()
  ]),
  Layer.provide([KeyValueStore.layerFileSystem("ledger"), FetchHttpClient.layer]),
  Layer.provide(NodeServices.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
