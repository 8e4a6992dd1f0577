import type { Job } from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { ManifestInvalid, SinkError } from "../ArtifactError.ts"
import * as Manifest from "../Manifest.ts"
import type * as Sink from "../Sink.ts"
import { keyOf, stemOf } from "./naming.ts"

type Begun = typeof Manifest.Begun.Type

/** All that is noted of one artifact. */
const Note = Schema.Struct({
  label: Schema.String,
  saved: Schema.optionalKey(Manifest.Entry),
  begun: Schema.optionalKey(Manifest.Begun)
})
type Note = typeof Note.Type

const NoteJson = /* @__PURE__ */ Schema.fromJsonString(/* @__PURE__ */ Schema.toCodecJson(Note))
const encodeNote = /* @__PURE__ */ Schema.encodeSync(NoteJson)
const decodeNote = /* @__PURE__ */ Schema.decodeUnknownResult(NoteJson)
const encode = /* @__PURE__ */ Schema.encodeSync(/* @__PURE__ */ Schema.toCodecJson(Manifest.Manifest))

/** How old a change may grow that is not in the manifest yet, in milliseconds. */
const oldest = 5_000

/**
 * The manifest of one job while it changes: what begins is a line in a log beside it, and all is in it at the end, so that the
 * cost of a change does not grow with the number of artifacts. What a killed process saved is found by what it began.
 */
export interface Journal {
  /** What is saved whole. */
  readonly entries: ReadonlyArray<Manifest.Entry>
  readonly entry: (label: string) => Manifest.Entry | undefined
  readonly begun: (label: string) => Begun | undefined
  readonly save: (entry: Manifest.Entry) => Effect.Effect<void, SinkError>
  readonly begin: (begun: Begun) => Effect.Effect<void, SinkError>
  /** What is noted of an artifact is worth nothing. */
  readonly forget: (label: string) => Effect.Effect<void, SinkError>
  /** Brings the manifest up to date. */
  readonly close: Effect.Effect<void, SinkError>
}

export const open = /* @__PURE__ */ Effect.fnUntraced(function*(
  sink: Sink.Sink["Service"],
  job: Job
): Effect.fn.Return<Journal, SinkError | ManifestInvalid> {
  const name = Manifest.nameOf(job)
  const log = `${stemOf(job)}.log`
  const clock = yield* Clock.Clock
  const turn = yield* Semaphore.make(1)
  const notes = new Map<string, Note>()

  const isThere = (name: string) => Effect.map(sink.size(name), (size) => size !== undefined)
  const textOf = Effect.fnUntraced(function*(name: string) {
    if (!(yield* isThere(name))) return undefined
    return yield* Stream.mkString(Stream.decodeText(sink.read(name))).pipe(
      // A save of the same job may have removed its log meanwhile.
      Effect.catch((error) =>
        Effect.flatMap(isThere(name), (isThere) => isThere ? Effect.fail(error) : Effect.undefined)
      )
    )
  })
  const text = yield* textOf(name)
  if (text !== undefined) {
    const { begun, saved } = yield* Manifest.fromText(job, text)
    for (const entry of saved) notes.set(entry.label, { label: entry.label, saved: entry })
    for (const one of begun) notes.set(one.label, { ...notes.get(one.label), label: one.label, begun: one })
  }
  // A line that was cut short, with the process or with the machine, tells nothing.
  const lines = ((yield* textOf(log)) ?? "").split("\n").filter((line) => line !== "")
  for (const line of lines) {
    const note = decodeNote(line)
    if (Result.isSuccess(note)) notes.set(note.success.label, note.success)
  }

  let isChanged = lines.length > 0
  let hasLog = isChanged
  let writtenAt = clock.currentTimeMillisUnsafe()

  const write = Effect.suspend(() => {
    if (!isChanged) return Effect.void
    const sorted = [...notes.values()].sort((a, b) => a.label < b.label ? -1 : 1)
    const manifest = new Manifest.Manifest({
      version: 1,
      provider: job.provider,
      instance: job.instance,
      job: JobId.fingerprint(job.id),
      key: keyOf(job),
      ...(job.model === undefined ? undefined : { model: job.model }),
      saved: sorted.flatMap(({ saved }) => saved ?? []),
      begun: sorted.flatMap(({ begun }) => begun ?? [])
    })
    return sink.write(name, `${JSON.stringify(encode(manifest), undefined, 2)}\n`).pipe(
      Effect.andThen(Effect.suspend(() => hasLog ? sink.remove(log) : Effect.void)),
      Effect.map(() => {
        isChanged = hasLog = false
        writtenAt = clock.currentTimeMillisUnsafe()
      })
    )
  })

  const change = (note: Note, isLogged: boolean) =>
    Semaphore.withPermit(
      turn,
      Effect.suspend(() => {
        notes.set(note.label, note)
        isChanged = true
        if (clock.currentTimeMillisUnsafe() - writtenAt > oldest) return write
        if (!isLogged) return Effect.void
        hasLog = true
        // A line break in front ends what an earlier process left half-written.
        return sink.append(log, `\n${encodeNote(note)}`)
      })
    )

  return {
    entries: Array.from(notes.values()).flatMap(({ begun, saved }) => saved === undefined || begun ? [] : [saved]),
    entry: (label) => notes.get(label)?.saved,
    begun: (label) => notes.get(label)?.begun,
    save: (saved) => change({ label: saved.label, saved }, false),
    begin: (begun) => change({ ...notes.get(begun.label), label: begun.label, begun }, true),
    forget: (label) => Effect.suspend(() => notes.has(label) ? change({ label }, true) : Effect.void),
    close: Semaphore.withPermit(turn, write)
  }
})
