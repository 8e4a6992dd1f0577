/**
 * Everything that can go wrong while an artifact is saved, typed, each with what helps.
 *
 * @since 0.1.0
 */
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Remedy from "@media-jobs/core/Remedy"
import * as Schema from "effect/Schema"

/**
 * Which artifact an error is about, by nothing that a person may not see.
 *
 * **Details**
 *
 * `job` is the fingerprint of the job's id; `artifact` is its label, such as `video-primary`; `host` is the machine that its
 * link named or led to, without path and query: these hold ids and signatures. It is empty where no host can be told.
 *
 * @since 0.1.0
 * @category models
 */
export const About = Schema.Struct({
  provider: ProviderId,
  instance: Instance,
  job: Schema.String,
  artifact: Schema.String,
  host: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export type About = typeof About.Type

const status = Schema.optionalKey(Schema.Int)
const detail = Schema.optionalKey(Schema.String)
const retryAfter = Schema.optionalKey(Schema.Duration)

const describe = (
  self: About & { readonly _tag: string; readonly status?: number; readonly detail?: string },
  advice: string
): string => {
  const where = self.instance === "default" ? self.provider : `${self.provider} (${self.instance})`
  const status = self.status === undefined ? "" : `status ${self.status}`
  const facts = [status, self.job, self.artifact, self.host].filter((fact) => fact !== "").join(", ")
  const detail = self.detail === undefined ? "" : `: ${self.detail}`
  return `${where} save: ${self._tag} [${facts}]${detail}. ${advice}`
}

/**
 * The link leads to no file any more (401, 403, 404, 410 or another refusal, or a page in place of the file).
 *
 * **When to use**
 *
 * Hand `renew` to `save` to have a dead link asked for once more at the service. Where this error comes all the same, the
 * service has no living link either.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkDead extends Schema.TaggedError<LinkDead>("@media-jobs/artifacts/LinkDead")("LinkDead", {
  ...About.fields,
  status,
  detail
}) {
  override get message(): string {
    return describe(this, "The link is dead: get the job again for a new one (renew), and save sooner.")
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The link leads where no artifact is fetched from; nothing was sent there.
 *
 * **Details**
 *
 * `url`: it can't be read. `scheme`: neither HTTP nor HTTPS. `credentials`: it holds a user name or a password. `address`: a
 * private, local or reserved one. `redirects`: there are too many.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkRefused extends Schema.TaggedError<LinkRefused>("@media-jobs/artifacts/LinkRefused")("LinkRefused", {
  ...About.fields,
  reason: Schema.Literals(["url", "scheme", "credentials", "address", "redirects"])
}) {
  override get message(): string {
    return describe(
      this,
      {
        url: "The link can't be read as a URL.",
        scheme: "Only http and https links are fetched.",
        credentials: "The link holds a user name or a password, which are not sent.",
        address: "The link leads to a private address: if that is meant, set allowPrivate.",
        redirects: "The link redirects too often."
      }[this.reason]
    )
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The file's host can't be reached, is broken or asks for patience (408, 425, 429, 5xx), or answers with something else than
 * the file; after all tries.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkUnavailable
  extends Schema.TaggedError<LinkUnavailable>("@media-jobs/artifacts/LinkUnavailable")("LinkUnavailable", {
    ...About.fields,
    status,
    detail,
    retryAfter
  })
{
  override get message(): string {
    return describe(this, "The file's host is out of reach or broken for now: save again later.")
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry(this.retryAfter)
  }
}

/**
 * The connection was cut, or fell silent, in the middle of the file; after all tries. What arrived is kept where the sink
 * can, and the next save goes on from there.
 *
 * @since 0.1.0
 * @category errors
 */
export class DownloadCut extends Schema.TaggedError<DownloadCut>("@media-jobs/artifacts/DownloadCut")("DownloadCut", {
  ...About.fields,
  received: Schema.Int,
  expected: Schema.optionalKey(Schema.Int),
  detail
}) {
  override get message(): string {
    return describe(this, `The connection broke off after ${count(this.received, this.expected)}: save again to go on.`)
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry()
  }
}

/**
 * The file has another length than its link says.
 *
 * **Details**
 *
 * It ended early and the connection did not break, or it ended at the same byte twice; or it goes on past its length.
 *
 * @since 0.1.0
 * @category errors
 */
export class LengthMismatch
  extends Schema.TaggedError<LengthMismatch>("@media-jobs/artifacts/LengthMismatch")("LengthMismatch", {
    ...About.fields,
    received: Schema.Int,
    expected: Schema.Int
  })
{
  override get message(): string {
    return describe(this, `The link lies about its length: ${count(this.received, this.expected)}.`)
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The file is larger than `maxBytes`; nothing of it is kept.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooLarge extends Schema.TaggedError<TooLarge>("@media-jobs/artifacts/TooLarge")("TooLarge", {
  ...About.fields,
  maxBytes: Schema.Int
}) {
  override get message(): string {
    return describe(this, `The file is larger than ${this.maxBytes} bytes: raise maxBytes if it is meant to be.`)
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The sink is full.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoSpace extends Schema.TaggedError<NoSpace>("@media-jobs/artifacts/NoSpace")("NoSpace", {
  file: Schema.String
}) {
  override get message(): string {
    return `NoSpace [${this.file}]. There is no room left to write in: make some, then save again to go on.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The sink does not let this program write.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReadOnly extends Schema.TaggedError<ReadOnly>("@media-jobs/artifacts/ReadOnly")("ReadOnly", {
  file: Schema.String
}) {
  override get message(): string {
    return `ReadOnly [${this.file}]. This program may not write there: change the permissions or the place.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

/**
 * The sink failed in some other way.
 *
 * @since 0.1.0
 * @category errors
 */
export class SinkUnavailable
  extends Schema.TaggedError<SinkUnavailable>("@media-jobs/artifacts/SinkUnavailable")("SinkUnavailable", {
    file: Schema.String,
    cause: Schema.Defect()
  })
{
  override get message(): string {
    return `SinkUnavailable [${this.file}]. The file could not be read or written: see the cause.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.retry()
  }
}

/**
 * A manifest that can't be read: changed by hand, another job's, or of a newer release. It is left as it is.
 *
 * @since 0.1.0
 * @category errors
 */
export class ManifestInvalid
  extends Schema.TaggedError<ManifestInvalid>("@media-jobs/artifacts/ManifestInvalid")("ManifestInvalid", {
    file: Schema.String
  })
{
  override get message(): string {
    return `ManifestInvalid [${this.file}]. It is no manifest of this job: move it away to have the job saved anew.`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.none
  }
}

const count = (received: number, expected: number | undefined): string =>
  `${received} bytes${expected === undefined ? "" : ` of ${expected}`}`

/**
 * What a sink can fail with.
 *
 * @since 0.1.0
 * @category unions
 */
export type SinkError = NoSpace | ReadOnly | SinkUnavailable

/**
 * What a download can fail with.
 *
 * @since 0.1.0
 * @category unions
 */
export type DownloadError = LinkDead | LinkRefused | LinkUnavailable | DownloadCut | LengthMismatch | TooLarge

/**
 * What a save can fail with.
 *
 * @since 0.1.0
 * @category unions
 */
export type SaveError = DownloadError | SinkError | ManifestInvalid

/**
 * Every error as one schema, for storage and for the wire.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SaveError = Schema.Union([
  LinkDead,
  LinkRefused,
  LinkUnavailable,
  DownloadCut,
  LengthMismatch,
  TooLarge,
  NoSpace,
  ReadOnly,
  SinkUnavailable,
  ManifestInvalid
])
