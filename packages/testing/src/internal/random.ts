import type * as Random from "effect/Random"

type Source = typeof Random.Random.Service

export const draw = (source: Source, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(source.nextDoubleUnsafe() * alphabet.length)).join("")

export const digits = (source: Source, length: number): string => draw(source, "0123456789", length)

export const uuid = (source: Source): string => {
  const hex = (length: number) => draw(source, "0123456789abcdef", length)
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${draw(source, "89ab", 1)}${hex(3)}-${hex(12)}`
}
