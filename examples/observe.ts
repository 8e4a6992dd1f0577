/**
 * The waiting engine, seen from outside: spans and metrics to a collector by OTLP (`OTEL_EXPORTER_OTLP_ENDPOINT`), and at
 * the end what a Prometheus server would scrape. No id, address or token is in any of it. `node examples/observe.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { Poller, Pollers } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp, PrometheusMetrics } from "effect/observability"

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const submission = yield* luma.submit(Luma.image({ prompt: "a lighthouse in the rain" }))
  yield* Poller.await(luma, submission)
  yield* Console.log(yield* PrometheusMetrics.format())
}).pipe(Effect.withSpan("four images"))

const Telemetry = Layer.unwrap(Effect.gen(function*() {
  const baseUrl = yield* Config.withDefault(Config.String("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://127.0.0.1:4318")
  return Otlp.layerJson({ baseUrl, resource: { serviceName: "media-jobs-example" }, shutdownTimeout: "2 seconds" })
}))

// The engine's looks are traced where its layer is built below the telemetry.
const Live = Layer.merge(Luma.layerConfig(), Pollers.layer()).pipe(
  Layer.provideMerge(Telemetry),
  Layer.provide(FetchHttpClient.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
