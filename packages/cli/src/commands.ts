/** The commands: their words, flags and help. What they do is loaded when they run, so that help is there at once. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Described } from "./access.ts"
import type * as Example from "./example.ts"
import { providers } from "./providers.ts"
import type * as Flags from "./requestFlags.ts"
import type { Kind } from "./requestFlags.ts"
import type { Surroundings } from "./session.ts"
import type { Stopped } from "./stopped.ts"
import { Surface } from "./surface.ts"

const absent = <A>(flag: Flag.Flag<A>): Flag.Flag<A | undefined> => Flag.map(Flag.optional(flag), Option.getOrUndefined)
const text = (name: string, metavar: string, description: string) =>
  absent(Flag.String(name)).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))
const switched = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDefault(false), Flag.withDescription(description))

const example = (command: string, description: string): Command.Command.Example => ({
  command: `media-jobs ${command}`,
  description
})

const root = Command.make("media-jobs").pipe(
  Command.withDescription("Jobs of media services: submit, watch, save, over all of them"),
  Command.withExamples([
    example("providers", "What there is, and which variables to set"),
    example("submit useapi-luma video --prompt \"a lighthouse\" --save out", "A video, from its request to its file")
  ]),
  Command.withSharedFlags({
    json: switched("json", "One JSON object a line, also on a terminal"),
    provider: text("provider", "ID", "The provider that is asked; else it is known from the id"),
    fullIds: switched("full-ids", "Ids whole, with the e-mail addresses in them"),
    ledger: text("ledger", "FILE", "Where submits are written down; else in the user's state folder"),
    config: text("config", "FILE", "Instead of media-jobs.json in this folder"),
    tokenFile: text("token-file", "FILE", "Where the provider's token stands; - is stdin")
  })
)

const lazily = <M>(load: () => Promise<M>) => Effect.promise(load)
const looks = lazily(() => import("./looks.ts"))
const changes = lazily(() => import("./changes.ts"))
const tells = lazily(() => import("./tells.ts"))
const submitting = lazily(() => import("./submitting.ts"))

const someIds = Argument.String("id").pipe(
  Argument.withDescription("Ids, handles, keys of submits, what ids begin with; - reads them from stdin"),
  Argument.variadic({ min: 1 })
)
const anyIds = Argument.variadic(
  Argument.withDescription(Argument.String("id"), "As for get; without any, all that execute"),
  { min: 0 }
)
const deadline = Flag.String("deadline").pipe(
  Flag.withMetavar("TIME"),
  Flag.withDescription("How long jobs are waited for, as in \"30 minutes\"; they go on beyond it"),
  Flag.filterMap(
    Schema.decodeOption(Schema.DurationFromString),
    () => "a time, as in \"30 minutes\""
  ),
  Flag.withDefault(Duration.days(1))
)
const save = text("save", "FOLDER", "Saves what the jobs make there, as they end")

const list = Command.make(
  "list",
  {},
  () => Effect.flatMap(root, (shared) => Effect.flatMap(looks, (_) => _.list(shared)))
).pipe(
  Command.withDescription("What executes now, and what was submitted here and has not ended"),
  Command.withExamples([
    example("list", "All providers whose tokens are set"),
    example("list --provider useapi-luma --json", "One provider's, for a program")
  ])
)

const get = Command.make(
  "get",
  { ids: someIds },
  ({ ids }) => Effect.flatMap(root, (shared) => Effect.flatMap(looks, (_) => _.get(shared, ids)))
).pipe(
  Command.withDescription("Jobs as they stand now"),
  Command.withExamples([example("get ID", "One job, by what its id begins with")])
)

const wait = Command.make(
  "wait",
  { ids: someIds, deadline, save },
  ({ ids, ...options }) =>
    Effect.flatMap(root, (shared) => Effect.flatMap(looks, (_) => _.wait(shared, ids, { ...options, changes: false })))
).pipe(
  Command.withDescription("Waits until jobs have ended, and says how"),
  Command.withExamples([
    example("wait ID", "Exits with 0 if it succeeded, with 1 if not"),
    example("wait ID --save out", "Saves what it made, too")
  ])
)

const watch = Command.make(
  "watch",
  { ids: anyIds, deadline, save },
  ({ ids, ...options }) =>
    Effect.flatMap(root, (shared) => Effect.flatMap(looks, (_) => _.wait(shared, ids, { ...options, changes: true })))
).pipe(
  Command.withDescription("Each change of jobs until they have ended"),
  Command.withExamples([
    example("watch", "All that execute"),
    example("watch ID --json", "A line for each change of one")
  ])
)

const saveCommand = Command.make(
  "save",
  { ids: someIds, to: text("to", "FOLDER", "Where; else as its submit said, or media-jobs.json, or this folder") },
  ({ ids, to }) => Effect.flatMap(root, (shared) => Effect.flatMap(looks, (_) => _.save(shared, ids, to)))
).pipe(
  Command.withDescription("Saves what jobs made; what is saved already is not fetched again"),
  Command.withExamples([example("save ID --to out", "The files of one job")])
)

const change = (name: "cancel" | "untrack" | "remove", description: string, of: Command.Command.Example) =>
  Command.make(
    name,
    { ids: someIds },
    ({ ids }) => Effect.flatMap(root, (shared) => Effect.flatMap(changes, (_) => _.change(shared, ids, name)))
  ).pipe(
    Command.withDescription(description),
    Command.withExamples([of])
  )

const tell = (name: "accounts" | "capacity", description: string, of: Command.Command.Example) =>
  Command.make(name, {}, () => Effect.flatMap(root, (shared) => Effect.flatMap(tells, (_) => _[name](shared)))).pipe(
    Command.withDescription(description),
    Command.withExamples([of])
  )

const providersCommand = Command.make(
  "providers",
  {},
  () => Effect.flatMap(root, (shared) => Effect.flatMap(tells, (_) => _.providers(shared)))
).pipe(
  Command.withDescription("What each provider can do and make, and which variables it reads"),
  Command.withExamples([
    example("providers", "All that there are"),
    example("providers --provider replicate", "One of them")
  ])
)

const resume = Command.make("resume", {
  deadline,
  settle: Flag.String("settle").pipe(
    Flag.withMetavar("KEY=ID"),
    Flag.withDescription("What became of an uncertain submit: KEY=ID for a job, KEY=none for nothing; may be repeated"),
    Flag.atLeast(0)
  )
}, (options) => Effect.flatMap(root, (shared) => Effect.flatMap(submitting, (_) => _.resume(shared, options)))).pipe(
  Command.withDescription("Goes on with what is submitted and not done: finds out, waits, saves as was asked"),
  Command.withExamples([example("resume", "After a crash, or an interruption")])
)

const submitFlags = {
  request: text("request", "FILE", "The request's fields as a JSON object in a file, - is stdin; flags go before"),
  wait: switched("wait", "Waits until the jobs have ended, and says how"),
  save,
  deadline,
  key: text("key", "KEY", "A name of your own: the same again is the same submit, and no second payment"),
  account: text("account", "ACCOUNT", "The account at the service to run on")
}
/** What a flag of a request can't be called. */
const taken = [
  ...Object.keys(submitFlags),
  "json",
  "provider",
  "full-ids",
  "ledger",
  "config",
  "token-file",
  "help",
  "version",
  "wizard",
  "completions",
  "log-level"
]

/** A provider whose flags are known. */
export interface Loaded {
  readonly described: Described
  readonly kinds: ReadonlyArray<Kind>
  readonly flags: typeof Flags
  readonly examples: typeof Example
}

/** The provider's token, and whether it has closed. */
const aboutProvider = (id: string): string => {
  const { retired, tokens }: { readonly retired: boolean; readonly tokens: ReadonlyArray<string> } =
    providers[id as keyof typeof providers] // the commands are made of its keys
  return `Needs ${tokens.join(" and ")}${retired ? "; it has closed" : ""}`
}

/** Made when it is read, by help. */
const leastOf = (kind: Kind, { described, examples }: Loaded): Command.Command.Example => ({
  get command() {
    return `media-jobs ${examples.make(described.id, kind, taken)}`
  },
  description: "The least that it takes; a word in capitals is yours to fill in"
})

const submitOne = (name: string, kinds: readonly [Kind, ...Array<Kind>], loaded: Loaded) => {
  const { described, flags } = loaded
  const all = kinds.map((kind) => flags.make(kind, taken))
  const fields = Object.assign({}, ...all.map(({ config }) => config)) as (typeof all)[number]["config"]
  const { argument } = kinds[0]
  const arguments_ = argument === undefined
    ? {}
    : { what: Argument.withDescription(Argument.String(argument.name), "The model, or its version") }
  return Command.make(
    name,
    { ...arguments_, fields, ...submitFlags },
    ({ fields, request: file, ...values }) =>
      Effect.gen(function*() {
        const shared = yield* root
        const what = "what" in values ? values.what : undefined
        const kind = flags.choose(kinds, what)
        const { read, submit } = yield* submitting
        const below = yield* read(shared, file)
        const request = yield* flags.make(kind, taken).request({ ...fields, what }, below)
        const wait = values.wait || values.save !== undefined
        return yield* submit(shared, described, kind, request, { ...values, wait })
      })
  ).pipe(
    Command.withDescription(argument === undefined ? `A job of ${described.id}: ${name}` : aboutProvider(name)),
    Command.withExamples([leastOf(kinds[0], loaded)])
  )
}

/** A command whose flags are known once its provider is. */
type Submit = Command.Command<
  string,
  // What it parses is its own.
  never,
  object,
  Stopped,
  Surroundings | Command.CommandContext<"media-jobs">
>

const submitTo = (id: string, loaded: Loaded | undefined): Submit => {
  const command = Command.make(id).pipe(Command.withDescription(aboutProvider(id)))
  if (loaded === undefined || loaded.described.id !== id) return command
  const [first, ...rest] = loaded.kinds
  if (first?.argument !== undefined) return submitOne(id, [first, ...rest], loaded)
  return command.pipe(
    Command.withSubcommands(loaded.kinds.map((kind) => submitOne(kind.name, [kind], loaded))),
    Command.withExamples(first === undefined ? [] : [leastOf(first, loaded)])
  )
}

const submit = (loaded: Loaded | undefined) =>
  Command.make("submit").pipe(
    Command.withDescription("Submits once, written down before it leaves; prints the jobs, and exits"),
    Command.withSubcommands(Object.keys(providers).map((id) => submitTo(id, loaded))),
    Command.withExamples([
      example("submit useapi-luma video --prompt \"a lighthouse\" --wait --json", "Waits for its end"),
      example("submit useapi-luma video --prompt \"a lighthouse\" --save out", "Saves what it made, too"),
      example(
        "submit replicate black-forest-labs/flux-schnell --prompt \"a lighthouse\" --input seed=7",
        "A model's own input, by name"
      )
    ])
  )

const mcp = (version: string) =>
  Command.make("mcp", {
    maxSubmits: Flag.Int("max-submits").pipe(
      Flag.withDescription("How many submits it may send; none unless told, and then submit only checks requests"),
      Flag.filter((most) => most >= 0, () => "Expected 0 or more"),
      Flag.withDefault(0)
    ),
    providers: text(
      "providers",
      "IDS",
      "The providers that it may use, with commas between; else all whose tokens are set"
    ),
    folder: text("folder", "FOLDER", "Where it saves; else as media-jobs.json says, or in this folder")
  }, ({ providers, ...options }) =>
    Effect.gen(function*() {
      const shared = yield* root
      const { serve } = yield* lazily(() => import("./mcp.ts"))
      return yield* serve(shared, { ...options, providers: providers?.split(","), version })
    })).pipe(
      Command.withDescription("A Model Context Protocol server over stdio, for agents"),
      Command.withExamples([
        example("mcp", "Looks, waits and saves; checks requests, and sends none"),
        example("mcp --max-submits 5 --providers useapi-luma", "May spend on five submits of one provider")
      ])
    )

const serve = Command.make("serve", {
  host: Flag.String("host").pipe(
    Flag.withDescription("The address of this machine to listen at"),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(
    Flag.withDescription("The port to listen at"),
    Flag.filter((port) => port >= 0 && port <= 65_535, () => "a port, from 0 to 65535"),
    Flag.withDefault(8787)
  )
}, (options) =>
  Effect.flatMap(
    root,
    (shared) => Effect.flatMap(lazily(() => import("./hooks.ts")), (_) => _.serve(shared, options))
  )).pipe(
    Command.withDescription(
      "Answers the services' calls at WEBHOOKS_URL, signed by WEBHOOKS_KEYS; waits for what was submitted, and saves as was asked"
    ),
    Command.withExamples([example("webhook serve --port 8787", "Behind a proxy that has the public address")])
  )

const webhook = Command.make("webhook").pipe(
  Command.withDescription("Has services call when jobs have ended, rather than be asked"),
  Command.withSubcommands([serve]),
  Command.withExamples([example("webhook serve --help", "Its flags")])
)

const doctor = Command.make(
  "doctor",
  {},
  () => Effect.flatMap(root, (shared) => Effect.flatMap(lazily(() => import("./doctor.ts")), (_) => _.doctor(shared)))
).pipe(
  Command.withDescription("Tokens, services, accounts, clock and ledger, and what to do about each"),
  Command.withExamples([example("doctor", "All providers whose tokens are set")])
)

/** Its words are its own program's, see `program.ts`. */
const emulator = Command.make("emulator").pipe(
  Command.withDescription(
    "Serves the services on this machine, as their documents describe them; --help has its flags"
  ),
  Command.withExamples([example("emulator --help", "Its flags")])
)

const completions = (all: () => Command.Command.Any) =>
  Command.make("completions", {
    shell: Argument.Literals("shell", ["bash", "zsh", "fish", "powershell"])
  }, ({ shell }) =>
    Effect.gen(function*() {
      const Completions = yield* lazily(() => import("effect/cli/Completions"))
      const { out } = yield* Surface
      out(`${Completions.generate("media-jobs", shell, Completions.fromCommand(all()))}\n`)
    })).pipe(
      Command.withDescription("What completes the words of this command in a shell"),
      Command.withExamples([example("completions zsh", "For a file that the shell reads")])
    )

/** All commands; the flags of requests are there for the provider that is loaded. */
export const make = (version: string, loaded?: Loaded) => {
  const all = root.pipe(Command.withSubcommands([
    submit(loaded),
    list,
    get,
    watch,
    wait,
    saveCommand,
    change("cancel", "Stops jobs that run", example("cancel ID", "One job")),
    change("untrack", "Has a reseller let go of jobs, which run on and are paid", example("untrack ID", "One job")),
    change("remove", "Has services forget jobs that have ended", example("remove ID", "One job")),
    tell("accounts", "The accounts at the services, and which of them work", example("accounts", "All of them")),
    tell("capacity", "How many jobs the accounts may run at once", example("capacity", "All of them")),
    resume,
    webhook,
    providersCommand,
    doctor,
    emulator,
    completions((): Command.Command.Any => all),
    mcp(version)
  ]))
  return all
}
