/**
 * What tools must know of a provider before it is made.
 *
 * @since 0.1.0
 */
import type * as Provider from "@media-jobs/core/Provider"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import type * as Webhook from "@media-jobs/core/Webhook"
import type * as Config from "effect/Config"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as RequestSchema from "./RequestSchema.ts"

/**
 * With what a service signs its webhooks: with keys that it publishes, or, as the Standard Webhooks have it, with a secret that it tells.
 *
 * @since 0.1.0
 * @category models
 */
export type Signature<Service> =
  | { readonly verifier: Effect.Effect<Webhook.Verifier, Config.ConfigError, HttpClient.HttpClient> }
  // A method, so that a descriptor of a certain service is one of any.
  | { secret(provider: Service): Effect.Effect<Redacted.Redacted, unknown> }

/**
 * A provider, before it is made: its id, the variables that it reads, what it can be asked to make.
 *
 * @since 0.1.0
 * @category models
 */
export interface Descriptor<Self = never, Service extends Provider.Any = Provider.Any> {
  readonly id: ProviderId
  /** The variables that `layerConfig` reads, `what` to set each to, and what holds where one that may be absent is. */
  readonly variables: ReadonlyArray<{
    readonly name: string
    readonly what: string
    readonly fallback?: string | undefined
  }>
  /** The kinds of its requests, with all that can be wrong with one; `RequestSchema.filesOf` tells which fields of one take a file. */
  readonly kinds: Readonly<Record<string, RequestSchema.Kind>>
  readonly tag: Context.Key<Self, Service>
  /** Absent where its service signs no webhooks. */
  readonly signature?: Signature<Service> | undefined
  readonly layerConfig: () => Layer.Layer<Self, Config.ConfigError, HttpClient.HttpClient>
}
