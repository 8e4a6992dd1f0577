import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import type * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as StoredLedger from "@media-jobs/ledger/StoredLedger"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as TestClock from "effect/testing/TestClock"
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const draft = { provider: ProviderId.make("p"), instance: ProviderId.defaultInstance, reference: "r" } as const
const ids = [JobId.make("j1-user@example.com"), JobId.make("j2-user@example.com")] as const

/** A store over a map, which dies before, or in the middle of, its nth write. */
const mortal = (
  map: Map<string, string>,
  dies: { readonly at: number; readonly torn: boolean } = { at: 0, torn: false }
) => {
  let writes = 0
  const write = (act: () => void, torn: () => void) =>
    Effect.suspend(() => {
      if (++writes !== dies.at) return Effect.sync(act)
      if (dies.torn) torn()
      return Effect.die("killed")
    })
  return KeyValueStore.makeStringOnly({
    get: (key) => Effect.sync(() => map.get(key)),
    set: (key, value) =>
      write(() => void map.set(key, value), () => void map.set(key, value.slice(0, value.length / 2))),
    remove: (key) => write(() => void map.delete(key), () => undefined),
    clear: Effect.sync(() => map.clear()),
    size: Effect.sync(() => map.size),
    keys: Effect.sync(() => [...map.keys()])
  })
}
const process = (map: Map<string, string>, dies?: { readonly at: number; readonly torn: boolean }) =>
  Effect.provideService(StoredLedger.make(), KeyValueStore.KeyValueStore, mortal(map, dies))

/** All but what is kept of submits that are done. */
const unfinishedNames = (map: Map<string, string>) => [...map.keys()].filter((name) => !name.includes("past/"))

describe("StoredLedger", () => {
  it.effect("gives a later process every job that is not done", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const first = yield* process(map)
      const submission = yield* Effect.provideService(
        Ledger.submit(draft, () => Effect.succeed({ ids })),
        Ledger.Ledger,
        first
      )
      yield* first.done(submission.handles[0])

      const second = yield* process(map)
      const { handles, uncertain } = yield* second.resume
      assert.deepStrictEqual(handles.map((handle) => handle.id), [ids[1]])
      assert.deepStrictEqual(handles, submission.handles.slice(1))
      assert.deepStrictEqual(uncertain, [])
      for (const handle of handles) yield* second.done(handle)
      assert.strictEqual(map.size, 0)
    }))

  it.effect("lets each of a burst of submits go out, and dates it by when its own turn came", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const quick = mortal(map)
      const slow = { ...quick, set: (key: string, value: string) => Effect.delay(quick.set(key, value), "1 second") }
      const making = yield* Effect.forkChild(
        Effect.provideService(StoredLedger.make(), KeyValueStore.KeyValueStore, slow)
      )
      yield* TestClock.adjust("1 second")
      const ledger = yield* Fiber.join(making)
      const submit = Ledger.submit(draft, () => Effect.succeed({ ids: [ids[0]] }))
      const burst = yield* Effect.forkChild(
        Effect.provideService(Effect.replicateEffect(submit, 30, { concurrency: 30 }), Ledger.Ledger, ledger)
      )
      yield* TestClock.adjust("2 minutes")
      const submissions = yield* Fiber.join(burst)
      assert.deepStrictEqual(
        submissions.map(({ submittedAt }) => submittedAt.epochMilliseconds),
        Array.from({ length: 30 }, (_, index) => (1 + index) * 1000)
      )
      const { entries } = yield* ledger.resume
      assert.deepStrictEqual(
        entries.map(({ intent }) => intent.submittedAt),
        submissions.map(({ submittedAt }) => submittedAt)
      )
    }))

  for (const restarted of [false, true]) {
    it.effect(`is told by a lost submit's error what became of it${restarted ? ", in a later process too" : ""}`, () =>
      Effect.gen(function*() {
        const map = new Map<string, string>()
        const first = yield* process(map)
        const lost = (key?: string) =>
          Ledger.submit(
            draft,
            (sending) => Effect.fail(new JobError.SubmissionUncertain({ ...sending, operation: "submit", status: 521 }))
          ).pipe(
            Effect.flip,
            Effect.map((error) => error._tag === "SubmissionUncertain" ? error : assert.fail(error._tag)),
            Effect.provideService(Ledger.Ledger, first),
            key === undefined ? identity : Effect.provideService(Ledger.Key, { key, digest: "d" })
          )
        const [none, found, named] = [yield* lost(), yield* lost(), yield* lost("order 1")]
        assert.strictEqual(named.key, "order 1")
        const ledger = restarted ? yield* process(map) : first
        const settle = (error: Parameters<typeof Ledger.settle>[0], ids: ReadonlyArray<JobId.JobId>) =>
          Effect.provideService(Ledger.settle(error, ids), Ledger.Ledger, ledger)
        assert.strictEqual((yield* ledger.resume).uncertain.length, 3)
        yield* settle(none, [])
        yield* settle(found, ids)
        yield* settle(named, [ids[0]])
        const { handles, uncertain } = yield* ledger.resume
        assert.deepStrictEqual(uncertain, [])
        assert.deepStrictEqual(handles.map(({ id }) => id), [...ids, ids[0]])
        // What is known stays, whatever comes late, and there is nothing to tell of what no ledger knew.
        yield* settle(found, [])
        yield* settle(none, ids)
        yield* settle({}, [])
        assert.strictEqual((yield* ledger.resume).handles.length, 3)
        assert.strictEqual((yield* ledger.find("order 1"))?.intent.digest, "d")
      }))
  }

  it.effect("is done by a process that never asked what to resume", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const submission = yield* Effect.provideService(
        Ledger.submit(draft, () => Effect.succeed({ ids })),
        Ledger.Ledger,
        yield* process(map)
      )
      const second = yield* process(map)
      for (const handle of submission.handles) yield* second.done(handle)
      yield* second.done(submission.handles[0])
      assert.strictEqual(map.size, 0)
    }))

  it.effect("holds a submit whose reply was lost until what became of it is said", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const ledger = yield* process(map)
      const lost = new JobError.SubmissionUncertain({
        ...draft,
        operation: "submit",
        submittedAt: DateTime.makeUnsafe(0)
      })
      const submit = Effect.provideService(Ledger.submit(draft, () => Effect.fail(lost)), Ledger.Ledger, ledger)
      yield* Effect.flip(submit)
      yield* Effect.flip(submit)
      const { handles, uncertain } = yield* ledger.resume
      assert.strictEqual(handles.length, 0)
      assert.deepStrictEqual(uncertain.map((intent) => intent.reference), ["r", "r"])
      const [found, nothing] = uncertain
      if (found !== undefined) yield* ledger.submitted(found, ids)
      if (nothing !== undefined) yield* ledger.refused(nothing)
      assert.strictEqual((yield* ledger.resume).handles.length, 2)
      assert.strictEqual((yield* ledger.resume).uncertain.length, 0)
    }))

  it.effect("refuses the one submit that it is told of, not a later one under its key", () =>
    Effect.gen(function*() {
      const ledger = yield* process(new Map())
      const asked = (key: string) =>
        new Ledger.Intent({ ...draft, key, digest: "d", submittedAt: DateTime.makeUnsafe(0) })
      const first = yield* ledger.intend(asked("k"))
      yield* ledger.intend(asked("l"))
      yield* ledger.refused(first)
      yield* TestClock.adjust("1 second")
      const second = yield* ledger.intend(asked("k"))
      yield* ledger.refused(first)
      assert.strictEqual((yield* ledger.find("k"))?.intent.submittedAt.epochMilliseconds, 1000)
      yield* ledger.submitted(second, ids)
      yield* ledger.refused(first)
      yield* ledger.refused(asked("none"))
      assert.strictEqual((yield* ledger.resume).handles.length, 2)
      assert.deepStrictEqual((yield* ledger.resume).uncertain.map(({ key }) => key), ["l"])
    }))

  it.effect("refuses no submit of which it knows the jobs", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const ledger = yield* process(map)
      const intent = yield* ledger.intend(
        new Ledger.Intent({ ...draft, key: "k", digest: "d", submittedAt: DateTime.makeUnsafe(1) })
      )
      yield* ledger.submitted(intent, ids)
      // What settles by what it read before that comes late.
      yield* ledger.refused(intent)
      assert.strictEqual((yield* ledger.find("k"))?.handles?.length, 2)
      assert.strictEqual((yield* (yield* process(map)).resume).handles.length, 2)
    }))

  it.effect("tells apart jobs of two services that have one id", () =>
    Effect.gen(function*() {
      const ledger = yield* process(new Map())
      const submit = (provider: string, instance: ProviderId.Instance) =>
        Effect.map(
          Ledger.submit(
            { ...draft, provider: ProviderId.make(provider), instance },
            () => Effect.succeed({ ids: [JobId.make("1")] })
          ).pipe(Effect.provideService(Ledger.Ledger, ledger)),
          ({ handles }) => handles[0]
        )
      const [p, q, other] = [
        yield* submit("p", ProviderId.defaultInstance),
        yield* submit("q", ProviderId.defaultInstance),
        yield* submit("p", ProviderId.Instance.make("other"))
      ]
      for (const [handle, left] of [[p, [q, other]], [other, [q]], [q, []]] as const) {
        yield* ledger.done(handle)
        assert.sameDeepMembers((yield* ledger.resume).handles.slice(), left.slice())
      }
    }))

  it.effect("killed at any write, whole or torn, it loses no job that runs and pays for none twice", () =>
    Effect.gen(function*() {
      let [deaths, at] = [0, 0]
      const cases = [true, false].flatMap((torn) =>
        [undefined, { key: "k", digest: "d" }].map((key) => ({ torn, key }))
      )
      while (at++ < 20) {
        for (const { key, torn } of cases) {
          const map = new Map<string, string>()
          let posts = 0
          const post = Effect.sync(() => {
            posts++
            return { ids }
          })
          const life = yield* Effect.exit(Effect.gen(function*() {
            const ledger = yield* process(map, { at, torn })
            const submission = yield* Ledger.submit(draft, () => post).pipe(
              Effect.provideService(Ledger.Key, key),
              Effect.provideService(Ledger.Ledger, ledger)
            )
            for (const handle of submission.handles) yield* ledger.done(handle)
          }))
          if (Exit.isSuccess(life)) {
            assert.deepStrictEqual(unfinishedNames(map), [])
            continue
          }
          deaths++
          const heir = yield* process(map)
          const { handles, uncertain } = yield* heir.resume
          const known = handles.length > 0 || uncertain.length > 0
          // What was sent is known, unless all of it was done; what was not sent is at most an intent to ask about.
          assert.isTrue(posts === 0 ? handles.length === 0 : known || at > 5, `write ${at}, torn ${torn}`)
          assert.isAtMost(posts, 1)
          for (const handle of handles) yield* heir.done(handle)
          for (const intent of uncertain) yield* heir.refused(intent)
          yield* heir.resume
          assert.deepStrictEqual(unfinishedNames(map), [])
          // The same key again is no second payment, unless nothing was sent.
          if (key !== undefined && handles.length > 0) assert.isDefined(yield* heir.find("k"))
        }
      }
      // Two more than a submit needs: the store is tried first.
      assert.strictEqual(deaths, 2 * (8 + 9))
    }))

  it.effect("forgets none of a batch whose ids could not be written, nor what a later release wrote", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const ledger = yield* process(map)
      const intent = yield* ledger.intend(
        new Ledger.Intent({ ...draft, key: "1", submittedAt: DateTime.makeUnsafe(0) })
      )
      const [handle] = (yield* Ledger.submit(draft, () => Effect.succeed({ ids }))).handles
      yield* ledger.done(handle)
      assert.strictEqual((yield* ledger.resume).uncertain.length, 1)

      yield* ledger.submitted(intent, ids)
      const [name] = [...map.keys()].filter((key) => key.includes("intent/"))
      if (name !== undefined) map.set(name, JSON.stringify({ of: "a later release" }))
      yield* Effect.provide(ledger.resume, Logger.layer([]))
      assert.strictEqual(map.size, 2)
    }))

  it.effect("keeps two prefixes apart, and no id in a key", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const store = mortal(map)
      const ledger = (prefix: string) =>
        Effect.provideService(StoredLedger.make({ prefix }), KeyValueStore.KeyValueStore, store)
      const [a, b] = [yield* ledger("a/"), yield* ledger("b/")]
      yield* Effect.provideService(Ledger.submit(draft, () => Effect.succeed({ ids })), Ledger.Ledger, a)
      assert.strictEqual((yield* b.resume).handles.length, 0)
      assert.isTrue([...map.keys()].every((key) => !key.includes("@")))
    }))

  it.effect("says so where its store fails once it runs", () =>
    Effect.gen(function*() {
      let isFull = false
      const store = mortal(new Map())
      const failing: KeyValueStore.KeyValueStore = {
        ...store,
        set: (key, value) =>
          isFull
            ? Effect.fail(new KeyValueStore.KeyValueStoreError({ method: "set", key, message: "the disk is full" }))
            : store.set(key, value)
      }
      const ledger = yield* Effect.provideService(StoredLedger.make(), KeyValueStore.KeyValueStore, failing)
      isFull = true
      const error = yield* Effect.flip(
        Effect.provideService(Ledger.submit(draft, () => Effect.die("sent")), Ledger.Ledger, ledger)
      )
      assert.strictEqual(error._tag, "Unavailable")
    }))

  describe("tries its store when it is made", () => {
    const refused = <E>(store: Layer.Layer<KeyValueStore.KeyValueStore, E>) =>
      Layer.build(Layer.provide(StoredLedger.layer(), store)).pipe(
        Effect.scoped,
        Effect.flip,
        Effect.map((error) => error instanceof Ledger.LedgerUnavailable ? error.message : assert.fail(String(error)))
      )
    const inFolder = (prepare: (folder: string) => void) =>
      Effect.gen(function*() {
        const folder = join(mkdtempSync(join(tmpdir(), "ledger-")), "book")
        prepare(folder)
        const store = Layer.provide(KeyValueStore.layerFileSystem(folder), NodeServices.layer)
        return [folder, yield* refused(store)] as const
      })

    it.effect("and names the folder that is a file", () =>
      Effect.gen(function*() {
        const [folder, message] = yield* inFolder((folder) => writeFileSync(folder, "a letter"))
        assert.include(message, "check its store. ")
        assert.include(message, folder)
      }))

    it.effect("and the one that a link leads nowhere from", () =>
      Effect.gen(function*() {
        const [folder, message] = yield* inFolder((folder) => {
          mkdirSync(folder)
          symlinkSync("/nowhere/at/all", join(folder, encodeURIComponent("media-jobs/attempt")))
        })
        assert.include(message, folder)
      }))

    it.effect("and says what a store says that can't be written or listed", () =>
      Effect.gen(function*() {
        const failed = (method: string) =>
          Effect.fail(
            new KeyValueStore.KeyValueStoreError({
              method,
              message: `Unable to ${method}`,
              cause: new Error("EROFS: read-only file system, open '/mnt/book'")
            })
          )
        for (const method of ["set", "keys", "remove"] as const) {
          const store: KeyValueStore.KeyValueStore = {
            ...mortal(new Map()),
            [method]: method === "keys" ? failed(method) : () => failed(method)
          }
          const message = yield* refused(Layer.succeed(KeyValueStore.KeyValueStore, store))
          assert.include(message, "EROFS: read-only file system, open '/mnt/book'")
        }
      }))

    it.effect("and says which prefix a store takes that folds the case of its keys", () =>
      Effect.gen(function*() {
        for (
          const [fold, unlike, like] of [
            [(key: string) => key.toLowerCase(), "Media/", "media/"],
            [(key: string) => key.toLowerCase(), "MEDIA-JOBS.", "media-jobs."],
            [(key: string) => key.toUpperCase(), "media-jobs/", undefined]
          ] as const
        ) {
          const map = new Map<string, string>()
          const plain = mortal(map)
          const store: KeyValueStore.KeyValueStore = {
            ...plain,
            get: (key) => plain.get(fold(key)),
            has: (key) => plain.has(fold(key)),
            set: (key, value) => plain.set(fold(key), value),
            remove: (key) => plain.remove(fold(key))
          }
          const make = (prefix: string) =>
            Effect.provideService(StoredLedger.make({ prefix }), KeyValueStore.KeyValueStore, store)
          assert.include((yield* Effect.flip(make(unlike))).message, "give a prefix in lower case")
          if (like === undefined) continue
          const submit = Ledger.submit(draft, () => Effect.succeed({ ids }))
          yield* Effect.provideService(submit, Ledger.Ledger, yield* make(like))
          assert.strictEqual((yield* (yield* make(like)).resume).handles.length, 2)
        }
      }))
  })

  const keyed = (key: string, digest = "of the request") => (ledger: Ledger.Ledger) =>
    Ledger.submit(draft, () => Effect.succeed({ ids })).pipe(
      Effect.provideService(Ledger.Key, { key, digest }),
      Effect.provideService(Ledger.Ledger, ledger)
    )
  const ended = (id: JobId.JobId) =>
    new Job.Job({
      ...draft,
      id,
      state: { _tag: "Failed", cause: "content", reason: "moderated" },
      observedAt: DateTime.makeUnsafe(7),
      raw: { status: "failed" }
    })

  it.effect("finds a submit by the application's key, in any process, until one to two weeks after it is done", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const first = yield* process(map)
      const { handles } = yield* keyed("Order-17")(first)
      assert.isUndefined(yield* first.find("order-17"))

      const second = yield* process(map)
      const running = yield* second.find("Order-17")
      assert.deepStrictEqual(running?.handles, handles)
      assert.strictEqual(running?.intent.digest, "of the request")
      yield* second.done(handles[0], ended(ids[0]))
      assert.deepStrictEqual([...(yield* (yield* process(map)).find("Order-17"))?.done.keys() ?? []], [ids[0]])
      yield* second.done(handles[1] ?? handles[0])

      const third = yield* process(map)
      assert.deepStrictEqual(yield* third.resume, Ledger.unfinished([]))
      const past = yield* third.find("Order-17")
      assert.deepStrictEqual(past?.handles, handles)
      assert.deepStrictEqual(past?.done.get(ids[0]), Job.fromValid({ ...ended(ids[0]), raw: undefined }))
      assert.isTrue(past?.done.has(ids[1]))

      yield* TestClock.adjust("7 days")
      assert.isDefined(yield* third.find("Order-17"))
      yield* TestClock.adjust("7 days")
      assert.isUndefined(yield* third.find("Order-17"))
      yield* keyed("next")(third)
      assert.deepStrictEqual([...map.keys()].filter((name) => name.includes("past/")), [])
    }))

  it.effect("keeps its names free of keys, and apart in a store that folds their case", () =>
    Effect.gen(function*() {
      const map = new Map<string, string>()
      const ledger = yield* process(map)
      for (const key of ["a", "A", "user-example"]) yield* keyed(key)(ledger)
      const names = [...map.keys()]
      assert.strictEqual(new Set(names.map((name) => name.toLowerCase())).size, 6)
      assert.isFalse(names.some((name) => name.includes("example")))
    }))

  it.effect("provides core's ledger, which is empty without it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Ledger.resume, Ledger.unfinished([]))
      const found = yield* Effect.gen(function*() {
        const submission = yield* Ledger.submit(draft, () => Effect.succeed({ ids }))
        yield* Ledger.done(submission.handles[0])
        return yield* Ledger.resume
      }).pipe(Effect.provide(StoredLedger.layerMemory))
      assert.deepStrictEqual(found.handles.map((handle: Handle.Handle) => handle.id), [ids[1]])
    }))
})
