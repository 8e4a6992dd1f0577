/**
 * A server that its jobs report to: the call or the poll, whichever comes first, ends the wait; a call is verified and never
 * believed. `POST /videos?prompt=…` submits a video and answers with its fingerprint; when it ends, that is logged.
 *
 * `USEAPI_TOKEN=… WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=… node examples/webhook-server.ts`, with a key of
 * `openssl rand -base64 32`; `PORT` is 8080 unless set.
 */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { JobId } from "@media-jobs/core"
import { Poller, Pollers } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

const Hooks = Layer.unwrap(Effect.map(Luma.Luma, (luma) => Webhooks.layer({ sources: [luma] })))

const videos = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const luma = yield* Luma.Luma
  const scope = yield* Effect.scope
  yield* router.add(
    "POST",
    "/videos",
    Effect.gen(function*() {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const prompt = new URLSearchParams(url.split("?")[1]).get("prompt") ?? "a lighthouse in the rain"
      const submission = yield* luma.submit(Luma.video({ prompt }))
      const wait = Effect.flatMap(
        Poller.await(luma, submission),
        ([{ id, state }]) => Console.log(`${JobId.fingerprint(id)}  ${state._tag}`)
      )
      yield* Effect.forkIn(Effect.catch(wait, (error) => Console.error(error.message)), scope)
      return HttpServerResponse.text(JobId.fingerprint(submission.ids[0]), { status: 202 })
    }).pipe(
      Effect.catch(({ _tag, message }) =>
        Effect.as(
          Console.error(message),
          HttpServerResponse.text(_tag, { status: _tag === "InvalidRequest" ? 400 : 502 })
        )
      )
    )
  )
}))

const Live = HttpRouter.serve(Layer.merge(videos, Webhooks.route), { disableLogger: true }).pipe(
  Layer.provide(Hooks),
  Layer.provide(Pollers.layer()),
  Layer.provide(Luma.layerConfig()),
  Layer.provide(Signer.layerConfig()),
  Layer.provide(FetchHttpClient.layer),
  Layer.provide(Layer.unwrap(Effect.map(
    Config.withDefault(Config.Int("PORT"), 8080),
    (port) => NodeHttpServer.layer(createServer, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
  )))
)

NodeRuntime.runMain(Layer.launch(Live))
