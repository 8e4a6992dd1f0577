/**
 * Answers as no document prints them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"

type Chance = typeof Random.Random.Service

const pick = <A>(chance: Chance, from: readonly [A, ...Array<A>]): A =>
  from[Math.floor(chance.nextDoubleUnsafe() * from.length)] ?? from[0]

const odd: readonly [Schema.Json, ...Array<Schema.Json>] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  "",
  " ",
  "0",
  "pending",
  "not a date",
  "2026-13-45T99:99:99Z",
  "\u0000",
  "\ud800",
  "constructor",
  "x".repeat(10_000),
  [],
  [[]],
  [null],
  {},
  { error: {} },
  { error: { code: 7, message: "upstream" } },
  { toString: 1 }
]

/** The same document with one of its values replaced, dropped, wrapped, renamed, doubled or turned into its text. */
const mutateValue = (chance: Chance, value: Schema.Json, depth: number): Schema.Json => {
  const entries = Array.isArray(value)
    ? value.map((inner, i) => [String(i), inner] as const)
    : Predicate.isObject(value)
    ? Object.entries(value as Schema.JsonObject) // an object of JSON
    : []
  const [first, ...rest] = entries
  if (first === undefined || chance.nextDoubleUnsafe() < 0.15 * depth) {
    return pick<() => Schema.Json>(chance, [
      () => pick(chance, odd),
      () => typeof value === "object" ? JSON.stringify(value) : String(value),
      () => [value],
      () => ({ value })
    ])()
  }
  const [at, inner] = pick(chance, [first, ...rest])
  const change = pick(chance, ["inside", "inside", "inside", "drop", "rename", "add"])
  const become: { readonly [change: string]: () => ReadonlyArray<readonly [string, Schema.Json]> } = {
    inside: () => [[at, mutateValue(chance, inner, depth + 1)]],
    drop: () => [],
    rename: () => [[pick(chance, ["jobId", "jobid", "id", "status", "__proto__", "toString", "x"]), inner]],
    add: () => [[at, inner], [pick(chance, ["error", "code", "images", "jobs", "response", "new"]), pick(chance, odd)]]
  }
  const changed = entries.flatMap(([key, old]) => key === at ? become[change]?.() ?? [] : [[key, old] as const])
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed)
}

const mutateText = (chance: Chance, text: string): string => {
  const at = Math.floor(chance.nextDoubleUnsafe() * text.length)
  const to = Math.min(text.length, at + 1 + Math.floor(chance.nextDoubleUnsafe() * 20))
  return pick(chance, [
    () => text.slice(0, at),
    () => text.slice(0, at) + text.slice(to),
    () => text.slice(0, to) + text.slice(at),
    () =>
      text.slice(0, at) + pick(chance, ["\"", "{", "}", "[", ",", ":", "\\", "9", "-", "e", "\ud800", "<", "\n"]) +
      text.slice(at)
  ])()
}

/**
 * So many variants of a JSON text: values of other types, fields gone, renamed and added, text cut and torn. The same seed
 * makes the same ones.
 *
 * @since 0.1.0
 * @category constructors
 */
export const of = Effect.fnUntraced(function*(text: string, count: number, seed: string) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), seed)
  const parsed = Result.try((): Schema.Json => JSON.parse(text))
  return Array.from({ length: count }, () => {
    if (Result.isFailure(parsed) || chance.nextDoubleUnsafe() < 0.3) return mutateText(chance, text)
    let value = mutateValue(chance, parsed.success, 0)
    while (chance.nextDoubleUnsafe() < 0.3) value = mutateValue(chance, value, 0)
    return JSON.stringify(value)
  })
})
