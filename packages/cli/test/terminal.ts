/** A pseudo-terminal with a program at it, and the screen that it shows. */
import pty from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { command, eventually, folder, inherited } from "./support.ts"

export interface Options {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly columns: number
  readonly rows?: number
  /** Twenty times as fast as life, unless it is told. */
  readonly faster?: boolean
  /** What the terminal says when it is asked what it is, if anything; unless it is told, that it is as simple as they come. */
  readonly answer?: string | undefined
}

/** A program at a terminal, with all that it wrote and the screen as it is. */
export const program = Effect.fnUntraced(function*(
  file: string,
  args: ReadonlyArray<string>,
  { columns, cwd, env, faster = true, rows = 24, ...rest }: Options
) {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 })
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      pty.spawn(file, [...args], {
        cols: columns,
        rows,
        cwd,
        env: { ...inherited, TERM: "xterm-256color", FASTER: `${faster}`, HOME: cwd, ...env }
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const written: Array<string> = []
  const arrivals: Array<() => void> = []
  child.onData((data) => {
    written.push(data)
    // Those that wait for it come first: what they do is done as it is on its way to the screen.
    for (const arrived of arrivals.splice(0)) arrived()
    screen.write(data)
  })
  // A terminal answers what it is asked.
  screen.onData((data) => child.write(data))
  screen.parser.registerCsiHandler({ final: "c" }, () => {
    const { answer } = { answer: "\u001b[?1;2c", ...rest }
    if (answer !== undefined) child.write(answer)
    return true
  })
  const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)))
  /** Once all is shown that is written so far. */
  const settled = Effect.promise(() => new Promise<void>((resolve) => screen.write("", resolve)))
  // Of a line that became shorter, more is kept than is shown.
  const linesFrom = (first: number, count: number) =>
    Array.from(
      { length: count },
      (_, i) => screen.buffer.active.getLine(first + i)?.translateToString(false, 0, screen.cols).trimEnd() ?? ""
    )
  const lines = Effect.map(settled, () => linesFrom(0, screen.buffer.active.length).filter((line) => line !== ""))
  return {
    child,
    screen,
    written,
    /** All that is there, with what has scrolled away; without empty lines. */
    lines,
    /** What the screen shows, row by row. */
    rows: Effect.map(settled, () => linesFrom(screen.buffer.active.viewportY, screen.rows)),
    /** Whether it shows the program's own screen, and not the one with all that was before. */
    isLive: Effect.map(settled, () => screen.buffer.active.type === "alternate"),
    /** Once more arrives, and before the screen has it. */
    arrives: Effect.callback<void>((resume) => void arrivals.push(() => resume(Effect.void))),
    type: (keys: string) => Effect.sync(() => child.write(keys)),
    resize: (columns: number, rows = 24) =>
      Effect.sync(() => {
        screen.resize(columns, rows)
        child.resize(columns, rows)
      }),
    shows: (pattern: RegExp) => eventually(Effect.map(lines, (lines) => pattern.test(lines.join("\n")))),
    /** The terminal is gone, as a window that is closed. */
    hangUp: Effect.sync(() => {
      // Its declarations leave this out.
      if ("destroy" in child && typeof child.destroy === "function") child.destroy()
    }),
    ended: Effect.promise(() => ended)
  }
})

/** The command at a terminal. */
export const terminal = (args: ReadonlyArray<string>, options: Options) =>
  program(process.execPath, [...command, ...args], options)

/** A shell that knows the command by its name. */
export const shell = Effect.fnUntraced(function*(options: Options) {
  const bin = yield* folder
  const quoted = [process.execPath, ...command].map((word) => `'${word}'`).join(" ")
  writeFileSync(join(bin, "media-jobs"), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  const env = { ...options.env, PATH: `${bin}:${inherited["PATH"]}`, PS1: "$ " }
  return yield* program("bash", ["--norc", "--noprofile", "-i"], { ...options, env })
})
