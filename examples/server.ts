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
import { Config, Effect, Layer, Option, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import { FetchHttpClient, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs, type Run } from "media-jobs"
import { createServer } from "node:http"

class Media extends MediaJobs.Service<Media>()("server/Media", { replicate: Replicate.Replicate }) {}

const Order = HttpServerRequest.schemaBodyJson(Schema.Struct({ prompt: Schema.NonEmptyString }))
const JobPath = HttpRouter.schemaPathParams(Schema.Struct({ key: Schema.String }))

const view = ({ error, files, key, phase }: Run.Run) => ({
  key,
  phase,
  files: files.map(({ file }) => file),
  error: error?._tag
})
const json = (body: unknown, status = 200) => HttpServerResponse.jsonUnsafe(body, { status })
const notFound = json({ error: "NotFound" }, 404)

const submit = Effect.gen(function*() {
  const { prompt } = yield* Order
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const { key } = yield* Media.use(({ replicate }) =>
    replicate.submit({ model: "black-forest-labs/flux-schnell", input: { prompt } }, {
      key: headers["idempotency-key"]
    })
  )
  return json({ key }, 202)
}).pipe(
  Effect.catch(({ _tag, message }) =>
    Effect.succeed(json({ error: _tag, message }, _tag === "InvalidRequest" || _tag === "SchemaError" ? 400 : 502))
  )
)

const look = (answer: (run: Run.Run, media: Media["Service"]) => HttpServerResponse.HttpServerResponse) =>
  Effect.gen(function*() {
    const { key } = yield* JobPath
    const media = yield* Media
    return Option.match(yield* media.find(key), { onNone: () => notFound, onSome: (run) => answer(run, media) })
  }).pipe(Effect.catch(() => Effect.succeed(notFound)))

const events = ({ key }: Run.Run, { replicate }: Media["Service"]) =>
  HttpServerResponse.stream(
    replicate.watch(key).pipe(
      Stream.map((run) =>
        Sse.encoder.write({ _tag: "Event", event: "message", id: undefined, data: JSON.stringify(view(run)) })
      ),
      Stream.encodeText
    ),
    { contentType: "text/event-stream" }
  )

const Routes = HttpRouter.addAll([
  HttpRouter.route("POST", "/jobs", submit),
  HttpRouter.route("GET", "/jobs/:key", look((run) => json(view(run)))),
  HttpRouter.route("GET", "/jobs/:key/events", look(events)),
  HttpRouter.route("GET", "/metrics", Effect.map(PrometheusMetrics.format(), (text) => HttpServerResponse.text(text)))
])

// On the loopback alone: there is no password here. What faces the world goes before it, and passes on /webhooks.
const Server = Layer.unwrap(Effect.map(
  Config.withDefault(Config.Int("PORT"), 8080),
  (port) => NodeHttpServer.layer(createServer, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
))
const Live = HttpRouter.serve(Layer.merge(Routes, Webhooks.route), { disableLogger: true }).pipe(
  Layer.provide(Media.webhooks()),
  Layer.provide(Media.layer()),
  Layer.provide([
    Replicate.layerConfig(),
    ArtifactStore.layer({ directory: "out" }),
    StoredLedger.layer(),
    Signer.layerConfig(),
    Server
  ]),
  Layer.provide([KeyValueStore.layerFileSystem(".ledger"), FetchHttpClient.layer]),
  Layer.provide(NodeServices.layer)
)

NodeRuntime.runMain(Layer.launch(Live))
