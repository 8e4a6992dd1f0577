/**
 * The ledger of submits in a key-value store.
 *
 * @since 0.1.0
 */
import { Handle } from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Mutex from "@media-jobs/core/Mutex"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Sha256 from "@media-jobs/core/Sha256"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Schema from "effect/Schema"

/** A value as it is stored, and what is left of it where it was cut short. */
const stored = <S extends Schema.Codec<unknown, unknown>>(schema: S) => {
  const read = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.toCodecJson(schema)))
  return {
    // Jobs and times write themselves as their schemas read them, in a third of the time that these take.
    write: (value: S["Type"]): string => JSON.stringify(value),
    read: (found: string | undefined): S["Type"] | undefined =>
      found === undefined ? undefined : Option.getOrUndefined(read(found))
  }
}
const Ended = Schema.Struct({ id: JobId, job: Schema.optionalKey(Job.Job) })
const intentText = stored(Ledger.Intent)
const idsText = stored(Schema.NonEmptyArray(JobId))
const doneText = stored(Schema.Array(Ended))
const pastText = stored(Schema.Struct({ intent: Ledger.Intent, done: Schema.Array(Ended) }))

/** How long a key of the application's own is known at least once its submit is done; it may be twice as long. */
const week = 7 * 24 * 3_600_000

const encoder = /* @__PURE__ */ new TextEncoder()
/** A key as a part of a name: a store may fold the case of names. */
const nameOf = (key: string): string => Hex.encode(Sha256.digest(encoder.encode(key)).subarray(0, 16))

/** A submit that is not done yet, and where its ids are in the store. */
type Open = Omit<Ledger.Entry, "done"> & { readonly name: string; readonly done: Map<JobId, Job.Job | undefined> }

/** Writes, looks for and removes a key, so that a store that can't hold a submit is found out before one is paid. */
const attempt = Effect.fnUntraced(function*(store: KeyValueStore.KeyValueStore, key: string) {
  const names = yield* Effect.mapError(
    Effect.tap(Effect.andThen(store.set(key, "1"), store.keys), () => store.remove(key)),
    (cause) => new Ledger.LedgerUnavailable({ cause, detail: reasonOf(cause) })
  )
  // One that is not listed yet tells nothing.
  if (names.includes(key) || !names.some((name) => name.toLowerCase() === key.toLowerCase())) return
  const detail =
    "It gives keys back in another case than they were written in: give a prefix in lower case, or a store that keeps it."
  return yield* Effect.fail(new Ledger.LedgerUnavailable({ cause: detail, detail }))
})

/** What the platform said, which names the file. */
const reasonOf = ({ cause, message }: KeyValueStore.KeyValueStoreError): string => {
  const said = cause instanceof Error ? cause.message : ""
  return said === "" ? message : said
}

/**
 * A ledger in the given store, under keys that begin with `prefix` (`media-jobs/`).
 *
 * **Details**
 *
 * Each submit has three keys at most: its intent, written before the request; its ids, after; those of them that are done.
 * No key is written over while it is the only one that knows something, so a process may die at any point: an intent cut
 * short was never sent, ids cut short leave their submit uncertain, and a mark cut short has a job waited for again.
 *
 * Once a submit under a key of the application's own is done, one more keeps it, with its jobs as they ended, for one to two
 * weeks: the same key is then no second payment.
 *
 * The store is tried first: one that can't be written, and one that changes the case of a prefix, fails with
 * `LedgerUnavailable`.
 *
 * **Gotchas**
 *
 * One process at a time may write under one prefix, since a `KeyValueStore` can't create a key only where there is none: two
 * that submit under one key at the same moment pay twice. The store holds ids and with them e-mail addresses; its keys do not.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  options?: { readonly prefix?: string | undefined }
): Effect.fn.Return<Ledger.Ledger, Ledger.LedgerUnavailable, KeyValueStore.KeyValueStore> {
  const whole = yield* KeyValueStore.KeyValueStore
  const prefix = options?.prefix ?? "media-jobs/"
  // Where each request makes its own, the store was tried by the first.
  if (!Runtime.isolatesRequests()) yield* attempt(whole, `${prefix}attempt`)
  const store = KeyValueStore.prefix(whole, prefix)
  const exclusively = yield* Mutex.make
  const [intents, ids, dones, pasts] = ["intent/", "ids/", "done/", "past/"]

  /** What is not done yet, as far as it came by: what is missing is found by reading the store once more. */
  const open = new Map<string, Open>()
  let swept: number | undefined

  const guarded = <A>(effect: Effect.Effect<A, KeyValueStore.KeyValueStoreError>) =>
    Effect.mapError(exclusively(effect), (cause) => new Ledger.LedgerUnavailable({ cause }))

  /** The intent goes first: what it leaves behind, the next `resume` sweeps away. */
  const strike = (name: string, kinds = [intents, ids, dones]) =>
    Effect.forEach(kinds, (kind) => store.remove(kind + name), { discard: true })

  const thisWeek = Effect.map(Clock.currentTimeMillis, (now) => Math.floor(now / week))
  const pastName = (week: number, name: string) => `${pasts}${week}/${name}`

  /** Removes what was done before the last week, once a week. */
  const sweep = (names: Iterable<string>, now: number) =>
    Effect.suspend(() => {
      swept = now
      const isOld = (name: string) => name.startsWith(pasts) && Number(name.split("/")[1]) < now - 1
      return Effect.forEach(Array.from(names).filter(isOld), store.remove, { discard: true })
    })

  const entryOf = Effect.fnUntraced(function*(name: string, intent: Ledger.Intent) {
    const [submitted, ended] = [
      idsText.read(yield* store.get(ids + name)),
      doneText.read(yield* store.get(dones + name))
    ]
    const done = new Map(ended?.map(({ id, job }) => [id, job]))
    const entry: Open = { name, intent, handles: submitted?.map((id) => handleOf(intent, id)), done }
    entry.handles?.forEach((handle) => open.set(jobOf(handle), entry))
    return entry
  })

  const entries = Effect.gen(function*() {
    const found: Array<Open> = []
    const names = yield* store.keys
    for (const full of names) {
      const [, kind, name] = /^(intent|ids|done)\/(.+)$/.exec(full) ?? []
      if (kind === undefined || name === undefined) continue
      if (kind !== "intent") {
        if (!(yield* store.has(intents + name))) yield* store.remove(full)
        continue
      }
      const intent = intentText.read(yield* store.get(full))
      if (intent !== undefined) found.push(yield* entryOf(name, intent))
      // Cut short, it was never sent. With ids beside it, it is of a release that writes more than this one reads.
      else if (yield* store.has(ids + name)) {
        yield* Effect.logWarning("The ledger holds a submit that can't be read here")
      } else yield* strike(name)
    }
    yield* sweep(names, yield* thisWeek)
    return found.sort((a, b) => a.intent.submittedAt.epochMilliseconds - b.intent.submittedAt.epochMilliseconds)
  })

  return {
    intend: (asked) =>
      guarded(Effect.gen(function*() {
        // A burst of submits waits here, each for those before it.
        const intent = yield* Ledger.asOfNow(asked)
        const now = yield* thisWeek
        if (swept !== undefined && swept < now) yield* sweep(yield* store.keys, now)
        yield* store.set(intents + nameOf(intent.key), intentText.write(intent))
        return intent
      })),
    submitted: (intent, submitted) => {
      const name = nameOf(intent.key)
      return Effect.tap(
        guarded(store.set(ids + name, idsText.write(submitted))),
        () =>
          Effect.sync(() => {
            const entry = { name, intent, handles: submitted.map((id) => handleOf(intent, id)), done: new Map() }
            for (const handle of entry.handles) open.set(jobOf(handle), entry)
          })
      )
    },
    refused: ({ key, submittedAt }) =>
      guarded(Effect.gen(function*() {
        const name = nameOf(key)
        const there = intentText.read(yield* store.get(intents + name))
        // What was read a while ago may have been refused since, and its key submitted again; or its jobs are known by now.
        if (there !== undefined && !Equal.equals(there.submittedAt, submittedAt)) return
        if (idsText.read(yield* store.get(ids + name)) === undefined) yield* strike(name)
      })),
    done: (handle, job) =>
      guarded(Effect.gen(function*() {
        const { id } = handle
        if (!open.has(jobOf(handle))) yield* entries
        const entry = open.get(jobOf(handle))
        if (entry === undefined) return
        const { done, handles = [], intent, name } = entry
        done.set(id, job)
        const told = Array.from(done, ([id, job]) => ({ id, ...(job === undefined ? undefined : { job: bare(job) }) }))
        if (done.size < handles.length) return yield* store.set(dones + name, doneText.write(told))
        // What the application may ask for again is kept before the rest goes.
        if (intent.digest !== undefined) {
          yield* store.set(pastName(yield* thisWeek, name), pastText.write({ intent, done: told }))
        }
        // Of one job alone, nothing was ever marked.
        yield* handles.length === 1 ? strike(name, [intents, ids]) : strike(name)
        for (const handle of handles) open.delete(jobOf(handle))
      })),
    find: (key) =>
      guarded(Effect.gen(function*() {
        const name = nameOf(key)
        const intent = intentText.read(yield* store.get(intents + name))
        if (intent !== undefined) return yield* entryOf(name, intent)
        const now = yield* thisWeek
        for (const week of [now, now - 1]) {
          const past = pastText.read(yield* store.get(pastName(week, name)))
          if (past === undefined) continue
          const { done, intent } = past
          return {
            intent,
            handles: done.map(({ id }) => handleOf(intent, id)),
            done: new Map(done.map(({ id, job }) => [id, job]))
          }
        }
        return undefined
      })),
    known: (asked) =>
      guarded(Effect.gen(function*() {
        if (asked.length === 0) return new Set()
        const held = new Set((yield* entries).flatMap(({ handles = [] }) => handles.map(({ id }) => id)))
        const known = new Set(asked.filter((id) => held.has(id)))
        for (const name of yield* store.keys) {
          if (!name.startsWith(pasts)) continue
          const past = pastText.read(yield* store.get(name))
          for (const { id } of past?.done ?? []) if (asked.includes(id)) known.add(id)
        }
        return known
      })),
    resume: guarded(Effect.map(entries, Ledger.unfinished))
  }
})

/** What a service's own record holds is the application's, and may be of any size. */
const bare = (job: Job.Job): Job.Job => job.raw === undefined ? job : Job.fromValid({ ...job, raw: undefined })

/** Two services, or two instances of one, may give two jobs the same id. */
const jobOf = ({ id, instance, provider }: Handle): string => JSON.stringify([provider, instance, id])

const handleOf = ({ instance, provider, reference, submittedAt }: Ledger.Intent, id: JobId): Handle =>
  new Handle({
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
): Layer.Layer<never, Ledger.LedgerUnavailable, KeyValueStore.KeyValueStore> =>
  Layer.effect(Ledger.Ledger, make(options))

/**
 * The application's ledger in memory: for tests, and for `resume` within one process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<never> = Layer.orDie(Layer.provide(layer(), KeyValueStore.layerMemory))
