/** Where jobs go: one JSON object a line, or lines of a table on a terminal. */
import type { Saved } from "@media-jobs/artifacts/ArtifactStore"
import * as Handle from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as Effect from "effect/Effect"
import { relative } from "node:path"
import { pathToFileURL } from "node:url"
import type { Shared } from "./configuration.ts"
import * as Printable from "./printable.ts"
export { say } from "./say.ts"
import { Surface } from "./surface.ts"
import * as Table from "./table.ts"
import * as Terminals from "./terminals.ts"

export interface Output {
  readonly json: boolean
  /** Whether what is shown may be drawn over. */
  readonly isLive: boolean
  readonly style: Table.Style
  /** What names of files are shown from, where they are below it. */
  readonly cwd: string
}

/** A job with what this machine knows of it. */
export interface Line {
  readonly job: Job.Job
  readonly handle?: Handle.Handle | undefined
  /** Of its submit. */
  readonly key?: string | undefined
  readonly files?: ReadonlyArray<Saved> | undefined
}

export const make = ({ fullIds, json }: Shared): Effect.Effect<Output> =>
  Effect.map(Surface, ({ cwd, env, isTerminal, size }) => {
    const { NO_COLOR = "", TERM } = env
    const isDumb = TERM === "dumb"
    return {
      json: json || !isTerminal,
      isLive: !json && isTerminal && !isDumb,
      style: {
        columns: size().columns,
        colors: isTerminal && NO_COLOR === "" && !isDumb,
        links: isTerminal && Terminals.showsLinks(env),
        fullIds
      },
      cwd
    }
  })

/** What goes out as JSON: the `Job` schema's own, with `handle`, `key` and `files` beside its fields where they are known. */
export const toJson = ({ files, handle, job, key }: Line): object => ({
  ...Object(job.toJSON()),
  ...(handle === undefined ? undefined : { handle: Handle.toText(handle) }),
  ...(key === undefined ? undefined : { key }),
  ...(files === undefined ? undefined : { files })
})

const write = (text: string): Effect.Effect<void> => Effect.map(Surface, ({ out }) => out(`${text}\n`))

/** Objects as JSON, or the same as lines for a person. */
export const objects = <A extends object>(
  { json }: Output,
  values: ReadonlyArray<A>,
  toText: (value: A) => string
): Effect.Effect<void> =>
  values.length === 0 ? Effect.void : write(
    values.map(json ? Printable.json : (value) => toText(value).split("\n").map(Printable.printable).join("\n")).join(
      "\n"
    )
  )

/** An address of the web as it may stand in a command to the terminal, which ends at a control character. */
const webUrl = (url: string): string | undefined =>
  /^https?:/.test(url) && URL.canParse(url) ? new URL(url).href : undefined

/** What the last column says of a job. */
export const noteOf = ({ cwd }: Output, { files, job: { state } }: Line): ReadonlyArray<Table.Part> => {
  if (files !== undefined && files.length > 0) {
    return files.map(({ location }) => {
      const below = relative(cwd, location)
      return { text: below.startsWith("..") ? location : below, url: pathToFileURL(location).href }
    })
  }
  if (state._tag === "Failed") return [{ text: state.reason ?? "" }]
  return state._tag === "Succeeded" ? state.artifacts.map(({ url }) => ({ text: url, url: webUrl(url) })) : []
}

export const rowOf = (output: Output, line: Line, now: number): Table.Row => {
  const { handle, job } = line
  const begun = handle?.submittedAt ?? job.createdAt
  const until = job.isTerminal ? (job.updatedAt ?? job.observedAt).epochMilliseconds : now
  return { job, note: noteOf(output, line), age: begun === undefined ? undefined : until - begun.epochMilliseconds }
}

/** Prints jobs. */
export const jobs = (output: Output, lines: ReadonlyArray<Line>): Effect.Effect<void> =>
  lines.length === 0
    ? Effect.void
    : output.json
    ? write(lines.map((line) => Printable.json(toJson(line))).join("\n"))
    : Effect.clockWith((clock) =>
      write(
        Table.render(lines.map((line) => rowOf(output, line, clock.currentTimeMillisUnsafe())), output.style).join("\n")
      )
    )
