/**
 * The same wait by poll and by signed webhook: a call that Replicate signed wakes the engine, which then asks; without any
 * call, the slow poll underneath ends the wait. `PORT` is where calls arrive, `WEBHOOKS_URL` how Replicate reaches it.
 *
 * `REPLICATE_API_TOKEN=… WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=… node examples/poll-and-webhook.ts`, with a key of
 * `openssl rand -base64 32`.
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { JobId } from "@media-jobs/core"
import { Poller } from "@media-jobs/poller"
import { Replicate, ReplicateWebhook } from "@media-jobs/replicate"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Config, Console, Context, Effect, Layer } from "effect"
import { FetchHttpClient, HttpRouter } from "effect/http"
import { createServer } from "node:http"

class ReplicatePoller
  extends Context.Service<ReplicatePoller, Poller.Poller<Replicate.Replicate["Service"]>>()("example/ReplicatePoller")
{
  static readonly layer = Layer.effect(ReplicatePoller, Effect.flatMap(Replicate.Replicate, (it) => Poller.make(it)))
}

const Hooks = Layer.unwrap(Effect.gen(function*() {
  const provider = yield* Replicate.Replicate
  const { wake } = yield* ReplicatePoller
  const { isGenuine } = yield* ReplicateWebhook.make({ renew: provider.webhookSecret })
  return Webhooks.layer({ sources: [{ provider, wake, verify: isGenuine }] })
}))

const program = Effect.gen(function*() {
  const replicate = yield* Replicate.Replicate
  const poller = yield* ReplicatePoller
  const submission = yield* replicate.submit({
    model: "black-forest-labs/flux-schnell",
    input: { prompt: "a lighthouse in the rain" }
  })
  const [job] = yield* poller.succeed(submission)
  yield* Console.log(`${JobId.fingerprint(job.id)}  ${job.state._tag}  ${job.state.artifacts.length} made`)
})

const Live = HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provide(Hooks),
  Layer.provideMerge(ReplicatePoller.layer),
  Layer.provideMerge(Replicate.layerConfig()),
  Layer.provideMerge(Signer.layerConfig()),
  Layer.provide(FetchHttpClient.layer),
  Layer.provide(Layer.unwrap(Effect.map(
    Config.withDefault(Config.Int("PORT"), 8080),
    (port) => NodeHttpServer.layer(createServer, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
  )))
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
