/**
 * Runway, over its own HTTP API.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as Form from "@media-jobs/adapter/Form"
import * as Records from "@media-jobs/adapter/Records"
import * as Wire from "@media-jobs/adapter/Wire"
import type { Artifact, MediaKind } from "@media-jobs/core/Artifact"
import type { Job } from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { rules } from "./internal/answer.ts"
import * as job from "./internal/job.ts"
import * as wire from "./internal/wire.ts"
import * as RunwayRequest from "./RunwayRequest.ts"

const of = <K extends RunwayRequest.Modelled>(_tag: K) =>
<const M extends RunwayRequest.ModelOf<K>>(
  request: RunwayRequest.FieldsOf<K, M>
): RunwayRequest.Request => ({ ...request, _tag }) as RunwayRequest.Request // each kind with its own fields

/**
 * A request for a video that begins with an image.
 *
 * **Example** (A model that is known, and one that came later)
 *
 * ```ts import.meta.vitest
 * import { Runway, RunwayRequest } from "@media-jobs/runway"
 *
 * const promptImage = "https://example.com/lighthouse.png"
 * const known = Runway.imageToVideo({
 *   model: "gen4_turbo",
 *   promptImage,
 *   promptText: "a lighthouse in the rain",
 *   ratio: "1280:720"
 * })
 * RunwayRequest.issues(known) // => []
 * RunwayRequest.issues(Runway.imageToVideo({ model: "gen9", promptImage, weather: "rain" })) // => []
 * ```
 *
 * @since 0.1.0
 * @category requests
 */
export const imageToVideo = /* @__PURE__ */ of("ImageToVideo")

/**
 * A request for a video of a text.
 *
 * @since 0.1.0
 * @category requests
 */
export const textToVideo = /* @__PURE__ */ of("TextToVideo")

/**
 * A request for a video made of another.
 *
 * @since 0.1.0
 * @category requests
 */
export const videoToVideo = /* @__PURE__ */ of("VideoToVideo")

/**
 * A request for images of a text, and of others where there are `referenceImages`.
 *
 * @since 0.1.0
 * @category requests
 */
export const textToImage = /* @__PURE__ */ of("TextToImage")

/**
 * A request for a video in which a character does as the one in a `reference` does.
 *
 * @since 0.1.0
 * @category requests
 */
export const characterPerformance = /* @__PURE__ */ of("CharacterPerformance")

/**
 * A request for a larger image.
 *
 * @since 0.1.0
 * @category requests
 */
export const imageUpscale = /* @__PURE__ */ of("ImageUpscale")

/**
 * A request for a larger video, or one with more frames.
 *
 * @since 0.1.0
 * @category requests
 */
export const videoUpscale = /* @__PURE__ */ of("VideoUpscale")

/**
 * A request for a video with a high dynamic range.
 *
 * @since 0.1.0
 * @category requests
 */
export const videoToHdr = /* @__PURE__ */ of("VideoToHdr")

/**
 * A request for a sound.
 *
 * @since 0.1.0
 * @category requests
 */
export const soundEffect = /* @__PURE__ */ of("SoundEffect")

/**
 * A request for speech of a text.
 *
 * @since 0.1.0
 * @category requests
 */
export const textToSpeech = /* @__PURE__ */ of("TextToSpeech")

/**
 * A request for the same speech in another voice.
 *
 * @since 0.1.0
 * @category requests
 */
export const speechToSpeech = /* @__PURE__ */ of("SpeechToSpeech")

/**
 * A request for the voice alone.
 *
 * @since 0.1.0
 * @category requests
 */
export const voiceIsolation = /* @__PURE__ */ of("VoiceIsolation")

/**
 * A request for the same speech in another language.
 *
 * @since 0.1.0
 * @category requests
 */
export const voiceDubbing = /* @__PURE__ */ of("VoiceDubbing")

/**
 * A request for a video of an avatar that speaks.
 *
 * @since 0.1.0
 * @category requests
 */
export const avatarVideo = /* @__PURE__ */ of("AvatarVideo")

/**
 * A request for what a `recipe` makes, in several steps that are Runway's own.
 *
 * @since 0.1.0
 * @category requests
 */
export const recipe = /* @__PURE__ */ of("Recipe")

/**
 * A request for whatever a router chooses a model for.
 *
 * @since 0.1.0
 * @category requests
 */
export const generate = (request: RunwayRequest.Generate): RunwayRequest.Request => ({ ...request, _tag: "Generate" })

/**
 * A request to run a workflow that was made in Runway's app.
 *
 * @since 0.1.0
 * @category requests
 */
export const workflow = (request: RunwayRequest.Workflow): RunwayRequest.Request => ({ ...request, _tag: "Workflow" })

/**
 * The id that a workflow's run has here, of the one that Runway gave it; a task's id is Runway's own.
 *
 * @since 0.1.0
 * @category ids
 */
export const workflowRunId: (id: string) => JobId.JobId = job.workflowRun

/**
 * Runway behind one key.
 *
 * **When to use**
 *
 * Use `yield* Runway.Runway` in a program with one key, and {@link make} once for each key where there are several.
 *
 * **Details**
 *
 * - `get`: a task that was cancelled or removed is not found any more. One that waits for a slot, `THROTTLED`, is queued.
 * - `submit`: once; where the answer is lost, Runway has nothing to find the task by.
 * - `cancel`: reads first, and lets a task alone that has ended, for Runway would delete what it made. A task that ends in between
 *   is deleted all the same.
 * - `remove`: of a task that has ended, with all that it made.
 * - `link`: fresh links, which live for a day at least.
 * - `upload`: 512 bytes to 200 MB, of a known length; its `reference` is a `runway://` URI for a request, for a day.
 * - `accounts`: the key's organization. `capacity`: what all its models may run at once, together; what goes beyond waits there
 *   and is not refused. `credits`: what is left.
 *
 * @since 0.1.0
 * @category services
 */
export class Runway extends Context.Service<
  Runway,
  & Provider.Provider<
    "get" | "submit" | "cancel" | "remove" | "link" | "upload" | "accounts" | "capacity",
    RunwayRequest.Request
  >
  & { readonly credits: Effect.Effect<number, JobError.Of<"accounts">> }
>()("@media-jobs/runway/Runway") {}

/**
 * How to reach Runway: `token` is `key_` and all.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {
  /** What goes along with every request beside Runway's own, as `X-Runway-On-Behalf-Of` for some organizations. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

const defaultBaseUrl = "https://api.dev.runwayml.com"
const root = "/v1"

const what = "an API key of Runway"

const config = (given: Settings.Given<Options> = {}): Effect.Effect<Options, Config.ConfigError> =>
  Settings.config(given, { token: "RUNWAYML_API_SECRET", what, baseUrl: "RUNWAYML_BASE_URL", defaultBaseUrl })

const variables: Descriptor.Descriptor["variables"] = [
  { name: "RUNWAYML_API_SECRET", what },
  { name: "RUNWAYML_BASE_URL", what: "where the service answers", fallback: defaultBaseUrl }
]

/** A key is of one organization, whose name no answer tells. */
const account = "organization"

const service: Adapter.Service = {
  id: ProviderId.make("runway"),
  token: what,
  baseUrl: defaultBaseUrl,
  rateLimitKey: "runway",
  headers: { "x-runway-version": "2024-11-06" },
  maxResponseBytes: 4 * 1024 * 1024,
  owns: job.owns,
  objection: (id) => /^[\w-]+$/.test(job.bare(id)) ? undefined : "The id is another service's",
  answer: rules,
  account,
  forgetsLost: true
}

const decodeTicket = Schema.decodeUnknownResult(wire.Ticket)

const endpoints: {
  readonly [K in Exclude<RunwayRequest.Modelled, "Recipe">]: readonly [path: string, kind: MediaKind]
} = {
  ImageToVideo: ["image_to_video", "video"],
  TextToVideo: ["text_to_video", "video"],
  VideoToVideo: ["video_to_video", "video"],
  TextToImage: ["text_to_image", "image"],
  CharacterPerformance: ["character_performance", "video"],
  ImageUpscale: ["image_upscale", "image"],
  VideoUpscale: ["video_upscale", "video"],
  VideoToHdr: ["video_to_hdr", "video"],
  SoundEffect: ["sound_effect", "audio"],
  TextToSpeech: ["text_to_speech", "audio"],
  SpeechToSpeech: ["speech_to_speech", "audio"],
  VoiceIsolation: ["voice_isolation", "audio"],
  VoiceDubbing: ["voice_dubbing", "audio"],
  AvatarVideo: ["avatar_videos", "video"]
}

/** What stands in the path is not in the body, of which Runway refuses what it does not know. */
const placeOf = (request: RunwayRequest.Request): Adapter.Route => {
  switch (request._tag) {
    case "Recipe": {
      const { recipe, ...body } = request
      return { path: `recipes/${recipe}`, kind: /image/.test(recipe) ? "image" : "video", model: recipe, body }
    }
    case "Generate": {
      const { media, ...body } = request
      return { path: `generate/${media}`, kind: media, body }
    }
    case "Workflow": {
      const { workflow, ...body } = request
      return { path: `workflows/${workflow}`, body }
    }
    default: {
      const [path, kind] = endpoints[request._tag]
      return { path, kind, model: request.model, body: request }
    }
  }
}

const routeOf = (request: RunwayRequest.Request): Adapter.Route => {
  const { body, path, ...known } = placeOf(request)
  const { _tag, onBehalfOf, ...fields } = Wire.object(body)
  const endUser = Wire.text(onBehalfOf)
  return {
    ...known,
    path: `${root}/${path}`,
    headers: endUser === undefined ? undefined : { "x-runway-on-behalf-of": endUser },
    body: fields
  }
}

const acceptedOf = (body: unknown, { _tag }: RunwayRequest.Request): Adapter.Accepted | undefined => {
  const id = Wire.text(Wire.object(body)["id"])
  return Records.accepted([id === undefined || _tag !== "Workflow" ? id : job.workflowRun(id)])
}

const pathOf = (id: string): string =>
  `${root}/${job.isWorkflowRun(id) ? "workflow_invocations" : "tasks"}/${job.bare(id)}`

/** Smaller ones are refused, and storage takes none of unknown length. */
const smallest = 512
const megabytes = 200
/** Files may be large, and lines slow. */
const uploadTimeout = Duration.minutes(10)

const uploadIssues = ({ length }: Provider.Upload): ReadonlyArray<JobError.Issue> =>
  length !== undefined && length >= smallest
    ? []
    : [{ field: "length", message: `Expected the length in bytes, at least ${smallest}` }]

/** Of a limit that is null, or of no model, there is none. */
const limitOf = (models: unknown): number | undefined => {
  const limits = Object.values(Wire.object(models)).map((model) => Wire.object(model)["maxConcurrentGenerations"])
  return limits.length === 0
    ? undefined
    : limits.reduce<number>((sum, limit) => sum + (limit === null ? Infinity : Wire.number(limit) ?? 0), 0)
}

/**
 * Runway behind the given key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Runway["Service"], Config.ConfigError, HttpClient.HttpClient> {
  const api = yield* Adapter.make({ ...service, headers: { ...service.headers, ...options.headers } }, options)
  const { instance, provider } = api

  /** One call of Runway's ends a task that runs and deletes one that has ended: which it would do, its record tells. */
  const letGo = <const Op extends "cancel" | "remove">(
    operation: Op,
    id: JobId.JobId,
    act: (task: wire.Task, erase: Effect.Effect<void, JobError.Of<Op>>) => Effect.Effect<void, JobError.Of<Op>>
  ): Effect.Effect<void, JobError.Of<Op>> => {
    const erase = api.command(operation, (_, id) => pathOf(id))(id)
    const detail = "A workflow's run can be neither cancelled nor removed"
    return job.isWorkflowRun(id)
      ? Effect.fail(
        JobError.narrow(operation, new JobError.InvalidJobId({ provider, instance, operation, id, detail }))
      )
      : Effect.flatMap(
        Records.ask(api, operation, id, () => pathOf(id), wire.Task, (task) => task),
        (task) => act(task, erase)
      )
  }

  /** What the organization's record holds. */
  const organization = <const Op extends "accounts" | "capacity", A>(
    operation: Op,
    read: (found: Readonly<Record<string, unknown>>) => A | undefined
  ): Effect.Effect<A, JobError.Of<Op>> =>
    api.call(
      operation,
      { method: "GET", path: `${root}/organization` },
      (body) => Result.fromNullishOr(read(Wire.object(body)), () => "The answer holds no organization")
    )

  return {
    ...api.provide({
      get: api.get((_, id) => pathOf(id), wire.Task, job.ofTask),
      submit: api.submit(RunwayRequest.issues, acceptedOf, routeOf),
      cancel: (id: JobId.JobId) => letGo("cancel", id, (task, erase) => job.hasEnded(task) ? Effect.void : erase),
      remove: (id: JobId.JobId) =>
        letGo("remove", id, (task, erase) =>
          job.hasEnded(task)
            ? erase
            : Effect.fail(
              new JobError.NotTerminal({ provider, instance, operation: "remove", id, providerStatus: task.status })
            )),
      link: ({ id }: Job, { label, role }: Artifact) =>
        Records.ask(api, "link", id, () => pathOf(id), wire.Task, (task, at): Provider.Link | undefined => {
          const { state } = job.ofTask(task, at, id)
          const made = state._tag === "Succeeded" ? state.artifacts : []
          const found = made.find((artifact) => artifact.label === (label ?? role))
          return found && { url: found.url, expiresAt: found.expiresAt }
        }),
      upload: (file: Provider.Upload) =>
        api.upload(file, {
          issues: uploadIssues(file),
          megabytes,
          send: (content) =>
            Effect.gen(function*() {
              const filename = Form.nameOf(file)
              const { fields, origin, path, reference } = yield* api.call(
                "upload",
                {
                  method: "POST",
                  path: `${root}/uploads`,
                  body: HttpBody.jsonUnsafe({ filename, type: "ephemeral" })
                },
                (body) => Result.flatMap(decodeTicket(body), placeIn)
              )
              return yield* api.call(
                "upload",
                {
                  method: "POST",
                  origin,
                  path,
                  body: Form.file("file", file, fields)(content),
                  timeout: uploadTimeout
                },
                () => Result.succeed({ reference })
              )
            })
        }),
      accounts: organization("accounts", ({ tier }) => tier === undefined ? undefined : [{ account }]),
      capacity: organization("capacity", ({ tier }) => {
        const limit = limitOf(Wire.object(tier)["models"])
        return tier === undefined ? undefined : limit === undefined ? [] : [{ account, limit }]
      })
    }),
    credits: organization("accounts", ({ creditBalance }) => Wire.number(creditBalance))
  }
})

/** Where a ticket sends a file. */
const placeIn = ({ fields, runwayUri: reference, uploadUrl }: typeof wire.Ticket.Type) =>
  Result.map(
    Result.filterOrFail(
      Result.try({ try: () => new URL(uploadUrl), catch: () => noAddress }),
      ({ protocol }) => /^https?:$/.test(protocol),
      () => noAddress
    ),
    ({ origin, pathname, search }) => ({
      origin,
      path: pathname + search,
      reference,
      fields: Object.fromEntries(Object.entries(Wire.object(fields)).map(([name, value]) => [name, String(value)]))
    })
  )
const noAddress = "The answer holds no address to send the file to"

/**
 * Runway behind the given key, as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Runway, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Runway, make(options))

/**
 * Runway behind the key in `RUNWAYML_API_SECRET`, at `RUNWAYML_BASE_URL` if that is set; what is given here is not looked up.
 *
 * **Example** (The usual way)
 *
 * ```ts
 * import { Runway } from "@media-jobs/runway"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const runway = yield* Runway.Runway
 *   return yield* runway.submit(Runway.textToVideo({
 *     model: "gen4.5",
 *     promptText: "a lighthouse in the rain",
 *     ratio: "1280:720",
 *     duration: 5
 *   }))
 * })
 *
 * Effect.provide(program, Runway.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Settings.Given<Options> = {}
): Layer.Layer<Runway, Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Runway, Effect.flatMap(config(options), make))

/**
 * What tools must know of Runway.
 *
 * @since 0.1.0
 * @category descriptors
 */
export const descriptor: Descriptor.Descriptor<Runway, Runway["Service"]> = {
  id: service.id,
  variables,
  kinds: RunwayRequest.kinds,
  tag: Runway,
  layerConfig
}
