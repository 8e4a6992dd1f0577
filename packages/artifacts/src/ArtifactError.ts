/**
 * Everything that can go wrong while an artifact is saved, typed, each with what helps.
 *
 * @since 0.1.0
 */
import { JobId } from "@media-jobs/core/JobId"
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Remedy from "@media-jobs/core/Remedy"
import * as Schema from "effect/Schema"
import { failure } from "./internal/failure.ts"

const job = { provider: ProviderId, instance: Instance, id: JobId }

/**
 * Which artifact an error is about.
 *
 * **Details**
 *
 * `artifact` is its label, such as `video-primary`; `host` is the machine that its link named or led to, without path and
 * query: these hold ids and signatures. It is empty where no host can be told. Messages, JSON and inspection show the
 * fingerprint of `id`; `id` itself, and the error's schema, keep it whole.
 *
 * @since 0.1.0
 * @category models
 */
export const About = Schema.Struct({ ...job, artifact: Schema.String, host: Schema.String })

/**
 * @since 0.1.0
 * @category models
 */
export type About = typeof About.Type

const status = Schema.optionalKey(Schema.Int)
const detail = Schema.optionalKey(Schema.String)
const retryAfter = Schema.optionalKey(Schema.Duration)
const none = () => Remedy.none

/**
 * The job succeeded and made no file, also by what its provider said when it was asked again.
 *
 * @since 0.1.0
 * @category errors
 */
export class NothingToSave extends failure<NothingToSave>()("NothingToSave", job, {
  remedy: none,
  advice: () => "The job made no file that is known: look at what it made at the service."
}) {}

/**
 * The link leads to no file any more (403, 404, 410 or another refusal, or a page in place of the file).
 *
 * **When to use**
 *
 * Hand `providers` to `save` to have a dead link asked for once more at the service. Where this error comes all the same, the
 * service has no living link either.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkDead extends failure<LinkDead>()("LinkDead", { ...About.fields, status, detail }, {
  remedy: none,
  advice: () => "The link is dead: hand the job's provider to save for a new one (providers), and save sooner."
}) {}

/**
 * The file's host wants a credential (401).
 *
 * **When to use**
 *
 * A provider whose files need one says so by its `link` operation: hand it to `save` in `providers`. Where this error comes
 * all the same, the host does not take the provider's credential.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkLocked extends failure<LinkLocked>()("LinkLocked", { ...About.fields, status }, {
  remedy: () => Remedy.reauthenticate("token"),
  advice: () =>
    "The file's host wants a credential: hand save a provider that has `link` (providers), with a valid token."
}) {}

/**
 * The link leads where no artifact is fetched from, or this program can't ask there; nothing reached the file's host.
 *
 * **Details**
 *
 * `url`: it can't be read. `scheme`: neither HTTP, HTTPS nor `data:`. `data`: a `data:` link that is empty or can't be read.
 * `credentials`: it holds a user name or a password. `address`: a private, local or reserved one. `redirects`: there are too
 * many. `proxy`: a proxy on the way refused. `fetch`: the program's `fetch` refuses what `detail` names.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkRefused extends failure<LinkRefused>()("LinkRefused", {
  ...About.fields,
  reason: Schema.Literals(["url", "scheme", "data", "credentials", "address", "redirects", "proxy", "fetch"]),
  status,
  detail
}, {
  remedy: none,
  advice: ({ reason }) =>
    ({
      url: "The link can't be read as a URL.",
      scheme: "Only http, https and data links are fetched.",
      data: "The data link is empty or can't be read.",
      credentials: "The link holds a user name or a password, which are not sent.",
      address:
        "The link leads to a private address: if that is meant, set allowPrivate, or ARTIFACTS_ALLOW_PRIVATE=true.",
      redirects: "The link redirects too often.",
      proxy: "The proxy on the way refuses: give the client its credentials, or have it pass this host by.",
      fetch: "The program's fetch does not take what is asked of it: give the store another HttpClient."
    })[reason]
}) {}

/**
 * The file's host can't be reached, is broken or asks for patience (408, 425, 429, 5xx), or answers with something else than
 * the file, such as a page that tells people from programs; after all tries.
 *
 * @since 0.1.0
 * @category errors
 */
export class LinkUnavailable extends failure<LinkUnavailable>()("LinkUnavailable", {
  ...About.fields,
  status,
  detail,
  retryAfter
}, {
  remedy: (self) => Remedy.retry(self.retryAfter),
  advice: () => "The file's host is out of reach or broken for now: save again later."
}) {}

const count = (received: number, expected: number | undefined): string =>
  `${received} bytes${expected === undefined ? "" : ` of ${expected}`}`

/**
 * The connection was cut, or fell silent, in the middle of the file; after all tries. What arrived is kept where the sink
 * can, and the next save goes on from there.
 *
 * @since 0.1.0
 * @category errors
 */
export class DownloadCut extends failure<DownloadCut>()("DownloadCut", {
  ...About.fields,
  received: Schema.Int,
  expected: Schema.optionalKey(Schema.Int),
  detail
}, {
  remedy: () => Remedy.retry(),
  advice: ({ expected, received }) =>
    `The connection broke off after ${count(received, expected)}: save again to go on.`
}) {}

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
export class LengthMismatch extends failure<LengthMismatch>()("LengthMismatch", {
  ...About.fields,
  received: Schema.Int,
  expected: Schema.Int
}, {
  remedy: none,
  advice: ({ expected, received }) => `The link lies about its length: ${count(received, expected)}.`
}) {}

/**
 * The file is larger than `maxBytes`; nothing of it is kept.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooLarge extends failure<TooLarge>()("TooLarge", { ...About.fields, maxBytes: Schema.Int }, {
  remedy: none,
  advice: ({ maxBytes }) => `The file is larger than ${maxBytes} bytes: raise maxBytes if it is meant to be.`
}) {}

/** A sink knows names; which job they are of, the save adds. */
const kept = {
  file: Schema.String,
  provider: Schema.optionalKey(ProviderId),
  instance: Schema.optionalKey(Instance),
  id: Schema.optionalKey(JobId)
}

/**
 * The sink is full.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoSpace extends failure<NoSpace>()("NoSpace", kept, {
  remedy: none,
  advice: () => "There is no room left to write in: make some, then save again to go on."
}) {}

/**
 * The sink does not let this program write.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReadOnly extends failure<ReadOnly>()("ReadOnly", kept, {
  remedy: none,
  advice: () => "This program may not write there: change the permissions or the place."
}) {}

/**
 * The sink failed in some other way. `cause` is a copy of the sink's own, scrubbed as core's errors scrub theirs.
 *
 * @since 0.1.0
 * @category errors
 */
export class SinkUnavailable extends failure<SinkUnavailable>()("SinkUnavailable", {
  ...kept,
  cause: Schema.Defect()
}, {
  remedy: () => Remedy.retry(),
  advice: () => "It could not be read or written: check that its folder is one, and can be written."
}) {}

/**
 * A manifest that can't be read: changed by hand, another job's, or of a newer release. It is left as it is.
 *
 * @since 0.1.0
 * @category errors
 */
export class ManifestInvalid extends failure<ManifestInvalid>()("ManifestInvalid", kept, {
  remedy: none,
  advice: () => "It is no manifest of this job: move it away to have the job saved anew."
}) {}

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
export type DownloadError =
  | LinkDead
  | LinkLocked
  | LinkRefused
  | LinkUnavailable
  | DownloadCut
  | LengthMismatch
  | TooLarge

/**
 * What a save can fail with.
 *
 * @since 0.1.0
 * @category unions
 */
export type SaveError = NothingToSave | DownloadError | SinkError | ManifestInvalid

/**
 * Every error as one schema, for storage and for the wire.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SaveError = Schema.Union([
  NothingToSave,
  LinkDead,
  LinkLocked,
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
