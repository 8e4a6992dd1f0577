/** What a terminal shows beside text, by what its environment and itself say of it. */
import * as Effect from "effect/Effect"
import type { Surface } from "./surface.ts"

type Env = Surface["env"]

const has = (text: string | undefined): boolean => text !== undefined && text !== ""

/** Whether texts can be links (OSC 8); others may print the address, or nothing. */
export const showsLinks = (env: Env): boolean => {
  const { KITTY_WINDOW_ID, KONSOLE_VERSION, TERM = "", TERM_PROGRAM = "", VTE_VERSION = "", WT_SESSION } = env
  return TERM !== "dumb" &&
    (/^(?:iTerm\.app|WezTerm|ghostty|vscode|Hyper|tmux)$/.test(TERM_PROGRAM) ||
      /kitty|alacritty|foot|ghostty/.test(TERM) ||
      has(KITTY_WINDOW_ID) || has(WT_SESSION) || has(KONSOLE_VERSION) || Number(VTE_VERSION) >= 5000)
}

/** A protocol by which pictures are shown. */
export type Protocol = "kitty" | "iterm" | "sixel"

/** The one that its environment tells of; what stands between, such as tmux, passes none of these on. */
const told = ({ KITTY_WINDOW_ID, LC_TERMINAL, TERM = "", TERM_PROGRAM = "" }: Env): Protocol | undefined => {
  if (TERM_PROGRAM === "tmux" || /^(?:screen|tmux)/.test(TERM)) return undefined
  if (has(KITTY_WINDOW_ID) || TERM_PROGRAM === "ghostty" || /kitty|ghostty/.test(TERM)) return "kitty"
  return TERM_PROGRAM === "iTerm.app" || LC_TERMINAL === "iTerm2" || TERM_PROGRAM === "WezTerm" ? "iterm" : undefined
}

/** How it shows pictures, if it does: of sixels, no environment tells, but the terminal does when it is asked what it is. */
export const pictures = ({ ask, env }: Pick<Surface, "ask" | "env">): Effect.Effect<Protocol | undefined> => {
  const protocol = told(env)
  if (protocol !== undefined) return Effect.succeed(protocol)
  // oxlint-disable-next-line no-control-regex -- the answer's own frame
  return Effect.map(ask("\u001b[c", /\u001b\[\?[\d;]*c/), (answer) => {
    const [, ...features] = answer?.replaceAll(/[^\d;]/g, "").split(";") ?? []
    return features.includes("4") ? "sixel" : undefined
  })
}
