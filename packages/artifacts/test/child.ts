/** A program of its own, to be killed: saves one job, and prints how that ended, with the hash of its first file. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import { artifact, job } from "./support.ts"

const [directory = "", ...urls] = process.argv.slice(2)
const Live = ArtifactStore.layer({ directory, allowPrivate: true }).pipe(
  Layer.provide([FetchHttpClient.layer, NodeServices.layer])
)
await ArtifactStore.save(job(urls.map((url) => artifact({ url })))).pipe(
  Effect.provide(Live),
  Effect.match({ onFailure: (error) => error.message, onSuccess: ([saved]) => saved?.sha256 }),
  Effect.map((outcome) => process.stdout.write(`${outcome}`)),
  Effect.runPromise
)
