/**
 * The same wait by poll and by signed webhook: a call that Replicate signed wakes the engine, which then asks; without any
 * call, the poll underneath ends the wait. `PORT` is where calls arrive, `PUBLIC_URL` how Replicate reaches it.
 *
 * `REPLICATE_API_TOKEN=… PUBLIC_URL=https://… node examples/poll-and-webhook.ts`
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { JobId } from "@media-jobs/core"
import { Pace, Poller } from "@media-jobs/poller"
import { Replicate, ReplicateWebhook } from "@media-jobs/replicate"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

const program = Effect.gen(function*() {
  const replicate = yield* Replicate.Replicate
  // A slow poll: the calls are what is fast, the poll what is sure.
  const poller = yield* Poller.make(replicate, { pace: Pace.steady("30 seconds") })
  const verifier = yield* ReplicateWebhook.make({ renew: replicate.webhookSecret })

  const receive = Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = new Uint8Array(yield* request.arrayBuffer)
    yield* verifier.verify({ headers: request.headers, body })
    const jobs = yield* replicate.webhook(JSON.parse(new TextDecoder().decode(body)))
    yield* Effect.forEach(jobs, (job) => poller.wake(job.id), { discard: true })
    return HttpServerResponse.empty({ status: 204 })
  }).pipe(
    Effect.catch((error) =>
      Effect.as(Console.log(`Refused a call: ${error.message}`), HttpServerResponse.empty({ status: 401 }))
    )
  )
  yield* Layer.launch(
    HttpRouter.serve(HttpRouter.add("POST", "/replicate", receive), { disableLogger: true, disableListenLog: true })
      .pipe(
        Layer.provide(NodeHttpServer.layer(createServer, {
          port: yield* Config.withDefault(Config.Int("PORT"), 8080),
          host: "127.0.0.1",
          disablePreemptiveShutdown: true
        }))
      )
  ).pipe(Effect.forkScoped)

  const publicUrl = yield* Config.String("PUBLIC_URL")
  const submission = yield* replicate.submit({
    model: "black-forest-labs/flux-schnell",
    input: { prompt: "a lighthouse in the rain" },
    webhook: `${publicUrl}/replicate`
  })
  const [id] = submission.ids
  const job = yield* poller.succeed(id, { submission })
  yield* Console.log(`${JobId.fingerprint(id)}  ${job.state._tag}  ${job.state.artifacts.length} made`)
}).pipe(Effect.scoped)

program.pipe(Effect.provide(Replicate.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))), NodeRuntime.runMain)
