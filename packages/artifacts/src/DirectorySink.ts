/**
 * Artifacts in a directory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { NoSpace, ReadOnly, type SinkError, SinkUnavailable } from "./ArtifactError.ts"
import * as Sink from "./Sink.ts"

const encoder = /* @__PURE__ */ new TextEncoder()

/** The system goes on with an interrupted write: into whatever file has the number of the closed one by then. */
const whole = Effect.uninterruptible

const full = /* @__PURE__ */ new Set(["ENOSPC", "EDQUOT"])
const closed = /* @__PURE__ */ new Set(["EROFS", "EACCES", "EPERM"])

/** Effect's error has no tag for a full disk; the code of the system stands in its cause. */
const toSinkError = (file: string) => (cause: PlatformError): SinkError => {
  const { reason } = cause
  const code = Predicate.hasProperty(reason.cause, "code") && typeof reason.cause.code === "string"
    ? reason.cause.code
    : ""
  if (full.has(code)) return new NoSpace({ file })
  if (closed.has(code) || reason._tag === "PermissionDenied") return new ReadOnly({ file })
  return new SinkUnavailable({ file, cause })
}

const isAbsent = ({ reason }: PlatformError): boolean => reason._tag === "NotFound"

/** Names come from this package; a name that leads elsewhere is a defect of it, and must not become a path. */
const plain = /^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){0,126}$/

/** What tells whether a directory can be written: gone again before anything else is done. */
const probe = ".writable"

/**
 * A sink in the given directory, which is made, and tried, when the sink is.
 *
 * **Details**
 *
 * A file grows as `.<key>.part` beside its final place, is flushed to the disk, and is then renamed, as a manifest is: under a
 * final name there is never half a file. What a stopped or killed program leaves of it is gone on with.
 *
 * **Gotchas**
 *
 * One process at a time may write in one directory. A `.part` whose job is never saved again stays until someone removes it.
 * What a machine leaves that lost its power is as good as its file system.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  directory: string
): Effect.fn.Return<Sink.Sink["Service"], SinkError, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const at = (name: string): string => {
    if (!plain.test(name)) throw new Error(`Not a plain file name: ${name}`)
    return path.join(directory, name)
  }
  const hidden = (name: string, ending: string): string => path.join(path.dirname(at(name)), `.${name}.${ending}`)

  // Told before anything is paid for, and by the name that the program gave.
  yield* fs.makeDirectory(directory, { recursive: true }).pipe(
    Effect.andThen(fs.writeFileString(path.join(directory, probe), "")),
    // Another process that opens the same directory may have removed it.
    Effect.andThen(fs.remove(path.join(directory, probe), { force: true })),
    Effect.mapError(toSinkError(directory))
  )

  const opened = yield* Effect.option(fs.open(directory, { flag: "r" }))
  const flushTurn = yield* Semaphore.make(1)
  let renamed = 0
  let flushed = 0

  /**
   * New names must reach the disk too, and one flush serves all that came before it. Where a directory can't be opened, as on
   * Windows, the system sees to it.
   */
  const flush = Effect.suspend(() => {
    const mine = renamed
    return Semaphore.withPermit(
      flushTurn,
      Effect.suspend(() => {
        const all = renamed
        return flushed >= mine || Option.isNone(opened)
          ? Effect.void
          : Effect.map(Effect.ignore(opened.value.sync), () => {
            flushed = all
          })
      })
    )
  })

  const rename = (from: string, to: string) =>
    Effect.map(fs.rename(from, to), () => {
      renamed++
    })

  const sizeOf = (file: string) =>
    Effect.map(fs.stat(file), (info) => Number(info.size)).pipe(
      Effect.catchIf(isAbsent, () => Effect.succeed(undefined))
    )

  const open = Effect.fnUntraced(function*(key: string) {
    const part = hidden(key, "part")
    const guarded = Effect.mapError(toSinkError(key))
    let isNamed = false
    yield* Effect.addFinalizer(() =>
      isNamed
        ? Effect.void
        : Effect.flatMap(sizeOf(part), (size) => size === 0 ? fs.remove(part) : Effect.void).pipe(Effect.ignore)
    )
    // "wx" makes a file and spoils none; "r+" writes at a place of its choice but makes none.
    const goOn = Effect.gen(function*() {
      const file = yield* fs.open(part, { flag: "r+" })
      const { size } = yield* file.stat
      yield* file.seek(size, "start")
      return { file, kept: Number(size) }
    })
    const { file, kept } = yield* Effect.map(fs.open(part, { flag: "wx" }), (file) => ({ file, kept: 0 })).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "AlreadyExists", () => goOn),
      guarded
    )
    const draft: Sink.Draft = {
      kept,
      read: Stream.mapError(fs.stream(part, { bytesToRead: kept }), toSinkError(key)),
      write: (bytes) => whole(guarded(file.writeAll(bytes))),
      // Flushed, or a power cut could leave old bytes under the note of a new file.
      restart: whole(guarded(Effect.andThen(file.truncate(0), file.sync))),
      commit: (name) =>
        guarded(Effect.andThen(
          file.sync,
          Effect.map(rename(part, at(name)), () => {
            isNamed = true
          })
        ))
    }
    return draft
  })

  const write = Effect.fnUntraced(
    function*(name: string, text: string) {
      const temporary = hidden(name, "tmp")
      yield* Effect.scoped(Effect.gen(function*() {
        const file = yield* fs.open(temporary, { flag: "w" })
        yield* file.writeAll(encoder.encode(text))
        yield* file.sync
      })).pipe(
        Effect.andThen(rename(temporary, at(name))),
        Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
      )
      yield* flush
    },
    (effect, name) => whole(Effect.mapError(effect, toSinkError(name)))
  )

  return {
    size: (name) => Effect.mapError(Effect.suspend(() => sizeOf(at(name))), toSinkError(name)),
    read: (name) => Stream.mapError(Stream.suspend(() => fs.stream(at(name))), toSinkError(name)),
    write,
    append: (name, text) =>
      Effect.mapError(
        Effect.suspend(() => fs.writeFileString(at(name), text, { flag: "a" })),
        toSinkError(name)
      ),
    remove: (name) => Effect.mapError(Effect.suspend(() => fs.remove(at(name), { force: true })), toSinkError(name)),
    open,
    locate: at
  }
})

/**
 * The application's sink in a directory.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (directory: string): Layer.Layer<Sink.Sink, SinkError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(Sink.Sink, make(directory))
