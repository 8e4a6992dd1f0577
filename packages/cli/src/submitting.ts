/** `submit` and `resume`: what costs money, and what became of it. */
import type * as Job from "@media-jobs/core/Job"
import * as Ledger from "@media-jobs/core/Ledger"
import type * as LostSubmits from "@media-jobs/core/LostSubmits"
import * as Provider from "@media-jobs/core/Provider"
import * as Pollers from "@media-jobs/poller/Pollers"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as MediaJobs from "media-jobs/MediaJobs"
import type { Done } from "media-jobs/Run"
import type { RunError } from "media-jobs/RunError"
import type * as Access from "./access.ts"
import * as Board from "./board.ts"
import type { Shared } from "./configuration.ts"
import * as Configuration from "./configuration.ts"
import * as Endings from "./endings.ts"
import * as Files from "./files.ts"
import { goesOn, one } from "./looks.ts"
import * as Output from "./output.ts"
import * as RequestFlags from "./requestFlags.ts"
import * as Runs from "./runs.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import { ofError, Stopped, usage } from "./stopped.ts"
import { Surface } from "./surface.ts"
import * as Uploads from "./uploads.ts"

export interface SubmitOptions {
  readonly key: string | undefined
  readonly account: string | undefined
  readonly deadline: Duration.Input
  readonly wait: boolean
  /** Where what the jobs make is saved; saving waits for it. */
  readonly save: string | undefined
}

const newKey = Effect.sync(() => crypto.randomUUID().replaceAll("-", "").slice(0, 20))

/** A run with what it came to. */
interface Ended {
  readonly key: string
  readonly jobs: ReadonlyArray<Job.Job>
}

/** Prints how the jobs of a run ended, and fails where not all is well. */
const told = Effect.fnUntraced(function*(
  { ledger, output }: Session.Session,
  files: Files.Files,
  board: Board.Board,
  { jobs, key }: Ended,
  error?: RunError
) {
  yield* ledger.see(jobs)
  const handles = yield* Effect.orElseSucceed(ledger.find(key), () => [])
  const folder = yield* ledger.folderOf(key)
  const lines = yield* Effect.forEach(
    jobs,
    Effect.fnUntraced(function*(job) {
      const handle = handles.find(({ handle }) => handle.id === job.id)?.handle
      const saved = folder === undefined || !job.is("Succeeded")
        ? undefined
        : yield* Effect.orElseSucceed(files.saved(job, folder), () => undefined)
      return { job, key, handle, files: saved }
    })
  )
  yield* Effect.forEach(lines, (line) => board.show(line), { discard: true })
  if (error === undefined) return
  // Of jobs that did not succeed, their lines tell; on a terminal, a reason may be cut there.
  const isOfJobs = !Predicate.isTagged(error, "FinishFailed") && jobs.length > 0 && jobs.every((job) => job.isTerminal)
  return yield* isOfJobs && output.json ? Endings.said(1) : ofError(error)
})

/** Prints how a run that was taken up ends. */
export const ended = (
  session: Session.Session,
  files: Files.Files,
  board: Board.Board,
  wait: Effect.Effect<Done, RunError | MediaJobs.FindError>
) =>
  Effect.matchEffect(wait, {
    onSuccess: (done) => told(session, files, board, done),
    onFailure: (error) =>
      "jobs" in error && "files" in error ? told(session, files, board, error, error) : ofError(error)
  })

/** What stands in the file of a request, or on stdin. */
export const read = Effect.fnUntraced(function*(
  { tokenFile }: Shared,
  file: string | undefined
) {
  if (file === undefined) return {}
  if (file === "-") {
    if (tokenFile === "-") {
      return yield* usage("The token and the request can't both stand on stdin: name a file for one.")
    }
    return yield* RequestFlags.parse("stdin", yield* Configuration.stdin)
  }
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const text = yield* Effect.mapError(
    fs.readFileString(path.resolve((yield* Surface).cwd, file)),
    () => usage(`The request file ${file} can't be read: check that it is there.`)
  )
  return yield* RequestFlags.parse(file, text)
})

export const submit = (
  shared: Shared,
  described: Access.Described,
  kind: RequestFlags.Kind,
  given: Record<string, unknown>,
  options: SubmitOptions
) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { ledger, output } = session
      const path = yield* Path.Path
      const { cwd } = yield* Surface
      const provider = yield* session.provider(described.id)
      const files = yield* Files.make(session)
      const key = options.key ?? (yield* newKey)
      if (options.save !== undefined) yield* files.open(options.save)
      const folder = options.save === undefined ? undefined : path.resolve(cwd, options.save)
      if (!(yield* ledger.claim(key, folder))) {
        return yield* new Stopped({
          code: 4,
          sentence:
            "Another process is at this key, and nothing was sent: the same command again finds what it submitted."
        })
      }
      const { account, request } = yield* Uploads.resolve(session, provider, kind, given, { ...options, key })
      const media = yield* Runs.make(session, files, [provider])
      const runs = media[provider.id]
      if (runs === undefined) return yield* usage(`${provider.id} takes no submits.`)

      const how = { key, deadline: options.deadline, account }
      const interrupted = Effect.suspend(() =>
        Effect.flatMap(
          Effect.orElseSucceed(ledger.ledger.find(key), () => undefined),
          (entry) =>
            entry === undefined
              ? Output.say("Interrupted before anything was sent: nothing is paid.")
              : goesOn(entry.handles?.length ?? 1)
        )
      )
      // The request is of the kind that the provider's own schema says; it is checked before anything is sent.
      const refused = (error: { readonly _tag: string; readonly message: string }) => {
        const { detail, isUnsent } = ledger.trouble() ?? { isUnsent: false }
        if (isUnsent) {
          return new Stopped({ code: 1, sentence: `Nothing was sent, since the ledger can't be written. ${detail}` })
        }
        return error._tag === "SubmissionUncertain" ? uncertainStop : ofError(error)
      }
      const waited = Board.around(
        output,
        { outages: session.outages, changes: false, saves: options.save !== undefined },
        Effect.fnUntraced(function*(board) {
          yield* follow(session, board, files, media, [provider])
          return yield* Effect.matchEffect(runs.run(request as never, how), {
            onSuccess: (done) => told(session, files, board, done),
            onFailure: (error) =>
              "jobs" in error && "files" in error ? told(session, files, board, error, error) : refused(error)
          })
        })
      )
      const taken = Effect.gen(function*() {
        const { handles } = yield* Effect.mapError(runs.submit(request as never, how), refused)
        const run = Option.getOrUndefined(yield* media.find(key))
        yield* Output.jobs(
          output,
          handles.flatMap((handle) => {
            const job = run?.jobs.find(({ id }) => id === handle.id)
            return job === undefined ? [] : [{ job, handle, key }]
          })
        )
      })
      yield* Effect.onInterrupt(options.wait ? waited : taken, () => interrupted)
      const trouble = ledger.trouble()
      if (trouble === undefined) return
      const sentence = options.wait
        ? "The jobs have ended, and the ledger can't be written: `media-jobs resume` will look at them again."
        : "The jobs run, and the ledger can't be written: keep the handles that are printed."
      return yield* new Stopped({ code: 1, sentence: `${sentence} ${trouble.detail}` })
    })
  )

const uncertainStop = new Stopped({
  code: 4,
  sentence:
    "The reply to the submit was lost: the job may run, and may be paid. `media-jobs resume` finds out; don't submit it again before."
})

/** Has a board show the jobs of all runs while they are worked on. */
const follow = Effect.fnUntraced(function*(
  { outages, output }: Session.Session,
  board: Board.Board,
  files: Files.Files,
  media: MediaJobs.Shared,
  providers: ReadonlyArray<Provider.Any>
) {
  yield* files.tell(board.saving)
  const pollers = yield* Pollers.Pollers
  const etas = new Map<string, Board.Eta>()
  for (const provider of providers) {
    // Whatever submits can be waited for as well.
    etas.set(provider.id, (yield* pollers.get(outages.observe(provider) as Provider.Any & MediaJobs.Runnable)).eta)
  }
  yield* Effect.forkScoped(Stream.runForEach(media.changes, ({ jobs, key }) =>
    Effect.forEach(
      // On a terminal, one that has ended stands there while it is saved; its line, where it is no table, comes with its files.
      jobs.filter((job) => output.isLive || !job.isTerminal),
      (job) => board.show({ job, key }, etas.get(job.provider)),
      { discard: true }
    )))
})

const late = Effect.fail(
  new Stopped({
    code: 1,
    sentence: "The jobs of a submit had not ended at the deadline and go on: `media-jobs resume` takes them up again."
  })
)

export interface ResumeOptions {
  readonly deadline: Duration.Input
  /** What is known of uncertain submits: `KEY=ID` for a job, `KEY=none`. */
  readonly settle: ReadonlyArray<string>
}

/**
 * The job that a person says a lost submit became, by its id or what that begins with; only where its service shows it, since what is
 * written of a submit can't be taken back.
 */
const jobOf = Effect.fnUntraced(
  function*({ ledger, provider: open }: Session.Session, { key, provider: name }: Ledger.Intent, text: string) {
    const provider = yield* open(name)
    const refused = (why: string) =>
      usage(
        `What --settle says of ${key} ${why}, and nothing is written: give the whole id of its job at ${name}, or ${key}=none if there is none.`
      )
    const [known, ...others] = (yield* ledger.find(text)).filter(({ handle }) => handle.provider === name)
    if (others.length > 0) return yield* refused("is what several jobs begin with")
    if (known?.key !== undefined) return yield* refused("is a job of another submit")
    const shown = Effect.gen(function*() {
      const id = known?.handle.id ?? (yield* Provider.jobId(provider, text))
      return yield* one(provider, { provider: name, id, handle: undefined, known })
    })
    const { id } = yield* Effect.catchTag(
      shown,
      ["InvalidJobId", "NotFound"],
      () => refused(`is no job that ${name} has`)
    )
    return id
  }
)

export const resume = (shared: Shared, options: ResumeOptions) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { ledger, output } = session
      for (const one of options.settle) {
        const [, key, id] = /^([\w-]{1,64})=([^…]+)(?:….*)?$/.exec(one) ?? []
        if (key === undefined || id === undefined) {
          return yield* usage("--settle takes KEY=ID, the key of a submit and the id of its job, or KEY=none.")
        }
        const entry = yield* ledger.ledger.find(key)
        if (entry === undefined || entry.handles !== undefined) {
          return yield* usage(`No submit of the key ${key} is uncertain: \`media-jobs resume\` shows those that are.`)
        }
        yield* Ledger.settle({ key }, id === "none" ? [] : [yield* jobOf(session, entry.intent, id)])
      }
      const others = yield* ledger.takeUp
      const { entries } = yield* ledger.ledger.resume
      if (others > 0) {
        yield* Output.say(
          `${others === 1 ? "1 submit is" : `${others} submits are`} left to processes that are at work on it.`
        )
      }
      if (entries.length === 0) {
        if (others === 0 && !output.json) {
          yield* Output.say("There is nothing to take up: all that was submitted here is done.")
        }
        return
      }
      const files = yield* Files.make(session)
      const ids = [...new Set(entries.map(({ intent }) => intent.provider))]
      const opened = yield* Endings.all(ids.map(session.provider))
      const media = yield* Runs.make(session, files, opened.values)
      const { undecided } = yield* media.resume
      const runs = yield* media.runs
      const wait = (board: Board.Board) =>
        Endings.all(
          runs.map(({ key, name }) => {
            const of = media[name]
            // A run is of a provider that was opened above.
            return of === undefined ? Effect.void : Effect.timeoutOrElse(ended(session, files, board, of.wait(key)), {
              duration: options.deadline,
              orElse: () => late
            })
          }),
          Infinity
        )
      const waited = yield* Board.around(
        output,
        { outages: session.outages, changes: false, saves: true },
        Effect.fnUntraced(function*(board) {
          yield* follow(session, board, files, media, opened.values)
          return yield* Effect.onInterrupt(wait(board), () => goesOn(entries.length))
        })
      )
      for (const one of undecided) yield* uncertain(session, one)
      yield* opened.failed
      yield* waited.failed
      if (undecided.length > 0) return yield* Endings.said(4)
    })
  )

/** A submit of which it is not known what it became; what its candidates are shown as names them in `--settle`. */
export const uncertain = Effect.fnUntraced(function*(
  { ledger, output, shared }: Session.Session,
  { candidates, error, intent }: LostSubmits.Undecided
) {
  const { key, kind, model, provider, submittedAt } = intent
  const value = {
    uncertain: { key, provider, kind, model, submittedAt },
    candidates: candidates.map((job) => job.toJSON()),
    ...(error === undefined ? undefined : { error: error.message })
  }
  yield* ledger.see(candidates)
  yield* Output.objects(output, [value], () =>
    [
      `${provider} ${kind ?? ""}: what became of the submit ${key} is not known. ${error?.message ?? ""}`.trim(),
      ...candidates.map((job) => `  it may be ${Shown.id(job.id, shared.fullIds)}, ${Shown.state(job)}`),
      `  when it is found out: media-jobs resume --settle ${key}=ID, or ${key}=none`
    ].join("\n"))
})
