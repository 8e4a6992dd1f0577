/**
 * Where what a pace has learned is kept between processes.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * A place for one text.
 *
 * **When to use**
 *
 * Back it with a `KeyValueStore`, a file or a row, and provide it where `Pollers.layer` is built, or `Pace.learned` is made.
 *
 * **Details**
 *
 * The text holds durations by provider, kind and model; no id, account or token. A failure of either is the application's
 * to handle: what is not kept is learned again.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaceStore {
  readonly load: Effect.Effect<string | undefined>
  readonly save: (text: string) => Effect.Effect<void>
}

/**
 * Read by `Pollers.layer` and `Pace.learned`; empty until the application provides one.
 *
 * @since 0.1.0
 * @category services
 */
export const PaceStore = Context.Reference<PaceStore | undefined>("@media-jobs/poller/PaceStore", {
  defaultValue: () => undefined
})
