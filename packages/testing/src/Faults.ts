/**
 * What can go wrong between a program and a service, as values that the emulator acts out.
 *
 * **Example** (Two bad gateways, then the truth)
 *
 * ```ts import.meta.vitest
 * import { Emulator, Faults } from "@media-jobs/testing"
 * import { Effect, Layer } from "effect"
 * import { HttpClient } from "effect/http"
 *
 * const list = HttpClient.get("https://api.useapi.net/v1/luma/jobs", {
 *   headers: { authorization: `Bearer ${Emulator.token}` }
 * })
 * const statuses = Effect.map(Effect.all([list, list, list]), (answers) => answers.map(({ status }) => status))
 * const faults = [{ fault: Faults.page(502), operation: "useapi-luma.list", times: 2 }] as const
 * const Live = Emulator.layerClient.pipe(Layer.provide(Emulator.layer({ faults })))
 *
 * await Effect.runPromise(Effect.provide(statuses, Live)) // => [502, 502, 200]
 * ```
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import * as Reply from "./Reply.ts"

/**
 * One thing going wrong.
 *
 * **Details**
 *
 * - `Answer`: this instead of the service; nothing is done.
 * - `Alter`: the work is done and its answer changed on the way back.
 * - `Slow`: the work is done, the headers come at once, the body trickles in over this time.
 * - `Cut`: the work is done, and the connection breaks in the middle of the body.
 * - `Drop`: the connection breaks without an answer, before the work or, with `worked`, after it. The `code` is that of Node and its
 *   `fetch`: no such host, refused, or closed; after the first two a client knows that its request never left.
 * - `Hang`: nothing is done and no answer ever comes.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault =
  | { readonly _tag: "Answer"; readonly reply: Reply.Reply }
  | { readonly _tag: "Alter"; readonly change: (reply: Reply.Reply) => Reply.Reply }
  | { readonly _tag: "Slow"; readonly over: Duration.Input }
  | { readonly _tag: "Cut" }
  | { readonly _tag: "Drop"; readonly code: "ENOTFOUND" | "ECONNREFUSED" | "UND_ERR_SOCKET"; readonly worked: boolean }
  | { readonly _tag: "Hang" }

/**
 * Which requests meet a fault, and how often.
 *
 * **Details**
 *
 * A request meets the first rule that applies to it. Fields left out do not narrow: a bare `{ fault }` meets every request
 * for ever. `path` is tested against the path as sent, still encoded. The first `skip` matching requests pass; the rule
 * is spent after `times` more, or when `during` has passed since it was made. `operation` is `<provider id>.<name>` of a call that
 * a service answers, `media.get` a file behind a link.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule<Operation extends string = string> {
  readonly fault: Fault
  readonly operation?: Operation | "media.get" | undefined
  readonly method?: string | undefined
  readonly path?: RegExp | undefined
  readonly user?: string | undefined
  readonly skip?: number | undefined
  readonly times?: number | undefined
  readonly during?: Duration.Input | undefined
}

/**
 * Any answer at all, instead of the service's.
 *
 * @since 0.1.0
 * @category constructors
 */
export const answer = (reply: Reply.Reply): Fault => ({ _tag: "Answer", reply })

/**
 * The service's answer, changed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const alter = (change: (reply: Reply.Reply) => Reply.Reply): Fault => ({ _tag: "Alter", change })

/**
 * A status with the plainest JSON error, which says no more than the status; `Retry-After` in whole seconds when an interval is given,
 * as an HTTP date when an instant is.
 *
 * @since 0.1.0
 * @category answers
 */
export const status = (status: number, after?: Duration.Input | DateTime.DateTime): Fault =>
  answer(later(Reply.error(status, `Status ${status}`), after))

/**
 * A status with an HTML page, which is an intermediary speaking, not the service; `Retry-After` as in `status`.
 *
 * @since 0.1.0
 * @category answers
 */
export const page = (status: number, after?: Duration.Input | DateTime.DateTime): Fault =>
  answer(later(Reply.html(status, "Error"), after))

/**
 * 302 to another address.
 *
 * @since 0.1.0
 * @category answers
 */
export const redirect = (location: string): Fault => answer(Reply.empty(302, { location }))

/**
 * The service's JSON object with one of its fields replaced, or added: an unknown status word, an `error`.
 *
 * @since 0.1.0
 * @category alterations
 */
export const withField = (name: string, value: Schema.Json): Fault =>
  alter((reply) => ({ ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), [name]: value }) }))

/**
 * The service's JSON, cut in the middle.
 *
 * @since 0.1.0
 * @category alterations
 */
export const cutJson: Fault = alter((reply) => ({ ...reply, body: reply.body.slice(0, reply.body.length / 2) }))

/**
 * The service's status and headers, without the body.
 *
 * @since 0.1.0
 * @category alterations
 */
export const emptyBody: Fault = alter((reply) => ({ ...reply, body: "" }))

/**
 * The service's JSON behind so much white space that only a limit on the body stops it; 10 MB unless told.
 *
 * @since 0.1.0
 * @category alterations
 */
export const hugeBody = (bytes = 10_000_000): Fault =>
  alter((reply) => ({ ...reply, body: reply.body.padStart(bytes) }))

/**
 * A body that takes its time.
 *
 * @since 0.1.0
 * @category connections
 */
export const slow = (over: Duration.Input): Fault => ({ _tag: "Slow", over })

/**
 * A body of which half comes before the connection breaks.
 *
 * @since 0.1.0
 * @category connections
 */
export const cut: Fault = { _tag: "Cut" }

/**
 * A connection that is refused, so that the request never leaves; to the client of a real server it looks dropped.
 *
 * @since 0.1.0
 * @category connections
 */
export const refuse: Fault = { _tag: "Drop", code: "ECONNREFUSED", worked: false }

/**
 * A connection that breaks before the service has done anything, which the client can't know.
 *
 * @since 0.1.0
 * @category connections
 */
export const dropRequest: Fault = { _tag: "Drop", code: "UND_ERR_SOCKET", worked: false }

/**
 * A connection that breaks after the work was done: the job exists and its id is lost.
 *
 * @since 0.1.0
 * @category connections
 */
export const dropReply: Fault = { _tag: "Drop", code: "UND_ERR_SOCKET", worked: true }

/**
 * An answer that never comes.
 *
 * @since 0.1.0
 * @category connections
 */
export const hang: Fault = { _tag: "Hang" }

const later = (reply: Reply.Reply, after: Duration.Input | DateTime.DateTime | undefined): Reply.Reply => {
  if (after === undefined) return reply
  const retryAfter = DateTime.isDateTime(after)
    ? DateTime.toDateUtc(after).toUTCString()
    : `${Math.ceil(Duration.toSeconds(after))}`
  return { ...reply, headers: { ...reply.headers, "retry-after": retryAfter } }
}
