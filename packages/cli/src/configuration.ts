/**
 * What holds unless a flag says otherwise: the environment, then `media-jobs.json` in the folder in which the command runs.
 *
 * A token stands in neither a flag nor that file: the one shows in the list of processes, the other goes into repositories.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as UserDirectories from "effect/persistence/UserDirectories"
import * as Schema from "effect/Schema"
import type * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { providers } from "./providers.ts"
import { type Stopped, usage } from "./stopped.ts"
import { Surface } from "./surface.ts"

const Texts = Schema.Record(Schema.String, Schema.String)

/** `media-jobs.json`: paths go from its folder. */
const File = Schema.Struct({
  /** Where the ledger is. */
  ledger: Schema.optionalKey(Schema.String),
  /** Where `--save` saves without a folder of its own. */
  save: Schema.optionalKey(Schema.String),
  /** Variables that the providers read, where the environment does not set them; no tokens. */
  variables: Schema.optionalKey(Texts),
  /** Files that hold tokens, by the variables that they stand for. */
  tokenFiles: Schema.optionalKey(Texts)
})

/** The flags that all commands share. */
export interface Shared {
  readonly json: boolean
  readonly fullIds: boolean
  readonly provider: string | undefined
  readonly ledger: string | undefined
  readonly config: string | undefined
  readonly tokenFile: string | undefined
}

export interface Configuration {
  readonly ledger: string
  readonly save: string | undefined
  readonly variables: Readonly<Record<string, string>>
}

const fileName = "media-jobs.json"
const tokens: ReadonlySet<string> = new Set([
  ...Object.values(providers).flatMap(({ tokens }) => tokens),
  "WEBHOOKS_KEYS"
])

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(File), { onExcessProperty: "error" })

const readFile = Effect.fnUntraced(function*(shared: Shared) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const at = path.resolve((yield* Surface).cwd, shared.config ?? fileName)
  const text = yield* Effect.catchTag(
    fs.readFileString(at),
    "PlatformError",
    ({ reason }) =>
      reason._tag === "NotFound" && shared.config === undefined
        ? Effect.succeed("{}")
        : Effect.fail(usage(`${shared.config ?? fileName} can't be read: check that it is there, and a file.`))
  )
  const file = yield* Effect.mapError(
    decode(text),
    ({ message }) => usage(`${shared.config ?? fileName} is not as it should be: ${message.replaceAll(/\s+/g, " ")}`)
  )
  const token = Object.keys(file.variables ?? {}).find((name) => tokens.has(name))
  if (token !== undefined) {
    return yield* usage(
      `${
        shared.config ?? fileName
      } holds ${token}, and such files get published: set it in the environment, or name a file in tokenFiles.`
    )
  }
  const resolve = (file: string) => path.resolve(path.dirname(at), file)
  return { ...file, resolve }
})

/** A token from its file or from stdin, without the line break at its end. */
const readToken = (file: string): Effect.Effect<string, Stopped, FileSystem.FileSystem | Stdio.Stdio> =>
  Effect.flatMap(
    Effect.gen(function*() {
      if (file === "-") return yield* stdin
      const fs = yield* FileSystem.FileSystem
      return yield* Effect.mapError(
        fs.readFileString(file),
        () => usage(`The token file ${file} can't be read: check that it is there.`)
      )
    }),
    (text) => text.trim() === "" ? Effect.fail(usage("The token file is empty.")) : Effect.succeed(text.trim())
  )

/** All that comes on stdin. */
export const stdin: Effect.Effect<string, never, Stdio.Stdio> = Effect.flatMap(
  Effect.promise(() => import("effect/Stdio")),
  ({ Stdio }) => Effect.orElseSucceed(Stdio.use((stdio) => Stream.mkString(Stream.decodeText(stdio.stdin))), () => "")
)

/** The variable of the one token that a provider reads. */
const tokenOf = (id: string | undefined): Effect.Effect<string, Stopped> => {
  const known: Readonly<Record<string, { readonly tokens: ReadonlyArray<string> }>> = providers
  const [token, ...more] = id === undefined || !Object.hasOwn(known, id) ? [] : known[id]?.tokens ?? []
  return token === undefined || more.length > 0
    ? Effect.fail(usage("--token-file needs --provider, of which there is one token: else set the variables."))
    : Effect.succeed(token)
}

/** An empty text sets nothing: a secret that CI does not have is one. */
const defined = (env: Surface["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => value === undefined || value === "" ? [] : [[name, value]])
  )

export const read = Effect.fnUntraced(function*(shared: Shared) {
  const path = yield* Path.Path
  const { ledger, resolve, save, tokenFiles = {}, variables = {} } = yield* readFile(shared)
  const { cwd, env } = yield* Surface
  const environment = defined(env)
  const found = defined(variables)
  for (const [name, file] of Object.entries(tokenFiles)) {
    if (environment[name] === undefined) found[name] = yield* readToken(resolve(file))
  }
  Object.assign(found, environment)
  if (shared.tokenFile !== undefined) {
    found[yield* tokenOf(shared.provider)] = yield* readToken(
      shared.tokenFile === "-" ? "-" : path.resolve(cwd, shared.tokenFile)
    )
  }
  const given = shared.ledger ?? environment["MEDIA_JOBS_LEDGER"]
  const configuration: Configuration = {
    ledger: given !== undefined
      ? path.resolve(cwd, given)
      : ledger !== undefined
      ? resolve(ledger)
      : path.join(yield* stateFolder, "ledger.db"),
    save: save === undefined ? undefined : resolve(save),
    variables: found
  }
  return configuration
})

/** What reads variables that are given here, in place of the environment. */
export const reading = (variables: Configuration["variables"]): Layer.Layer<never> =>
  ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...variables } }))

const stateFolder = Effect.mapError(
  Effect.flatMap(
    Surface,
    ({ env }) => Effect.provide(UserDirectories.make().state("media-jobs"), reading(defined(env)))
  ),
  () => usage("There is no home folder to keep the ledger in: give --ledger FILE.")
)
