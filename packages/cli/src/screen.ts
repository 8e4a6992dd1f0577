/**
 * The terminal's alternate screen, drawn over itself while it is open.
 *
 * Lines of the main screen can't be drawn over for good: as its width changes, a terminal breaks and joins those that are there (or does not),
 * moves them out of reach at the top and back, and scrolls where a key is typed; and all of that while a frame is on its way. How far up the
 * first line is by then can't be known. The alternate screen keeps its rows, each has its place from the top, and what was there before is there
 * again when it closes.
 */
import * as Effect from "effect/Effect"
import { Surface } from "./surface.ts"

const escape = "\u001b["
/** A frame that a terminal shows at once, where it knows of frames. */
const [begin, end] = [`${escape}?2026h`, `${escape}?2026l`]
/** From the top; also what clears a terminal that has no alternate screen. */
const [home, erase] = [`${escape}H`, `${escape}J`]
/** Where a line feed would scroll, at the bottom of a screen that has just become smaller, this stays. */
const down = `\r${escape}B`
/** No line is broken, so that each takes one row, also in a frame for a width that has just changed. */
const enter = `${escape}?1049h${escape}?25l${escape}?7l${home}${erase}`
const leave = `${home}${erase}${escape}?7h${escape}?25h${escape}?1049l`

export interface Screen {
  /** Shows lines, shorter than the screen is wide, in place of what is there; `stamp` is what else makes a frame another, such as the time. */
  readonly draw: (lines: ReadonlyArray<string>, stamp: string) => void
}

/** Open until the scope ends, but for the time that the process is stopped or in the background. */
export const open = Effect.gen(function*() {
  const { isForeground, out, whenLeaving } = yield* Surface
  let isOpen = false
  let shown = ""
  const giveBack = () => {
    if (isOpen) out(leave)
    isOpen = false
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => whenLeaving(giveBack)),
    (forget) =>
      Effect.sync(() => {
        giveBack()
        forget()
      })
  )
  const screen: Screen = {
    draw: (lines, stamp) => {
      if (!isForeground()) return giveBack()
      const frame = `${stamp}\n${lines.join("\n")}`
      if (isOpen && frame === shown) return
      // Written over what is there and not erased first, which would flicker. The cursor waits at the top, where a key scrolls nothing.
      out(
        `${begin}${isOpen ? "" : enter}${home}${
          lines.map((line) => `${line}${escape}K`).join(down)
        }${erase}${home}${end}`
      )
      isOpen = true
      shown = frame
    }
  }
  return screen
})
