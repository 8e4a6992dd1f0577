import * as Sha256 from "@media-jobs/core/Sha256"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Stream from "effect/Stream"
import type { SinkError } from "../ArtifactError.ts"
import type * as Sink from "../Sink.ts"

/** A SHA-256 of bytes that arrive in pieces. */
export interface Hash {
  readonly update: (bytes: Uint8Array) => unknown
  readonly digest: () => Uint8Array
}

/** What this package uses of a platform that has modules of its own, as Node, Bun, Deno and some Workers do. */
interface Platform {
  readonly process?: {
    readonly getBuiltinModule?: (
      name: "node:crypto"
    ) => { readonly createHash?: (algorithm: "sha256") => Hash } | undefined
  }
}

/** The platform's hash where there is one, which is several times as fast as what is written out in core. */
export const make = (): Hash =>
  (globalThis as Platform) // which has no type that tells what it may have
    .process?.getBuiltinModule?.("node:crypto")?.createHash?.("sha256") ?? Sha256.make()

/** The end of a hash, in lowercase, as manifests hold it. */
export const hexOf = (hash: Hash): string => Hex.encode(hash.digest())

/** The hash of a file that is whole. */
export const hashOf = (sink: Sink.Sink["Service"], file: string): Effect.Effect<string, SinkError> =>
  Effect.suspend(() => {
    const hash = make()
    return Effect.map(
      Stream.runForEach(sink.read(file), (bytes) => Effect.sync(() => hash.update(bytes))),
      () => hexOf(hash)
    )
  })
