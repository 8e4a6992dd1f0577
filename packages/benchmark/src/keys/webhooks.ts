/** How soon an application with webhooks knows of an end: Luma's adapter, one engine and the route, as it would be written. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import type { Measured } from "../measured.ts"
import * as Receiver from "../receiver.ts"
import * as Statistics from "../statistics.ts"

const Hooks = Layer.unwrap(Effect.map(Luma.Luma, (luma) => Webhooks.layer({ sources: [luma] })))

/** Milliseconds between two submits: so many that what is measured is a call's way, not a queue. */
const apart = 10

export const measure = async (base: string, jobs: number): Promise<ReadonlyArray<Measured>> => {
  /** Milliseconds from the end of a job, by its record, to the application's knowing of it. */
  const lag = Effect.gen(function*() {
    const luma = yield* Luma.Luma
    const submission = yield* luma.submit(Luma.video({ prompt: "rain" }))
    const [{ updatedAt }] = yield* Poller.await(luma, submission)
    return (yield* Clock.currentTimeMillis) - (updatedAt === undefined ? NaN : DateTime.toEpochMillis(updatedAt))
  })
  const Live = HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(Hooks),
    Layer.provideMerge(Pollers.layer()),
    Layer.provideMerge(Luma.layer({ token: Redacted.make(Emulator.token), baseUrl: base, requestsPerSecond: 1e6 })),
    Layer.provideMerge(
      Layer.unwrap(HttpServer.addressFormattedWith((url) => Effect.succeed(Signer.layer(Receiver.signing(url)))))
    ),
    Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })),
    Layer.provide(FetchHttpClient.layer)
  )
  const lags = await Effect.runPromise(Effect.provide(
    Effect.forEach(Array.from({ length: jobs }, (_, i) => Effect.delay(lag, i * apart)), identity, {
      concurrency: "unbounded"
    }),
    Live
  ))
  const [late, later] = [Statistics.quantile(lags, 0.95), Math.max(...lags)]
  return [{ key: "webhook_lag", value: Statistics.median(lags), note: `95 %: ${late} ms, the longest ${later} ms` }]
}
