/** The process as a command sees it: its environment, its folder, and the terminal or else where its output goes. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { ask } from "./ask.ts"

export interface Surface {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Of the terminal, which may change. */
  readonly size: () => { readonly columns: number; readonly rows: number }
  readonly isTerminal: boolean
  /** Whether the terminal is at this process now: a shell may have it in the background. */
  readonly isForeground: () => boolean
  /** What the terminal answers; nothing where it does not, or is not at this process. */
  readonly ask: (question: string, answer: RegExp) => Effect.Effect<string | undefined>
  /** Has the terminal given back before the process is stopped (Ctrl-Z) or exits, until what this returns is called. */
  readonly whenLeaving: (giveBack: () => void) => () => void
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

const whenLeaving: Surface["whenLeaving"] = (giveBack) => {
  // Having asked to be told, the process has to stop itself; the size may be another when it goes on.
  const stop = () => {
    giveBack()
    process.kill(process.pid, "SIGSTOP")
    process.kill(process.pid, "SIGWINCH")
  }
  process.on("SIGTSTP", stop).on("exit", giveBack)
  return () => void process.off("SIGTSTP", stop).off("exit", giveBack)
}

/** Linux tells which processes a terminal is at; elsewhere it is taken to be at this one. */
const isForeground = (): boolean => {
  try {
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? []
    return Number(foreground) <= 0 || foreground === group
  } catch {
    return true
  }
}

/** That of this process, unless a test has another. */
export const Surface = Context.Reference<Surface>("@media-jobs/cli/Surface", {
  defaultValue: () => ({
    env: process.env,
    cwd: process.cwd(),
    size: () => {
      const { columns, rows } = process.stdout
      return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 }
    },
    // Of a pipe, it is not there.
    isTerminal: process.stdout.isTTY === true,
    isForeground,
    // One that is far away takes a part of a second, and hardly one gives no answer.
    ask: (question, answer) =>
      Effect.suspend(() => isForeground() ? ask(question, answer, "2 seconds") : Effect.undefined),
    whenLeaving,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text)
  })
})
