import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Sink from "@media-jobs/artifacts/Sink"
import * as StoredLedger from "@media-jobs/ledger/StoredLedger"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as MediaJobs from "media-jobs/MediaJobs"

export const providers = { luma: Luma.Luma, replicate: Replicate.Replicate }

export class Media extends MediaJobs.Service<Media>()("test/Media", providers) {}

const token = Redacted.make(Emulator.token)

/** The adapters over an emulator in memory. */
export const adaptersAt = (options?: Emulator.Options) =>
  Layer.mergeAll(
    Luma.layer({ token, requestsPerSecond: 1e6 }),
    Replicate.layer({ token, requestsPerSecond: 1e6 })
  ).pipe(
    Layer.provideMerge(Emulator.layerClient),
    Layer.provideMerge(Emulator.layer(options))
  )
export const adapters = adaptersAt()

/** A machine: what outlives a process, which is its files and its ledger. */
export const machine = () => ({ files: new Map<string, Uint8Array>(), entries: new Map<string, string>() })
export type Machine = ReturnType<typeof machine>

const storeOf = (map: Map<string, string>) =>
  KeyValueStore.makeStringOnly({
    get: (key) => Effect.sync(() => map.get(key)),
    set: (key, value) => Effect.sync(() => void map.set(key, value)),
    remove: (key) => Effect.sync(() => void map.delete(key)),
    clear: Effect.sync(() => map.clear()),
    size: Effect.sync(() => map.size),
    keys: Effect.sync(() => [...map.keys()])
  })

export const ledger = ({ entries }: Machine) =>
  Layer.provide(StoredLedger.layer(), Layer.succeed(KeyValueStore.KeyValueStore, storeOf(entries)))

const textOf = (text: string) => new TextEncoder().encode(text)
const joined = (...all: ReadonlyArray<Uint8Array>) => new Uint8Array(all.flatMap((bytes) => [...bytes]))

/** A sink in memory: the time of a test goes by faster than a disk works. */
const sinkOf = ({ files }: Machine): Sink.Sink["Service"] => {
  const read = (name: string) => files.get(name) ?? new Uint8Array()
  return {
    size: (name) => Effect.sync(() => files.get(name)?.length),
    read: (name) => Stream.sync(() => read(name)),
    write: (name, text) => Effect.sync(() => void files.set(name, textOf(text))),
    append: (name, text) => Effect.sync(() => void files.set(name, joined(read(name), textOf(text)))),
    remove: (name) => Effect.sync(() => void files.delete(name)),
    open: () =>
      Effect.sync(() => {
        let bytes = new Uint8Array()
        return {
          kept: 0,
          read: Stream.empty,
          write: (more) => Effect.sync(() => void (bytes = joined(bytes, more))),
          restart: Effect.sync(() => void (bytes = new Uint8Array())),
          commit: (name) => Effect.sync(() => void files.set(name, bytes))
        }
      }),
    locate: (name) => `memory:${name}`
  }
}

export const store = (machine: Machine) =>
  Layer.provide(ArtifactStore.layerSink(), Layer.succeed(Sink.Sink, sinkOf(machine)))

/** One process of a machine, from its start to its end; the emulator outlives it. */
export const process = <E = never, R = never>(
  machine: Machine,
  options?: MediaJobs.Options<typeof providers, E, R>
) => {
  const live = Layer.provideMerge(Media.layer(options), Layer.merge(ledger(machine), store(machine)))
  return <A, E2, R2>(effect: Effect.Effect<A, E2, R2>) => Effect.provide(effect, live, { local: true })
}

/** What the ledger holds of submits that are not done. */
export const unfinished = ({ entries }: Machine): ReadonlyArray<string> =>
  Array.from(entries.keys()).filter((name) => !name.includes("past/"))

/** Lets time pass until an effect is done. */
export const passing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    for (let i = 0; i < 7200 && fiber.pollUnsafe() === undefined; i++) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })
