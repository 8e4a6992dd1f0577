/**
 * Files for later requests, as raw bytes.
 *
 * @since 0.1.0
 */
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as HttpBody from "effect/http/HttpBody"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
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

const megabyte = 1_048_576

/** Users of Dreamina saw uploads take more than a minute, and give them three. */
const timeout = Duration.minutes(3)

/** Breaks the upload off; what is wrong with the content is told apart from it. */
const spoilt = "Spoilt" as const

const decodeStored = Schema.decodeUnknownResult(Schema.Union([
  Schema.Struct({ assetRef: Schema.NonEmptyString }),
  // Its name on Dreamina's page of February 2026.
  Schema.Struct({ imageRef: Schema.NonEmptyString })
]))

/** What can be told of a file before its first byte. */
const issuesOf = (file: Provider.Upload, { accepts, account }: Target): ReadonlyArray<JobError.Issue> => {
  const { length } = file
  const most = Object.hasOwn(accepts, file.mediaType) ? accepts[file.mediaType] : undefined
  const types = Object.keys(accepts).map((type) => JSON.stringify(type)).join(" | ")
  return [
    ...(PathSegment.encode(file.account ?? "") === undefined
      ? [{ field: "account", message: `Expected ${account}` }]
      : []),
    ...(most === undefined ? [{ field: "mediaType", message: `Expected ${types}` }] : []),
    ...(length === undefined || Number.isSafeInteger(length) && length > 0
      ? most === undefined || length === undefined || length <= most * megabyte
        ? []
        : [{ field: "length", message: `Expected at most ${most} MB of ${file.mediaType}` }]
      : [{ field: "length", message: "Expected a whole number of bytes, at least 1" }])
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
    const most = target.accepts[mediaType] ?? 0 // it was just found there

    let size = 0
    let spoiled: string | undefined
    const spoil = (expected: string) =>
      Effect.suspend(() => {
        spoiled = `Expected ${expected}`
        return Effect.fail(spoilt)
      })
    // On the pull itself: what Stream offers for it would be a tenth of a small program.
    const content = Stream.transformPull(file.content, (pull) =>
      Effect.succeed(
        Effect.matchCauseEffect(pull, {
          onSuccess: (chunks) => {
            for (const chunk of chunks) size += chunk.length
            return size <= most * megabyte ? Effect.succeed(chunks) : spoil(`at most ${most} MB of ${mediaType}`)
          },
          onFailure: (cause): Pull.Pull<never, typeof spoilt> => {
            if (Pull.isDoneCause(cause)) {
              if (size === 0) return spoil("at least one byte")
              return length === undefined || size === length
                ? Cause.done()
                : spoil(`${length} bytes, as its length says`)
            }
            return Cause.hasInterruptsOnly(cause) ? Effect.interrupt : spoil(readable(Cause.squash(cause)))
          }
        })
      ))
    const upload = api.call(
      "upload",
      {
        method: "POST",
        path: `${target.path}/${encodeURIComponent(account)}`,
        body: HttpBody.stream(content, mediaType, length),
        timeout
      },
      (body) =>
        Result.map(decodeStored(body), (stored): Provider.Uploaded => ({
          reference: "assetRef" in stored ? stored.assetRef : stored.imageRef,
          account
        }))
    )
    return Effect.flatMap(Effect.result(upload), (result) =>
      spoiled === undefined ? Effect.fromResult(result) : refuse([{ field: "content", message: spoiled }]))
  })

const readable = (failure: unknown): string => {
  const text = failure instanceof Error ? failure.message : failure
  return `content that can be read to its end: ${
    JobError.scrub(typeof text === "string" ? text : Formatter.format(text))
  }`
}
