/**
 * The application's runs, so that they outlive the process, on one machine or on many.
 *
 * @since 0.1.0
 */
import { InvalidHandle } from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Log from "@media-jobs/core/Log"
import type * as Provider from "@media-jobs/core/Provider"
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Wakes from "@media-jobs/core/Wakes"
import * as SqlLedger from "@media-jobs/ledger/SqlLedger"
import * as Tables from "@media-jobs/ledger/Tables"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Slots from "@media-jobs/poller/Slots"
import * as SqliteClient from "@media-jobs/sqlite/SqliteClient"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as Entity from "effect/cluster/Entity"
import * as EntityAddress from "effect/cluster/EntityAddress"
import * as EntityId from "effect/cluster/EntityId"
import * as EntityType from "effect/cluster/EntityType"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { SqlClient } from "effect/sql/SqlClient"
import * as SqlError from "effect/sql/SqlError"
import * as Workflow from "effect/workflow/Workflow"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as MediaJobs from "media-jobs/MediaJobs"
import type { Run } from "media-jobs/Run"
import { RunCancelled } from "media-jobs/RunError"
import * as Seal from "media-jobs/Seal"
import * as Homes from "./internal/homes.ts"
import * as Lookout from "./internal/lookout.ts"
import * as Operations from "./internal/operations.ts"
import * as Persist from "./internal/persist.ts"
import * as RunTable from "./internal/runTable.ts"
import { steady } from "./internal/steady.ts"

/**
 * Where runs are written down, and who works on them: a database, and the machines of a cluster, be it one.
 *
 * @since 0.1.0
 * @category models
 */
export type Storage = SqlClient | Sharding.Sharding | MessageStorage.MessageStorage

/**
 * How the runs of the application go, where they are kept, and for how long once they are over (`retention`, two weeks).
 *
 * **Details**
 *
 * `storage` is {@link file} unless given. On many machines it is a cluster over a database that all of them reach, with {@link sharding} as its
 * configuration.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<
  K extends MediaJobs.Providers,
  E = never,
  R = never,
  SE = SqliteClient.SqliteUnavailable,
  SR = never
> extends MediaJobs.Options<K, E, R> {
  readonly storage?: Layer.Layer<Storage, SE, SR> | undefined
  readonly retention?: Duration.Input | undefined
}

/**
 * What a cluster is to be configured with: a runner that dies is stood in for within 15 seconds.
 *
 * @since 0.1.0
 * @category config
 */
export const sharding = {
  shardsPerGroup: 48,
  maxResidentEntities: "unbounded",
  unprocessedMessageBatchSize: 4096,
  entityMessagePollInterval: "500 millis",
  entityReplyPollInterval: "200 millis",
  entityTerminationTimeout: "2 seconds",
  shardLockRefreshInterval: "2 seconds",
  shardLockExpiration: "8 seconds",
  refreshAssignmentsInterval: "1 second",
  runnerHealthCheckInterval: "2 seconds",
  simulateRemoteSerialization: false
} satisfies Partial<ShardingConfig.ShardingConfig["Service"]>

/**
 * One machine, and one file (`media-jobs.db`), which no other process may have open.
 *
 * @since 0.1.0
 * @category layers
 */
export const file = (path = "media-jobs.db"): Layer.Layer<Storage, SqliteClient.SqliteUnavailable> =>
  Sharding.layer.pipe(
    Layer.provideMerge(Runners.layerNoop),
    Layer.provideMerge(SqlMessageStorage.layer),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
    Layer.provide([ShardingConfig.layer(sharding), Digest.layerWebCrypto]),
    Layer.provideMerge(SqliteClient.layer({ file: path, exclusive: true }))
  )

const Subject = {
  provider: ProviderId,
  instance: Instance,
  id: Schema.optionalKey(JobId),
  replyUrl: Schema.optionalKey(Schema.String)
}

/** What the machines of a cluster tell the home of a provider. */
const homeEntity = (service: string) =>
  Entity.make(`MediaJobs/Home/${service}`, [
    Rpc.make("wake", { payload: Subject }),
    Rpc.make("cancel", {
      payload: { name: Schema.String, key: Schema.String },
      error: Schema.Union([JobError.JobError, InvalidHandle, Ledger.LedgerUnavailable, RunCancelled])
    })
  ])

/** One attempt of one run. What it has done is in the ledger, so it holds no steps. */
const runWorkflow = (service: string) =>
  Workflow.make(`MediaJobs/Run/${service}`, {
    payload: { key: Schema.String, attempt: Schema.Int },
    idempotencyKey: ({ attempt, key }) => `${key}.${attempt}`
  })

const group = "default"
/** How many runs that are over `runs` gives. */
const mostOver = 1000
/** How many runs that are past go in one transaction. */
const mostPast = 100
/** A run that was written down, and not begun because its process died in between, begins after this. */
const unbegun = 5000
const remembered = 60_000
const moved = "Another machine has the run."

const make = Effect.fnUntraced(function*<Self, Id extends string, K extends MediaJobs.Providers, E, R>(
  Media: MediaJobs.ServiceClass<Self, Id, K>,
  options: Omit<Options<K, E, R>, "storage">
) {
  const context = Context.omit(Scope.Scope)(yield* Effect.context<Scope.Scope | R | K[keyof K]["Identifier"]>())
  const [sharding, engine, storage, wakes, pollers] = [
    yield* Sharding.Sharding,
    yield* WorkflowEngine.WorkflowEngine,
    yield* MessageStorage.MessageStorage,
    yield* Wakes.Wakes,
    yield* Pollers.Pollers
  ]
  const service = Media.key
  const keep = Duration.toMillis(options.retention ?? "14 days")
  const seal = yield* Seal.make(options.secrets ?? (yield* Seal.secrets))
  const table = yield* RunTable.make(service)
  const ledger = yield* SqlLedger.make({ keep })
  const persist = yield* Persist.make(service)
  const lookout = yield* Lookout.make(table, persist)

  const providers = new Map<string, MediaJobs.Runnable>()
  for (const [name, key] of Object.entries(Media.providers)) {
    // What is under a tag is what the type of the providers says.
    const provider = yield* key as Context.Key<K[keyof K]["Identifier"], MediaJobs.Runnable>
    const { id, instance, owns } = provider
    // Options that can't work are refused now, and not as the first run comes.
    yield* Effect.scoped(Slots.make({ id, instance, owns, capabilities: [] }, options.slots?.[name]))
    providers.set(name, provider)
  }

  const ofProvider = ({ id, instance }: Provider.Identity) => {
    const { ledger: whole, settled } = steady({
      ...ledger,
      // The last word before the request.
      intend: (intent) =>
        Effect.flatMap(
          table.ifOurs(intent.key, ledger.intend(intent)),
          (written) =>
            written === undefined
              ? Effect.fail(new Ledger.LedgerUnavailable({ cause: moved, detail: moved }))
              : Effect.succeed(written)
        )
    }, persist)
    // Nothing is sent from here any more, and nothing told: this machine stood still, and is about to be told itself.
    const intend: Ledger.Ledger["intend"] = (intent) =>
      Effect.catch(whole.intend(intent), (error) => error.detail === moved ? Effect.never : Effect.fail(error))
    const isOurs = ({ intent }: Ledger.Entry) => intent.provider === id && intent.instance === instance
    const resume = Effect.map(whole.resume, ({ entries }) => Ledger.unfinished(entries.filter(isOurs)))
    return { ledger: { ...whole, intend, resume }, settled }
  }
  const homes = yield* Homes.make({
    table,
    ledger,
    lookout,
    persist,
    open: Effect.fnUntraced(function*(name) {
      const provider = providers.get(name)
      if (provider === undefined) {
        yield* Log.warning(`Runs of ${name} wait for a program that has it: this one is older, or newer`)
        return yield* Effect.never
      }
      const { finish, secrets, slots } = options
      const { ledger, settled } = ofProvider(provider)
      const media = yield* MediaJobs.make({ [name]: Media.providers[name] } as MediaJobs.Providers, {
        finish,
        secrets,
        slots: slots?.[name] === undefined ? undefined : { [name]: slots[name] }
      }).pipe(
        Effect.provideService(Ledger.Ledger, ledger),
        Effect.provideContext(context),
        Effect.orDie
      )
      // What is on its way when this closes is given the time to be answered: a reply that is lost takes long to find out about.
      yield* Effect.addFinalizer(() => settled)
      // By its one name, it has the runs of that provider.
      return { shared: media, runs: media[name] as unknown as Homes.Home["runs"] }
    })
  })

  const Home = homeEntity(service)
  const RunOf = runWorkflow(service)
  const tell = yield* Home.client
  const homeOf = ({ id, instance }: Provider.Identity) => `home/${id}/${instance}`
  const shardOf = (name: string) => sharding.getShardId(EntityId.make(name), group)

  /** Names are tried until one lands on the shard that is the provider's home. */
  const executionOf = (provider: Provider.Identity, key: string, attempt: number): string => {
    const home = shardOf(homeOf(provider)).id
    for (let n = 0;; n++) {
      const name = `${key}.${attempt}.${n}`
      if (shardOf(name).id === home) return name
    }
  }
  const execute: Operations.Parts["execute"] = ({ attempt, execution, run_key: key }) =>
    Effect.catchCause(
      Effect.asVoid(engine.execute(RunOf, { executionId: execution, payload: { key, attempt }, discard: true })),
      (cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Log.warning("A run is written down, and begins once the database is there again")
    )
  const unreached = (cause: unknown) =>
    new Ledger.LedgerUnavailable({ cause, detail: "The run's machine could not be reached." })

  yield* sharding.registerEntity(
    Home,
    Effect.succeed(Home.of({
      wake: ({ payload: { id, instance, provider, replyUrl } }) =>
        id === undefined
          ? wakes.wake({ provider, instance, replyUrl: replyUrl ?? "" })
          : wakes.wake({ provider, instance, id }),
      cancel: ({ payload: { key, name } }) => homes.cancel(name, key)
    })),
    { concurrency: "unbounded" }
  )
  yield* engine.register(RunOf, ({ attempt, key }) => homes.work(key, attempt))

  const fork = Effect.runForkWith(context)
  for (const provider of providers.values()) {
    const { id, instance } = provider
    const home = homeOf(provider)
    const unregister = wakes.register({
      provider: id,
      instance,
      wake: (subject) => {
        if (sharding.hasShardId(shardOf(home))) return false
        fork(Effect.ignore(Effect.timeout(tell(home).wake(subject), "10 seconds")))
        return true
      }
    })
    yield* Effect.addFinalizer(() => Effect.sync(unregister))
  }

  let looked = 0
  const begin = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const row of yield* table.unfinished(looked, now - unbegun)) {
      const entityId = EntityId.make(row.execution)
      const address = EntityAddress.make({
        entityType: EntityType.make(`Workflow/${RunOf._tag}`),
        entityId,
        shardId: sharding.getShardId(entityId, group)
      })
      const sent = yield* storage.requestIdForPrimaryKey({ address, tag: "run", id: "" })
      if (Option.isNone(sent)) yield* execute(row)
    }
    looked = now - remembered
  })
  /** A few at once: on a disk each commit takes its time, and others wait for a transaction. */
  const forgetSome = Effect.gen(function*() {
    const rows = yield* table.past((yield* Clock.currentTimeMillis) - keep, mostPast)
    for (const row of rows) {
      const provider = providers.get(row.name)
      for (let attempt = 1; provider !== undefined && attempt <= row.attempt; attempt++) {
        const entityId = EntityId.make(executionOf(provider, row.run_key, attempt))
        yield* storage.clearAddress(EntityAddress.make({
          entityType: EntityType.make(`Workflow/${RunOf._tag}`),
          entityId,
          shardId: sharding.getShardId(entityId, group)
        }))
      }
      yield* table.remove(row.run_key)
    }
    return rows.length
  })
  const forget = Effect.asVoid(Effect.repeat(table.atOnce(forgetSome), { while: (rows) => rows === mostPast }))
  const repeatedly = (effect: Effect.Effect<void, Error>, what: string, pause: Duration.Input) =>
    Effect.forkScoped(Effect.forever(Effect.andThen(
      Effect.ignore(persist(what)(effect, Schedule.spaced("5 seconds"))),
      Effect.sleep(pause)
    )))
  yield* repeatedly(begin, "begin runs that were only written down", unbegun)
  yield* repeatedly(forget, "remove runs that are past", "1 hour")

  const parts: Operations.Parts = {
    table,
    ledger,
    lookout,
    homes,
    executionOf,
    execute,
    stop: (provider, name, key) =>
      // What comes back is what `cancel` there ended with.
      tell(homeOf(provider)).cancel({ name, key }).pipe(
        Effect.timeout("30 seconds"),
        Effect.catchTags({
          AlreadyProcessingMessage: (error) => Effect.fail(unreached(error)),
          EntityNotAssignedToRunner: (error) => Effect.fail(unreached(error)),
          MailboxFull: (error) => Effect.fail(unreached(error)),
          PersistenceError: (error) => Effect.fail(unreached(error)),
          TimeoutError: (error) => Effect.fail(unreached(error))
        })
      ) as Effect.Effect<void, Operations.StopError>
  }
  const operations: Record<string, unknown> = {}
  for (const [name, provider] of providers) {
    operations[name] = Operations.make(parts, { name, provider, poller: yield* pollers.get(provider) })
  }
  const viewed = (key: string) => Operations.view(parts, key)
  const runs = Effect.gen(function*() {
    const found: Array<Run> = []
    for (const { run_key } of yield* table.recent(mostOver)) {
      const run = yield* viewed(run_key)
      if (run !== undefined) found.push(run)
    }
    return found
  }).pipe(persist("list runs"), Effect.orDie)
  const shared: MediaJobs.Shared = {
    changes: homes.changes,
    runs,
    jobs: Effect.map(runs, (runs) => runs.flatMap(({ jobs }) => jobs)),
    find: (key) => Effect.map(viewed(key), Option.fromUndefinedOr),
    resume: Effect.map(
      Effect.forEach(homes.all(), ({ shared }) => shared.resume),
      (all) => ({ keys: all.flatMap(({ keys }) => keys), undecided: all.flatMap(({ undecided }) => undecided) })
    ),
    seal: seal.seal,
    open: seal.open
  }
  // By the names of the providers, each with the operations of its own.
  const media = { ...operations, ...shared } as unknown as MediaJobs.MediaJobs<K>
  return Context.add(Context.make(Media, media), Ledger.Ledger, ledger) as Context.Context<Self>
})

/** What the database said, if that is what is wrong: a cluster that can't make its tables dies of it. */
const sqlErrorOf = (cause: Cause.Cause<unknown>): SqlError.SqlError | undefined => {
  for (const reason of cause.reasons) {
    let error = reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined
    for (; error instanceof Error; error = error.cause) if (SqlError.isSqlError(error)) return error
  }
  return undefined
}

/**
 * The application's service, with runs that outlive the process: what `Media.layer` provides, over a database.
 *
 * **Details**
 *
 * A run is written down before anything else, and from then on it goes on by itself: if its process dies, with the next one, or on another machine.
 * Interrupting `run` or `submit` interrupts the wait alone; `cancel` stops the run, also past its deadline. A deadline counts from the submit, or from
 * when the same key was asked for again, whichever machine waits. A key is known for as long as its run is kept. `runs`, `jobs` and `find` tell of all
 * machines' runs; `changes` of this machine's. A handle is of a run where the ledger has its job. The ledger is provided along.
 *
 * A database that does not answer, or that has no room for tables, is `TablesUnavailable`, whatever its client says.
 *
 * All runs of one provider and instance are on one machine at a time, so that one list serves them, and slots and rate limits hold.
 *
 * **Gotchas**
 *
 * The database holds requests, and with them prompts; ids, and with them e-mail addresses.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <
  Self,
  Id extends string,
  K extends MediaJobs.Providers,
  E = never,
  R = never,
  SE = SqliteClient.SqliteUnavailable,
  SR = never
>(
  Media: MediaJobs.ServiceClass<Self, Id, K>,
  options: Options<K, E, R, SE, SR> = {}
): Layer.Layer<
  Self,
  Config.ConfigError | JobError.InvalidRequest | Tables.TablesUnavailable | SE,
  R | SR | K[keyof K]["Identifier"]
> =>
  Layer.effectContext(make(Media, options)).pipe(
    Layer.provide(ClusterWorkflowEngine.layer),
    // Without a storage of its own, the types of the default one hold.
    Layer.provide(options.storage ?? file() as unknown as Layer.Layer<Storage, SE, SR>),
    Layer.catchCause((cause) => {
      const error = sqlErrorOf(cause)
      return error === undefined
        ? Layer.effectContext(Effect.failCause(cause))
        : Layer.effectContext(Effect.fail(Tables.unavailable(error)))
    })
  )
