/**
 * Veo on Google's Vertex AI as its documents and the official client describe it, for the emulator.
 *
 * **Details**
 *
 * Where they show nothing this is what it does. An operation is asked about at the model that its name says, or is not found. With a
 * `storageUri` the videos are at `gs://` addresses, which `storage.googleapis.com` serves to the same token; without one they stand in
 * the operation. A path without project and location is that of the project `emulator` at `global`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Call, Route, World } from "../EmulatedService.ts"
import * as EmulatedService from "../EmulatedService.ts"
import * as Media from "../internal/media.ts"
import * as JobStore from "../JobStore.ts"
import * as Reply from "../Reply.ts"
import { fixtures } from "./internal/fixtures.ts"
import * as sentences from "./internal/sentences.ts"

export {
  /**
   * Answers of Vertex with the fields and words that its documents, its client and users show, and values of our own.
   *
   * @since 0.1.0
   * @category fixtures
   */
  fixtures,
  /**
   * What Vertex says where it refuses.
   *
   * @since 0.1.0
   * @category sentences
   */
  sentences
}

/**
 * What operations do: how long one lives, 1 minute, which varies by the fraction `jitter`, 0; and those that are there from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly life?: Duration.Input | undefined
  readonly jitter?: number | undefined
  readonly jobs?: ReadonlyArray<NewJob> | undefined
}

/**
 * An operation in the emulator's memory, whose name is its `id`.
 *
 * **Details**
 *
 * It makes `samples` videos, of which the filter takes `filtered`. Of one that failed, `code` is the number of its error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends JobStore.StoredJob<"succeeded" | "failed"> {
  readonly samples: number
  readonly filtered: number
  readonly storageUri: string | undefined
  readonly code: number
}

/**
 * An operation to put into the emulator's memory without a request; `reason` is the message of its error.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewJob extends JobStore.NewJob<Job["outcome"]> {
  readonly model?: string | undefined
  readonly samples?: number | undefined
  readonly filtered?: number | undefined
  readonly storageUri?: string | undefined
  readonly code?: number | undefined
}

const hosts = ["aiplatform.googleapis.com", "us-central1-aiplatform.googleapis.com"] as const
const storage = "storage.googleapis.com"
const anywhere = "projects/emulator/locations/global"

const objectOf = (value: unknown): { readonly [name: string]: unknown } => Predicate.isObject(value) ? { ...value } : {}
const parsed = (body: string) => objectOf(Result.getOrUndefined(Result.try((): unknown => JSON.parse(body))))

/**
 * Veo on Vertex AI.
 *
 * @since 0.1.0
 * @category constructors
 */
export const service = (options: Options = {}) =>
  EmulatedService.make({
    id: "google-vertex",
    hosts: [...hosts, storage],
    credential: (headers) => /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1] ?? headers["x-goog-api-key"],
    unauthorized: sentences.unauthenticated,
    unknownPath: sentences.problem(404, "Requested entity was not found."),
    make: (world) => make(world, options)
  })

/**
 * Veo on Vertex AI as a server begins with it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (_empty: boolean) => service()

const make = (world: World, options: Options) => {
  const store = JobStore.make<Job>(world, {
    life: () => options.life ?? "1 minute",
    jitter: options.jitter,
    outcome: "succeeded"
  })

  const begin = (
    { code = 13, created, filtered = 0, id, model = "veo-3.1-generate-001", samples = 1, storageUri }: Partial<NewJob>,
    { type, user }: Pick<Job, "type" | "user">,
    now: number,
    at = anywhere
  ): Job => ({
    ...store.begin(
      { type, user, account: "" },
      () => `${at}/publishers/google/models/${model}/operations/${world.uuid()}`,
      now,
      { created, id }
    ),
    samples,
    filtered,
    storageUri,
    code
  })

  const record = (job: Job, now: number): Schema.JsonObject => {
    if (store.isRunning(job, now)) return { name: job.id }
    if (job.outcome === "failed") {
      const error = { code: job.code, message: job.reason ?? "Internal error", details: [] }
      return { name: job.id, done: true, error, ...job.override }
    }
    const made = Array.from({ length: job.samples - job.filtered }, (_, i): Schema.JsonObject => ({
      ...(job.storageUri === undefined
        ? { bytesBase64Encoded: Media.inlined("out.mp4").replace(/^[^,]*,|\s/g, "") }
        : { gcsUri: `${job.storageUri.replace(/\/$/, "")}/${job.id.split("/").at(-1)}/sample_${i}.mp4` }),
      mimeType: "video/mp4"
    }))
    const reason = job.reason ?? "Veo could not generate 1 videos. Support codes: 42237218"
    return {
      name: job.id,
      done: true,
      response: {
        "@type": "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse",
        raiMediaFilteredCount: job.filtered,
        ...(job.filtered === 0
          ? undefined
          : { raiMediaFilteredReasons: Array.from({ length: job.filtered }, () => reason) }),
        ...(made.length === 0 ? undefined : { videos: made })
      },
      ...job.override
    }
  }

  /** Project, location and model of a path's variable segments. */
  const placeOf = (segment: string): { readonly at: string; readonly model: string } => {
    const parts = segment.split("/")
    const [project, location] = parts
    return { at: parts.length > 1 ? `projects/${project}/locations/${location}` : anywhere, model: parts.at(-1) ?? "" }
  }

  const submit = ({ body, now, segment, user }: Call): Reply.Reply => {
    const { at, model } = placeOf(segment)
    const { instances, parameters } = parsed(body)
    const [first] = Array.isArray(instances) ? instances : []
    const instance = objectOf(first)
    const { durationSeconds, sampleCount = 1, storageUri } = objectOf(parameters)
    if (/^veo-[12]/.test(model)) {
      return sentences.problem(404, `Publisher model ${model} is no longer available.`)
    }
    if (["prompt", "image", "video"].every((name) => instance[name] === undefined)) {
      return sentences.problem(400, "The instance holds neither a prompt nor an image nor a video.")
    }
    if (typeof sampleCount !== "number" || !(sampleCount >= 1 && sampleCount <= 4)) {
      return sentences.problem(400, "sampleCount must be between 1 and 4.")
    }
    if (durationSeconds !== undefined && ![4, 6, 8].some((one) => one === durationSeconds)) {
      return sentences.problem(400, "durationSeconds must be 4, 6 or 8.")
    }
    const stored = typeof storageUri === "string" ? storageUri : undefined
    const job = begin({ model, samples: sampleCount, storageUri: stored }, { type: "video", user }, now, at)
    return Reply.json(200, { name: store.keep(job).id })
  }

  const get = ({ body, now, segment, user }: Call): Reply.Reply => {
    const { at, model } = placeOf(segment)
    const { operationName } = parsed(body)
    const name = typeof operationName === "string" ? operationName : ""
    const job = store.find(name)
    return job?.user === user && name.startsWith(`${at}/publishers/google/models/${model}/operations/`)
      ? Reply.json(200, record(job, now))
      : sentences.noOperation
  }

  const routes = <Operation extends string>(
    operation: Operation,
    verb: string,
    answer: Route<Operation>["answer"]
  ): ReadonlyArray<Route<Operation>> =>
    hosts.flatMap((host) =>
      ["v1", "v1beta1"].flatMap((version) =>
        ["", "projects/:project/locations/:location/"].map((place) => ({
          operation,
          method: "POST",
          path: `/${version}/${place}publishers/google/models/:model:${verb}`,
          host,
          answer
        }))
      )
    )

  return {
    controls: store.controls<NewJob>(begin, options.jobs),
    routes: [
      ...routes("submit", "predictLongRunning", submit),
      ...routes("get", "fetchPredictOperation", get),
      // A bucket, folders and a name.
      ...[2, 3, 4, 5, 6].map((depth): Route<"object"> => ({
        operation: "object",
        method: "GET",
        path: "/:part".repeat(depth),
        host: storage,
        answer: ({ headers, now, segment }) => Media.answer(`/${segment}`, "", headers, now)
      }))
    ]
  }
}
