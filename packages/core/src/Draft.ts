/**
 * What a submit is known by before the service has given it an id.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { MediaKind } from "./Artifact.ts"

/**
 * A submit as far as it can be told from others: what it asks for, of whom, and what the service will echo.
 *
 * **Details**
 *
 * `reference` is the caller's own. `replyUrl` and `replyRef` are what goes to the service, whole: a service that shows them
 * with its jobs lets a lost submit be found again.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Draft = Schema.Struct({
  kind: Schema.optionalKey(MediaKind),
  model: Schema.optionalKey(Schema.String),
  account: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
  replyUrl: Schema.optionalKey(Schema.String),
  replyRef: Schema.optionalKey(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Draft = typeof Draft.Type

/**
 * A draft of what is known; fields that are undefined are left out.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (known: { readonly [K in keyof Draft]?: Draft[K] | undefined }): Draft => ({
  ...(known.kind === undefined ? undefined : { kind: known.kind }),
  ...(known.model === undefined ? undefined : { model: known.model }),
  ...(known.account === undefined ? undefined : { account: known.account }),
  ...(known.reference === undefined ? undefined : { reference: known.reference }),
  ...(known.replyUrl === undefined ? undefined : { replyUrl: known.replyUrl }),
  ...(known.replyRef === undefined ? undefined : { replyRef: known.replyRef })
})
