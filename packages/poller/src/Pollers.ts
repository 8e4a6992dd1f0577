/**
 * The engines that all waits of a program share.
 *
 * @since 0.1.0
 */
import * as Log from "@media-jobs/core/Log"
import type * as Provider from "@media-jobs/core/Provider"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import * as Engine from "./internal/engine.ts"
import * as ShippedPace from "./internal/shippedPace.ts"
import * as Waits from "./internal/waits.ts"
import * as Pace from "./Pace.ts"
import { PaceStore } from "./PaceStore.ts"

/**
 * How engines look.
 *
 * **Details**
 *
 * `pace` places the looks; without it, that of the surrounding `Pollers` does, which slows down where webhooks are seen to come.
 * `concurrency` is how many jobs an engine may ask for at once (8).
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly pace?: Pace.Pace | undefined
  readonly concurrency?: number | undefined
}

/**
 * One engine for each provider, shared by all waits for its jobs.
 *
 * **Details**
 *
 * `get` gives the engine of a provider, made on first use; it works while it has watches. The key is the provider value: two
 * `make` of one service are two engines, and a caller with a `Clock` of its own has an engine on that clock. `pace` is that of an
 * engine which is given none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Pollers {
  readonly get: <P extends Waits.Watchable>(provider: P) => Effect.Effect<Waits.Poller<P>>
  readonly pace: (context: Context.Context<never>) => Pace.Pace
}

interface Running {
  readonly provider: Provider.Identity
  readonly clock: Clock.Clock
  readonly engine: Engine.Engine
}

/** What all users of this share; engines take all they run with from `context`, but the clock. */
const make = (
  context: Context.Context<never>,
  { concurrency, pace, shares }: {
    readonly pace: Pollers["pace"]
    readonly concurrency: number | undefined
    readonly shares: () => boolean
  }
): Pollers & { readonly close: Effect.Effect<void> } => {
  // Of a key P, the value is a Poller<P>.
  const pollers = new WeakMap<Provider.Identity, WeakMap<Clock.Clock, unknown>>()
  const running = new Set<Running>()
  const warned = new Set<string>()
  const log = Effect.runForkWith(context)

  const warnOfTwo = ({ clock, provider }: Running) => {
    const isTwin = (other: Running) =>
      other.clock === clock && other.provider !== provider &&
      other.provider.id === provider.id && other.provider.instance === provider.instance
    const name = `${provider.id} ${provider.instance}`
    if (warned.has(name) || !Array.from(running).some(isTwin)) return
    warned.add(name)
    log(Log.warning(
      `Two providers ${provider.id} of the instance ${provider.instance} are waited on at once: where they differ in token or base, name an \`instance\` for each`
    ))
  }

  const make = <P extends Waits.Watchable>(provider: P, clock: Clock.Clock): Waits.Poller<P> => {
    const ours = Context.add(context, Clock.Clock, clock)
    const engine = Engine.make(provider, {
      pace: pace(ours),
      concurrency: concurrency ?? 8,
      context: ours,
      onRun: () => {
        const run = { provider, clock, engine }
        warnOfTwo(run)
        running.add(run)
        return () => void running.delete(run)
      }
    })
    return Waits.make(provider, engine)
  }

  return {
    pace,
    get: <P extends Waits.Watchable>(provider: P) =>
      Effect.clockWith((clock) => {
        if (!shares()) return Effect.succeed(make(provider, clock))
        const ofProvider = pollers.get(provider) ?? new WeakMap<Clock.Clock, unknown>()
        // As above.
        const poller = ofProvider.get(clock) as Waits.Poller<P> | undefined ?? make(provider, clock)
        pollers.set(provider, ofProvider.set(clock, poller))
        return Effect.succeed(poller)
      }),
    close: Effect.suspend(() => Effect.forEach(Array.from(running), ({ engine }) => engine.close, { discard: true }))
  }
}

/**
 * Read by `Poller.succeed`, `await` and `watch`; of the process itself until an application provides one.
 *
 * **Details**
 *
 * Its engines take nothing from the code that opens them, be it tracer, loggers, metric registry or `ReplyTo`: the default has the
 * process's, `layer` has those of where it is built. In a runtime that isolates requests (`workerd`), the default shares nothing;
 * `layer`, built within a request, shares within it.
 *
 * @since 0.1.0
 * @category services
 */
export const Pollers = Context.Reference<Pollers>("@media-jobs/poller/Pollers", {
  defaultValue: () =>
    make(Context.empty(), {
      pace: ShippedPace.ofProcess(),
      concurrency: undefined,
      shares: () => !Runtime.isolatesRequests()
    })
})

/** Where the application has a place for what is learned, a pace of its own fills it. */
const paceOf = /* @__PURE__ */ Effect.fnUntraced(function*(
  given: Pace.Pace | undefined
): Effect.fn.Return<Pollers["pace"], never, Scope.Scope> {
  if (given !== undefined) return () => given
  if ((yield* PaceStore) === undefined) return (yield* Pollers).pace
  const learned = yield* Pace.learned()
  return ShippedPace.make(() => learned)
})

/**
 * Engines of the application's own, for the time of the layer.
 *
 * **When to use**
 *
 * Use to choose the pace, to keep what it learns in a `PaceStore`, and to have the engines run with the application's tracer,
 * loggers, metrics and `ReplyTo`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<never> =>
  Layer.effect(
    Pollers,
    Effect.gen(function*() {
      const pace = yield* paceOf(options?.pace)
      const context = Context.omit(Tracer.ParentSpan, Scope.Scope)(yield* Effect.context<Scope.Scope>())
      const pollers = make(context, { pace, concurrency: options?.concurrency, shares: constTrue })
      yield* Effect.addFinalizer(() => pollers.close)
      return pollers
    })
  )
