/**
 * The same program on the Gemini API and on Vertex AI: which one it is, only the last lines know.
 * `node examples/gemini-or-vertex.ts gemini` or `node examples/gemini-or-vertex.ts vertex`
 */
import { NodeRuntime } from "@effect/platform-node"
import type { Provider } from "@media-jobs/core"
import { Gemini, Vertex } from "@media-jobs/google"
import { Poller } from "@media-jobs/poller"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"

const prompt = "a lighthouse in the rain"

const program = Effect.fnUntraced(function*<Request>(
  provider: Provider.Provider<"submit" | "get", Request>,
  request: Request
) {
  const submission = yield* provider.submit(request)
  const [{ state }] = yield* Poller.succeed(provider, submission)
  for (const { kind, label } of state.artifacts) yield* Console.log(`${provider.id}: ${kind} ${label}`)
  for (const { reason } of state.missing ?? []) yield* Console.log(`${provider.id}: missing, for ${reason}`)
})

const gemini = Effect.flatMap(Gemini.Gemini, (gemini) => program(gemini, Gemini.video({ input: prompt })))
const vertex = Effect.flatMap(Vertex.Vertex, (vertex) => program(vertex, Vertex.video({ prompt, sampleCount: 2 })))

const main = process.argv[2] === "vertex"
  // A program that runs for more than an hour gives a function: token: () => auth.getAccessToken()
  ? Effect.provide(vertex, Vertex.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
  : Effect.provide(gemini, Gemini.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))

NodeRuntime.runMain(main)
