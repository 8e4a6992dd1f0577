/**
 * The same wait by poll and by signed webhook: a call that Replicate signed wakes the engine, which then asks; without any
 * call, the slow poll underneath ends the wait. `PORT` is where calls arrive, `WEBHOOKS_URL` how Replicate reaches it.
 *
 * `REPLICATE_API_TOKEN=… WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=… node examples/poll-and-webhook.ts`, with a key of
 * `openssl rand -base64 32`.
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { JobId } from "@media-jobs/core"
import { Poller, Pollers } from "@media-jobs/poller"
import { Replicate } from "@media-jobs/replicate"
import { Signer, StandardWebhooks, Webhooks } from "@media-jobs/webhooks"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpRouter } from "effect/http"
import { createServer } from "node:http"

const Hooks = Layer.unwrap(Effect.gen(function*() {
  const provider = yield* Replicate.Replicate
  const verify = yield* StandardWebhooks.make({ renew: provider.webhookSecret })
  return Webhooks.layer({ sources: [{ provider, verify }] })
}))

const program = Effect.gen(function*() {
  const replicate = yield* Replicate.Replicate
  const submission = yield* replicate.submit({
    model: "black-forest-labs/flux-schnell",
    input: { prompt: "a lighthouse in the rain" }
  })
  const [job] = yield* Poller.succeed(replicate, submission)
  yield* Console.log(`${JobId.fingerprint(job.id)}  ${job.state._tag}  ${job.state.artifacts.length} made`)
})

const Live = HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provide(Hooks),
  Layer.provideMerge(Pollers.layer()),
  Layer.provideMerge(Replicate.layerConfig()),
  Layer.provideMerge(Signer.layerConfig()),
  Layer.provide(FetchHttpClient.layer),
  Layer.provide(Layer.unwrap(Effect.map(
    Config.withDefault(Config.Int("PORT"), 8080),
    (port) => NodeHttpServer.layer(createServer, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
  )))
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
