/** A job from request to result at the front door, against the emulator in memory: what runs wherever Effect does. */
import { StoredLedger } from "@media-jobs/ledger"
import { Pace, Pollers } from "@media-jobs/poller"
import { Emulator } from "@media-jobs/testing"
import { Luma } from "@media-jobs/useapi-luma"
import { Effect, Layer, Redacted } from "effect"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs } from "media-jobs"

class Media extends MediaJobs.Service<Media>()("packed/Media", { luma: Luma.Luma }) {}

const Live = Media.layer({ finish: () => Effect.succeed([]) }).pipe(
  Layer.provide(Luma.layer({ token: Redacted.make(Emulator.token) })),
  Layer.provide(StoredLedger.layer()),
  Layer.provide([KeyValueStore.layerMemory, Emulator.layerClient]),
  Layer.provide([Emulator.layer({ speed: 1000 }), Pollers.layer({ pace: Pace.steady("50 millis") })])
)

/** Runs the job, and fails where it does not succeed. */
export const made = (): Promise<unknown> =>
  Media.use(({ luma }) => luma.run(Luma.video({ prompt: "a lighthouse in the rain" }))).pipe(
    Effect.provide(Live),
    Effect.runPromise
  )
