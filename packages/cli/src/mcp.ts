/**
 * `mcp`: the jobs as tools of a Model Context Protocol server over stdio.
 *
 * A submit spends money, so none is sent unless `--max-submits` allows it; no tool's text can be taken for advice to submit again while a job
 * may run.
 */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type * as Job from "@media-jobs/core/Job"
import { fingerprint } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as McpProtocol from "effect/ai/McpProtocol"
import * as McpSchema from "effect/ai/McpSchema"
import * as McpServer from "effect/ai/McpServer"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Access from "./access.ts"
import * as Changes from "./changes.ts"
import type { Shared } from "./configuration.ts"
import * as Files from "./files.ts"
import { isWatchable, one, unable } from "./looks.ts"
import * as Output from "./output.ts"
import * as RequestFlags from "./requestFlags.ts"
import * as Runs from "./runs.ts"
import * as Session from "./session.ts"
import { ofError, usage } from "./stopped.ts"
import { Surface } from "./surface.ts"
import * as Targets from "./targets.ts"
import * as Uploads from "./uploads.ts"

export interface Options {
  readonly maxSubmits: number
  readonly providers: ReadonlyArray<string> | undefined
  readonly folder: string | undefined
  readonly version: string
}

/** Why a tool does not do what it was asked to, in one sentence. */
class Refused extends Schema.TaggedError<Refused>("@media-jobs/cli/Refused")("Refused", { message: Schema.String }) {}

const Jobs = Schema.Struct({ text: Schema.String, jobs: Schema.Array(Schema.Json) })
const Ids = Schema.Struct({
  ids: Schema.NonEmptyArray(Schema.String).annotate({ description: "Ids, handles, or keys of submits" })
})
const of = { failure: Refused, success: Jobs }
/** How long one call may wait: clients give up on those that last. */
const longest = 50

/** The largest file that is read for a client, in bytes: its message holds it whole. */
const mostBytes = 16 * 1024 * 1024

/** By the fingerprint of its job: many ids hold an e-mail address. */
const resourceOf = ({ id }: Job.Job, { file }: Saved): string =>
  `media-jobs://files/${fingerprint(id).replace("job:", "")}/${encodeURIComponent(file)}`

/** A word that a tool does not know is refused: `dryrun` would have it spend. */
const looking = Context.make(Tool.Strict, true).pipe(
  Context.add(Tool.Readonly, true),
  Context.add(Tool.Destructive, false)
)

const look = Tool.make("look", { ...of, description: "Jobs as they stand now.", parameters: Ids })
  .annotateMerge(looking)
const list = Tool.make("list", {
  ...of,
  description: "All jobs that execute, or were submitted here and are not done."
}).annotateMerge(looking)
const cancel = Tool.make("cancel", {
  ...of,
  description: "Stops jobs at their service. What they have cost stays spent, and what they made by then stays there.",
  parameters: Ids
}).annotate(Tool.Strict, true)
const save = Tool.make("save", {
  ...of,
  description:
    "Saves the files of jobs that succeeded into the folder of this server, and says where they are, and as which resources they can be read.",
  parameters: Ids
}).annotate(Tool.Strict, true).annotate(Tool.Destructive, false).annotate(Tool.Idempotent, true)
const wait = Tool.make("wait", {
  ...of,
  description: "Waits until jobs have ended, or the seconds are over. Waiting again goes on where it left. " +
    "A call that is cancelled, or given up, stops nothing: the jobs run on, and are there for the next.",
  parameters: Schema.Struct({
    ...Ids.fields,
    seconds: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: longest })).annotate({
        description: `How long this call may last, at most ${longest}; 30 unless told`
      })
    )
  })
}).annotateMerge(looking)
const providers = Tool.make("providers", {
  failure: Refused,
  success: Schema.Struct({ providers: Schema.Array(Schema.Json) }),
  description:
    "The providers that may be used, what each can do and makes; of one that is named, the fields of its requests.",
  parameters: Schema.Struct({ provider: Schema.optionalKey(Schema.String) })
}).annotateMerge(looking)
const submit = Tool.make("submit", {
  ...of,
  description:
    "Submits a request, which costs money, once for each key: the same key again gives the same jobs and pays nothing. " +
    "Returns at once, and wait tells of the end. A call that is cancelled or given up may have submitted all the same: look at its key.",
  parameters: Schema.Struct({
    provider: Schema.String,
    kind: Schema.String.annotate({ description: "A kind that `providers` names, or a model where it takes one" }),
    request: Schema.Record(Schema.String, Schema.Json).annotate({
      description: "The fields of the kind; a file of this server's folders is uploaded where a field takes one"
    }),
    key: Schema.String.annotate({ description: "A name of your own for this one request: letters, digits, - and _" }),
    dryRun: Schema.optionalKey(
      Schema.Boolean.annotate({ description: "Says whether the request is right, and sends nothing" })
    )
  })
}).annotate(Tool.Strict, true).annotate(Tool.Idempotent, true)

const toolkit = Toolkit.make(providers, submit, look, wait, list, cancel, save)

const refuse = (error: { readonly _tag: string; readonly message: string }): Refused => {
  const { sentence } = ofError(error)
  return new Refused({ message: sentence })
}
const json = (value: unknown): Schema.Json => JSON.parse(JSON.stringify(value)) // what JSON makes of a value is JSON

const handlers = Effect.fnUntraced(function*(given: Session.Session, options: Options) {
  // No bar goes into the protocol.
  const session: Session.Session = { ...given, output: { ...given.output, isLive: false } }
  const { configuration, ledger } = session
  const files = yield* Files.make(session)
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { cwd } = yield* Surface
  const folder = path.resolve(cwd, options.folder ?? configuration.save ?? ".")
  const allowed = options.providers ?? Access.configured(configuration)
  for (const id of allowed) yield* Access.describe(id)
  const scoped = yield* Effect.context<Effect.Services<ReturnType<typeof Runs.make>>>()
  const opened = new Map(
    yield* Effect.forEach(allowed, (id) =>
      Effect.map(
        Effect.cached(Effect.provideContext(
          Effect.flatMap(session.provider(id), (provider) => Runs.make(session, files, [provider])),
          scoped
        )),
        (media) => [id, media] as const
      ))
  )
  /** The keys that this server may have paid for, each with how many of its calls have not failed. */
  const spent = new Map<string, number>()

  const linesOf = Effect.fnUntraced(function*(lines: ReadonlyArray<Output.Line>, text: string) {
    yield* ledger.see(lines.map(({ job }) => job))
    const jobs = lines.map((line) =>
      json({
        ...Output.toJson(line),
        files: line.files?.map((file) => ({ ...file, resource: resourceOf(line.job, file) }))
      })
    )
    return { text, jobs }
  })
  const checked = Effect.fnUntraced(function*(ids: ReadonlyArray<string>) {
    const targets = yield* Targets.named(session, ids)
    const other = targets.find(({ provider }) => !allowed.includes(provider))
    if (other !== undefined) {
      return yield* usage(`${other.provider} is not among the providers that this server may use.`)
    }
    return targets
  })
  const lineOf = Effect.fnUntraced(function*(target: Targets.Target) {
    const job = yield* one(yield* session.provider(target.provider), target)
    return { job, handle: target.handle, key: target.known?.key }
  })
  const described = (id: string) =>
    allowed.includes(id)
      ? Access.describe(id)
      : Effect.fail(usage(`${id} is not among the providers that this server may use: ${allowed.join(", ")}.`))
  const some = (n: number) => n === 1 ? "1 job" : `${n} jobs`
  const going = (lines: ReadonlyArray<Output.Line>): ReadonlyArray<string> => {
    const count = (is: (job: Job.Job) => boolean) => lines.filter(({ job }) => is(job)).length
    const [open, unseen] = [count((job) => !job.isTerminal), count((job) => job.is("Untracked"))]
    return [
      ...(open === 0 ? [] : [`Under way and paid for: ${some(open)}. Call wait with the same ids.`]),
      ...(unseen === 0 ? [] : [`Out of sight, and perhaps running, paid for: ${some(unseen)}. Tell a person.`]),
      ...(lines.length > 0 && open === 0 && unseen === 0 ? ["All have ended."] : []),
      ...(lines.length === 0 ? ["There are none."] : [])
    ]
  }
  /** What becomes of each; what goes wrong with some is told beside the others. */
  const each = Effect.fnUntraced(function*<A, E extends { readonly _tag: string; readonly message: string }, R>(
    all: ReadonlyArray<A>,
    f: (one: A) => Effect.Effect<ReadonlyArray<Output.Line>, E, R>,
    { concurrency = 8, tell = going }: {
      readonly concurrency?: number
      readonly tell?: (lines: ReadonlyArray<Output.Line>) => ReadonlyArray<string>
    } = {}
  ) {
    const results = yield* Effect.forEach(all, (one) => Effect.result(f(one)), { concurrency })
    const lines = results.flatMap((result) => Result.isSuccess(result) ? result.success : [])
    const errors = results.flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
    const [first] = errors
    if (first !== undefined && errors.length === all.length) return yield* Effect.fail(first)
    return yield* linesOf(lines, [...tell(lines), ...errors.map((error) => ofError(error).sentence)].join(" "))
  })

  /** What becomes of each job that the ids name. */
  const named = <E extends { readonly _tag: string; readonly message: string }, R>(
    ids: ReadonlyArray<string>,
    f: (target: Targets.Target) => Effect.Effect<ReadonlyArray<Output.Line>, E, R>,
    options?: Parameters<typeof each>[2]
  ) =>
    each(
      ids,
      (id) =>
        Effect.flatMap(checked([id]), (targets) =>
          Effect.map(Effect.forEach(targets, f, { concurrency: "unbounded" }), (lines) => lines.flat())),
      options
    )

  /** A file that was saved of a job, wherever its submit or this server had it saved. */
  const read = Effect.fnUntraced(function*(uri: string, job: string, name: string) {
    for (const known of yield* ledger.find(`job:${job}`)) {
      if (known.job === undefined || !allowed.includes(known.handle.provider)) continue
      for (const into of new Set([folder, known.folder ?? folder])) {
        const saved = (yield* files.saved(known.job, into)).find(({ file }) => file === name)
        if (saved === undefined) continue
        if (saved.bytes > mostBytes) {
          return yield* usage(`It has ${saved.bytes} bytes, too many for a message: read it at its location.`)
        }
        const blob = yield* fs.readFile(saved.location)
        return { contents: [{ uri, blob, ...(saved.mediaType === undefined ? {} : { mimeType: saved.mediaType }) }] }
      }
    }
    return yield* usage("There is no such file: save says what is saved.")
  })

  const mediaOf = ({ id }: Provider.Any) => opened.get(id) ?? Access.unknown(id)
  const claim = (key: string) =>
    Effect.flatMap(
      ledger.claim(key, folder),
      (isOurs) => isOurs ? Effect.void : usage("Another process is at this key: look at it in a while.")
    )
  const lost = usage(
    "The reply was lost, so a job may run and be paid for: tell a person, who finds out by `media-jobs resume`."
  )

  /**
   * Whether a submit under a key may be sent, and paid. That of an earlier process whose reply was lost may turn out never to have begun,
   * and would be sent then by whoever asks: what became of it is found out first.
   */
  const mayPay = Effect.fnUntraced(function*(provider: Provider.Any, key: string) {
    const before = yield* ledger.ledger.find(key)
    if (before === undefined || before.handles !== undefined || spent.has(key)) return before?.handles === undefined
    yield* claim(key)
    yield* (yield* mediaOf(provider)).resume
    const settled = yield* ledger.ledger.find(key)
    if (settled !== undefined && settled.handles === undefined) return yield* lost
    return settled === undefined
  })

  /** Sends a request that is allowed, with the files that it names before it. */
  const send = Effect.fnUntraced(function*(
    kind: RequestFlags.Kind,
    request: Record<string, unknown>,
    provider: Provider.Any,
    key: string
  ) {
    yield* claim(key)
    const media = yield* mediaOf(provider)
    const runs = media[provider.id]
    if (runs === undefined) return yield* unable(provider, "submit")
    const { account, request: resolved } = yield* Uploads.resolve(session, provider, kind, request, {
      account: undefined,
      key
    })
    // Its own schema has just found it right.
    const submitted = runs.submit(resolved as never, { key, account })
    const { handles } = yield* Effect.catchTag(submitted, "SubmissionUncertain", () => lost)
    const run = Option.getOrUndefined(yield* media.find(key))
    const lines = handles.flatMap((handle) => {
      const job = run?.jobs.find((job) => job.id === handle.id)
      return job === undefined ? [] : [{ job, handle, key }]
    })
    return yield* linesOf(lines, going(lines).join(" "))
  })

  const tools = toolkit.of({
    providers: ({ provider }) =>
      Effect.forEach(
        provider === undefined ? allowed : [provider],
        Effect.fnUntraced(function*(id) {
          const kinds = RequestFlags.kindsOf(yield* described(id))
          const { capabilities } = yield* session.provider(id)
          return json({
            id,
            capabilities,
            kinds: kinds.map((kind) =>
              provider === undefined ? kind.name : { name: kind.name, fields: RequestFlags.fieldsIn(kind) }
            )
          })
        })
      ).pipe(Effect.map((providers) => ({ providers })), Effect.mapError(refuse)),
    submit: ({ dryRun = false, key, kind: what, provider: id, request: fields }) =>
      Effect.gen(function*() {
        const [first, ...rest] = RequestFlags.kindsOf(yield* described(id))
        const told = [first, ...rest].find((kind) => kind?.name === RequestFlags.wordOf(what))
        if (first === undefined) return yield* usage(`${id} takes no requests.`)
        if (first.argument === undefined && told === undefined) {
          return yield* usage(`${id} makes no ${what}: \`providers\` names what it does.`)
        }
        const kind = told ?? RequestFlags.choose([first, ...rest], what)
        const request = { ...fields, ...RequestFlags.told(kind, what) }
        const provider = yield* session.provider(id)
        yield* Uploads.examine(provider, kind, request, [folder, cwd])
        const pays = !dryRun && (yield* mayPay(provider, key))
        if (dryRun || pays && !spent.has(key) && spent.size >= options.maxSubmits) {
          return {
            jobs: [],
            text: dryRun || options.maxSubmits === 0
              ? "Dry run: the request is right, and nothing was sent. A person lets submits through by --max-submits."
              : `Nothing was sent: this server's ${options.maxSubmits} submits are used up.`
          }
        }
        const sent = send(kind, request, provider, key)
        if (!pays) return yield* sent
        // Counted at once, so that calls that come together are not each the last.
        spent.set(key, (spent.get(key) ?? 0) + 1)
        return yield* Effect.onError(sent, () =>
          Effect.map(Effect.option(ledger.ledger.find(key)), (entry) => {
            const left = (spent.get(key) ?? 1) - 1
            spent.set(key, left)
            // What was refused has cost nothing.
            if (left === 0 && Option.isSome(entry) && entry.value === undefined) spent.delete(key)
          }))
      }).pipe(
        Effect.mapError(refuse),
        Effect.provideService(FileSystem.FileSystem, fs),
        Effect.provideService(Path.Path, path)
      ),
    look: ({ ids }) => Effect.mapError(named(ids, (target) => Effect.map(lineOf(target), (line) => [line])), refuse),
    wait: ({ ids, seconds = 30 }) =>
      Effect.gen(function*() {
        const pollers = yield* Pollers.Pollers
        const until = Effect.fnUntraced(function*(target: Targets.Target) {
          const provider = session.outages.observe(yield* session.provider(target.provider))
          if (!isWatchable(provider)) return yield* unable(provider, "get")
          const poller = yield* pollers.get(provider)
          let last: Job.Job | undefined
          yield* Effect.timeoutOption(
            Stream.runForEach(
              poller.watch(target.handle ?? target.id),
              (job) => Effect.sync(() => void (last = job))
            ),
            `${seconds} seconds`
          )
          return [
            last === undefined
              ? yield* lineOf(target)
              : { job: last, handle: target.handle, key: target.known?.key }
          ]
        })
        return yield* named(ids, until, { concurrency: Infinity })
      }).pipe(Effect.mapError(refuse)),
    list: () =>
      Effect.gen(function*() {
        const open = yield* ledger.open
        const ofProvider = Effect.fnUntraced(function*(id: string) {
          const provider = yield* session.provider(id)
          const listed = Provider.supports("list")(provider) ? (yield* provider.list).jobs : []
          const others = open.filter(({ handle }) =>
            handle.provider === id && !listed.some((job) => job.id === handle.id)
          )
          return [
            ...listed.map((job) => ({ job })),
            ...yield* Effect.forEach(others, (known) =>
              lineOf({ provider: id, id: known.handle.id, handle: known.handle, known }))
          ]
        })
        return yield* each(allowed, ofProvider)
      }).pipe(Effect.mapError(refuse)),
    cancel: ({ ids }) =>
      Effect.gen(function*() {
        const stop = Effect.fnUntraced(function*(target: Targets.Target) {
          const { handle, known } = target
          const { job } = yield* Changes.cancel(session, yield* session.provider(target.provider), target)
          return job === undefined ? [] : [{ job, handle, key: known?.key }]
        })
        const tell = (lines: ReadonlyArray<Output.Line>) => {
          const made = lines.filter(({ job }) => job.is("Succeeded")).length
          const open = lines.filter(({ job }) => !job.isSettled).length
          return [
            "Their service was told to stop them.",
            ...(open === 0 ? [] : [`Not stopped yet, and paid for if they end: ${some(open)}. Call look.`]),
            ...(made === 0 ? [] : [`Had succeeded already: ${some(made)}. Call save.`])
          ]
        }
        return yield* named(ids, stop, { tell })
      }).pipe(Effect.mapError(refuse)),
    save: ({ ids }) =>
      Effect.gen(function*() {
        const keep = Effect.fnUntraced(function*(target: Targets.Target) {
          const line = yield* lineOf(target)
          if (!line.job.is("Succeeded")) return [line]
          const saved = yield* files.save(line.job, folder, yield* session.provider(target.provider))
          if (target.known?.key !== undefined) yield* ledger.ledger.done(target.known.handle, line.job)
          return [{ ...line, files: saved }]
        })
        return yield* named(ids, keep)
      }).pipe(Effect.mapError(refuse))
  })
  return { tools, read: (uri: string, job: string, name: string) => Effect.mapError(read(uri, job, name), refuse) }
})

/** Serves until the client leaves. */
export const serve = (shared: Shared, options: Options) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { read, tools } = yield* handlers(session, options)
      const job = McpServer.resource({
        uri: "media-jobs://jobs",
        name: "jobs",
        description: "What was submitted on this machine and is not done",
        mimeType: "application/json",
        content: Effect.map(session.ledger.open, (open) =>
          JSON.stringify(
            open.map(({ handle, job, key }) => ({
              id: handle.id,
              provider: handle.provider,
              key,
              state: job?.state._tag
            }))
          ))
      })
      const file = McpServer.resource`media-jobs://files/${McpSchema.param("job", Schema.String)}/${
        McpSchema.param("file", Schema.String)
      }`({
        name: "file",
        description: "A file that was saved, as save tells its address",
        content: read
      })
      const server = Layer.launch(McpServer.layerStdio({
        name: "media-jobs",
        version: options.version,
        instructions:
          "Jobs of media services. A job that was submitted is paid for and runs on whatever happens here, also where a call is cancelled or ends early: wait for it, and look for it by its key, rather than ask for another.",
        protocols: [McpProtocol.v2025_11_25, McpProtocol.v2025_06_18, McpProtocol.v2025_03_26, McpProtocol.v2024_11_05],
        registrations: Layer.mergeAll(Layer.provide(McpServer.toolkit(toolkit), toolkit.toLayer(tools)), job, file)
      }))
      // A client that leaves interrupts what serves it, which is the end of it and no interruption of this.
      const exit = yield* Effect.flatMap(Effect.forkChild(server), Fiber.await)
      return yield* Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? Effect.void : exit
    })
  )
