/**
 * Several providers as one service of the application: from a request to saved files.
 *
 * @since 0.1.0
 */
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import type { Handle, InvalidHandle } from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Log from "@media-jobs/core/Log"
import type * as LostSubmits from "@media-jobs/core/LostSubmits"
import * as Provider from "@media-jobs/core/Provider"
import type { Verifier } from "@media-jobs/core/Webhook"
import type * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import type * as Slots from "@media-jobs/poller/Slots"
import type * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Following from "./internal/following.ts"
import * as Gate from "./internal/gate.ts"
import * as Operations from "./internal/operations.ts"
import * as Resuming from "./internal/resuming.ts"
import * as Runner from "./internal/runner.ts"
import { Runs } from "./internal/runs.ts"
import type { Done, Run, Submitted } from "./Run.ts"
import type { RunError, SubmitError, UnknownRun } from "./RunError.ts"
import * as Seal from "./Seal.ts"

/**
 * A provider that jobs can be submitted to and waited for.
 *
 * @since 0.1.0
 * @category models
 */
export type Runnable = Runner.Runnable

/**
 * What a provider can be asked for.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestOf<P> = P extends { readonly submit: (request: infer Request, ...options: never) => unknown }
  ? Request
  : never

/**
 * How one run goes.
 *
 * **Details**
 *
 * `key` is the application's own, 1 to 64 letters, digits, `-` or `_`: the same key again is the same run, in any process with the same ledger,
 * and no second payment, for a week at least once it is done; without a ledger, for as long as this process knows the run. Without a key, one
 * of 128 random bits is made. `account` is the account at the service to run on. `deadline` is how long its jobs are waited for once the service
 * has taken them (one hour); they are left alone then, and the same key waits on.
 *
 * @since 0.1.0
 * @category options
 */
export interface RunOptions {
  readonly key?: string | undefined
  readonly account?: string | undefined
  readonly deadline?: Duration.Input | undefined
}

/**
 * What keeps a run from being found.
 *
 * @since 0.1.0
 * @category unions
 */
export type FindError = UnknownRun | InvalidHandle | Ledger.LedgerUnavailable | JobError.SubmissionUncertain

/**
 * The runs of one provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunsOf<P extends Runnable> {
  /** The adapter itself. */
  readonly provider: P
  /** The engine that waits for its jobs. */
  readonly poller: Poller.Poller<P>
  /**
   * From a request to what it made: waits for a free slot, writes into the ledger, submits once, waits for all jobs, saves what each made as it ends, and strikes
   * it from the ledger. Where some do not succeed, the others are saved all the same, and the error carries all.
   *
   * Interrupting it withdraws a request that has not left; one that has goes on beside, for it is paid.
   */
  readonly run: (request: RequestOf<P>, options?: RunOptions) => Effect.Effect<Done, RunError>
  /** As `run`, until the service has taken the request; the rest goes on beside. */
  readonly submit: (request: RequestOf<P>, options?: RunOptions) => Effect.Effect<Submitted, SubmitError>
  /** The end of a run, by its key, or of the one that has the handle's job. */
  readonly wait: (target: string | Handle) => Effect.Effect<Done, RunError | FindError>
  /** A run as it stands, and at each change, until it is over; a failed run is a value. A slow reader misses what lies between, never the end. */
  readonly watch: (target: string | Handle) => Stream.Stream<Run, FindError>
}

/**
 * The runs of a provider that can stop jobs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cancels {
  /** Stops all jobs of a run at the service, and withdraws one that has not been sent. */
  readonly cancel: (target: string | Handle) => Effect.Effect<void, FindError | SubmitError | JobError.Of<"cancel">>
}

/**
 * What is the same for all providers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Shared {
  /** Each change of each run, of all providers; of more than 1,024 unread ones, the oldest are dropped. */
  readonly changes: Stream.Stream<Run>
  /** The runs that this process knows: all that go on, and the last 10,000 that are over. */
  readonly runs: Effect.Effect<ReadonlyArray<Run>>
  /** The jobs of these runs, as they are known. */
  readonly jobs: Effect.Effect<ReadonlyArray<Job.Job>>
  /** The run of a key as it stands: in this process, or in the ledger, which knows of no files (`wait` has them); this starts nothing. */
  readonly find: (key: string) => Effect.Effect<Option.Option<Run>, Ledger.LedgerUnavailable>
  /**
   * Takes up what the ledger holds: waits for its jobs as if this process had submitted them, and finds out what became of submits whose reply was lost. It
   * runs at the start by itself, beside the layer; here is what it could not decide.
   */
  readonly resume: Effect.Effect<Resumed>
  /** A handle as an opaque text for the world outside; it is refused where there is no secret. */
  readonly seal: Seal.Seal["seal"]
  /** The handle in a sealed text. */
  readonly open: Seal.Seal["open"]
}

/**
 * What was taken up again: the keys of the runs that go on, and the submits of which it can't be told what they became.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resumed {
  readonly keys: ReadonlyArray<string>
  readonly undecided: ReadonlyArray<LostSubmits.Undecided>
}

/**
 * Providers by the application's own names for them: the tags of their adapters.
 *
 * @since 0.1.0
 * @category models
 */
export type Providers =
  // Whatever names the provider in the context.
  // oxlint-disable-next-line typescript/no-explicit-any
  & Readonly<Record<string, Context.Key<any, Runnable>>>
  & { readonly [N in keyof Shared]?: never }

/**
 * The application's service: the runs of each provider, by name, and what is the same for all.
 *
 * @since 0.1.0
 * @category models
 */
export type MediaJobs<K extends Providers> =
  & {
    readonly [N in keyof K]:
      & RunsOf<K[N]["Service"]>
      & (K[N]["Service"] extends Provider.Provider<"cancel"> ? Cancels : unknown)
  }
  & Shared

/**
 * How the runs of the application go.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<K extends Providers, E = never, R = never> {
  /**
   * What becomes of each job that succeeded, whether this process submitted it or an earlier one; then it is done. Saves it, unless given, where there is an
   * `ArtifactStore`. It may run twice for one job, where the process is killed between its end and the note of it.
   */
  readonly finish?:
    | ((job: Job.Succeeded, key: string) => Effect.Effect<ReadonlyArray<ArtifactStore.Saved> | void, E, R>)
    | undefined
  /** The limits of accounts whose service tells none, of all kinds of jobs together, by the names of the providers. */
  readonly slots?: { readonly [N in keyof K]?: SlotsOptions } | undefined
  /** What handles are sealed with; `MEDIA_JOBS_SECRET` unless given. */
  readonly secrets?: Seal.Secrets | undefined
}

/**
 * `limits` are those of `Slots`, each at least one; a request's kind is not known before it is sent, so none is of one kind. `maxWait` is how
 * long a submit may go on being told that there is no room (one hour).
 *
 * @since 0.1.0
 * @category options
 */
export interface SlotsOptions extends Pick<Slots.Options, "maxWait"> {
  readonly limits?: ReadonlyArray<Pick<Provider.Capacity, "account" | "limit">> | undefined
}

/**
 * How the webhooks of the application's providers are answered.
 *
 * @since 0.1.0
 * @category options
 */
export interface WebhookOptions<K extends Providers> extends Omit<Webhooks.Options, "sources"> {
  /** The services' own signatures, by the names of the providers, on top of the signed address. */
  readonly verify?: { readonly [N in keyof K]?: Verifier } | undefined
}

/**
 * The runs of the given providers, for the time of the scope.
 *
 * **When to use**
 *
 * Use where a service of the application's own is no class; otherwise {@link Service}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*<const K extends Providers, E = never, R = never>(
  providers: K,
  options: Options<K, E, R> = {}
): Effect.fn.Return<
  MediaJobs<K>,
  Config.ConfigError | JobError.InvalidRequest,
  Scope.Scope | R | K[keyof K]["Identifier"]
> {
  // A run's span is its own, not that of the layer.
  const around = Context.omit(Tracer.ParentSpan)(yield* Effect.context<R | Scope.Scope>())
  const context = around as Context.Context<R | Scope.Scope> // what `finish` asks for is no span
  const fork = Effect.runForkWith(context)
  const runs = new Runs()
  yield* Effect.addFinalizer(() => Fiber.interruptAll(runs.all.flatMap(({ fiber }) => fiber ?? [])))
  // One finalizer for all runs, since one for each costs. What takes up runs ends before them.
  const scope = yield* Effect.scope
  const forkBeside = <A, E>(effect: Effect.Effect<A, E>) => Fiber.runIn(fork(effect), scope)
  const ledger = yield* Ledger.Ledger
  const seal = yield* Seal.make(options.secrets ?? (yield* Seal.secrets))
  const pollers = yield* Pollers.Pollers
  const { finish, saved } = yield* finishOf(options.finish)
  const resuming = yield* Resuming.make(ledger, runs, forkBeside)

  const members: Array<Runner.Parts<Runnable>> = []
  for (const [name, key] of Object.entries(providers)) {
    // What is under a tag is what the type of `providers` says.
    const provider = yield* key as Context.Key<K[keyof K]["Identifier"], Runnable>
    const poller = yield* pollers.get(provider)
    members.push({
      name,
      provider,
      poller,
      slots: yield* resuming.slots(name, provider, options.slots?.[name]),
      ledger,
      finish: (job, key) => Effect.provideContext(finish(provider, job, key), context),
      saved,
      settle: resuming.resume,
      gate: Gate.make(),
      runs,
      context,
      fork
    })
  }
  const following = yield* Following.make(runs, members)
  const operations: Record<string, unknown> = {}
  for (const parts of members) {
    const runner = Runner.make(parts)
    resuming.add({ ...parts, runner })
    operations[parts.name] = Operations.make(parts, { runner, following, isRead: resuming.isRead })
  }
  forkBeside(resuming.resume)
  for (const { slots } of members) forkBeside(Effect.catch(slots, () => Effect.void))

  const known = Effect.suspend(() => Effect.forEach(runs.all, following.refresh))
  const shared: Shared = {
    changes: following.follow(runs.feed.stream()),
    runs: Effect.map(known, (runs) => runs.map(({ snapshot }) => snapshot)),
    jobs: Effect.map(known, (runs) => runs.flatMap(({ jobs }) => Array.from(jobs.values()))),
    find: (key) =>
      Effect.suspend(() => {
        const run = runs.get(key)
        if (run !== undefined) return Effect.map(following.refresh(run), ({ snapshot }) => Option.some(snapshot))
        return Effect.flatMap(ledger?.find(key) ?? Effect.undefined, (entry) => {
          const view = entry && resuming.memberOf(entry.intent)?.runner.view(entry)
          return view === undefined ? Effect.succeedNone : Effect.asSome(view)
        })
      }),
    resume: resuming.resume,
    seal: seal.seal,
    open: seal.open
  }
  // By the names of `providers`, each with the operations of its own.
  return { ...operations, ...shared } as unknown as MediaJobs<K>
})

/**
 * What becomes of a job that succeeded: what the application says, else it is saved, where there is a store; and where the files of one are that
 * this was done with before.
 */
const finishOf = /* @__PURE__ */ Effect.fnUntraced(function*<E, R>(
  given:
    | ((job: Job.Succeeded, key: string) => Effect.Effect<ReadonlyArray<ArtifactStore.Saved> | void, E, R>)
    | undefined
) {
  const store = Option.getOrUndefined(yield* Effect.serviceOption(ArtifactStore.ArtifactStore))
  if (given === undefined && store === undefined) {
    yield* Log.warning("What jobs make is not saved: provide an ArtifactStore, or give `finish`")
  }
  const finishing: Finishing<R> = given === undefined
    ? {
      finish: (provider, job) => store?.save(job, { providers: [provider] }) ?? Effect.succeed([]),
      saved: (job) => store?.saved(job) ?? Effect.succeed([])
    }
    : {
      finish: (_, job, key) => Effect.map(given(job, key), (files) => files ?? []),
      saved: () => Effect.succeed([])
    }
  return finishing
})

interface Finishing<R> {
  readonly finish: (
    provider: Runnable,
    job: Job.Succeeded,
    key: string
  ) => Effect.Effect<ReadonlyArray<ArtifactStore.Saved>, unknown, R>
  readonly saved: (
    job: Job.Succeeded
  ) => Effect.Effect<ReadonlyArray<ArtifactStore.Saved>, unknown>
}

/**
 * The class of an application's service: the key of its runs, and their layers.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceClass<Self, Id extends string, K extends Providers>
  extends Context.ServiceClass<Self, Id, MediaJobs<K>>
{
  /** The tags that it was made of, by the application's names. */
  readonly providers: K
  layer<E = never, R = never>(
    options?: Options<K, E, R>
  ): Layer.Layer<Self, Config.ConfigError | JobError.InvalidRequest, R | K[keyof K]["Identifier"]>
  webhooks(options?: WebhookOptions<K>): Layer.Layer<Webhooks.Webhooks, never, Self | Signer.Signer>
}

/**
 * A class that is the application's service, with its layers.
 *
 * **Details**
 *
 * - `layer`: the runs, over the adapters' layers. It takes up by itself what the ledger holds, reads `MEDIA_JOBS_SECRET` where that is set, and saves
 *   where there is an `ArtifactStore`.
 * - `webhooks`: what answers the calls of the services that report, for `Webhooks.route` and `Webhooks.handler`.
 *
 * **Example** (From a request to a saved file)
 *
 * ```ts
 * import { ArtifactStore } from "@media-jobs/artifacts"
 * import { Luma } from "@media-jobs/useapi-luma"
 * import { Console, Effect, Layer } from "effect"
 * import { MediaJobs } from "media-jobs"
 *
 * class Media extends MediaJobs.Service<Media>()("app/Media", { luma: Luma.Luma }) {}
 *
 * const program = Effect.gen(function*() {
 *   const media = yield* Media
 *   const { files } = yield* media.luma.run(Luma.video({ prompt: "a lighthouse in the rain" }))
 *   yield* Console.log(files.map(({ location }) => location))
 * })
 * const Live = Layer.provide(Media.layer(), [Luma.layerConfig(), ArtifactStore.layer({ directory: "out" })])
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const Service =
  <Self>() => <const Id extends string, const K extends Providers>(id: Id, providers: K): ServiceClass<Self, Id, K> => {
    // The application's class extends this one, and is what `Self` names.
    // @effect-diagnostics-next-line classSelfMismatch:off
    class Tag extends Context.Service<Self, MediaJobs<K>>()(id) {
      static readonly providers = providers

      static layer<E = never, R = never>(
        options?: Options<K, E, R>
      ): Layer.Layer<Self, Config.ConfigError | JobError.InvalidRequest, R | K[keyof K]["Identifier"]> {
        return Layer.effect(Tag, make(providers, options))
      }

      static webhooks(options?: WebhookOptions<K>): Layer.Layer<Webhooks.Webhooks, never, Self | Signer.Signer> {
        return Layer.unwrap(Effect.map(Tag, (media) => {
          const sources = Object.keys(providers).flatMap((name) => {
            const { provider } = media[name as keyof K] as RunsOf<Runnable> // one for each name, whatever it can do beside
            return Provider.supports("webhook")(provider) ? [{ provider, verify: options?.verify?.[name] }] : []
          })
          return Webhooks.layer({ ...options, sources })
        }))
      }
    }
    return Tag
  }
