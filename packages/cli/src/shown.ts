/** What a person sees of jobs on the terminal. */
import type * as Job from "@media-jobs/core/Job"
import type { JobId } from "@media-jobs/core/JobId"
import stringWidth from "string-width"
import { printable } from "./printable.ts"

const email = /[^\s:;,/@]+@[^\s:;,/@]+?(?=-bot|[\s:;,/]|$)/g

/** A text in which e-mail addresses are shortened. */
export const discreet = (text: string): string => text.replaceAll(email, (address) => `${address.slice(0, 2)}…@…`)

/** An id on the screen; what stands before the first `…` is a prefix of it. */
export const id = (id: JobId | string, full: boolean): string => full ? id : discreet(id)

/** A time that has passed, as in `2m 05s`. */
export const elapsed = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  const two = (n: number) => String(n).padStart(2, "0")
  if (minutes === 0) return `${seconds}s`
  return hours === 0 ? `${minutes}m ${two(seconds % 60)}s` : `${hours}h ${two(minutes % 60)}m`
}

export const state = ({ state }: Job.Job): string => {
  if (state._tag === "Running" && state.progress !== undefined) return `Running ${Math.round(state.progress * 100)}%`
  return state._tag === "Failed" ? `Failed (${state.cause})` : state._tag
}

/** The columns that a text takes, of which a wide character has two, and one that is set upon another none. */
export const width = (text: string): number => stringWidth(text)

const characters = new Intl.Segmenter()

/** A text in a cell of so many columns, cut where it is longer. */
export const fit = (text: string, columns: number): string => {
  const clean = printable(text)
  const most = width(clean)
  if (most <= columns) return clean + " ".repeat(columns - most)
  if (columns < 1) return ""
  let cut = ""
  let left = columns - 1
  for (const { segment } of characters.segment(clean)) {
    if (width(segment) > left) break
    cut += segment
    left -= width(segment)
  }
  return `${cut}…${" ".repeat(left)}`
}
