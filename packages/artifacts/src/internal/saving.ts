import type { Artifact } from "@media-jobs/core/Artifact"
import type { Job } from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { SaveError } from "../ArtifactError.ts"
import type * as Manifest from "../Manifest.ts"
import type { Progress } from "../Progress.ts"
import type * as Sink from "../Sink.ts"
import * as Download from "./download.ts"
import { hashOf } from "./fileHash.ts"
import type { Journal } from "./journal.ts"
import * as MediaType from "./mediaType.ts"
import { stemOf } from "./naming.ts"

/** One artifact of one job. */
export interface Task<E, R> {
  readonly job: Job
  readonly artifact: Artifact
  readonly label: string
  readonly journal: Journal
  /** Finds the artifact's link in the job as the service has it now. */
  readonly relink: Effect.Effect<string | undefined, E, R> | undefined
}

/** Often enough for a moving bar. */
const progressInterval = 100

const begunOf = (
  label: string,
  file: string,
  { bytes, mediaType, validator }: Download.Head
): Manifest.Manifest["begun"][number] => ({
  label,
  file,
  ...(bytes === undefined ? undefined : { bytes }),
  ...(validator === undefined ? undefined : { validator }),
  ...(mediaType === undefined ? undefined : { mediaType })
})

/** Brings an artifact that is not saved, or not any more, into the sink. */
export const make = (
  way: Download.Way,
  sink: Sink.Sink["Service"],
  publish: (news: Progress) => Effect.Effect<unknown>
) =>
  Effect.fnUntraced(function*<E, R>(
    { artifact, job, journal, label, relink }: Task<E, R>
  ): Effect.fn.Return<Manifest.Entry, SaveError | E, R | Scope.Scope> {
    const { instance, provider } = job
    const subject = { provider, instance, job: JobId.fingerprint(job.id), artifact: label }
    const key = `${stemOf(job)}-${label}`
    const clock = yield* Clock.Clock

    let seen: { readonly bytes: number; readonly total?: number } = { bytes: 0 }
    let toldAt = -Infinity
    const tell = (state: Progress["state"]) => {
      toldAt = clock.currentTimeMillisUnsafe()
      return publish({ ...subject, ...seen, state })
    }
    const note = (bytes: number, { bytes: total }: Download.Head) => {
      seen = total === undefined ? { bytes } : { bytes, total }
      return clock.currentTimeMillisUnsafe() - toldAt < progressInterval ? Effect.void : tell("running")
    }

    const enter = Effect.fnUntraced(function*(file: string, { bytes, mediaType, sha256, source }: Download.Whole) {
      const entry: Manifest.Entry = {
        label,
        kind: artifact.kind,
        role: artifact.role,
        file,
        bytes,
        sha256,
        ...(mediaType === undefined ? undefined : { mediaType }),
        source,
        savedAt: yield* DateTime.now
      }
      yield* journal.save(entry)
      seen = { bytes, total: bytes }
      yield* tell("saved")
      return entry
    })

    const begun = journal.begun(label)
    const draft = yield* sink.open(key)
    if (begun !== undefined && draft.kept === 0 && journal.entry(label) === undefined) {
      // An earlier process may have ended between giving a file its name and writing that down.
      const { file, mediaType } = begun
      const bytes = yield* sink.size(file)
      if (bytes !== undefined && bytes === (begun.bytes ?? bytes)) {
        const source = URL.parse(artifact.url)?.origin ?? ""
        return yield* enter(file, { bytes, mediaType, source, sha256: yield* hashOf(sink, file) })
      }
    }

    let file = begun?.file ?? ""
    const run = yield* Download.make(way, {
      subject,
      kind: artifact.kind,
      draft,
      begun,
      listener: {
        begin: (head, url) => {
          file = `${key}.${MediaType.endingOf(head.mediaType, [url, URL.parse(artifact.url)])}`
          return Effect.andThen(journal.begin(begunOf(label, file, head)), note(0, head))
        },
        progress: note,
        abandon: journal.abandon(label)
      }
    })

    const { expiresAt, url } = artifact
    const isPast = expiresAt !== undefined && expiresAt.epochMilliseconds <= clock.currentTimeMillisUnsafe()
    const fetchWhole = Effect.gen(function*() {
      // When a link dies is often an estimate: where no other can be had, this one is tried.
      const first = isPast && relink !== undefined ? (yield* Effect.orElseSucceed(relink, () => undefined)) ?? url : url
      return yield* Effect.catchTag(
        run(first),
        "LinkDead",
        (dead): Effect.Effect<Download.Whole, SaveError | E, R> =>
          Effect.flatMap(
            relink ?? Effect.undefined,
            (link) => link === undefined || link === first ? Effect.fail(dead) : run(link)
          )
      )
    })
    return yield* fetchWhole.pipe(
      Effect.flatMap((whole) => Effect.uninterruptible(Effect.andThen(draft.commit(file, whole), enter(file, whole)))),
      Effect.tapError(() => tell("failed"))
    )
  })
