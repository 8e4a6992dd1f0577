/** What one command works with: configuration, ledger, providers on demand, and where its output goes. */
import * as Ledger from "@media-jobs/core/Ledger"
import type * as Provider from "@media-jobs/core/Provider"
import * as PaceStore from "@media-jobs/poller/PaceStore"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Signer from "@media-jobs/webhooks/Signer"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type * as Stdio from "effect/Stdio"
import * as Access from "./access.ts"
import * as Configuration from "./configuration.ts"
import * as LocalLedger from "./localLedger.ts"
import * as Outages from "./outages.ts"
import * as Output from "./output.ts"
import { ofError, type Stopped } from "./stopped.ts"

export interface Session {
  readonly shared: Configuration.Shared
  readonly configuration: Configuration.Configuration
  readonly output: Output.Output
  readonly outages: Outages.Outages
  readonly ledger: LocalLedger.LocalLedger["Service"]
  /** A provider, made once. */
  readonly provider: (id: string) => Effect.Effect<Provider.Any, Stopped>
  /** The one that `--provider` names, or all whose tokens are set. */
  readonly providers: Effect.Effect<Several, Stopped>
}

/** Providers that are asked together: a variable of some that is wrong keeps none of the others. */
export interface Several {
  readonly made: ReadonlyArray<Provider.Any>
  /** What is wrong, once for all that read the same variable. */
  readonly faults: ReadonlyArray<Stopped>
}

/** What commands find around them. */
export type Surroundings = FileSystem.FileSystem | Path.Path | Stdio.Stdio

/** What addresses of webhooks are signed with, by the variables of the configuration. */
export const signer = ({ variables }: Configuration.Configuration): Layer.Layer<Signer.Signer, Config.ConfigError> =>
  Layer.provide(Signer.layerConfig(), Configuration.reading(variables))

/** With either variable, submits ask their services to call; the other is asked for then. */
const isSigned = ({ variables }: Configuration.Configuration): boolean =>
  variables["WEBHOOKS_URL"] !== undefined || variables["WEBHOOKS_KEYS"] !== undefined

/** Runs a command. */
export const run = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  shared: Configuration.Shared,
  body: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<
  A,
  Stopped,
  Exclude<R, HttpClient.HttpClient | Scope.Scope> | Surroundings
> =>
  Effect.gen(function*() {
    const configuration = yield* Configuration.read(shared)
    const inside = Effect.gen(function*() {
      const ledger = yield* LocalLedger.LocalLedger
      const context = yield* Effect.context<HttpClient.HttpClient | Scope.Scope>()
      const made = yield* Effect.forEach(Access.ids, (id) =>
        Effect.map(
          Effect.cached(Effect.provideContext(Access.open(id, configuration), context)),
          (opened) => [id, opened] as const
        ))
      const opened = new Map<string, Effect.Effect<Provider.Any, Stopped>>(made)
      const provider = (id: string) => opened.get(id) ?? Access.unknown(id)
      const providers = Effect.gen(function*() {
        if (shared.provider !== undefined) return { made: [yield* provider(shared.provider)], faults: [] }
        const [made, faults] = yield* Effect.partition(yield* Access.participating(configuration), provider)
        return { made, faults: [...new Map(faults.map((fault) => [fault.sentence, fault])).values()] }
      })
      const output = yield* Output.make(shared)
      const session: Session = {
        shared,
        configuration,
        output,
        outages: Outages.make(output),
        ledger,
        provider,
        providers
      }
      const pace: PaceStore.PaceStore = {
        load: ledger.note("pace"),
        save: (text) => ledger.setNote("pace", text)
      }
      return yield* body(session).pipe(
        Effect.provide(
          isSigned(configuration) ? Layer.provideMerge(Pollers.layer(), signer(configuration)) : Pollers.layer()
        ),
        Effect.provideService(PaceStore.PaceStore, pace),
        Effect.provideService(Ledger.Ledger, ledger.ledger)
      )
    })
    return yield* Effect.provide(
      inside,
      Layer.mergeAll(FetchHttpClient.layer, LocalLedger.layer(configuration.ledger))
    )
  }).pipe(Effect.scoped, Effect.mapError(ofError)) as Effect.Effect<
    A,
    Stopped,
    Exclude<R, HttpClient.HttpClient | Scope.Scope> | Surroundings
  > // `Exclude` of a type that is not known yet is not simplified
