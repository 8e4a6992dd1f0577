/**
 * What a job made.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import { NodeInspectSymbol } from "effect/Inspectable"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import { defined } from "./internal/defined.ts"
import * as Shown from "./internal/shown.ts"

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
 * - `role` is `primary` for what was asked for; `thumbnail`, `last-frame`, `hdr-frames` and the like for what came with it.
 * - `label` tells it from all other artifacts of its kind in the job, by where it stands in the service's record: it stays the
 *   same when others appear, are missing, or change their link. Where it is absent, the role does so.
 * - `isProvisional` of a link to a lesser copy, with a watermark for example: the provider's `link` leads to the file itself, which a
 *   save asks for first.
 * - `width` and `height` are in pixels. `expiresAt` is absent where the service does not say when the link dies.
 *
 * @since 0.1.0
 * @category models
 */
export class Artifact extends Schema.Class<Artifact>("@media-jobs/core/Artifact")({
  kind: MediaKind,
  role: Schema.NonEmptyString,
  label: Schema.optionalKey(Schema.NonEmptyString),
  url: Schema.String,
  isProvisional: Schema.optionalKey(Schema.Literal(true)),
  width: Schema.optionalKey(Schema.Finite),
  height: Schema.optionalKey(Schema.Finite),
  duration: Schema.optionalKey(Schema.Duration),
  expiresAt: Schema.optionalKey(Schema.DateTimeUtc)
}) {
  /** The whole artifact, as the schema's JSON codec writes and reads it. */
  toJSON(): unknown {
    const { duration, expiresAt, ...fields } = this
    return defined({
      ...fields,
      duration: duration && durationJson(duration),
      expiresAt: expiresAt && DateTime.formatIso(expiresAt)
    })
  }

  [symbolRedactable](): unknown {
    return Shown.artifact(this)
  }

  [NodeInspectSymbol](): unknown {
    return Shown.artifact(this)
  }

  override toString(): string {
    return `Artifact(${this.kind} ${this.label ?? this.role})`
  }
}

/** As the codec of `Schema.Duration` writes it. */
const durationJson = ({ value }: Duration.Duration): object =>
  value._tag === "Millis"
    ? { _tag: value._tag, value: value.millis }
    : value._tag === "Nanos"
    ? { _tag: value._tag, value: `${value.nanos}` }
    : { _tag: value._tag }

/**
 * What `fromValid` takes: all fields of an artifact, of which those that may be absent may be `undefined` too.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields =
  & { readonly [K in keyof ConstructorParameters<typeof Artifact>[0]]: Artifact[K] | undefined }
  & Pick<Artifact, "kind" | "role" | "url">

// As in `Job`.
const Unchecked = function(this: { -readonly [K in keyof typeof Artifact.fields]: Artifact[K] }, fields: Fields) {
  this.kind = fields.kind
  this.role = fields.role
  if (fields.label !== undefined) this.label = fields.label
  this.url = fields.url
  if (fields.isProvisional !== undefined) this.isProvisional = fields.isProvisional
  if (fields.width !== undefined) this.width = fields.width
  if (fields.height !== undefined) this.height = fields.height
  if (fields.duration !== undefined) this.duration = fields.duration
  if (fields.expiresAt !== undefined) this.expiresAt = fields.expiresAt
} as unknown as new(fields: Fields) => Artifact // with the prototype of the class, that is what it makes
Unchecked.prototype = Artifact.prototype

/**
 * An artifact of fields that are known to fit, which are not checked again; see `Job.fromValid`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromValid = (fields: Fields): Artifact => new Unchecked(fields)
