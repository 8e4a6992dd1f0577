/** The command, from its words to its exit code. */
import * as Cause from "effect/Cause"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import { readFileSync } from "node:fs"
import * as Commands from "./commands.ts"
import * as Help from "./help.ts"
import { providers } from "./providers.ts"
import { lineOf, say } from "./say.ts"
import { Surface } from "./surface.ts"

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8")
)

/** A provider with its flags. */
export const load = Effect.fnUntraced(function*(id: string) {
  const [Access, flags, examples] = yield* Effect.promise(() =>
    Promise.all([import("./access.ts"), import("./requestFlags.ts"), import("./example.ts")])
  )
  const described = yield* Access.describe(id)
  return { described, kinds: flags.kindsOf(described), flags, examples }
})

/** The provider whose flags the words need. */
const loaded = (words: ReadonlyArray<string>) => {
  const after = words.indexOf("submit")
  const id = after === -1 ? undefined : words.slice(after + 1).find((word) => Object.hasOwn(providers, word))
  return id === undefined ? Effect.undefined : load(id)
}

/** A token would show in the list of processes, and in the shell's history. */
const isSecret = (word: string): boolean => /^--?(?:token|api-?key|secret|password)(?:=|$)/i.test(word)

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

/** Runs the command; what there is to say is said when this ends with its exit code. */
export const run = Effect.fnUntraced(function*(words: ReadonlyArray<string>) {
  if (words.some(isSecret)) {
    yield* say(
      "A token as a flag shows in the list of processes: set its variable, or give --token-file FILE (- is stdin)."
    )
    return 2
  }
  if (words[0] === "emulator") {
    const { emulator } = yield* Effect.promise(() => import("./emulating.ts"))
    return yield* emulator(words.slice(1))
  }
  const command = Commands.make(version, yield* loaded(words))
  yield* Command.runWith(command, { version })(words)
  return 0
}, (effect, words) =>
  effect.pipe(
    Effect.catchTag("ShowHelp", ({ errors: [error] }) => {
      // Words that stop short of a command are no wish for help; none at all are.
      if (error === undefined) return Effect.succeed(words.length === 0 || words.some(isHelp) ? 0 : 2)
      return Effect.as(say(`${error.message}; --help says what there is.`), 2)
    }),
    Effect.catchTag("Stopped", ({ code, sentence }) =>
      Effect.as(sentence === "" ? Effect.void : say(sentence), code as number)),
    // A fault of this program's own: no trace of where, which helps no user.
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) {
        return Effect.interrupt
      }
      const error = Cause.squash(cause)
      return Effect.as(say(`This should not happen: ${error instanceof Error ? error.message : String(error)}`), 1)
    }),
    // Of wrong flags it would say more, and on stdout.
    Effect.provideService(CliOutput.Presenter, { present }),
    // What the library warns of, commands say in their own words where it matters.
    Effect.provideService(References.MinimumLogLevel, "Error"),
    Effect.provide(logged)
  ))

const present = Effect.fnUntraced(function*(event: CliOutput.Presenter.Event) {
  const { env: { NO_COLOR = "" }, isTerminal, out, size } = yield* Surface
  const style = { columns: size().columns, colors: isTerminal && NO_COLOR === "" }
  if (event._tag === "Help" && event.reason === "Implicit" && event.commandPath.length > 1) {
    const names = (event.helpDoc.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
    yield* say(`${event.commandPath.slice(1).join(" ")} takes one of ${names.join(", ")}; --help says what each is.`)
  } else if (event._tag === "Help") out(`${Help.render(event.helpDoc, style)}\n`)
  if (event._tag === "Version") out(`${event.name} v${event.version}\n`)
})

const logged = Logger.layer([
  Logger.make(({ fiber, message }) => {
    fiber.getRef(Surface).err(lineOf([message].flat().map(String).join(" ")))
  })
])
