/**
 * What Midjourney can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names, so its pages apply as they are. Written from the page of `POST /jobs/imagine`
 * of October 27, 2025.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as ReplyFields from "@media-jobs/useapi/ReplyFields"
import * as Schema from "effect/Schema"

/**
 * Four images or videos of one prompt, which are one job, by `POST /jobs/imagine`.
 *
 * **Details**
 *
 * `prompt` takes Midjourney's own parameters, as in `a cat in a hat --ar 16:9`; with `--video` it makes videos.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Imagine = Schema.TaggedStruct("Imagine", {
  prompt: Schema.String.check(
    Schema.isPattern(/\S/, { expected: "a text that is not empty" }),
    RequestSchema.atMost(5000)
  ),
  channel: Schema.optional(
    Schema.String.check(Schema.isPattern(/^\d+$/, { expected: "the id of a Discord channel, digits only" }))
  ),
  ...ReplyFields.fields
})

/**
 * A request for four images or videos.
 *
 * @since 0.1.0
 * @category models
 */
export interface Imagine extends ReplyFields.ReplyFields {
  readonly _tag: "Imagine"
  /** What to show, with Midjourney's own parameters, as in `a cat in a hat --ar 16:9`; 5,000 characters at most. */
  readonly prompt: string
  /** The Discord channel to run in; where it is absent the service chooses one with a free slot. */
  readonly channel?: string | undefined
}

/**
 * Anything that `midjourney.submit` takes.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = Imagine

/**
 * What a request makes, by the `--video` in its prompt; Midjourney takes a dash for two hyphens.
 *
 * @since 0.1.0
 * @category getters
 */
export const kindOf = ({ prompt }: Request): "image" | "video" =>
  /(?:^|\s)(?:--|—)video(?:\s|$)/i.test(prompt) ? "video" : "image"

/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * No message holds what was given.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  Imagine: RequestSchema.kind(Imagine, ({ replyUrl }) =>
    typeof replyUrl === "string" && replyUrl.length > 1024
      ? [{ field: "replyUrl", message: "Expected at most 1024 characters" }]
      : [])
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(kinds, "a request made by Midjourney.imagine")
