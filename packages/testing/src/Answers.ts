/**
 * What an adapter makes of its service's answers, one by one.
 *
 * @since 0.1.0
 */
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import type * as Remedy from "@media-jobs/core/Remedy"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as Emulator from "./Emulator.ts"
import * as Faults from "./Faults.ts"
import * as law from "./internal/law.ts"
import type * as Laws from "./Laws.ts"
import * as Reply from "./Reply.ts"

/**
 * A page of the web, as what stands between sends it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const page = (title: string): string =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body></body></html>`

/** What an answer may be given to, as the emulator names it. */
type Operation = NonNullable<NonNullable<Emulator.Options["faults"]>[number]["operation"]>

const reply = (
  status: number,
  body: Schema.Json,
  headers: Readonly<Record<string, string>> = {}
): Faults.Fault =>
  Faults.answer(
    typeof body === "string" ? { status, headers: { ...headers }, body } : Reply.json(status, body, { ...headers })
  )

/**
 * The emulator that gives one answer to everything, and a client of it; a text is a body as it stands.
 *
 * **Details**
 *
 * `others` are the answers to operations that have one of their own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (status: number, body: Schema.Json, { headers, others = [] }: {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly others?: ReadonlyArray<readonly [operation: Operation, status: number, body: Schema.Json]> | undefined
} = {}): Layer.Layer<Emulator.Emulator | Emulator.Kernel | HttpClient.HttpClient> =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({
        faults: [
          ...others.map(([operation, ...answer]) => ({ operation, fault: reply(...answer) })),
          { fault: reply(status, body, headers) }
        ]
      })
    )
  )

/**
 * A call with all the time that its retries and time-outs want, under `TestClock`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const timely: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = law.timely

/**
 * What a call of an adapter comes to where its service gives one answer to everything.
 *
 * @since 0.1.0
 * @category combinators
 */
export const to = <P, A, E, E2>(
  make: Effect.Effect<P, E, HttpClient.HttpClient>,
  call: (provider: P) => Effect.Effect<A, E2>,
  status: number,
  body: Schema.Json
): Effect.Effect<A, E | E2> =>
  Effect.provide(Effect.flatMap(make, (provider) => timely(call(provider))), layer(status, body))

/**
 * What an answer means to some operations, by the adapter's own names for them.
 *
 * **Details**
 *
 * `sent` is how often a request goes out for the answer; one unless a repeat is harmless and may help. An error that is the
 * adapter's own, about what it read, is `withoutStatus`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Row<Op extends string> {
  readonly of: ReadonlyArray<Op>
  readonly status: number
  readonly body: Schema.Json
  readonly tag: JobError.JobError["_tag"]
  readonly remedy: Remedy.Remedy["_tag"]
  readonly sent?: number | undefined
  readonly withoutStatus?: boolean | undefined
}

/**
 * Whether one answer means what its row says.
 *
 * @since 0.1.0
 * @category models
 */
export interface Check {
  readonly name: string
  readonly check: Effect.Effect<void, Laws.LawBroken>
}

/**
 * What errors may not show beside the token, and what is not counted.
 *
 * **Details**
 *
 * - `secrets`: ids, and accounts in their encoded forms. `account`: the one that requests name, which an uncertain submit has as a
 *   field, for programs.
 * - `uncounted`: operations of several requests at once, of which one that fails ends the others.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<Op extends string> {
  readonly secrets?: ReadonlyArray<string> | undefined
  readonly account?: string | undefined
  readonly uncounted?: ReadonlyArray<Op> | undefined
}

/**
 * A law for each row and each of its operations: tag, remedy and status of the error are those of the row, it shows no secret, and it
 * took as many requests as the row says.
 *
 * **Example** (In an adapter's tests)
 *
 * ```ts
 * const rows = [{ of: ["get"], status: 404, body: { error: "Job not found" }, tag: "NotFound", remedy: "None" }] as const
 *
 * for (const { check, name } of Answers.table(luma, { get: ({ get }) => get(id) }, rows, { secrets: [id] })) {
 *   it.effect(name, () => check)
 * }
 * ```
 *
 * @since 0.1.0
 * @category laws
 */
export const table = <P extends Provider.Identity, Op extends string>(
  make: Effect.Effect<P, unknown, HttpClient.HttpClient>,
  operations: { readonly [O in Op]: (provider: P) => Effect.Effect<unknown, JobError.JobError> },
  rows: ReadonlyArray<Row<Op>>,
  { account, secrets = [], uncounted = [] }: Options<Op> = {}
): ReadonlyArray<Check> =>
  rows.flatMap(({ body, of, remedy, sent = 1, status, tag, withoutStatus }) =>
    of.map((op) => {
      const shown = typeof body === "string" ? body : JSON.stringify(body)
      // A request's own account is a field of an uncertain submit.
      const own = account === undefined || tag === "SubmissionUncertain" ? [] : [account]
      const check = Effect.gen(function*() {
        const provider = yield* Effect.orDie(make)
        const error = yield* law.failure(op, operations[op](provider))
        const told = [error._tag, error.remedy._tag, error.status, error.provider]
        const expected = [tag, remedy, withoutStatus === true ? undefined : status, provider.id]
        yield* law.holds(
          told.every((one, i) => one === expected[i]),
          `It is ${told.join(", ")}, and should be ${expected.join(", ")}: ${error.message}`
        )
        const texts = [error.message, String(error), JSON.stringify(error)]
        for (const secret of [Emulator.token, ...own, ...secrets]) yield* law.hides(secret, [], texts)
        const count = yield* (yield* Emulator.Kernel).count()
        yield* law.holds(uncounted.includes(op) || count === sent, `It took ${count} requests, and should ${sent}`)
      })
      return { name: `${op}: ${status} ${shown} is ${tag}`, check: Effect.provide(check, layer(status, body)) }
    })
  )
