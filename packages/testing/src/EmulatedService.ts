/**
 * A service as a value, for the registry of an emulator.
 *
 * **Example** (A service of one's own, in memory)
 *
 * ```ts import.meta.vitest
 * import { EmulatedService, Emulator, Reply } from "@media-jobs/testing"
 * import { Effect, Layer } from "effect"
 * import { HttpClient } from "effect/http"
 *
 * const toy = EmulatedService.make({
 *   id: "toy",
 *   hosts: ["api.toy.test"],
 *   credential: (headers) => headers["x-toy-key"],
 *   make: () => ({
 *     controls: {},
 *     routes: [{ operation: "list", method: "GET", path: "/jobs", answer: () => Reply.json(200, []) }]
 *   })
 * })
 * class Emulated extends Emulator.Service<Emulated>()("app/Emulated", { toy }) {}
 *
 * const headers = { "x-toy-key": Emulator.token }
 * const program = Effect.gen(function*() {
 *   const { status } = yield* HttpClient.get("https://api.toy.test/jobs", { headers })
 *   return [status, yield* (yield* Emulated).count("toy.list")]
 * })
 * const Live = Emulator.layerClient.pipe(Layer.provideMerge(Emulated.layer()))
 *
 * await Effect.runPromise(Effect.provide(program, Live)) // => [200, 1]
 * ```
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Reply from "./Reply.ts"

/**
 * A request as a service sees it.
 *
 * **Details**
 *
 * - `segment`: the variable parts of the path with slashes between, still encoded. `query`: what follows the path, without its mark.
 * - `base`: what stands for scheme and host of the live API in the address that was called, so that links lead back.
 * - `body`: empty where the route takes a file, of which only `bytes` is kept; of a form, one character for each byte.
 * - `now`: in milliseconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  readonly user: string
  readonly base: string
  readonly segment: string
  readonly query: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  readonly bytes: number
  readonly contentType: string
  readonly now: number
}

/**
 * One documented call; the variable segments of `path` are written `:name`, with a verb behind them `:name:verb`.
 *
 * **Details**
 *
 * Its name in rules, counts and journal is `<provider id>.<operation>`. `host` is the only one of the service's that has it, the
 * first unless told. `file` says that the body is a file, or a form with one. An `open` one wants no credential, as addresses for
 * uploads that are signed; its `user` is then empty.
 *
 * @since 0.1.0
 * @category models
 */
export interface Route<Operation extends string> {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly host?: string | undefined
  readonly file?: boolean | "form" | undefined
  readonly open?: boolean | undefined
  readonly answer: (call: Call) => Reply.Reply
}

/**
 * What the services of one emulator have in common.
 *
 * **Details**
 *
 * - `users`: of the tokens that are accepted. `startedAt`: when it began, in milliseconds.
 * - `replyUrl`: where jobs report that were given no address.
 * - `random`, `draw`, `uuid`: all chance, which is the seed's.
 * - `link`: where the files in a folder are for a caller that is told of them now: at the service's CDN, unless all are elsewhere.
 * - `changed`: to be called whenever a job began or changed, so that webhooks come in time.
 *
 * @since 0.1.0
 * @category models
 */
export interface World {
  readonly users: ReadonlyArray<string>
  readonly speed: number
  readonly startedAt: number
  readonly replyUrl: string | undefined
  readonly random: () => number
  readonly draw: (alphabet: string, length: number) => string
  readonly uuid: () => string
  readonly link: (cdn: string, folder: string, now: number) => (file: string) => string
  readonly changed: () => void
}

/**
 * A webhook call that a service will make, unless its job changes.
 *
 * **Details**
 *
 * `event` is the status word that it brings, `part` which of the calls about its job it is, `at` when what it tells of is so, in
 * milliseconds. `broken` is what the service says of a request that broke, `headers` signs, `retries` is how often a call that
 * failed is made again.
 *
 * @since 0.1.0
 * @category models
 */
export interface DueCallback {
  readonly job: string
  readonly event: string
  readonly part: number
  readonly url: string
  readonly at: number
  readonly body: () => Schema.JsonObject
  readonly broken?: (() => Schema.JsonObject) | undefined
  readonly headers?: ((body: string) => Effect.Effect<Record<string, string>>) | undefined
  readonly retries: number
}

/**
 * A service that an emulator can hold.
 *
 * **Details**
 *
 * - `id`: the provider id. `hosts`: those that the live API answers at, over HTTPS. `cdns`: those of its files.
 * - `root`: a server answers its live paths at the root too, beside those of other services. `beside`: in the folder of the
 *   service with this id too.
 * - `credential`: the token in a request's headers, that of `Authorization: Bearer` unless told.
 * - `unauthorized`, `unknownPath`: what it says to a token, and to a path, that it does not know.
 * - `make`: its routes, the webhooks that it will call, and the controls that a test has of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatedService<
  out Id extends string = string,
  out Operation extends string = string,
  out Controls = unknown
> {
  readonly id: Id
  readonly hosts: readonly [string, ...ReadonlyArray<string>]
  readonly cdns?: ReadonlyArray<string> | undefined
  readonly root?: boolean | undefined
  readonly beside?: string | undefined
  readonly credential?: ((headers: Call["headers"]) => string | undefined) | undefined
  readonly unauthorized?: Reply.Reply | ((headers: Call["headers"]) => Reply.Reply) | undefined
  readonly unknownPath?: Reply.Reply | undefined
  readonly make: (world: World) => {
    readonly controls: Controls
    readonly routes: ReadonlyArray<Route<Operation>>
    readonly callbacks?: (() => ReadonlyArray<DueCallback>) | undefined
  }
}

/**
 * A service, with its types read off the value.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const Id extends string, const Operation extends string, Controls>(
  service: EmulatedService<Id, Operation, Controls>
): EmulatedService<Id, Operation, Controls> => service
