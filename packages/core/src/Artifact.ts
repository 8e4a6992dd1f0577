/**
 * What a job made.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What sort of file an artifact is, and what sort of work a job is.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MediaKind = Schema.Literals(["video", "image", "audio", "archive", "text", "model", "other"])

/**
 * @since 0.1.0
 * @category models
 */
export type MediaKind = typeof MediaKind.Type

/**
 * One file that a job made, and where it can be fetched while its link lives.
 *
 * **Details**
 *
 * `role` is `primary` for what was asked for; `thumbnail`, `last-frame`, `hdr-frames` and the like for what came with it.
 * `width` and `height` are in pixels. `expiresAt` is absent where the service does not say when the link dies.
 *
 * @since 0.1.0
 * @category models
 */
export class Artifact extends Schema.Class<Artifact>("@media-jobs/core/Artifact")({
  kind: MediaKind,
  role: Schema.NonEmptyString,
  url: Schema.String,
  width: Schema.optionalKey(Schema.Finite),
  height: Schema.optionalKey(Schema.Finite),
  duration: Schema.optionalKey(Schema.Duration),
  expiresAt: Schema.optionalKey(Schema.DateTimeUtc)
}) {}
