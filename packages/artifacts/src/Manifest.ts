/**
 * What was saved of a job, as a file beside the files.
 *
 * @since 0.1.0
 */
import { MediaKind } from "@media-jobs/core/Artifact"
import type { Job } from "@media-jobs/core/Job"
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ManifestInvalid } from "./ArtifactError.ts"
import { keyOf, stemOf } from "./internal/naming.ts"

const FileName = Schema.String.check(Schema.isPattern(/^[a-z0-9][a-z0-9-]*\.[a-z0-9]+$/))
const Hash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Bytes = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * An artifact that is saved whole.
 *
 * **Details**
 *
 * `label` tells the artifacts of one job apart: kind and role, and a number where these are the same. `source` is the origin
 * that the file came from: the rest of a link holds ids and signatures, and is dead within hours.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Entry = Schema.Struct({
  label: Schema.String,
  kind: MediaKind,
  role: Schema.String,
  file: FileName,
  bytes: Bytes,
  sha256: Hash,
  mediaType: Schema.optionalKey(Schema.String),
  source: Schema.String,
  savedAt: Schema.DateTimeUtc
})

/**
 * @since 0.1.0
 * @category models
 */
export type Entry = typeof Entry.Type

/**
 * An artifact whose download has begun: what is needed to go on with it, and the name it will have. `validator` is the strong
 * `ETag` of the file; without one nothing can be gone on with.
 *
 * @internal
 */
export const Begun = Schema.Struct({
  label: Schema.String,
  file: FileName,
  bytes: Schema.optionalKey(Bytes),
  validator: Schema.optionalKey(Schema.String),
  mediaType: Schema.optionalKey(Schema.String)
})

/**
 * What was saved of one job.
 *
 * **Details**
 *
 * A file that people read, so it holds no id and no account: `job` is the id's fingerprint, as in logs, and `key` the SHA-256
 * of provider, instance and id, which names the files too.
 *
 * @since 0.1.0
 * @category models
 */
export class Manifest extends Schema.Class<Manifest>("@media-jobs/artifacts/Manifest")({
  version: Schema.Literal(1),
  provider: ProviderId,
  instance: Instance,
  job: Schema.String,
  key: Hash,
  model: Schema.optionalKey(Schema.String),
  saved: Schema.Array(Entry),
  begun: Schema.Array(Begun)
}) {}

const Json = /* @__PURE__ */ Schema.toCodecJson(Manifest)

/**
 * The name of a job's manifest in its sink.
 *
 * @since 0.1.0
 * @category getters
 */
export const nameOf = (job: Job): string => `${stemOf(job)}.json`

/**
 * The manifest of a job that a text holds.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromText = (job: Job, text: string): Effect.Effect<Manifest, ManifestInvalid> =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(Json))(text).pipe(
    Effect.filterOrFail((manifest) => manifest.key === keyOf(job)),
    Effect.mapError(() => {
      const { id, instance, provider } = job
      return new ManifestInvalid({ file: nameOf(job), provider, instance, id })
    })
  )
