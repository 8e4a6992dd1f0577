/** What an application exports with types that TypeScript infers, and so must be able to name in its declarations. */
import { NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Fal } from "@media-jobs/fal"
import { StoredLedger } from "@media-jobs/ledger"
import { Poller, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Emulator, Faults } from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma, LumaRequest } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Effect, Layer, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs } from "media-jobs"

export class Media extends MediaJobs.Service<Media>()("app/Media", {
  luma: Luma.Luma,
  dreamina: Dreamina.Dreamina,
  replicate: Replicate.Replicate
}) {}

export const Live = Media.layer().pipe(
  Layer.provide([Luma.layerConfig(), Dreamina.layerConfig(), Replicate.layerConfig()]),
  Layer.provide([ArtifactStore.layer({ directory: "out" }), StoredLedger.layer()]),
  Layer.provide(KeyValueStore.layerFileSystem(".ledger")),
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
export const made = MediaJobs.make({ luma: Luma.Luma })
export const runs = Effect.gen(function*() {
  const { changes, dreamina, luma } = yield* Media
  const run = yield* luma.run(Luma.video({ prompt: "rain" }))
  const submitted = yield* dreamina.submit(Dreamina.image({ prompt: "rain" }))
  return { changes, submitted, run, files: run.files, poller: luma.poller, watch: luma.watch("key"), all: luma }
})
export const failures = Effect.flip(runs)
export const hooks = Media.webhooks().pipe(Layer.provide(Signer.layerConfig()))
export const handler = Webhooks.handler

const luma = Luma.make({ token: Redacted.make("user:1-token") })
export const replicate = Replicate.make({ token: Redacted.make("token") })
export const midjourney = Midjourney.make({ token: Redacted.make("user:1-token") })
export const request = Luma.image({ prompt: "rain" })
export const film = Fal.video("fal-ai/veo3", { prompt: "rain", seed: undefined, loop: true })
export const issues = LumaRequest.issues(request)
export const operations = Effect.map(luma, (luma) => ({ ...luma }))
export const listed = Effect.flatMap(Luma.Luma, ({ list }) => list)
export const parts = Effect.gen(function*() {
  const provider = yield* luma
  const submission = yield* provider.submit(request)
  const jobs = yield* Poller.succeed(provider, submission)
  const poller = yield* Pollers.Pollers.use(({ get }) => get(provider))
  return {
    jobs,
    submission,
    poller,
    saved: yield* ArtifactStore.save(jobs[0]),
    step: Poller.step,
    states: Poller.watch(provider, submission).pipe(Stream.map(({ state }) => state))
  }
})
export const refused = Effect.catchTag(parts, "RateLimited", (error) => Effect.succeed(error))
export const remedy = Effect.catch(listed, ({ remedy }) => Effect.succeed(remedy))
export const emulator = Emulator.layer({ faults: [{ fault: Faults.page(502), operation: "useapi-luma.list" }] })
export const controls = Emulator.Emulator.use(({ services }) => services["useapi-luma"].jobs)
