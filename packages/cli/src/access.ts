/** The providers that a command needs, each loaded and made on first use. */
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import type * as Provider from "@media-jobs/core/Provider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type Configuration, reading } from "./configuration.ts"
import * as List from "./providers.ts"
import { ofError, Stopped, usage } from "./stopped.ts"

/** What the generated list tells of a provider; a tag's own type is known to its adapter alone. */
interface Listed {
  readonly tokens: ReadonlyArray<string>
  readonly retired: boolean
  readonly load: () => Promise<{ readonly descriptor: unknown }>
}
const list: Readonly<Record<string, Listed>> = List.providers

export const ids: ReadonlyArray<string> = Object.keys(list)

/** A provider as a program that knows no adapter sees it. */
export type Described = Descriptor.Descriptor<unknown, Provider.Any>

export const unknown = (id: string): Effect.Effect<never, Stopped> =>
  Effect.fail(usage(`There is no provider "${id}", but there are ${ids.join(", ")}.`))

export const describe = (id: string): Effect.Effect<Described, Stopped> => {
  const listed = Object.hasOwn(list, id) ? list[id] : undefined
  return listed === undefined
    ? unknown(id)
    // Each module exports the descriptor of its provider.
    : Effect.map(Effect.promise(listed.load), ({ descriptor }) => descriptor as Described)
}

/** The providers that take part: those whose tokens are set, and that have not closed. */
export const configured = ({ variables }: Configuration): ReadonlyArray<string> =>
  ids.filter((id) => {
    const { retired, tokens } = list[id] ?? { retired: true, tokens: [] }
    return !retired && tokens.every((name) => variables[name] !== undefined)
  })

/** The layer of a provider, by the variables of the configuration. */
export const layerOf = (
  { layerConfig, variables: read }: Described,
  { variables }: Configuration
): Layer.Layer<unknown, Stopped, HttpClient.HttpClient> =>
  layerConfig().pipe(
    Layer.provide(reading(variables)),
    Layer.catch((error) => {
      const { code, sentence } = ofError(error)
      // What has a fallback is no token.
      const isOther = read.some(({ fallback, name }) => fallback !== undefined && sentence.startsWith(`${name} `))
      return Layer.effectContext(Effect.fail(new Stopped({ code: isOther ? 2 : code, sentence })))
    })
  )

/** A provider, made for the time of the scope. */
export const open = Effect.fnUntraced(function*(
  id: string,
  configuration: Configuration
): Effect.fn.Return<Provider.Any, Stopped, HttpClient.HttpClient | Scope.Scope> {
  const described = yield* describe(id)
  return Context.get(yield* Layer.build(layerOf(described, configuration)), described.tag)
})

/** As `configured`, if there are any. */
export const participating = (configuration: Configuration): Effect.Effect<ReadonlyArray<string>, Stopped> => {
  const found = configured(configuration)
  if (found.length > 0) return Effect.succeed(found)
  const names = [...new Set(Object.values(list).flatMap(({ retired, tokens }) => retired ? [] : tokens))]
  return Effect.fail(
    new Stopped({
      code: 3,
      sentence: `No provider has its token: set ${names.join(" or ")}; \`media-jobs providers\` says what each is.`
    })
  )
}
