/** Jobs on a terminal, as they stand: a table that is drawn over itself, and stays when all is done. */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import type * as Progress from "@media-jobs/artifacts/Progress"
import { fingerprint } from "@media-jobs/core/JobId"
import type * as Poller from "@media-jobs/poller/Poller"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as FileSystem from "effect/FileSystem"
import * as Schedule from "effect/Schedule"
import type * as Outages from "./outages.ts"
import * as Output from "./output.ts"
import { printable } from "./printable.ts"
import * as Screen from "./screen.ts"
import * as Shown from "./shown.ts"
import { Surface } from "./surface.ts"
import * as Table from "./table.ts"
import * as Terminals from "./terminals.ts"
import * as Thumbnails from "./thumbnails.ts"

/** What draws, or prints where there is no terminal. */
export interface Board {
  /** A job as it is now; `eta` is who tells how much longer it takes. */
  readonly show: (line: Output.Line, eta?: Eta) => Effect.Effect<void>
  readonly saving: (progress: Progress.Progress) => Effect.Effect<void>
}

export type Eta = Poller.Waits<Poller.Watchable>["eta"]

interface Watched {
  readonly line: Output.Line
  readonly eta: Eta | undefined
}

/** A part of a whole, and as a bar. */
export const bar = (part: number): string => {
  const full = Math.round(part * 8)
  return `${`${Math.floor(part * 100)}`.padStart(3)}% ${"█".repeat(full)}${"░".repeat(8 - full)}`
}

/** A table that is first drawn when `isAsked` is: keys that are typed at it are nobody's answer. */
const live = Effect.fnUntraced(function*(
  output: Output.Output,
  outages: Outages.Outages,
  isAsked: Effect.Effect<unknown>
) {
  const surface = yield* Surface
  const jobs = new Map<string, Watched>()
  const saves = new Map<string, Map<string, Progress.Progress>>()

  const noteOf = Effect.fnUntraced(function*({ eta, line }: Watched): Effect.fn.Return<ReadonlyArray<Table.Part>> {
    const { files, job } = line
    const fetched = [...saves.get(fingerprint(job.id))?.values() ?? []]
    if (fetched.length > 0 && (files === undefined || files.length === 0)) {
      const bytes = fetched.reduce((sum, { bytes }) => sum + bytes, 0)
      const total = fetched.every(({ total }) => total !== undefined)
        ? fetched.reduce((sum, { total = 0 }) => sum + total, 0)
        : undefined
      const far = total === undefined || total === 0
        ? `${(bytes / 1e6).toFixed(1)} MB`
        : bar(Math.min(1, bytes / total))
      return [{ text: `saving ${far}`, isWhole: true }]
    }
    if (job.isTerminal) return Output.noteOf(output, line)
    const left = eta === undefined ? undefined : yield* eta(job.id)
    return left === undefined
      ? []
      : [{ text: `about ${Shown.elapsed(Duration.toMillis(left.p50))} left`, isWhole: true }]
  })

  const linesOf = Effect.fnUntraced(function*(columns: number, most: number) {
    const now = yield* Clock.currentTimeMillis
    const all = [...jobs.values()]
    // What has ended gives way first, where there is no room for all below the head; the last line says how many did.
    const shown = all.length < most
      ? all
      : all.toSorted((a, b) => Number(a.line.job.isTerminal) - Number(b.line.job.isTerminal)).slice(0, most - 2)
    const rows = yield* Effect.forEach(
      shown,
      (one) => Effect.map(noteOf(one), (note) => ({ ...Output.rowOf(output, one.line, now), note }))
    )
    const lines = all.length === 0 ? [] : [...Table.render(rows, { ...output.style, columns })]
    if (shown.length < all.length) lines.push(`and ${all.length - shown.length} more`)
    return lines
  })

  yield* Effect.addFinalizer(() =>
    Effect.map(
      linesOf(surface.size().columns, Infinity),
      (lines) => surface.out(lines.map((line) => `${line}\n`).join(""))
    )
  )
  const screen = yield* Screen.open
  const draw = Effect.gen(function*() {
    const { columns, rows } = surface.size()
    const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    // Where many services are away, their jobs keep most of the screen.
    const notes = outages.now().slice(0, Math.floor(rows / 3))
    const lines = yield* linesOf(columns - 1, rows - notes.length)
    // Before there is a job to show, what the terminal shows stays.
    if (lines.length === 0) return
    const cut = notes.map((sentence) => Shown.fit(printable(sentence), columns - 1).trimEnd())
    // Once a second at least, whatever else was written to the terminal, such as keys that were typed, is written over.
    screen.draw([...lines, ...cut], `${columns} ${rows} ${seconds}`)
  })
  yield* Effect.forkScoped(Effect.andThen(isAsked, Effect.repeat(draw, Schedule.spaced("200 millis"))))
  const board: Board = {
    show: (line, eta) => Effect.sync(() => void jobs.set(`${line.job.provider} ${line.job.id}`, { line, eta })),
    saving: (progress) =>
      Effect.sync(() => {
        const of = saves.get(progress.job) ?? new Map<string, Progress.Progress>()
        saves.set(progress.job, of.set(progress.artifact, progress))
      })
  }
  return board
})

/**
 * Runs something that shows jobs: on a terminal in a table, with the images that were saved below it; else each as a line, `changes` of those
 * that have not ended too. What is said meanwhile is said after.
 */
export const around = <A, E, R>(
  output: Output.Output,
  { changes, outages, saves }: {
    readonly changes: boolean
    readonly saves: boolean
    readonly outages: Outages.Outages
  },
  use: (board: Board) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | FileSystem.FileSystem> => {
  if (!output.isLive) {
    return use({
      show: (line) => changes || line.job.isTerminal ? Output.jobs(output, [line]) : Effect.void,
      saving: () => Effect.void
    })
  }
  return Effect.gen(function*() {
    const surface = yield* Surface
    const said: Array<string> = []
    const made: Array<Saved> = []
    const asking = yield* Effect.forkChild(saves ? Terminals.pictures(surface) : Effect.undefined)
    const drawn = Effect.flatMap(live(output, outages, Fiber.await(asking)), (board) =>
      use({
        ...board,
        show: (line, eta) => {
          made.push(...line.files ?? [])
          return board.show(line, eta)
        }
      }))
    // An answer that is waited for no more would be typed at the shell.
    const pictures = Effect.flatMap(
      Fiber.join(asking),
      (protocol) => protocol === undefined || made.length === 0 ? Effect.void : Thumbnails.show(protocol, made)
    )
    return yield* Effect.scoped(drawn).pipe(
      Effect.ensuring(pictures),
      Effect.provideService(Surface, { ...surface, err: (text) => void said.push(text) }),
      Effect.ensuring(Effect.sync(() => said.forEach(surface.err)))
    )
  })
}
