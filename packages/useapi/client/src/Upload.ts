/**
 * Files for later requests, as raw bytes.
 *
 * @since 0.1.0
 */
import * as Content from "@media-jobs/adapter/Content"
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as PathSegment from "./PathSegment.ts"
import type * as UseApi from "./UseApi.ts"

/**
 * Where a service takes files, and which.
 *
 * **Details**
 *
 * The account becomes the last segment of `path`, and `account` says in a refusal what one looks like. `accepts` is the
 * most megabytes of each media type.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target {
  readonly path: string
  readonly account: string
  readonly accepts: Readonly<Record<string, number>>
}

/** Users of Dreamina saw uploads take more than a minute, and give them three. */
const timeout = Duration.minutes(3)

const decodeStored = Schema.decodeUnknownResult(Schema.Union([
  Schema.Struct({ assetRef: Schema.NonEmptyString }),
  // Its name on Dreamina's page of February 2026.
  Schema.Struct({ imageRef: Schema.NonEmptyString })
]))

/** What can be told of a file before its first byte. */
const issuesOf = (file: Provider.Upload, { accepts, account }: Target): ReadonlyArray<JobError.Issue> => {
  const most = Object.hasOwn(accepts, file.mediaType) ? accepts[file.mediaType] : undefined
  const types = Object.keys(accepts).map((type) => JSON.stringify(type)).join(" | ")
  return [
    ...(PathSegment.encode(file.account ?? "") === undefined
      ? [{ field: "account", message: `Expected ${account}` }]
      : []),
    ...(most === undefined ? [{ field: "mediaType", message: `Expected ${types}` }] : []),
    ...Content.issues(file, most)
  ]
}

/**
 * Gives a service a file, as it streams.
 *
 * **Details**
 *
 * - Account, media type and, where it is known, length are refused before anything is sent.
 * - Content that fails, is empty, grows too long or is not as long as was said breaks the upload off, and is
 *   `InvalidRequest` about `content`: the service has nothing of it.
 * - It is sent once: content is read once.
 * - The account's segment is encoded whole, `:` and `@` included, as the vendor's own scripts do, unlike an id's.
 *
 * @since 0.1.0
 * @category combinators
 */
export const send = (
  api: UseApi.UseApi,
  target: Target,
  file: Provider.Upload
): Effect.Effect<Provider.Uploaded, JobError.UploadError> =>
  Effect.suspend(() => {
    const refuse = (issues: ReadonlyArray<JobError.Issue>) =>
      Effect.fail(
        new JobError.InvalidRequest({ provider: api.provider, instance: api.instance, operation: "upload", issues })
      )
    const issues = issuesOf(file, target)
    if (issues.length > 0) return refuse(issues)
    const { account = "", length, mediaType } = file
    const content = Content.make(file, target.accepts[mediaType])
    const upload = api.call(
      "upload",
      {
        method: "POST",
        path: `${target.path}/${encodeURIComponent(account)}`,
        body: HttpBody.stream(content.stream, mediaType, length),
        timeout
      },
      (body) =>
        Result.map(decodeStored(body), (stored): Provider.Uploaded => ({
          reference: "assetRef" in stored ? stored.assetRef : stored.imageRef,
          account
        }))
    )
    return Effect.flatMap(Effect.result(upload), (result) => {
      const issue = content.issue()
      return issue === undefined ? Effect.fromResult(result) : refuse([issue])
    })
  })
