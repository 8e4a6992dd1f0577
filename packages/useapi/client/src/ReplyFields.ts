/**
 * The two fields about webhooks that every submit at useapi.net has.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Schema from "effect/Schema"

/** What the services keep of a `replyRef`. */
const maxReference = 1024

/**
 * What a request says about webhooks.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplyFields {
  /** Where the service reports; where it is absent, `ReplyTo` says so if the application provides one. */
  readonly replyUrl?: string | undefined
  /** The caller's own words, 1,024 characters at most, which come back with every report. */
  readonly replyRef?: string | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const fields = {
  replyUrl: Schema.optional(RequestSchema.webhookUrl),
  replyRef: Schema.optional(Schema.String.check(RequestSchema.atMost(maxReference)))
}

/**
 * The same to the kit: how the fields are named, and how long an echo may be.
 *
 * @since 0.1.0
 * @category constants
 */
export const names = { url: "replyUrl", reference: "replyRef", maxEcho: maxReference } as const
