/**
 * Where artifacts are kept.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { SinkError } from "./ArtifactError.ts"

/**
 * What is known of a file when it is whole.
 *
 * @since 0.1.0
 * @category models
 */
export interface About {
  readonly bytes: number
  /** In hexadecimal, lowercase. */
  readonly sha256: string
  readonly mediaType?: string | undefined
}

/**
 * A file that is being written, and has no final name yet.
 *
 * **Details**
 *
 * When its scope closes before `commit`, it is kept for the next `open` with the same key where the sink can, and thrown away
 * where it can't. An empty one leaves nothing behind either way.
 *
 * @since 0.1.0
 * @category models
 */
export interface Draft {
  /** How many bytes an earlier draft of the same key has left, to be added to; 0 from a sink that keeps none. */
  readonly kept: number
  /** These bytes, from the first. */
  readonly read: Stream.Stream<Uint8Array, SinkError>
  /** Adds bytes at the end. The array may be used again by others once this has returned. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, SinkError>
  /** Throws all bytes away, the kept ones too. */
  readonly restart: Effect.Effect<void, SinkError>
  /**
   * Gives the file its name, in one step and in place of what had the name before. Its bytes are durable when this has
   * returned, its name when the next `write` has.
   */
  readonly commit: (name: string, about: About) => Effect.Effect<void, SinkError>
}

/**
 * A place for files: a directory, a bucket.
 *
 * **When to use**
 *
 * Implement it for an object store; `DirectorySink` is the one for a file system.
 *
 * **Details**
 *
 * Names and keys are flat and made of lowercase letters, digits, dashes, and dots between these; they begin with a letter or a
 * digit and are shorter than 128 characters. The names of two calls at a time differ, as do the keys.
 *
 * @since 0.1.0
 * @category services
 */
export class Sink extends Context.Service<Sink, {
  /** The length of a whole file; `undefined` where there is none of that name. */
  readonly size: (name: string) => Effect.Effect<number | undefined, SinkError>
  /** The bytes of a whole file. */
  readonly read: (name: string) => Stream.Stream<Uint8Array, SinkError>
  /** Writes a small file in one step, so that a reader finds the old text or the new one; it is durable when this has returned. */
  readonly write: (name: string, text: string) => Effect.Effect<void, SinkError>
  /**
   * Adds to the end of a small file, which may be lost with the machine but not with the process. A sink that can't add does
   * nothing: what a process saved in its last seconds before it was killed is then fetched again.
   */
  readonly append: (name: string, text: string) => Effect.Effect<void, SinkError>
  /** Removes a file, where there is one of that name. */
  readonly remove: (name: string) => Effect.Effect<void, SinkError>
  /** Begins a file, or goes on with what is left of it. */
  readonly open: (key: string) => Effect.Effect<Draft, SinkError, Scope.Scope>
  /** Where a person or a program finds a file: a path, a URL. */
  readonly locate: (name: string) => string
}>()("@media-jobs/artifacts/Sink") {}
