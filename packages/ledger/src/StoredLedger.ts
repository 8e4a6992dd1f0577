/**
 * The ledger of submits in a key-value store.
 *
 * @since 0.1.0
 */
import * as Handle from "@media-jobs/core/Handle"
import { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Mutex from "@media-jobs/core/Mutex"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Schema from "effect/Schema"

const IntentText = Schema.fromJsonString(Schema.toCodecJson(Ledger.Intent))
const IdsText = Schema.fromJsonString(Schema.Array(JobId))
const writeIntent = Schema.encodeSync(IntentText)
const writeIds = Schema.encodeSync(IdsText)
const readIntent = Schema.decodeUnknownOption(IntentText)
const readIds = Schema.decodeUnknownOption(IdsText)

/**
 * A ledger in the given store, under keys that begin with `prefix` (`media-jobs/`).
 *
 * **Details**
 *
 * Each submit has three keys at most: its intent, written before the request; its ids, after; those of them that are done.
 * No key is written over while it is the only one that knows something, so a process may die at any point: an intent cut
 * short was never sent, ids cut short leave their submit uncertain, and a mark cut short has a job waited for again.
 *
 * **Gotchas**
 *
 * One process at a time may write under one prefix. The store holds ids and with them e-mail addresses; its keys do not.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options?: { readonly prefix?: string | undefined }
): Effect.fn.Return<Ledger.Ledger, never, KeyValueStore.KeyValueStore> {
  const store = KeyValueStore.prefix(yield* KeyValueStore.KeyValueStore, options?.prefix ?? "media-jobs/")
  const exclusively = yield* Mutex.make
  const [intents, ids, dones] = ["intent/", "ids/", "done/"] as const

  /** Where a job stands, as far as it came by: what is missing is found by reading the store once more. */
  const keys = new Map<JobId, string>()

  const guarded = <A>(effect: Effect.Effect<A, KeyValueStore.KeyValueStoreError>) =>
    Effect.mapError(exclusively(effect), (cause) => new Ledger.LedgerUnavailable({ cause }))

  const read = (key: string): Effect.Effect<ReadonlyArray<JobId> | undefined, KeyValueStore.KeyValueStoreError> =>
    Effect.map(store.get(key), (text) => Option.getOrUndefined(readIds(text)))

  /** The intent goes first: what it leaves behind, the next `resume` sweeps away. */
  const strike = (key: string) =>
    Effect.forEach([intents, ids, dones], (kind) => store.remove(kind + key), { discard: true })

  const unfinished = Effect.gen(function*() {
    const found: Array<{ readonly intent: Ledger.Intent; readonly open: ReadonlyArray<JobId> | undefined }> = []
    for (const name of yield* store.keys) {
      const [, kind, key] = /^(intent|ids|done)\/(.+)$/.exec(name) ?? []
      if (kind === undefined || key === undefined) continue
      if (kind !== "intent") {
        if (!(yield* store.has(intents + key))) yield* store.remove(name)
        continue
      }
      const intent = readIntent(yield* store.get(name))
      if (Option.isNone(intent)) {
        // Cut short, it was never sent. With ids beside it, it is of a release that writes more than this one reads.
        if (yield* store.has(ids + key)) yield* Effect.logWarning("The ledger holds a submit that can't be read here")
        else yield* strike(key)
        continue
      }
      const submitted = yield* read(ids + key)
      const done = (yield* read(dones + key)) ?? []
      submitted?.forEach((id) => keys.set(id, key))
      found.push({ intent: intent.value, open: submitted?.filter((id) => !done.includes(id)) })
    }
    return found.sort((a, b) => a.intent.submittedAt.epochMilliseconds - b.intent.submittedAt.epochMilliseconds)
  })

  return {
    intend: (intent) => guarded(store.set(intents + intent.key, writeIntent(intent))),
    submitted: (intent, submitted) =>
      Effect.tap(
        guarded(store.set(ids + intent.key, writeIds(submitted))),
        () => Effect.sync(() => submitted.forEach((id) => keys.set(id, intent.key)))
      ),
    refused: (intent) => guarded(strike(intent.key)),
    done: ({ id }) =>
      guarded(Effect.gen(function*() {
        if (!keys.has(id)) yield* unfinished
        const key = keys.get(id)
        if (key === undefined) return
        keys.delete(id)
        const submitted = yield* read(ids + key)
        if (submitted === undefined) return
        const done = new Set(yield* read(dones + key)).add(id)
        if (submitted.every((id) => done.has(id))) yield* strike(key)
        else yield* store.set(dones + key, writeIds([...done]))
      })),
    resume: guarded(Effect.map(unfinished, (found) => ({
      handles: found.flatMap(({ intent, open }) => (open ?? []).map((id) => handleOf(intent, id))),
      uncertain: found.flatMap(({ intent, open }) => open === undefined ? [intent] : [])
    })))
  }
})

const handleOf = ({ instance, provider, reference, submittedAt }: Ledger.Intent, id: JobId): Handle.Handle =>
  new Handle.Handle({
    provider,
    instance,
    id,
    submittedAt,
    ...(reference === undefined ? undefined : { reference })
  })

/**
 * The application's ledger in its `KeyValueStore`.
 *
 * **When to use**
 *
 * Use with a store that outlives the process, such as `KeyValueStore.layerFileSystem`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: { readonly prefix?: string | undefined }
): Layer.Layer<never, never, KeyValueStore.KeyValueStore> => Layer.effect(Ledger.Ledger, make(options))

/**
 * The application's ledger in memory: for tests, and for `resume` within one process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<never> = Layer.provide(layer(), KeyValueStore.layerMemory)
