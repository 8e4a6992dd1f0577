/** What an upload sends: content that turns out as it was described, or breaks off. */
import * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import * as Deadlines from "./deadlines.ts"

const megabyte = 1_048_576

/** Breaks an upload off; what is wrong with the content is told apart from it. */
const spoilt = "Spoilt" as const

/**
 * Content under way.
 *
 * **Details**
 *
 * `issue` is what is wrong with it, once that shows: then the service has nothing of it, whatever became of the call.
 */
export interface Content {
  readonly stream: Stream.Stream<Uint8Array, typeof spoilt>
  readonly issue: () => JobError.Issue | undefined
}

/**
 * What can be told of a file before its first byte. Its media type may stand in a header, which must not grow another.
 */
export const issues = ({ length, mediaType }: Provider.Upload, megabytes = Infinity): ReadonlyArray<JobError.Issue> => [
  ...(/^[\w.+-]+\/[\w.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/.test(mediaType)
    ? []
    : [{ field: "mediaType", message: "Expected a type and a subtype, as in image/png" }]),
  ...(length === undefined || Number.isSafeInteger(length) && length > 0
    ? length === undefined || length <= megabytes * megabyte
      ? []
      : [{ field: "length", message: `Expected at most ${megabytes} MB of ${mediaType}` }]
    : [{ field: "length", message: "Expected a whole number of bytes, at least 1" }])
]

/**
 * The content of a file, which ends early where it fails, brings nothing for as long as `idle`, is empty, grows too long or is not
 * as long as was said.
 */
export const make = (
  { content, length, mediaType }: Provider.Upload,
  idle: Duration.Duration,
  megabytes = Infinity
): Content => {
  let size = 0
  let issue: JobError.Issue | undefined
  const spoil = (expected: string) =>
    Effect.suspend(() => {
      issue = { field: "content", message: `Expected ${expected}` }
      return Effect.fail(spoilt)
    })
  // On the pull itself: what Stream offers for it would be a tenth of a small program.
  const stream = Stream.transformPull(content, (pull) =>
    Effect.succeed(
      Effect.matchCauseEffect(within(pull, idle, Effect.fail(late)), {
        onSuccess: (chunks) => {
          for (const chunk of chunks) size += chunk.length
          return size <= megabytes * megabyte
            ? Effect.succeed(chunks)
            : spoil(`at most ${megabytes} MB of ${mediaType}`)
        },
        onFailure: (cause): Pull.Pull<never, typeof spoilt> => {
          if (Pull.isDoneCause(cause)) {
            if (size === 0) return spoil("at least one byte")
            return length === undefined || size === length
              ? Cause.done()
              : spoil(`${length} bytes, as its length says`)
          }
          // An interrupted call ends this fiber, and nothing here runs: what is interrupted here is the source.
          return Cause.hasInterruptsOnly(cause)
            ? spoil(readable("it was interrupted"))
            : spoil(
              readable(
                Cause.squash(cause) === late ? `none came for ${Duration.toSeconds(idle)} s` : Cause.squash(cause)
              )
            )
        }
      })
    ))
  return { stream, issue: () => issue }
}

const late = Symbol("late")
const within = /* @__PURE__ */ Deadlines.make()

const readable = (failure: unknown): string => {
  const text = failure instanceof Error ? failure.message : failure
  return `content that can be read to its end: ${
    JobError.scrub(typeof text === "string" ? text : Formatter.format(text))
  }`
}
