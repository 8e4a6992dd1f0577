/**
 * What finds a job again after a restart.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { NodeInspectSymbol } from "effect/Inspectable"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import { fnv1a } from "./internal/fnv1a.ts"
import { InvalidHandle } from "./internal/invalidHandle.ts"
import * as Shown from "./internal/shown.ts"
import * as JobId from "./JobId.ts"
import { Instance, ProviderId } from "./ProviderId.ts"

/**
 * Where a job runs, its id, and when it was submitted under which reference: all that any process needs to wait for it.
 *
 * **When to use**
 *
 * Keep `Handle.toText(handle)` in a database column, a queue message or an environment variable, and give what
 * `Handle.fromText` makes of it to `Poller` or `Providers` in any later process.
 *
 * **Gotchas**
 *
 * The text hides the id from a glance, not from a reader: keep it as private as the id.
 *
 * @since 0.1.0
 * @category models
 */
export class Handle extends Schema.Class<Handle>("@media-jobs/core/Handle")({
  provider: ProviderId,
  instance: Instance,
  id: JobId.JobId,
  submittedAt: Schema.DateTimeUtc,
  reference: Schema.optionalKey(Schema.String)
}) {
  [symbolRedactable](): unknown {
    return Shown.handle(this)
  }

  [NodeInspectSymbol](): unknown {
    return Shown.handle(this)
  }

  override toString(): string {
    return `Handle(${JobId.fingerprint(this.id)} ${this.provider})`
  }
}

export {
  /**
   * A text that is no handle, or one that these programs can't use.
   *
   * **Details**
   *
   * `foreign`: not a handle at all, or of a provider that is not at hand; `version`: of a newer release; `corrupt`: cut or
   * changed on its way.
   *
   * @since 0.1.0
   * @category errors
   */
  InvalidHandle
} from "./internal/invalidHandle.ts"

/** Made on use: a bundler drops it from a program that reads and writes no handle. */
const payloadCodec = () =>
  Schema.StringFromBase64Url.pipe(
    Schema.decodeTo(Schema.fromJsonString(Schema.Tuple([
      ProviderId,
      Instance,
      JobId.JobId,
      Schema.DateTimeUtcFromMillis,
      Schema.optionalKey(Schema.String)
    ])))
  )

/**
 * A handle as a short text of letters, digits, `-`, `_` and dots.
 *
 * **Example** (There and back)
 *
 * ```ts import.meta.vitest
 * import * as Handle from "@media-jobs/core/Handle"
 * import * as JobId from "@media-jobs/core/JobId"
 * import * as ProviderId from "@media-jobs/core/ProviderId"
 * import * as DateTime from "effect/DateTime"
 * import * as Effect from "effect/Effect"
 *
 * const handle = new Handle.Handle({
 *   provider: ProviderId.make("acme"),
 *   instance: ProviderId.defaultInstance,
 *   id: JobId.make("j1"),
 *   submittedAt: DateTime.makeUnsafe("2026-03-26T14:05:30.123Z")
 * })
 * const text = Handle.toText(handle)
 * text // => "mj1.WyJhY21lIiwiZGVmYXVsdCIsImoxIiwxNzc0NTMzOTMwMTIzXQ.9e174aae"
 * Effect.runSync(Handle.fromText(text)) // => handle
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const toText = (handle: Handle): string => {
  const payload = Schema.encodeSync(payloadCodec())([
    handle.provider,
    handle.instance,
    handle.id,
    handle.submittedAt,
    ...(handle.reference === undefined ? [] as const : [handle.reference] as const)
  ])
  return `mj1.${payload}.${fnv1a(payload)}`
}

/**
 * The handle that a text holds.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromText = /* @__PURE__ */ Effect.fnUntraced(
  function*(text: string): Effect.fn.Return<Handle, InvalidHandle> {
    const [, version, payload, sum] = /^mj(\d+)\.([\w-]+)\.([0-9a-f]{8})$/.exec(text) ?? []
    if (version === undefined || payload === undefined) {
      return yield* new InvalidHandle({ reason: /^mj\d+\./.test(text) ? "corrupt" : "foreign" })
    }
    if (version !== "1") return yield* new InvalidHandle({ reason: "version" })
    if (sum !== fnv1a(payload)) return yield* new InvalidHandle({ reason: "corrupt" })
    const [provider, instance, id, submittedAt, reference] = yield* Effect.mapError(
      Schema.decodeUnknownEffect(payloadCodec())(payload),
      () => new InvalidHandle({ reason: "corrupt" })
    )
    return new Handle({ provider, instance, id, submittedAt, ...(reference === undefined ? undefined : { reference }) })
  }
)
