/** `list`, `get`, `wait`, `watch` and `save`: what there is, and how it ends. */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import * as Job from "@media-jobs/core/Job"
import * as Provider from "@media-jobs/core/Provider"
import type * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Board from "./board.ts"
import type { Shared } from "./configuration.ts"
import * as Endings from "./endings.ts"
import * as Files from "./files.ts"
import * as Output from "./output.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import { usage } from "./stopped.ts"
import * as Targets from "./targets.ts"

/** What a provider can't do, said as advice. */
export const unable = ({ id }: Provider.Identity, operation: string) =>
  usage(`${id} has no ${operation}: \`media-jobs providers\` says what each provider can do.`)

/** A job as it stands. */
export const one = (provider: Provider.Any, { id }: Targets.Target) =>
  Effect.gen(function*() {
    if (Provider.supports("get")(provider)) return yield* provider.get(id)
    if (!Provider.supports("list")(provider)) return yield* unable(provider, "get")
    const found = (yield* provider.list).jobs.find((job) => job.id === id)
    return found ??
      (yield* usage(`${provider.id} does not list the job ${Shown.id(id, false)}, and can't be asked about one.`))
  })

/** What a person would else take for no answer. */
const nothing = ({ json }: Output.Output) =>
  json ? Effect.void : Output.say("Nothing executes, and all that was submitted here has ended.")

export const list = (shared: Shared) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { ledger, output } = session
      const { faults, made } = yield* session.providers
      const open = yield* ledger.open
      const ask = Effect.fnUntraced(function*(provider: Provider.Any) {
        const listing = Provider.supports("list")(provider) ? yield* provider.list : undefined
        if (listing?.complete === false) yield* Output.say(`${provider.id} says that its list is not complete.`)
        const jobs = new Map((listing?.jobs ?? []).map((job): [string, Output.Line] => [job.id, { job }]))
        for (const known of open) {
          const { handle, key } = known
          if (handle.provider !== provider.id) continue
          const listed = jobs.get(handle.id)
          const job = listed?.job ?? (yield* one(provider, { provider: provider.id, id: handle.id, handle, known }))
          jobs.set(handle.id, { job, handle, key })
        }
        return [...jobs.values()]
      })
      const { failed, values } = yield* Endings.all([...faults, ...made.map(ask)])
      const lines = values.flat()
      yield* ledger.see(lines.map(({ job }) => job))
      yield* Output.jobs(output, lines)
      yield* failed
      if (lines.length === 0) yield* nothing(output)
    })
  )

export const get = (shared: Shared, ids: ReadonlyArray<string>) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const targets = yield* Targets.resolve(session, ids)
      const { failed, values } = yield* Endings.all(targets.map(Effect.fnUntraced(function*(target) {
        const { handle, known } = target
        const job = yield* one(yield* session.provider(target.provider), target)
        return { job, handle, key: known?.key }
      })))
      yield* session.ledger.see(values.map(({ job }) => job))
      yield* Output.jobs(session.output, values)
      return yield* failed
    })
  )

export interface WaitOptions {
  readonly deadline: Duration.Input
  /** Where what jobs make is saved, beside the folders that their submits named. */
  readonly save: string | undefined
  /** Whether each change is told, or the end alone. */
  readonly changes: boolean
}

export const wait = (shared: Shared, ids: ReadonlyArray<string>, options: WaitOptions) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { ledger, outages, output } = session
      const files = yield* Files.make(session)
      const targets = ids.length > 0 || !options.changes
        ? yield* Targets.resolve(session, ids)
        : yield* executing(session)
      if (targets.length === 0) return yield* nothing(output)
      let going = targets.length

      const end = Effect.fnUntraced(function*(board: Board.Board, target: Targets.Target) {
        const { handle, id, known } = target
        const provider = outages.observe(yield* session.provider(target.provider))
        if (!isWatchable(provider)) return yield* unable(provider, "get")
        const poller = yield* Effect.flatMap(Pollers.Pollers, (pollers) => pollers.get(provider))
        const line = (job: Job.Job, files?: ReadonlyArray<Saved>): Output.Line => ({
          job,
          handle,
          key: known?.key,
          files
        })
        let last: Job.Job | undefined
        // A watch shows how things stand now, not when a look is due.
        if (options.changes) yield* poller.wake(id)
        yield* Stream.runForEach(poller.watch(handle ?? id, { deadline: options.deadline }), (job) => {
          last = job
          // On a terminal, one that has ended stands there while it is saved.
          return job.isTerminal && !output.isLive ? Effect.void : board.show(line(job), poller.eta)
        })
        if (last === undefined || !Job.isTerminal(last)) return yield* Effect.interrupt
        going--
        const job: Job.Terminal = last
        yield* ledger.see([job])
        // A process that is at it saves it by itself.
        const isOurs = known?.folder !== undefined && known.key !== undefined && (yield* ledger.claim(known.key))
        const folder = options.save ?? (isOurs ? known.folder : undefined)
        const saved = folder === undefined || !job.is("Succeeded")
          ? undefined
          : yield* Effect.onError(files.save(job, folder, provider), () => board.show(line(job)))
        if (known?.key !== undefined && (isOurs || known.folder === undefined)) {
          yield* ledger.ledger.done(known.handle, job)
        }
        yield* board.show(line(job, saved))
        if (!job.is("Succeeded")) return yield* Endings.said(1)
      })

      return yield* Board.around(
        output,
        {
          outages,
          changes: options.changes,
          saves: options.save !== undefined || targets.some(({ known }) => known?.folder !== undefined)
        },
        Effect.fnUntraced(function*(board) {
          yield* files.tell(board.saving)
          const ended = Endings.all(targets.map((target) => end(board, target)), Infinity)
          const { failed } = yield* Effect.onInterrupt(ended, () => goesOn(going))
          return yield* failed
        })
      )
    })
  )

/** What is said to a person who ends a wait. */
export const goesOn = (jobs: number): Effect.Effect<void> =>
  Output.say(
    jobs === 0
      ? "Interrupted: all jobs have ended; `media-jobs resume` saves what is not saved yet."
      : `Interrupted: ${jobs === 1 ? "1 job goes" : `${jobs} jobs go`} on at the service; ` +
        "`media-jobs resume` or `media-jobs wait` with the ids takes up where this left."
  )

export const isWatchable = (provider: Provider.Any): provider is Provider.Any & Poller.Watchable =>
  Provider.supports("get")(provider) || Provider.supports("list")(provider)

/** All that executes, and what was submitted here and has not ended. */
const executing = Effect.fnUntraced(function*({ ledger, providers }: Session.Session) {
  const { faults, made } = yield* providers
  const open = yield* ledger.open
  const targets = new Map<string, Targets.Target>()
  for (const known of open) {
    const { id, provider } = known.handle
    if (made.some((one) => one.id === provider)) {
      targets.set(`${provider} ${id}`, { provider, id, handle: known.handle, known })
    }
  }
  const { failed, values } = yield* Endings.all([
    ...faults,
    ...made.filter(Provider.supports("list")).map(({ list }) => Effect.map(list, ({ jobs }) => jobs))
  ])
  // What can't be listed is said; the others are watched all the same.
  if (targets.size === 0 && values.flat().length === 0) yield* failed
  for (const { id, provider } of values.flat()) {
    const name = `${provider} ${id}`
    if (!targets.has(name)) targets.set(name, { provider, id, handle: undefined, known: undefined })
  }
  return [...targets.values()]
})

export const save = (shared: Shared, ids: ReadonlyArray<string>, folder: string | undefined) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { configuration, ledger, output } = session
      const files = yield* Files.make(session)
      const targets = yield* Targets.resolve(session, ids)
      const keep = Effect.fnUntraced(function*(board: Board.Board, target: Targets.Target) {
        const { handle, id, known } = target
        const provider = yield* session.provider(target.provider)
        // How it ended here is known, also of a service that has forgotten it.
        const job = known?.job?.isSettled === true ? known.job : yield* one(provider, target)
        if (!job.is("Succeeded")) {
          return yield* usage(
            job.isTerminal
              ? `The job ${Shown.id(id, false)} made nothing: it is ${Shown.state(job)}.`
              : `The job ${Shown.id(id, false)} still runs: \`media-jobs wait --save\` saves it as it ends.`
          )
        }
        const into = folder ?? known?.folder ?? configuration.save ?? "."
        const line = { job, handle, key: known?.key }
        if (output.isLive) yield* board.show(line)
        const saved = yield* files.save(job, into, provider)
        if (known?.key !== undefined) yield* ledger.ledger.done(known.handle, job)
        yield* board.show({ ...line, files: saved })
      })
      return yield* Board.around(
        output,
        { outages: session.outages, changes: false, saves: true },
        Effect.fnUntraced(function*(board) {
          yield* files.tell(board.saving)
          const { failed } = yield* Endings.all(targets.map((target) => keep(board, target)))
          return yield* failed
        })
      )
    })
  )
