/**
 * Saves what a job made, safely, before its link dies.
 *
 * @since 0.1.0
 */
import type { Artifact } from "@media-jobs/core/Artifact"
import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Mutex from "@media-jobs/core/Mutex"
import type { Link } from "@media-jobs/core/Provider"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Settings from "@media-jobs/core/Settings"
import * as ByteSize from "effect/ByteSize"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import type * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { NoSpace, NothingToSave, ReadOnly, type SaveError, type SinkError, SinkUnavailable } from "./ArtifactError.ts"
import * as DirectorySink from "./DirectorySink.ts"
import { parseUrl } from "./internal/address.ts"
import type * as Download from "./internal/download.ts"
import { isInline, optionsKnown } from "./internal/exchange.ts"
import { hashOf } from "./internal/fileHash.ts"
import * as Journal from "./internal/journal.ts"
import { keyOf, labelsOf } from "./internal/naming.ts"
import * as Saving from "./internal/saving.ts"
import type * as Manifest from "./Manifest.ts"
import type * as Progress from "./Progress.ts"
import * as Sink from "./Sink.ts"

/**
 * How artifacts are fetched.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** How many files are fetched at a time, of all jobs together; 4 unless given. */
  readonly concurrency?: number | undefined
  /** How often a file is tried again; 5 unless given. */
  readonly retries?: number | undefined
  /** How long a host may send nothing; 30 seconds unless given. A file may take as long as it flows. */
  readonly idleTimeout?: Duration.Input | undefined
  /** The largest file that is taken; 10 GB unless given. */
  readonly maxBytes?: ByteSize.Input | undefined
  /**
   * Whether links may lead to private and local addresses; unless given, as `ARTIFACTS_ALLOW_PRIVATE` says, else they may not.
   * For an emulator on this machine, and for storage of one's own.
   */
  readonly allowPrivate?: boolean | undefined
}

/**
 * A provider, as far as a save asks it: where an artifact is now, by `link` or else by another `get` of the job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source<out E = never> {
  readonly id: ProviderId
  readonly instance: Instance
  readonly get?: ((id: JobId.JobId) => Effect.Effect<Job.Job, E>) | undefined
  readonly link?: ((job: Job.Job, artifact: Artifact) => Effect.Effect<Link, E>) | undefined
}

/**
 * How one job is saved.
 *
 * @since 0.1.0
 * @category options
 */
export interface SaveOptions<E = never> {
  /**
   * The adapters, of which the one that the job came from is asked where a link is dead, locked, provisional or past its
   * `expiresAt`, or where the job has no file: `link` once for each artifact, or else `get` once for each save.
   */
  readonly providers?: ReadonlyArray<Source<E>> | undefined
  /**
   * How a file that was saved before is trusted: `size` unless given; `hash` reads all of it. One that fails is fetched again.
   */
  readonly verify?: "size" | "hash" | undefined
}

/**
 * A saved file: what the manifest says of it, and where it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Saved extends Manifest.Entry {
  /** As the sink names the place: a path, a URL. */
  readonly location: string
}

/**
 * How one job of a stream fared.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome<E = never> {
  readonly job: Job.Succeeded
  readonly result: Result.Result<ReadonlyArray<Saved>, SaveError | E>
}

/**
 * Saves the artifacts of jobs into a sink.
 *
 * **Details**
 *
 * - `save`: all artifacts of a job, in its order. One that fails stops no other; the first error is the outcome. What is saved
 *   already is not fetched again, and what was begun is gone on with. A job without a file is `NothingToSave`.
 * - `saveAll`: each job of a stream that succeeded, as they get done; the others pass by. A job that can't be saved is a value.
 * - `progress`: of all files that are fetched, ten times a second for each at most; it drops the oldest of 1,024 unread ones.
 *
 * **Gotchas**
 *
 * A host's name is checked, not the address that it stands for: `fetch` does not show it. Where a job's links may be chosen
 * by someone hostile, let the network keep the program from private addresses too. An `HttpClient` that follows redirects by
 * itself, or that adds a token to every request, does so here too: give it a plain one. A file that comes without a length,
 * closed by the connection alone, can't be told from one that was cut.
 *
 * **Example** (Save a job, with a second chance for a dead link)
 *
 * ```ts
 * import { ArtifactStore } from "@media-jobs/artifacts"
 * import { Luma } from "@media-jobs/useapi-luma"
 * import { Poller } from "@media-jobs/poller"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const luma = yield* Luma.Luma
 *   const submission = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
 *   const [job] = yield* Poller.succeed(luma, submission)
 *   const saved = yield* ArtifactStore.save(job, { providers: [luma] })
 *   yield* Console.log(saved.map(({ location }) => location))
 * })
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class ArtifactStore extends Context.Service<ArtifactStore, {
  readonly save: <E = never>(
    job: Job.Succeeded,
    options?: SaveOptions<E>
  ) => Effect.Effect<ReadonlyArray<Saved>, SaveError | E>
  readonly saveAll: <E, R, E2 = never>(
    jobs: Stream.Stream<Job.Job, E, R>,
    options?: SaveOptions<E2>
  ) => Stream.Stream<Outcome<E2>, E, R>
  /** What is saved of a job already; it asks no host, and is empty where nothing is. */
  readonly saved: (job: Job.Job) => Effect.Effect<ReadonlyArray<Saved>, SaveError>
  readonly progress: Stream.Stream<Progress.Progress>
}>()("@media-jobs/artifacts/ArtifactStore") {}

const allowsPrivate = /* @__PURE__ */ Config.withDefault(
  /* @__PURE__ */ Config.Boolean("ARTIFACTS_ALLOW_PRIVATE"),
  false
)

/**
 * A store that saves into the application's sink.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<ArtifactStore["Service"], never, HttpClient.HttpClient | Sink.Sink | Scope.Scope> {
  const sink = yield* Sink.Sink
  // A store that counts on nothing would hang or never end: that is the program's mistake.
  const { concurrency, ...limits } = yield* Effect.orDie(Effect.all({
    concurrency: Settings.count("concurrency", options.concurrency ?? 4, 1),
    idleTimeout: Settings.duration("idleTimeout", options.idleTimeout ?? "30 seconds"),
    retries: Settings.count("retries", options.retries ?? 5, 0),
    maxBytes: Settings.count(
      "maxBytes",
      Number(options.maxBytes === undefined ? ByteSize.gigabytes(10) : ByteSize.fromInputUnsafe(options.maxBytes)),
      1
    )
  }))
  const settings: Download.DownloadOptions = {
    ...limits,
    client: yield* HttpClient.HttpClient,
    options: optionsKnown(),
    buffers: [],
    allowPrivate: options.allowPrivate ?? (yield* Effect.orDie(allowsPrivate))
  }
  const shared = yield* Semaphore.make(concurrency)
  // Permits of a request that has ended would never come back.
  const turns = Runtime.isolatesRequests() ? Semaphore.make(concurrency) : Effect.succeed(shared)
  const locks = yield* RcMap.make({ lookup: (_key: string) => Mutex.make })
  const news = yield* PubSub.sliding<Progress.Progress>({ capacity: 1024 })

  const locate = (entry: Manifest.Entry): Saved => ({ ...entry, location: sink.locate(entry.file) })

  const isIntact = Effect.fnUntraced(function*(entry: Manifest.Entry, verify: "size" | "hash") {
    const intact = (yield* sink.size(entry.file)) === entry.bytes &&
      (verify === "size" || (yield* hashOf(sink, entry.file)) === entry.sha256)
    if (!intact) yield* Effect.logWarning(`A saved file is missing or spoiled and is fetched again: ${entry.file}`)
    return intact
  })

  const fetchOne = Saving.make(settings, sink, (progress) => PubSub.publish(news, progress))

  const saveLocked = Effect.fnUntraced(function*<E>(
    job: Job.Succeeded,
    { providers = [], verify = "size" }: SaveOptions<E>
  ): Effect.fn.Return<ReadonlyArray<Saved>, SaveError | E> {
    const { id, instance, provider } = job
    const source = providers.find((one) => one.id === provider && one.instance === instance)
    const again = source?.get === undefined ? undefined : yield* Effect.cached(source.get(id))
    const { artifacts } = job.state.artifacts.length === 0 && again !== undefined
      ? artifactsOf(yield* again)
      : job.state
    if (artifacts.length === 0) return yield* new NothingToSave({ provider, instance, id })
    const journal = yield* Journal.open(sink, job)
    const labels = labelsOf(artifacts)
    const turn = yield* turns

    const one = Effect.fnUntraced(function*(artifact: Artifact, label: string) {
      const entry = journal.entry(label)
      if (entry !== undefined && journal.begun(label) === undefined) {
        if (yield* isIntact(entry, verify)) return locate(entry)
        // With this beside it, what is noted of the file is not trusted again.
        yield* journal.begin({ label, file: entry.file })
      }
      const refreshUrl = source?.link !== undefined
        ? source.link(job, artifact)
        : again && Effect.map(again, (again) => linkOf(artifacts, artifactsOf(again).artifacts, artifact))
      return locate(
        yield* Effect.scoped(fetchOne({ job, artifact, label, journal, refreshUrl, isOnly: artifacts.length === 1 }))
      )
    })

    const exits = yield* Effect.forEach(
      artifacts,
      (artifact, i) => Effect.exit(Semaphore.withPermit(turn, one(artifact, labels[i] ?? ""))),
      { concurrency: "unbounded" }
    ).pipe(Effect.onExit(() => journal.close))
    return yield* Exit.asVoidAll(exits).pipe(
      Effect.as(exits.flatMap((exit) => Exit.isSuccess(exit) ? [exit.value] : []))
    )
  })

  const save = <E = never>(
    job: Job.Succeeded,
    options: SaveOptions<E> = {}
  ): Effect.Effect<ReadonlyArray<Saved>, SaveError | E> =>
    RcMap.get(locks, keyOf(job)).pipe(
      Effect.flatMap((exclusively) => exclusively(saveLocked(job, options))),
      Effect.scoped,
      Effect.mapError((error) => aboutJob(error, job)),
      Effect.withSpan("ArtifactStore.save", {
        attributes: { provider: job.provider, instance: job.instance, job: JobId.fingerprint(job.id) }
      })
    )

  const saved = Effect.fnUntraced(function*(job: Job.Job): Effect.fn.Return<ReadonlyArray<Saved>, SaveError> {
    const { entries } = yield* Journal.open(sink, job)
    const whole = yield* Effect.filter(
      entries,
      ({ bytes, file }) => Effect.map(sink.size(file), (size) => size === bytes)
    )
    const labels = labelsOf(artifactsOf(job).artifacts)
    return whole.map(locate).sort((a, b) => labels.indexOf(a.label) - labels.indexOf(b.label))
  })

  return ArtifactStore.of({
    save,
    saved: (job) => Effect.mapError(saved(job), (error) => aboutJob(error, job)),
    saveAll: (jobs, options) =>
      Stream.filter(jobs, isSucceeded).pipe(
        Stream.mapEffect(
          (job) => Effect.map(Effect.result(save(job, options)), (result) => ({ job, result })),
          { concurrency, unordered: true }
        )
      ),
    progress: Runtime.isolatesRequests() ? glances(news) : Stream.fromPubSub(news)
  })
})

/** What is published, for a reader that looks by itself: a save that woke it would go on with it, in the wrong request. */
const glances = <A>(news: PubSub.PubSub<A>): Stream.Stream<A> =>
  Stream.unwrap(Effect.map(
    PubSub.subscribe(news),
    (subscription) =>
      Stream.fromIterableEffectRepeat(Effect.andThen(Effect.sleep("100 millis"), PubSub.takeUpTo(subscription, 1024)))
  ))

const isSucceeded = (job: Job.Job): job is Job.Succeeded => job.is("Succeeded")

const artifactsOf = (job: Job.Job): { readonly artifacts: ReadonlyArray<Artifact> } =>
  isSucceeded(job) ? job.state : { artifacts: [] }

/** A sink's error with the job that it came of. */
const aboutJob = <E>(error: SaveError | E, { id, instance, provider }: Job.Job): SaveError | E => {
  const job = { provider, instance, id }
  if (error instanceof NoSpace) return new NoSpace({ file: error.file, ...job })
  if (error instanceof ReadOnly) return new ReadOnly({ file: error.file, ...job })
  return error instanceof SinkUnavailable
    ? new SinkUnavailable({ file: error.file, cause: error.cause, ...job })
    : error
}

/** A link without what changes each time that it is given out. */
const pathOf = ({ url }: Artifact): string => {
  const at = isInline(url) ? undefined : parseUrl(url)
  return at === undefined ? url : `${at.origin}${at.pathname}`
}

/**
 * Where an artifact is now, by the job as it is now: behind the link of the same path; or else under the same label, where that
 * is no other artifact's link and can't have moved.
 */
const linkOf = (
  before: ReadonlyArray<Artifact>,
  now: ReadonlyArray<Artifact>,
  artifact: Artifact
): Link | undefined => {
  const path = pathOf(artifact)
  const alike = (artifacts: ReadonlyArray<Artifact>) =>
    artifacts.filter(({ kind, label, role }) =>
      kind === artifact.kind && role === artifact.role && label === artifact.label
    )
  const [then, today] = [alike(before), alike(now)]
  const paths = new Set(before.map(pathOf))
  const sameLabel = then.length === today.length ? today[then.indexOf(artifact)] : undefined
  return now.find((one) => pathOf(one) === path) ??
    (sameLabel === undefined || paths.has(pathOf(sameLabel)) ? undefined : sameLabel)
}

/**
 * The application's store, over its sink.
 *
 * **When to use**
 *
 * Use with a sink of the application's own, such as an object store.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSink = (options?: Options): Layer.Layer<ArtifactStore, never, HttpClient.HttpClient | Sink.Sink> =>
  Layer.effect(ArtifactStore, make(options))

/**
 * The application's store, in a directory.
 *
 * **Details**
 *
 * A file is named after the provider, a hash of the job's identity, and the artifact's kind and role, as in
 * `luma-b5fd6ffbf1a04fed7bae8b4c64234d51-video-primary.mp4`; the job's manifest as in
 * `luma-b5fd6ffbf1a04fed7bae8b4c64234d51.json`. A directory that can't be made or written fails the layer, not a save.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options & { readonly directory: string }
): Layer.Layer<ArtifactStore, SinkError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Layer.provide(layerSink(options), DirectorySink.layer(options.directory))

/**
 * Saves all artifacts of a job with the application's store.
 *
 * @since 0.1.0
 * @category accessors
 */
export const save = <E = never>(
  job: Job.Succeeded,
  options?: SaveOptions<E>
): Effect.Effect<ReadonlyArray<Saved>, SaveError | E, ArtifactStore> =>
  ArtifactStore.use((store) => store.save(job, options))

/**
 * Saves each job of a stream that succeeded, with the application's store.
 *
 * @since 0.1.0
 * @category accessors
 */
export const saveAll = <E, R, E2 = never>(
  jobs: Stream.Stream<Job.Job, E, R>,
  options?: SaveOptions<E2>
): Stream.Stream<Outcome<E2>, E, R | ArtifactStore> =>
  Stream.unwrap(ArtifactStore.useSync((store) => store.saveAll(jobs, options)))

/**
 * The progress of all saves of the application's store.
 *
 * @since 0.1.0
 * @category accessors
 */
export const progress: Stream.Stream<Progress.Progress, never, ArtifactStore> = /* @__PURE__ */ Stream.unwrap(
  /* @__PURE__ */ ArtifactStore.useSync((store) => store.progress)
)
