import type { Artifact } from "@media-jobs/core/Artifact"
import type { Job } from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import type { Link } from "@media-jobs/core/Provider"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DownloadError, SaveError, SinkError } from "../ArtifactError.ts"
import type * as Manifest from "../Manifest.ts"
import type { Progress } from "../Progress.ts"
import type * as Sink from "../Sink.ts"
import { parseUrl } from "./address.ts"
import * as Download from "./download.ts"
import * as Exchange from "./exchange.ts"
import { hashOf } from "./fileHash.ts"
import type { Journal } from "./journal.ts"
import * as MediaType from "./mediaType.ts"
import { stemOf } from "./naming.ts"

/** One artifact of one job. */
export interface Task<E> {
  readonly job: Job
  readonly artifact: Artifact
  readonly label: string
  readonly journal: Journal
  /** Whether the job has no other. */
  readonly isOnly: boolean
  /** Asks the provider where the artifact is now. */
  readonly refreshUrl: Effect.Effect<Link | undefined, E> | undefined
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

/** Whether another link may lead to the file that this one does not. */
const isLinkAtFault = (error: DownloadError | SinkError): boolean =>
  error._tag === "LinkDead" || error._tag === "LinkLocked" ||
  error._tag === "LinkRefused" && ["url", "scheme", "data"].includes(error.reason)

const isSame = (a: Link, b: Link): boolean => a.url === b.url && a.headers === undefined && b.headers === undefined

/** Brings an artifact that is not saved, or not any more, into the sink. */
export const make = (
  settings: Download.DownloadOptions,
  sink: Sink.Sink["Service"],
  publish: (news: Progress) => Effect.Effect<unknown>
) =>
  Effect.fnUntraced(function*<E>(
    { artifact, isOnly, job, journal, label, refreshUrl }: Task<E>
  ): Effect.fn.Return<Manifest.Entry, SaveError | E, Scope.Scope> {
    const { id, instance, provider } = job
    const shown = { provider, instance, job: JobId.fingerprint(id), artifact: label }
    const url = Exchange.isInline(artifact.url) ? undefined : parseUrl(artifact.url)
    const key = `${stemOf(job)}-${label}`
    const clock = yield* Clock.Clock

    let seen: { readonly bytes: number; readonly total?: number } = { bytes: 0 }
    let toldAt = -Infinity
    const tell = (state: Progress["state"]) => {
      toldAt = clock.currentTimeMillisUnsafe()
      return publish({ ...shown, ...seen, state })
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
    if (draft.kept === 0 && journal.entry(label) === undefined) {
      // An earlier process may have ended between giving a file its name and writing that down.
      const { ending } = MediaType.find(undefined, [url], new Uint8Array())
      const { bytes: expected, file, mediaType } = begun ?? begunOf(label, `${key}.${ending}`, {})
      const bytes = yield* sink.size(file)
      if (bytes !== undefined && bytes === (expected ?? bytes)) {
        const source = Download.sourceOf(url)
        return yield* enter(file, { bytes, mediaType, source, sha256: yield* hashOf(sink, file) })
      }
    }

    let file = begun?.file ?? ""
    const run = yield* Download.make(settings, {
      subject: { provider, instance, id, artifact: label },
      mayBePage: artifact.kind === "text" || /\.x?html?$/i.test(url?.pathname ?? ""),
      named: url,
      draft,
      begun,
      listener: {
        begin: (head, ending, first) => {
          file = `${key}.${ending}`
          // Of one file that is whole before it is written, nothing can be gone on with, and its name is soon written down.
          const noted = isOnly && head.bytes === first.length
            ? Effect.void
            : journal.begin(begunOf(label, file, head))
          return Effect.andThen(noted, note(0, head))
        },
        progress: note,
        abandon: journal.forget(label)
      }
    })

    const { expiresAt, isProvisional } = artifact
    const isSecond = isProvisional === true ||
      expiresAt !== undefined && expiresAt.epochMilliseconds <= clock.currentTimeMillisUnsafe()
    const fetchWhole = Effect.gen(function*() {
      // When a link dies is often an estimate: where no other can be had, this one is tried.
      const early = isSecond && refreshUrl !== undefined
        ? yield* Effect.orElseSucceed(refreshUrl, () => undefined)
        : undefined
      const first: Link = early ?? { url: artifact.url }
      return yield* Effect.catchIf(run(first), isLinkAtFault, (error): Effect.Effect<Download.Whole, SaveError | E> =>
        Effect.flatMap(
          early === undefined && refreshUrl !== undefined ? refreshUrl : Effect.undefined,
          (link) =>
            link === undefined || isSame(link, first) ? Effect.fail(error) : run(link)
        ))
    })
    return yield* fetchWhole.pipe(
      Effect.flatMap((whole) =>
        Effect.uninterruptible(Effect.andThen(draft.commit(file, whole), enter(file, whole)))
      ),
      Effect.tapError(() => tell("failed"))
    )
  })
