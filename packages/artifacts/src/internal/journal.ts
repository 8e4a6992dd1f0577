import type { Job } from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { ManifestInvalid, SinkError } from "../ArtifactError.ts"
import * as Manifest from "../Manifest.ts"
import type * as Sink from "../Sink.ts"
import { keyOf } from "./naming.ts"

type Begun = Manifest.Manifest["begun"][number]

const empty = (job: Job): Manifest.Manifest =>
  new Manifest.Manifest({
    version: 1,
    provider: job.provider,
    instance: job.instance,
    job: JobId.fingerprint(job.id),
    key: keyOf(job),
    ...(job.model === undefined ? undefined : { model: job.model }),
    saved: [],
    begun: []
  })

const encode = /* @__PURE__ */ Schema.encodeSync(/* @__PURE__ */ Schema.toCodecJson(Manifest.Manifest))
const toText = (manifest: Manifest.Manifest): string => `${JSON.stringify(encode(manifest), undefined, 2)}\n`

/** The manifest of one job while it changes. */
export interface Journal {
  readonly entry: (label: string) => Manifest.Entry | undefined
  readonly begun: (label: string) => Begun | undefined
  readonly save: (entry: Manifest.Entry) => Effect.Effect<void, SinkError>
  readonly begin: (begun: Begun) => Effect.Effect<void, SinkError>
  readonly abandon: (label: string) => Effect.Effect<void, SinkError>
}

const byLabel = (a: { readonly label: string }, b: { readonly label: string }): number => a.label < b.label ? -1 : 1

export const open = Effect.fnUntraced(function*(
  sink: Sink.Sink["Service"],
  job: Job
): Effect.fn.Return<Journal, SinkError | ManifestInvalid> {
  const name = Manifest.nameOf(job)
  let manifest = (yield* sink.size(name)) === undefined
    ? empty(job)
    : yield* Manifest.fromText(job, yield* Stream.mkString(Stream.decodeText(sink.read(name))))

  const turn = yield* Semaphore.make(1)
  const change = (label: string, added: { readonly saved?: Manifest.Entry; readonly begun?: Begun }) =>
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
        return Effect.map(sink.write(name, toText(next)), () => {
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
