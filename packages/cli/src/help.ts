/** What `--help` prints, as wide as the terminal is. */
import type { HelpDoc } from "effect/cli/HelpDoc"
import * as Option from "effect/Option"

export interface Style {
  readonly columns: number
  readonly colors: boolean
}

/** What stands at the left of a row may be as wide as this; beside what is wider, nothing stands. */
const widest = 26

/** A text in lines of so many characters; a word that is longer has a line of its own. */
const wrap = (text: string, width: number): ReadonlyArray<string> =>
  text.trim().split(" ").reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1)
    return last === undefined || last.length + 1 + word.length > width
      ? [...lines, word]
      : [...lines.slice(0, -1), `${last} ${word}`]
  }, [])

const table = (rows: ReadonlyArray<readonly [left: string, right: string]>, columns: number): ReadonlyArray<string> => {
  const left = Math.max(...rows.map(([{ length }]) => length).filter((length) => length <= widest), 0)
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, Math.max(columns - left - 4, 20))
    const [first, ...rest] = name.length > left ? ["", ...lines] : lines
    return [`  ${name.padEnd(left)}  ${first}`.trimEnd(), ...rest.map((line) => `${" ".repeat(left + 4)}${line}`)]
  })
}

/** The flags of all commands stand at the root alone, and are named elsewhere. */
export const render = (doc: HelpDoc, { colors, columns }: Style): string => {
  const title = (text: string) => colors ? `\u001b[1m${text}\u001b[0m` : text
  const section = (name: string, lines: ReadonlyArray<string>) => lines.length === 0 ? [] : [[title(name), ...lines]]
  const flags = (name: string, all: HelpDoc["flags"] = []) =>
    section(
      name,
      table(
        all.map((flag) => [
          [`--${flag.name}`, ...flag.aliases].join(", ") + (flag.type === "boolean" ? "" : ` ${flag.type}`),
          Option.getOrElse(flag.description, () => "")
        ]),
        columns
      )
    )
  const [root = "", ...path] = doc.commandPath ?? []
  const isRoot = path.length === 0
  return [
    wrap(doc.description, columns),
    ...section("USAGE", [`  ${doc.usage}`]),
    ...section(
      "ARGUMENTS",
      table(
        (doc.args ?? []).map(({ description, name, variadic }) => [
          variadic ? `${name}...` : name,
          Option.getOrElse(description, () => "")
        ]),
        columns
      )
    ),
    ...flags("FLAGS", doc.flags),
    ...(isRoot ? flags("GLOBAL FLAGS", doc.globalFlags) : []),
    ...section(
      "SUBCOMMANDS",
      table(
        (doc.subcommands ?? []).flatMap(({ commands }) => commands.map((one) => [one.name, one.description] as const)),
        columns
      )
    ),
    ...section(
      "EXAMPLES",
      (doc.examples ?? []).flatMap(({ command, description = "" }) => [`  # ${description}`, `  ${command}`])
    ),
    ...(isRoot ? [] : [[`The flags of all commands, as --json and --ledger: ${root} --help`]])
  ].map((lines) => lines.join("\n")).join("\n\n")
}
