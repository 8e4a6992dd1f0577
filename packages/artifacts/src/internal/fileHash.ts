import * as Sha256 from "@media-jobs/core/Sha256"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Stream from "effect/Stream"
import type { SinkError } from "../ArtifactError.ts"
import type * as Sink from "../Sink.ts"

/** The end of a hash, in lowercase, as manifests hold it. */
export const hexOf = (hash: Sha256.Sha256): string => Hex.encode(hash.digest())

/** The hash of a file that is whole. */
export const hashOf = (sink: Sink.Sink["Service"], file: string): Effect.Effect<string, SinkError> =>
  Effect.map(Stream.runFold(sink.read(file), Sha256.make, (hash, bytes) => hash.update(bytes)), hexOf)
