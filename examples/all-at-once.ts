/**
 * Jobs at every service at once, from one program: they are submitted under keys, waited for and saved, and once the program was killed, the same words go on with them.
 * `node examples/all-at-once.ts`, with every service's token in the environment; `JOBS` of each, 1 unless set; `SERVICES` names some of them, with commas between.
 *
 * With `WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=…`, a key of `openssl rand -base64 32`, the services that can report do so, to `PORT` (8080 unless set).
 */
import { NodeHttpServer, NodeRuntime, NodeServices } from "@effect/platform-node"
import { ArtifactStore } from "@media-jobs/artifacts"
import { Fal } from "@media-jobs/fal"
import { Gemini, Vertex } from "@media-jobs/google"
import { StoredLedger } from "@media-jobs/ledger"
import { DreamMachine, Luma } from "@media-jobs/luma"
import { Replicate } from "@media-jobs/replicate"
import { Runway } from "@media-jobs/runway"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { FlowMusic } from "@media-jobs/useapi-flow-music"
import { GoogleFlow } from "@media-jobs/useapi-google-flow"
import { Kling } from "@media-jobs/useapi-kling"
import { Luma as UseapiLuma } from "@media-jobs/useapi-luma"
import { MiniMax } from "@media-jobs/useapi-minimax"
import { Mureka } from "@media-jobs/useapi-mureka"
import { PixVerse } from "@media-jobs/useapi-pixverse"
import { Runway as UseapiRunway } from "@media-jobs/useapi-runway"
import { TemPolor } from "@media-jobs/useapi-tempolor"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Config, Console, Effect, Layer, Option } from "effect"
import { FetchHttpClient, HttpRouter } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { MediaJobs } from "media-jobs"
import { createServer } from "node:http"

class Media extends MediaJobs.Service<Media>()("all/Media", {
  "fal": Fal.Fal,
  "google": Gemini.Gemini,
  "google-vertex": Vertex.Vertex,
  "luma": Luma.Luma,
  "luma-dream-machine": DreamMachine.DreamMachine,
  "replicate": Replicate.Replicate,
  "runway": Runway.Runway,
  "useapi-dreamina": Dreamina.Dreamina,
  "useapi-flow-music": FlowMusic.FlowMusic,
  "useapi-google-flow": GoogleFlow.GoogleFlow,
  "useapi-kling": Kling.Kling,
  "useapi-luma": UseapiLuma.Luma,
  "useapi-minimax": MiniMax.MiniMax,
  "useapi-mureka": Mureka.Mureka,
  "useapi-pixverse": PixVerse.PixVerse,
  "useapi-runway": UseapiRunway.Runway,
  "useapi-tempolor": TemPolor.TemPolor
}) {}

/** A job of a service from its request to its files, under a key. */
const jobsOf = <P extends MediaJobs.Runnable>(
  runs: MediaJobs.RunsOf<P>,
  request: (prompt: string) => MediaJobs.RequestOf<P>
) =>
  Effect.fnUntraced(function*(key: string) {
    yield* runs.submit(request(`a lighthouse in the rain, ${key}`), { key })
    yield* Console.log(`submitted ${key}`)
    const { files } = yield* runs.wait(key)
    yield* Console.log(`saved ${key}, ${files.length} files`)
  }, (run, key) => Effect.catch(run, ({ _tag }) => Console.log(`failed ${key}, ${_tag}`)))

const program = Effect.gen(function*() {
  const media = yield* Media
  const all = {
    "fal": jobsOf(media.fal, (prompt) => ({ model: "fal-ai/flux/dev", input: { prompt } })),
    "google": jobsOf(media.google, (input) => Gemini.video({ input })),
    "google-vertex": jobsOf(media["google-vertex"], (prompt) => Vertex.video({ prompt })),
    "luma": jobsOf(media.luma, (prompt) => Luma.video({ prompt })),
    "luma-dream-machine": jobsOf(
      media["luma-dream-machine"],
      (prompt) => DreamMachine.video({ model: "ray-2", prompt })
    ),
    "replicate": jobsOf(
      media.replicate,
      (prompt) => ({ model: "black-forest-labs/flux-schnell", input: { prompt } })
    ),
    "runway": jobsOf(
      media.runway,
      (promptText) => Runway.textToVideo({ model: "gen4.5", promptText, ratio: "1280:720", duration: 5 })
    ),
    "useapi-dreamina": jobsOf(media["useapi-dreamina"], (prompt) => Dreamina.video({ prompt })),
    "useapi-flow-music": jobsOf(media["useapi-flow-music"], (prompt) => FlowMusic.music({ prompt })),
    "useapi-google-flow": jobsOf(media["useapi-google-flow"], (prompt) => GoogleFlow.video({ prompt })),
    "useapi-kling": jobsOf(media["useapi-kling"], (prompt) => Kling.textToVideo({ prompt })),
    "useapi-luma": jobsOf(media["useapi-luma"], (prompt) => UseapiLuma.video({ prompt })),
    "useapi-minimax": jobsOf(media["useapi-minimax"], (prompt) => MiniMax.video({ prompt })),
    "useapi-mureka": jobsOf(media["useapi-mureka"], (prompt) => Mureka.create({ prompt })),
    "useapi-pixverse": jobsOf(
      media["useapi-pixverse"],
      (prompt) => PixVerse.video({ prompt, aspect_ratio: "16:9" })
    ),
    "useapi-runway": jobsOf(
      media["useapi-runway"],
      (text_prompt) => UseapiRunway.video({ model: "gen4.5", text_prompt })
    ),
    "useapi-tempolor": jobsOf(media["useapi-tempolor"], (prompt) => TemPolor.song({ prompt }))
  } satisfies Record<keyof typeof Media.providers, unknown>
  const jobs = yield* Config.withDefault(Config.Int("JOBS"), 1)
  const services = yield* Config.withDefault(Config.String("SERVICES"), Object.keys(all).join())
  const chosen = Object.entries(all).filter(([id]) => services.split(",").includes(id))
  const runs = Array.from({ length: jobs }, (_, index) => chosen.map(([id, run]) => run(`${id}-${index}`))).flat()
  yield* Effect.all(runs, { concurrency: "unbounded", discard: true })
})

/** With so much at once an answer may take its time, and a submit without one is uncertain. */
const patient = { timeout: "5 minutes" } as const

const Adapters = Layer.mergeAll(
  Fal.layerConfig(patient),
  Gemini.layerConfig(patient),
  Vertex.layerConfig(patient),
  Luma.layerConfig(patient),
  DreamMachine.layerConfig(patient),
  Replicate.layerConfig(patient),
  Runway.layerConfig(patient),
  Dreamina.layerConfig(patient),
  FlowMusic.layerConfig(patient),
  GoogleFlow.layerConfig(patient),
  Kling.layerConfig(patient),
  UseapiLuma.layerConfig(patient),
  MiniMax.layerConfig(patient),
  Mureka.layerConfig(patient),
  PixVerse.layerConfig(patient),
  UseapiRunway.layerConfig(patient),
  TemPolor.layerConfig(patient)
)

const Server = NodeHttpServer.layerConfig(
  createServer,
  Config.map(Config.withDefault(Config.Int("PORT"), 8080), (port) => ({ port, host: "127.0.0.1" }))
)

/** Services report to a server beside the jobs. */
const Reporting = HttpRouter.serve(Webhooks.route, { disableLogger: true }).pipe(
  Layer.provide(Media.webhooks()),
  Layer.provide(Server),
  Layer.provideMerge(Media.layer()),
  Layer.provide(Signer.layerConfig())
)

const Live = Layer.unwrap(
  Effect.map(Config.option(Config.String("WEBHOOKS_URL")), (url) => Option.isSome(url) ? Reporting : Media.layer())
).pipe(
  Layer.provide([Adapters, StoredLedger.layer(), ArtifactStore.layer({ directory: "out" })]),
  Layer.provide([KeyValueStore.layerFileSystem("ledger"), FetchHttpClient.layer]),
  Layer.provide(NodeServices.layer)
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
