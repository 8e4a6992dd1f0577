import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import type * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import { a, b, handle, ids, job, make, provider, submission, succeeded, warnings } from "./service.ts"

const steady = Pollers.layer({ pace: Pace.steady("10 seconds") })

/** A tracer that notes the names of its spans. */
const noting = () => {
  const names: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      names.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })
  return { names, tracer }
}

describe("waits for one provider", () => {
  it.effect("a thousand callers cost what one engine costs", () =>
    Effect.gen(function*() {
      const requests = Effect.fnUntraced(function*(
        wait: (
          provider: ReturnType<typeof make>["both"],
          id: JobId.JobId
        ) => Effect.Effect<unknown, unknown, Scope.Scope>
      ) {
        const service = make()
        const began = (yield* Clock.currentTimeMillis) / 1000
        const all = ids(1000)
        all.forEach((id, i) => service.run(id, began + 30 + i % 60))
        const fibers = yield* Effect.forEach(all, (id) => Effect.forkChild(wait(service.both, id)))
        yield* TestClock.adjust("2 minutes")
        yield* Effect.forEach(fibers, Fiber.join)
        return service.calls.length
      })
      const shared = yield* requests((provider, id) => Poller.succeed(provider, submission([id])))
      const pollers = new Map<Poller.Watchable, Poller.Poller<Poller.Watchable>>()
      const own = yield* requests((provider, id) =>
        Effect.gen(function*() {
          const poller = pollers.get(provider) ??
            (yield* Poller.make(provider, { pace: (yield* Pollers.Pollers).pace(yield* Effect.context()) }))
          pollers.set(provider, poller)
          return yield* poller.succeed(submission([id]))
        })
      )
      assert.isAtMost(shared / own, 1.1)
    }), 20_000)

  const between = make()
  for (const time of ["first", "second"]) {
    it.effect(`one provider value serves several tests, each on its own clock: the ${time}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* Clock.currentTimeMillis, 0)
        between.run(a, 30)
        const fiber = yield* Effect.forkChild(Poller.succeed(between.both, handle(a)))
        yield* TestClock.adjust("25 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("25 seconds")
        assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
      }))
  }

  it.effect("the first caller, interrupted among a hundred, ends its own wait alone", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 60)
      service.script.list = () => Effect.succeed({ jobs: [], complete: true })
      const own = yield* Scope.make()
      const first = yield* Effect.forkIn(Poller.succeed(service.both, a), own)
      yield* TestClock.adjust("1 millis")
      const others = yield* Effect.forEach(ids(99), () => Effect.forkChild(Poller.succeed(service.both, a)))
      yield* TestClock.adjust("10 seconds")
      const asked = service.calls.length
      yield* Scope.close(own, Exit.void)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(first)))
      yield* TestClock.adjust("90 seconds")
      for (const fiber of others) assert.isTrue((yield* Fiber.join(fiber)).is("Succeeded"))
      assert.isAbove(service.calls.length, asked)
    }))

  it.effect("no request is made once the last watch has ended, and the next watch is served again", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      const first = yield* Effect.forkChild(Poller.await(service.both, a))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(first)
      const calls = service.calls.length
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, calls)
      service.run(b, 3600 * 2)
      const second = yield* Effect.forkChild(Stream.runDrain(Poller.watch(service.both, b)))
      yield* TestClock.adjust("1 minute")
      assert.isAbove(service.calls.length, calls)
      yield* Fiber.interrupt(second)
      const after = service.calls.length
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, after)
    }))
})

describe("two provider values of one id and instance", () => {
  /** What a token gives access to: jobs that carry the tenant's name. */
  const tenant = (model: string) => {
    const service = make()
    for (const id of [a, b]) service.run(id, 1e6)
    const whole = service.both.get
    return Provider.make({ id: provider, instance: ProviderId.defaultInstance, owns: () => true }, {
      get: (id) => Effect.map(whole(id), (job) => Job.fromValid({ ...job, model })),
      list: Effect.succeed({
        jobs: [job(a, { _tag: "Running" }, { model }), job(b, { _tag: "Running" }, { model })],
        complete: true
      })
    })
  }

  it.effect("never mix, and are said once at warning while both are waited on", () =>
    Effect.gen(function*() {
      const { layer, said } = warnings()
      const [one, two] = [tenant("one"), tenant("two")]
      yield* Effect.gen(function*() {
        const watching = (provider: typeof one, id: JobId.JobId) =>
          Effect.forkChild(Stream.runCollect(Stream.take(Poller.watch(provider, id), 1)))
        const open = yield* Effect.forkChild(Stream.runDrain(Poller.watch(one, b)))
        const fibers = [yield* watching(one, a), yield* watching(two, a), yield* watching(two, a)]
        yield* TestClock.adjust("5 seconds")
        const seen = yield* Effect.forEach(fibers, Fiber.join)
        assert.deepStrictEqual(seen.map(([job]) => job?.model), ["one", "two", "two"])
        yield* Fiber.interrupt(open)
      }).pipe(Effect.provide(Pollers.layer().pipe(Layer.provide(layer))))
      assert.strictEqual(said.length, 1)
      assert.match(said[0] ?? "", /name an `instance`/)
    }))

  it.effect("are nothing to warn of one after the other, or on two clocks", () =>
    Effect.gen(function*() {
      const { layer, said } = warnings()
      const [one, two] = [tenant("one"), tenant("two")]
      yield* Effect.gen(function*() {
        const first = (provider: typeof one) => Stream.runCollect(Stream.take(Poller.watch(provider, a), 1))
        for (const provider of [one, two, one]) {
          const fiber = yield* Effect.forkChild(first(provider))
          yield* TestClock.adjust("1 second")
          yield* Fiber.join(fiber)
        }
        const another: Clock.Clock = Object.create(yield* Clock.Clock)
        yield* Effect.forkScoped(Stream.runDrain(Poller.watch(one, a)))
        yield* Effect.forkScoped(Effect.provideService(Stream.runDrain(Poller.watch(two, a)), Clock.Clock, another))
        yield* TestClock.adjust("1 second")
      }).pipe(Effect.provide(Pollers.layer().pipe(Layer.provide(layer))))
      assert.deepStrictEqual(said, [])
    }))
})

describe("an engine takes nothing from who opens it", () => {
  /** What surrounds the looks of a provider, once for each. */
  const surroundings = Effect.gen(function*() {
    return {
      replyTo: (yield* ReplyTo.ReplyTo) !== undefined,
      annotated: "caller" in (yield* References.CurrentLogAnnotations),
      traced: (yield* Effect.context()).mapUnsafe.has(Tracer.ParentSpan.key),
      tracer: yield* Effect.tracer,
      scoped: (yield* Effect.context()).mapUnsafe.has(Scope.Scope.key)
    }
  })
  const replyTo = ReplyTo.ReplyTo.of({
    address: () => Effect.succeed({ url: "https://app.example" }),
    callerReference: (echoed) => echoed
  })
  const looking = () => {
    const seen: Array<Effect.Success<typeof surroundings>> = []
    const get = (id: JobId.JobId) =>
      Effect.flatMap(surroundings, (it) => {
        seen.push(it)
        return Effect.as(
          Effect.withSpan(Effect.void, "look"),
          job(id, seen.length > 2 ? succeeded : { _tag: "Running" })
        )
      })
    return { seen, provider: Provider.make(make().getOnly, { get }) }
  }

  it.effect("the default has the process's own", () =>
    Effect.gen(function*() {
      const { provider, seen } = looking()
      const { names, tracer } = noting()
      const registry = new Map()
      const fiber = yield* Poller.await(provider, a).pipe(
        Effect.withSpan("caller"),
        Effect.annotateLogs("caller", "one"),
        Effect.scoped,
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.provideService(ReplyTo.ReplyTo, replyTo),
        Effect.provideService(Metric.MetricRegistry, registry),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      for (const look of seen) {
        assert.deepInclude(look, { replyTo: false, annotated: false, traced: false, scoped: false })
        assert.notStrictEqual(look.tracer, tracer)
      }
      assert.deepStrictEqual(names, ["caller", "Poller.await"])
      assert.strictEqual(registry.size, 0)
    }))

  it.effect("a layer has those of where it is built", () =>
    Effect.gen(function*() {
      const { provider, seen } = looking()
      const { names, tracer } = noting()
      const caller = noting()
      const registry = new Map()
      const layer = steady.pipe(
        Layer.provide(Layer.succeed(ReplyTo.ReplyTo, replyTo)),
        Layer.provide(Layer.succeed(Tracer.Tracer, tracer)),
        Layer.provide(Layer.succeed(Metric.MetricRegistry, registry))
      )
      const fiber = yield* Poller.await(provider, a).pipe(
        Effect.provideService(Tracer.Tracer, caller.tracer),
        Effect.provide(layer),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      for (const look of seen) {
        assert.deepInclude(look, { replyTo: true, traced: false, scoped: false })
        assert.strictEqual(look.tracer, tracer)
      }
      assert.deepStrictEqual(names, ["look", "look", "look"])
      assert.deepStrictEqual(caller.names, ["Poller.await"])
      assert.isAbove(registry.size, 0)
    }))

  it.effect("callers with different tracers each get their own spans", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 15)
      const tracers = [noting(), noting()]
      const fibers = yield* Effect.forEach(
        tracers,
        ({ tracer }) =>
          Effect.forkChild(Effect.provideService(
            Effect.andThen(Stream.runDrain(Poller.watch(service.both, a)), Poller.succeed(service.both, a)),
            Tracer.Tracer,
            tracer
          ))
      )
      yield* TestClock.adjust("1 minute")
      yield* Effect.forEach(fibers, Fiber.join)
      for (const { names } of tracers) assert.deepStrictEqual(names, ["Poller.watch", "Poller.succeed"])
    }))
})

describe("Pollers.layer", () => {
  it.effect("chooses pace and concurrency, also for engines of one's own", () =>
    Effect.gen(function*() {
      const service = make()
      const all = ids(20)
      all.forEach((id) => service.run(id, 25))
      let [now, most] = [0, 0]
      service.script.get = (id) =>
        Effect.acquireUseRelease(
          Effect.sync(() => most = Math.max(most, ++now)),
          () => Effect.as(Effect.sleep("20 millis"), job(id, succeeded)),
          () => Effect.sync(() => now--)
        )
      const layer = Pollers.layer({ pace: Pace.steady("10 seconds"), concurrency: 3 })
      yield* Effect.gen(function*() {
        const fibers = yield* Effect.forEach(all, (id) => Effect.forkChild(Poller.succeed(service.both, id)))
        yield* TestClock.adjust("35 seconds")
        yield* Effect.forEach(fibers, Fiber.join)
        assert.strictEqual(most, 3)
        assert.deepStrictEqual(
          service.calls.filter(({ what }) => what === "list").map(({ at }) => at),
          [0, 10_000, 20_000, 30_000]
        )
        service.script.get = undefined
        service.run(b, 3600)
        const { again } = yield* Poller.step(service.both, handle(b))
        assert.deepStrictEqual(again, Duration.seconds(10))
      }).pipe(Effect.provide(layer))
    }))

  it.effect("ends its waits with itself", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(steady, scope)
      const fiber = yield* Effect.forkChild(Effect.provideContext(Poller.await(service.both, a), context))
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      const calls = service.calls.length
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(service.calls.length, calls)
    }))

  it.effect("hands out the engine that the waits share", () =>
    Effect.gen(function*() {
      const service = make()
      service.run(a, 1e6)
      const poller = yield* Effect.flatMap(Pollers.Pollers, (pollers) => pollers.get(service.both))
      const fiber = yield* Effect.forkChild(Poller.await(service.both, a))
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* poller.known(a))?.is("Running"))
      service.end(a)
      yield* poller.cancel(a)
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.join(fiber)).is("Cancelled"))
    }).pipe(Effect.provide(steady)))
})

describe("in a runtime that isolates requests", () => {
  const isolated = Effect.acquireRelease(
    Effect.sync(() => {
      const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")
      Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true })
      return before
    }),
    (before) =>
      Effect.sync(() =>
        before === undefined
          ? Reflect.deleteProperty(globalThis, "navigator")
          : Object.defineProperty(globalThis, "navigator", before)
      )
  )
  const looks = Effect.gen(function*() {
    const service = make()
    service.run(a, 1e6)
    for (let i = 0; i < 3; i++) yield* Effect.forkScoped(Poller.await(service.getOnly, a))
    yield* TestClock.adjust("1 millis")
    return service.gets()
  }).pipe(Effect.scoped)

  it.effect("the default shares nothing, and a layer shares within its scope", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* looks, 1)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* isolated
        assert.strictEqual(yield* looks, 3)
        assert.strictEqual(yield* Effect.provide(looks, steady), 1)
      }))
    }))
})
