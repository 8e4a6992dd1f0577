/**
 * Veo on Google's Vertex AI: videos as long-running operations.
 *
 * **Details**
 *
 * It lists no operations, so a submit whose reply was lost can't be found again; nor can one be cancelled.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as PathSegment from "@media-jobs/adapter/PathSegment"
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { rules } from "./internal/answer.ts"
import { ofOperation, Operation } from "./internal/operation.ts"
import * as VertexRequest from "./VertexRequest.ts"

/**
 * A request for videos of Veo: `veo-3.1-generate-001` unless it names a model.
 *
 * **Example** (A video, and what is wrong with another)
 *
 * ```ts import.meta.vitest
 * import { Vertex, VertexRequest } from "@media-jobs/google"
 *
 * VertexRequest.issues(Vertex.video({ prompt: "a lighthouse in the rain", durationSeconds: 8 })) // => []
 * VertexRequest.issues(Vertex.video({ sampleCount: 5 })).map(({ field }) => field) // => ["sampleCount", "prompt"]
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const video = (fields: Omit<VertexRequest.Video, "_tag">): VertexRequest.Video => ({ _tag: "Video", ...fields })

/**
 * The id of a job: the whole name of its operation.
 *
 * @since 0.1.0
 * @category constructors
 */
export const jobId = ({ location, model, operation, project }: {
  readonly project: string
  readonly location: string
  readonly model: string
  readonly operation: string
}): JobId.JobId =>
  JobId.make(`projects/${project}/locations/${location}/publishers/google/models/${model}/operations/${operation}`)

/**
 * Vertex AI behind one project at one location.
 *
 * **When to use**
 *
 * Use `yield* Vertex.Vertex` in a program with one project, and {@link make} once for each where there are several.
 *
 * **Details**
 *
 * - `submit`: up to four videos, one job. With a `storageUri` they go into Google's storage; without one they stand in the answer.
 * - `get`: an operation is running or done, nothing between. What the filter took is `missing`; where it took all, the job `Failed`
 *   with cause `content`, which Google does not charge, and which may pass when asked for again.
 * - `link`: of a file in Google's storage its address over HTTPS, with the token, which must have the right to read it.
 *
 * @since 0.1.0
 * @category services
 */
export class Vertex extends Context.Service<
  Vertex,
  Provider.Provider<"get" | "submit" | "link", VertexRequest.Request>
>()("@media-jobs/google/Vertex") {}

/**
 * How to reach Vertex AI: `token` is an OAuth access token, or a function that gives the one that holds now, as
 * `() => auth.getAccessToken()` of `google-auth-library`.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {
  readonly project: string
  /** `global` unless given; jobs belong to one location. */
  readonly location?: string | undefined
}

const global = "global"
const hostOf = (location: string): string =>
  location === global
    ? "https://aiplatform.googleapis.com"
    : location === "us" || location === "eu"
    ? `https://aiplatform.${location}.rep.googleapis.com`
    : `https://${location}-aiplatform.googleapis.com`

const what = "an OAuth access token of Google Cloud"
const whatProject = "the id of a project of Google Cloud"

const config = (given: Settings.Given<Options> = {}) =>
  Settings.withDefaults<Options, Pick<Options, "token" | "project" | "location" | "baseUrl">>(given, {
    token: Settings.required(
      "GOOGLE_OAUTH_ACCESS_TOKEN",
      what,
      (value) => Settings.token("GOOGLE_OAUTH_ACCESS_TOKEN", Redacted.make(value), what)
    ),
    project: Settings.required("GOOGLE_CLOUD_PROJECT", whatProject, Effect.succeed),
    location: Settings.optional("GOOGLE_CLOUD_LOCATION"),
    baseUrl: Settings.optional("GOOGLE_VERTEX_BASE_URL")
  })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "GOOGLE_OAUTH_ACCESS_TOKEN", what: `${what}, which lives an hour: a program gives a function` },
  { name: "GOOGLE_CLOUD_PROJECT", what: whatProject },
  { name: "GOOGLE_CLOUD_LOCATION", what: "where jobs run", fallback: global },
  { name: "GOOGLE_VERTEX_BASE_URL", what: "where Vertex AI answers, by the location", fallback: hostOf(global) }
]

const id = ProviderId.make("google-vertex")

const name = /^projects\/([^/]+)\/locations\/([^/]+)\/publishers\/[^/]+\/models\/[^/]+\/operations\/[^/]+$/
const owns = (id: string): boolean => name.test(id)

const acceptedOf = (body: unknown): Adapter.Accepted | undefined =>
  Records.accepted([Wire.text(Wire.object(body)["name"])])

/**
 * Vertex AI behind the given project.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Vertex["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const { location = global, project } = options
  if (!/^[\w.:-]+$/.test(project)) return yield* Settings.refuse(`project is none: set it to ${whatProject}`)
  if (!/^[a-z0-9-]+$/.test(location)) {
    return yield* Settings.refuse("location is none: set it to one of Google Cloud's, as global or us-central1")
  }
  const service: Adapter.Service = {
    id,
    token: what,
    baseUrl: hostOf(location),
    rateLimitKey: "google-vertex",
    // Four videos in 4k, in Base64.
    maxResponseBytes: 512 * 1024 * 1024,
    owns,
    objection: (id) => {
      const [, , at] = name.exec(id) ?? []
      return at === undefined
        ? "The id is another service's"
        : at === location
        ? undefined
        : "The job is at another location than this provider's"
    },
    segment: (id) => {
      const parts = id.split("/").map(PathSegment.encode)
      return parts.every((part) => part !== undefined) ? parts.join("/") : undefined
    },
    forgetsLost: true,
    answer: rules
  }
  const api = yield* Adapter.make(service, options)

  const routeOf = (
    { _tag, labels, model = "veo-3.1-generate-001", ...fields }: VertexRequest.Request
  ): Adapter.Route => {
    const { image, lastFrame, prompt, referenceImages, video, ...parameters } = fields
    return {
      path: `/v1/projects/${project}/locations/${location}/publishers/google/models/${model}:predictLongRunning`,
      kind: "video",
      model,
      body: { instances: [{ prompt, image, lastFrame, video, referenceImages }], parameters, labels }
    }
  }

  return api.provide({
    get: api.get(
      (segment, id) => ({
        method: "POST",
        path: `/v1/${segment.replace(/\/operations\/[^/]+$/, "")}:fetchPredictOperation`,
        body: HttpBody.jsonUnsafe({ operationName: id })
      }),
      Operation,
      ofOperation
    ),
    submit: api.submit(VertexRequest.issues, acceptedOf, routeOf),
    link: (_: Job.Job, { url }: Artifact): Effect.Effect<Provider.Link, JobError.Of<"link">> => {
      const [, stored] = /^gs:\/\/(.+)$/.exec(url) ?? []
      return stored === undefined
        ? Effect.succeed({ url })
        : api.link(`https://storage.googleapis.com/${stored.split("/").map(encodeURIComponent).join("/")}`)
    }
  })
})

/**
 * Vertex AI behind the given project, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Vertex, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Vertex, make(options))

/**
 * Vertex AI behind `GOOGLE_OAUTH_ACCESS_TOKEN` and the project `GOOGLE_CLOUD_PROJECT`, at `GOOGLE_CLOUD_LOCATION` and
 * `GOOGLE_VERTEX_BASE_URL` if these are set; what is given here is not looked up.
 *
 * **Example** (With a token that is renewed)
 *
 * ```ts
 * import { Vertex } from "@media-jobs/google"
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * declare const auth: { readonly getAccessToken: () => Promise<string | null | undefined> } // new GoogleAuth(…)
 *
 * Vertex.layerConfig({ token: () => auth.getAccessToken() }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Vertex, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Vertex, Effect.flatMap(config(options), make))

/**
 * What tools must know of Vertex AI.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Vertex, Vertex["Service"]> = {
  id,
  variables,
  kinds: VertexRequest.kinds,
  tag: Vertex,
  layerConfig
}
