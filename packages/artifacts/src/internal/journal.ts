import type { Job } from "@media-jobs/core/Job"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { ManifestInvalid, SinkError } from "../ArtifactError.ts"
import * as Manifest from "../Manifest.ts"
import type * as Sink from "../Sink.ts"

/** The manifest of one job while it changes. */
export interface Journal {
  readonly entry: (label: string) => Manifest.Entry | undefined
  readonly begun: (label: string) => Manifest.Begun | undefined
  readonly save: (entry: Manifest.Entry) => Effect.Effect<void, SinkError>
  readonly begin: (begun: Manifest.Begun) => Effect.Effect<void, SinkError>
  readonly abandon: (label: string) => Effect.Effect<void, SinkError>
}

const byLabel = (a: { readonly label: string }, b: { readonly label: string }): number => a.label < b.label ? -1 : 1

export const open = Effect.fnUntraced(function*(
  sink: Sink.Sink["Service"],
  job: Job
): Effect.fn.Return<Journal, SinkError | ManifestInvalid> {
  const name = Manifest.nameOf(job)
  let manifest = (yield* sink.size(name)) === undefined
    ? Manifest.empty(job)
    : yield* Manifest.fromText(job, yield* Stream.mkString(Stream.decodeText(sink.read(name))))

  const turn = yield* Semaphore.make(1)
  const change = (label: string, added: { readonly saved?: Manifest.Entry; readonly begun?: Manifest.Begun }) =>
    Semaphore.withPermit(
      turn,
      Effect.suspend(() => {
        const saved = added.saved === undefined
          ? manifest.saved
          : [...manifest.saved.filter((entry) => entry.label !== label), added.saved].sort(byLabel)
        const begun = manifest.begun.filter((begun) => begun.label !== label)
        const next = new Manifest.Manifest({
          ...manifest,
          saved,
          begun: added.begun === undefined ? begun : [...begun, added.begun].sort(byLabel)
        })
        return Effect.map(sink.write(name, Manifest.toText(next)), () => {
          manifest = next
        })
      })
    )

  return {
    entry: (label) => manifest.saved.find((entry) => entry.label === label),
    begun: (label) => manifest.begun.find((begun) => begun.label === label),
    save: (saved) => change(saved.label, { saved }),
    begin: (begun) => change(begun.label, { begun }),
    abandon: (label) =>
      Effect.suspend(() => manifest.begun.some((begun) => begun.label === label) ? change(label, {}) : Effect.void)
  }
})
