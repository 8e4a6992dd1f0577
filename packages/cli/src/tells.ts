/** `providers`, `accounts` and `capacity`: what there is to work with. */
import * as Provider from "@media-jobs/core/Provider"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Access from "./access.ts"
import * as Configuration from "./configuration.ts"
import * as Endings from "./endings.ts"
import { unable } from "./looks.ts"
import * as Output from "./output.ts"
import * as RequestFlags from "./requestFlags.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import { ofError } from "./stopped.ts"

/** A provider that is made to be looked at alone, of no token. */
const madeUp = ({ layerConfig, tag, variables }: Access.Described) =>
  Effect.scoped(Layer.build(layerConfig())).pipe(
    Effect.map((context) => Context.get(context, tag)),
    Effect.provide([
      FetchHttpClient.layer,
      ConfigProvider.layer(
        ConfigProvider.fromUnknown(
          Object.fromEntries(variables.map(({ fallback, name }) => [name, fallback ?? "user:1-none"]))
        )
      )
    ]),
    Effect.mapError(ofError)
  )

export const providers = Effect.fnUntraced(function*(shared: Configuration.Shared) {
  const output = yield* Output.make(shared)
  const { variables: set } = yield* Configuration.read(shared)
  const ids = shared.provider === undefined ? Access.ids : [shared.provider]
  const all = yield* Effect.forEach(
    ids,
    Effect.fnUntraced(function*(id) {
      const described = yield* Access.describe(id)
      const { capabilities, retired } = yield* madeUp(described)
      return {
        id,
        retired: retired !== undefined,
        capabilities,
        kinds: RequestFlags.kindsOf(described).map(({ name }) => name),
        variables: described.variables.map(({ fallback, name, what }) => ({
          name,
          what,
          ...(fallback === undefined ? undefined : { fallback }),
          set: set[name] !== undefined
        }))
      }
    })
  )
  yield* Output.objects(output, all, ({ capabilities, id, kinds, retired, variables }) =>
    [
      retired ? `${id} (closed)` : id,
      `  can     ${capabilities.join(" ")}`,
      `  makes   ${kinds.join(" ")}`,
      ...variables.map(({ fallback, name, set, what }) =>
        `  reads   ${name}, ${what}${
          set ? "; it is set" : fallback === undefined ? "; it is not set" : `; else ${fallback}`
        }`
      )
    ].join("\n"))
})

export const accounts = (shared: Configuration.Shared) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { faults, found } = yield* able(session, "accounts")
      const { failed } = yield* Endings.all([
        ...faults,
        ...found.map((provider) =>
          Effect.flatMap(provider.accounts, (accounts) =>
            Output.objects(
              session.output,
              accounts.map((account) => ({ provider: provider.id, ...account })),
              ({ account, problem, provider }) =>
                `${provider}  ${Shown.id(account, shared.fullIds)}  ${problem === undefined ? "works" : problem}`
            ))
        )
      ])
      return yield* failed
    })
  )

export const capacity = (shared: Configuration.Shared) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { faults, found } = yield* able(session, "capacity")
      const { failed } = yield* Endings.all([
        ...faults,
        ...found.map((provider) =>
          Effect.flatMap(provider.capacity, (capacities) =>
            Output.objects(
              session.output,
              capacities.map((capacity) => ({ provider: provider.id, ...capacity })),
              ({ account, executing, kind, limit, provider }) =>
                `${provider}  ${Shown.id(account, shared.fullIds)}  ${executing ?? "?"} of ${limit} ${kind ?? "jobs"}`
            ))
        )
      ])
      return yield* failed
    })
  )

/** The providers that can do it; one that is named and can't is refused. */
const able = Effect.fnUntraced(function*<C extends "accounts" | "capacity">(session: Session.Session, operation: C) {
  const { faults, made } = yield* session.providers
  const [named] = made
  const found = made.filter(Provider.supports(operation))
  if (session.shared.provider !== undefined && named !== undefined && found.length === 0) {
    return yield* unable(named, operation)
  }
  return { faults, found }
})
