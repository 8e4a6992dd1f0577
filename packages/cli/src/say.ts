/** One sentence on stderr. */
import * as Effect from "effect/Effect"
import { printable } from "./printable.ts"
import { Surface } from "./surface.ts"

export const lineOf = (sentence: string): string =>
  `media-jobs: ${printable(sentence).replaceAll(/\s+/g, " ").trim()}\n`

export const say = (sentence: string): Effect.Effect<void> => Effect.map(Surface, ({ err }) => err(lineOf(sentence)))
