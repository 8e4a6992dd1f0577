import type * as Random from "effect/Random"

/**
 * All that services draw by lot, from one source.
 */
export const chance = (source: typeof Random.Random.Service) => {
  const draw = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet.charAt(source.nextDoubleUnsafe() * alphabet.length)).join("")
  const hex = (length: number) => draw("0123456789abcdef", length)
  return {
    random: () => source.nextDoubleUnsafe(),
    draw,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${draw("89ab", 1)}${hex(3)}-${hex(12)}`
  }
}
