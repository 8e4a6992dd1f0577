/**
 * A service of one's own: orders come in with a key, jobs are submitted once, waited for and saved, whatever happens to the process.
 *
 * `POST /jobs` with `{"prompt": "…"}` and an `Idempotency-Key` answers with the job's key, which is safe in a URL; `GET /jobs/<key>` is the job as it stands, and
 * `/jobs/<key>/events` that and each change (SSE). `GET /metrics` is for Prometheus, `/webhooks/*` for the service's calls. The orders of an earlier process are finished at the start.
 *
 * `REPLICATE_API_TOKEN=… WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=… node examples/server.ts`, with a key of `openssl rand -base64 32`; `PORT` is 8080 unless set.
 */
import { NodeHttpServer, NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { StoredLedger } from "@media-jobs/ledger"
import { Replicate } from "@media-jobs/replicate"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Config, Effect, Layer, Schema, Stream } from "effect"
import { FetchHttpClient, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs, type Run } from "media-jobs"
import { createServer } from "node:http"

class Media extends MediaJobs.Service<Media>()("server/Media", { replicate: Replicate.Replicate }) {}

const Order = HttpServerRequest.schemaBodyJson(Schema.Struct({ prompt: Schema.NonEmptyString }))

const json = (body: unknown, status: number) => HttpServerResponse.jsonUnsafe(body, { status })
const view = ({ error, files, key, phase }: Run.Run) =>
  JSON.stringify({ key, phase, files: files.map(({ file }) => file), error: error?._tag })

const statusOf = (tag: string) =>
  tag === "NoSuchElementError" ? 404 : /^(Invalid|Schema|HttpServer)/.test(tag) ? 400 : 502
const refuse = ({ _tag, message }: { readonly _tag: string; readonly message: string }) =>
  Effect.succeed(json({ error: _tag, message }, statusOf(_tag)))

const submit = Effect.gen(function*() {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const { replicate } = yield* Media
  const request = { model: "black-forest-labs/flux-schnell", input: yield* Order }
  const { key } = yield* replicate.submit(request, { key: headers["idempotency-key"] })
  return json({ key }, 202)
})

// What an earlier process saved is looked up when it is asked for.
const find = Effect.gen(function*() {
  const media = yield* Media
  const { key = "" } = yield* HttpRouter.params
  const run = yield* Effect.flatten(Effect.map(media.find(key), Effect.fromOption))
  return run.phase === "done" ? { ...run, files: (yield* media.replicate.wait(key)).files } : run
})

const state = Effect.map(find, (run) => HttpServerResponse.text(view(run), { contentType: "application/json" }))

const events = Effect.gen(function*() {
  const { key } = yield* find
  const { replicate } = yield* Media
  const texts = Stream.map(replicate.watch(key), (run) => `data: ${view(run)}\n\n`)
  return HttpServerResponse.stream(Stream.encodeText(texts), { contentType: "text/event-stream" })
})

const Routes = HttpRouter.addAll([
  HttpRouter.route("POST", "/jobs", Effect.catch(submit, refuse)),
  HttpRouter.route("GET", "/jobs/:key", Effect.catch(state, refuse)),
  HttpRouter.route("GET", "/jobs/:key/events", Effect.catch(events, refuse)),
  HttpRouter.route("GET", "/metrics", Effect.map(PrometheusMetrics.format(), (text) => HttpServerResponse.text(text)))
])

// On the loopback alone: there is no password here. What faces the world goes before it, and passes on /webhooks.
const listening = (port: number) => ({ port, host: "127.0.0.1", disablePreemptiveShutdown: true })
const Server = NodeHttpServer.layerConfig(
  createServer,
  Config.map(Config.withDefault(Config.Int("PORT"), 8080), listening)
)
const Live = HttpRouter.serve(Layer.merge(Routes, Webhooks.route), { disableLogger: true }).pipe(
  Layer.provide(Media.webhooks()),
  Layer.provide(Media.layer()),
  Layer.provide([Server, Replicate.layerConfig(), Signer.layerConfig()]),
  Layer.provide([StoredLedger.layer(), ArtifactStore.layer({ directory: "out" })]),
  Layer.provide([KeyValueStore.layerFileSystem(".ledger"), FetchHttpClient.layer]),
  Layer.provide(NodeServices.layer)
)

NodeRuntime.runMain(Layer.launch(Live))
