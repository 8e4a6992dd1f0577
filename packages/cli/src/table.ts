/** Jobs as lines of a table that fits the terminal. */
import type * as Job from "@media-jobs/core/Job"
import { printable } from "./printable.ts"
import * as Shown from "./shown.ts"

/** A piece of a note; a link where the terminal takes those. */
export interface Part {
  readonly text: string
  readonly url?: string | undefined
  /** Whether models and names of providers are cut rather than this. */
  readonly isWhole?: boolean
}

export interface Row {
  readonly job: Job.Job
  /** What is said in the last column: a file, an estimate, a reason. */
  readonly note: ReadonlyArray<Part>
  /** Milliseconds since the submit. */
  readonly age: number | undefined
}

export interface Style {
  readonly columns: number
  readonly colors: boolean
  readonly links: boolean
  readonly fullIds: boolean
}

const colorOf = (state: Job.Job["state"]["_tag"]): number => {
  switch (state) {
    case "Succeeded":
      return 32
    case "Failed":
    case "Expired":
      return 31
    case "Cancelled":
    case "Untracked":
      return 33
    case "Running":
      return 36
    case "Queued":
      return 2
  }
}

const paint = (style: Style, code: number, text: string) => style.colors ? `\u001b[${code}m${text}\u001b[0m` : text

/** The cell of a note with its links, as far as they were not cut. */
const link = (cell: string, note: ReadonlyArray<Part>): string => {
  const all = [...cell]
  let from = 0
  return note.map(({ text, url }, i) => {
    const start = from
    from += [...text].length
    const shown = all.slice(start, from).join("")
    const end = i === note.length - 1 ? all.slice(from).join("") : all[from++] ?? ""
    return url === undefined || shown === "" ? shown + end : `\u001b]8;;${url}\u001b\\${shown}\u001b]8;;\u001b\\${end}`
  }).join("")
}

/** How much of ids tells each from the others, with the sign that it was cut. */
const telling = (ids: ReadonlyArray<string>): number => {
  const sorted = ids.toSorted()
  return 2 + Math.max(
    0,
    ...sorted.slice(1).map((id, i) => [...id].findIndex((character, at) => character !== sorted[i]?.[at]))
  )
}

/** What each column gets of the screen, by what it would take; one that has no room is `undefined`. */
const share = (
  wanted: ReadonlyArray<number>,
  columns: number,
  ids: { readonly areFull: boolean; readonly telling: number },
  wholeNote: number
): ReadonlyArray<number | undefined> => {
  const isNarrow = columns < 100
  const most = Math.max(isNarrow ? 14 : 24, ids.telling)
  // An id is told by its beginning, a model by half of it.
  const limits = [ids.areFull ? Infinity : most, isNarrow ? 10 : 20, Infinity, Infinity, isNarrow ? 8 : 10, wholeNote]
  const widths: Array<number | undefined> = wanted.map((width, i) => Math.min(width, limits[i] ?? 0))
  const left = () => columns - widths.reduce<number>((sum, width) => width === undefined ? sum : sum + width + 2, -2)
  widths[5] = Math.max(0, (widths[5] ?? 0) + Math.min(0, left()))
  for (const i of [5, 4, 1]) if (left() < 0) widths[i] = undefined
  if (left() < 0 && !ids.areFull) widths[0] = Math.max(8, (widths[0] ?? 0) + left())
  if (left() < 0) widths[3] = undefined
  // Nothing but id and state is there any more.
  if (left() < 0) {
    const state = Math.max(1, Math.min(widths[2] ?? 0, columns - 8))
    return [ids.areFull ? widths[0] : Math.max(1, columns - 2 - state), undefined, state]
  }
  // What is short goes first: an id has no end.
  for (const [i, most] of [[1, Infinity], [4, 14], [5, Infinity], [4, Infinity], [0, Infinity]] as const) {
    const width = widths[i]
    if (width !== undefined) {
      widths[i] = Math.max(width, Math.min(wanted[i] ?? 0, most, width + Math.max(0, left())))
    }
  }
  return widths
}

/** The lines, none longer than the terminal is wide. */
export const render = (rows: ReadonlyArray<Row>, style: Style): ReadonlyArray<string> => {
  const cells = rows.map(({ age, job, note }) => {
    const parts = note.map((part) => ({ ...part, text: printable(part.text) }))
    return {
      job,
      note: parts,
      cells: [
        Shown.id(job.id, style.fullIds),
        job.provider,
        Shown.state(job),
        age === undefined ? "" : Shown.elapsed(age),
        printable(job.model ?? job.kind ?? ""),
        parts.map(({ text }) => text).join(" ")
      ]
    }
  })
  const head = ["ID", "PROVIDER", "STATE", "AGE", "MODEL", ""]
  const wanted = head.map((title, i) =>
    Math.max(title.length, ...cells.map(({ cells }) => Shown.width(cells[i] ?? "")))
  )
  const ids = { areFull: style.fullIds, telling: telling(cells.map(({ cells: [id = ""] }) => id)) }
  const wholeNote = Math.max(
    0,
    ...cells.flatMap(({ note }) => note.map(({ isWhole, text }) => isWhole === true ? Shown.width(text) : 0))
  )
  const widths = share(wanted, style.columns, ids, wholeNote)
  const line = (texts: ReadonlyArray<string>, state?: Job.Job["state"]["_tag"], note: ReadonlyArray<Part> = []) =>
    texts.flatMap((text, i) => {
      const width = widths[i]
      if (width === undefined) return []
      const cell = Shown.fit(text, width)
      if (i === 5 && style.links) return [link(cell, note)]
      return [i === 2 && state !== undefined ? paint(style, colorOf(state), cell) : cell]
    }).join("  ").trimEnd()
  return [
    paint(style, 2, line(head)),
    ...cells.map(({ cells, job, note }) => line(cells, job.state._tag, note))
  ]
}
