import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as ArtifactError from "../src/ArtifactError.ts"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import * as DirectorySink from "../src/DirectorySink.ts"
import type * as Sink from "../src/Sink.ts"
import { artifact, host, job, media, serve, sha256 } from "./support.ts"

const stem = "luma-b5fd6ffbf1a04fed7bae8b4c64234d51"
const bytes = media(100_000)

const systemError = (code: string, tag: PlatformError.SystemErrorTag = "Unknown") =>
  PlatformError.systemError({
    _tag: tag,
    module: "FileSystem",
    method: "test",
    cause: Object.assign(new Error(`${code}: test`), { code })
  })

const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** A file system that is the real one but for what the test takes over. */
const altered = (change: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>) =>
  Effect.map(FileSystem.FileSystem, (fs) => FileSystem.FileSystem.of({ ...fs, ...change(fs) }))

/** An open file that is the real one but for what the test takes over. */
const alteredFile = (file: FileSystem.File, change: Partial<FileSystem.File>): FileSystem.File =>
  new Proxy(file, {
    get: (target, key) => {
      const value: unknown = Reflect.get(key in change ? change : target, key)
      return typeof value === "function" ? value.bind(target) : value
    }
  })

const save = (directory: string, client = host(serve(bytes)), fs?: FileSystem.FileSystem) =>
  ArtifactStore.save(job()).pipe(
    Effect.provide(
      ArtifactStore.layer({ directory, retries: 0 }).pipe(
        Layer.provide(client.layer),
        Layer.provide(fs === undefined ? Layer.empty : Layer.succeed(FileSystem.FileSystem, fs))
      )
    )
  )

const list = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.map(fs.readDirectory(directory), (names) => names.sort()))

const live = <E>(
  name: string,
  test: () => Effect.Effect<void, E, FileSystem.FileSystem | Path.Path | Scope.Scope>
) => it.live(name, () => Effect.provide(test(), NodeServices.layer))

describe("a directory", () => {
  live("holds the files and the manifest, and nothing else", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* temporary}/made/on/demand`
      const [saved] = yield* save(directory)
      assert.deepStrictEqual(yield* list(directory), [`${stem}-video-primary.mp4`, `${stem}.json`])
      assert.strictEqual(saved?.location, `${directory}/${stem}-video-primary.mp4`)
      assert.strictEqual(sha256(yield* fs.readFile(saved?.location ?? "")), sha256(bytes))
    }))

  live("may be that of several programs, which try it at once", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      // Another has removed what this wrote.
      const shared = yield* altered((fs) => ({
        writeFileString: (path, text) => Effect.andThen(fs.writeFileString(path, text), fs.remove(path))
      }))
      yield* Effect.provideService(DirectorySink.make(directory), FileSystem.FileSystem, shared)
    }))

  live("shows a file under its name only when it is whole and on the disk", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      const done: Array<string> = []
      const watching = yield* altered((fs) => ({
        open: (path, options) =>
          Effect.map(fs.open(path, options), (file) =>
            alteredFile(file, {
              sync: Effect.tap(file.sync, () => Effect.sync(() => done.push(`sync ${path.slice(directory.length)}`)))
            })),
        rename: (from, to) =>
          Effect.tap(fs.rename(from, to), () => Effect.sync(() => done.push(`rename ${to.slice(directory.length)}`)))
      }))
      yield* save(directory, undefined, watching)
      const file = `/${stem}-video-primary.mp4`
      // The last one is of the directory, and serves both names.
      assert.deepStrictEqual(done, [
        `sync /.${stem}-video-primary.part`,
        `rename ${file}`,
        `sync /.${stem}.json.tmp`,
        `rename /${stem}.json`,
        "sync "
      ])
      assert.isTrue(yield* fs.exists(directory + file))
    }))

  live("goes on with what is left of a file, and only adds to it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      const sink = yield* DirectorySink.make(directory)
      yield* Effect.scoped(Effect.flatMap(sink.open("a"), (draft) => draft.write(bytes.subarray(0, 60_000))))
      assert.deepStrictEqual(yield* list(directory), [".a.part"])
      yield* Effect.scoped(Effect.gen(function*() {
        const draft = yield* sink.open("a")
        const kept = yield* Stream.runCollect(draft.read)
        assert.deepStrictEqual(kept.flatMap((part) => [...part]), [...bytes.subarray(0, 60_000)])
        yield* draft.write(bytes.subarray(60_000, 70_000))
        yield* draft.write(bytes.subarray(70_000))
        assert.strictEqual(yield* sink.size("a.bin"), undefined)
        yield* draft.commit("a.bin", { bytes: bytes.length, sha256: sha256(bytes) })
      }))
      assert.deepStrictEqual(yield* list(directory), ["a.bin"])
      assert.strictEqual(yield* sink.size("a.bin"), bytes.length)
      assert.strictEqual(sha256(yield* fs.readFile(`${directory}/a.bin`)), sha256(bytes))
    }))

  live("begins anew when told to, and leaves nothing of an empty file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      const sink = yield* DirectorySink.make(directory)
      yield* Effect.scoped(Effect.flatMap(sink.open("a"), (draft) => draft.write(media(100))))
      yield* Effect.scoped(Effect.gen(function*() {
        const draft = yield* sink.open("a")
        yield* draft.restart
        yield* draft.write(media(10, 1))
        yield* draft.commit("a.bin", { bytes: 10, sha256: "" })
      }))
      assert.deepStrictEqual(new Uint8Array(yield* fs.readFile(`${directory}/a.bin`)), media(10, 1))
      yield* Effect.scoped(sink.open("b"))
      yield* Effect.scoped(
        Effect.flatMap(sink.open("c"), (draft) => Effect.andThen(draft.write(media(9)), draft.restart))
      )
      assert.deepStrictEqual(yield* list(directory), ["a.bin"])
    }))
})

describe("a program that stops", () => {
  /** A file system whose writes have begun, and end when they are let. */
  const held = (method: "writeAll" | "truncate" | "sync") =>
    Effect.gen(function*() {
      const done: Array<string> = []
      const [begun, go] = [yield* Latch.make(), yield* Latch.make()]
      const fs = yield* altered((fs) => ({
        open: (path, options) =>
          Effect.map(
            Effect.acquireRelease(fs.open(path, options), () => Effect.sync(() => done.push("closed"))),
            (file) => {
              const hold = Effect.andThen(begun.open, Effect.andThen(go.await, Effect.sync(() => done.push(method))))
              return alteredFile(file, { [method]: method === "sync" ? hold : () => hold })
            }
          )
      }))
      return { begun, done, fs, go: go.open }
    })
  const uses: ReadonlyArray<
    readonly [
      name: string,
      "writeAll" | "truncate" | "sync",
      (sink: Sink.Sink["Service"]) => Effect.Effect<void, unknown>
    ]
  > = [
    ["draft", "writeAll", (sink) => Effect.scoped(Effect.flatMap(sink.open("a"), (draft) => draft.write(bytes)))],
    ["draft begun anew", "truncate", (sink) => Effect.scoped(Effect.flatMap(sink.open("a"), (draft) => draft.restart))],
    ["manifest", "writeAll", (sink) => sink.write("a.json", "{}")],
    ["manifest on its way to the disk", "sync", (sink) => sink.write("a.json", "{}")]
  ]
  for (const [name, method, use] of uses) {
    live(`closes no file that the system still writes to: a ${name}`, () =>
      Effect.gen(function*() {
        const file = yield* held(method)
        const sink = yield* DirectorySink.make(yield* temporary).pipe(
          Effect.provideService(FileSystem.FileSystem, file.fs)
        )
        const using = yield* Effect.forkChild(use(sink))
        yield* file.begun.await
        const stopping = yield* Effect.forkChild(Fiber.interrupt(using), { startImmediately: true })
        yield* Effect.yieldNow
        assert.deepStrictEqual(file.done, [])
        yield* file.go
        yield* Fiber.join(stopping)
        assert.deepStrictEqual(file.done.slice(0, 2), [method, "closed"])
      }))
  }
})

describe("a full disk", () => {
  /** Takes so many bytes, and then no more. */
  const small = (room: number, isMeant: (path: string) => boolean) =>
    altered((fs) => ({
      open: (path, options) =>
        Effect.map(fs.open(path, options), (file) => {
          if (!isMeant(path)) return file
          const writeAll = (bytes: Uint8Array) => {
            const fits = bytes.subarray(0, room)
            room -= fits.length
            return fits.length === bytes.length
              ? file.writeAll(bytes)
              : Effect.andThen(file.writeAll(fits), Effect.fail(systemError("ENOSPC")))
          }
          return alteredFile(file, { writeAll })
        }),
      writeFileString: (path, text, options) =>
        isMeant(path)
          ? Effect.andThen(fs.writeFileString(path, text.slice(0, 9), options), Effect.fail(systemError("EDQUOT")))
          : fs.writeFileString(path, text, options)
    }))

  live(
    "is NoSpace, leaves no half file under its name, and is gone on with when there is room",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* temporary
        // Too long to be collected before it is written.
        const bytes = media(400_000)
        const pieces = () =>
          new TransformStream<Uint8Array, Uint8Array>({
            transform: (chunk, controller) => {
              for (let at = 0; at < chunk.length; at += 50_000) controller.enqueue(chunk.slice(at, at + 50_000))
            }
          })
        const inPieces = host((asked) => {
          const response = serve(bytes)(asked)
          return new Response(response.body?.pipeThrough(pieces()) ?? null, response)
        })
        const error = yield* Effect.flip(
          save(directory, inPieces, yield* small(70_000, (path) => path.endsWith(".part")))
        )
        assert.strictEqual(error._tag, "NoSpace")
        assert.deepStrictEqual(yield* list(directory), [`.${stem}-video-primary.part`, `${stem}.json`])
        const client = host(serve(bytes))
        const [saved] = yield* save(directory, client)
        assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), ["bytes=70000-"])
        assert.strictEqual(saved?.sha256, sha256(bytes))
        assert.strictEqual(sha256(yield* fs.readFile(saved?.location ?? "")), sha256(bytes))
        assert.deepStrictEqual(yield* list(directory), [`${stem}-video-primary.mp4`, `${stem}.json`])
      })
  )

  live("leaves the old manifest whole", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      yield* save(directory)
      const before = yield* fs.readFileString(`${directory}/${stem}.json`)
      yield* fs.remove(`${directory}/${stem}-video-primary.mp4`)
      const error = yield* Effect.flip(save(directory, undefined, yield* small(0, (path) => path.endsWith(".tmp"))))
      assert.strictEqual(error._tag, "NoSpace")
      assert.strictEqual(yield* fs.readFileString(`${directory}/${stem}.json`), before)
      assert.deepStrictEqual(
        yield* list(directory),
        [`${stem}-video-primary.mp4`, `${stem}.json`, `${stem}.log`]
      )
      yield* save(directory)
      assert.deepStrictEqual(yield* list(directory), [`${stem}-video-primary.mp4`, `${stem}.json`])
    }))
})

describe("a folder that can't be written", () => {
  for (
    const [code, tag, expected] of [
      ["EROFS", "Unknown", "ReadOnly"],
      ["EACCES", "PermissionDenied", "ReadOnly"],
      ["EPERM", "PermissionDenied", "ReadOnly"],
      ["EIO", "Unknown", "SinkUnavailable"],
      ["EMFILE", "Unknown", "SinkUnavailable"]
    ] as const
  ) {
    live(`is ${expected} at ${code}`, () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const fs = yield* altered((fs) => ({
          open: (path, options) => path.endsWith(".part") ? Effect.fail(systemError(code, tag)) : fs.open(path, options)
        }))
        const client = host(serve(bytes))
        const error = yield* Effect.flip(save(directory, client, fs))
        assert.strictEqual(error._tag, expected)
        assert.deepStrictEqual(error.remedy._tag, expected === "ReadOnly" ? "None" : "Retry")
        assert.include(error.message, `${stem}-video-primary`)
        assert.deepStrictEqual([client.asked.length, yield* list(directory)], [0, []])
      }))
  }
})

describe("a directory that is none", () => {
  const made = (directory: string, fs?: FileSystem.FileSystem) =>
    Effect.flip(Effect.scoped(Layer.build(
      ArtifactStore.layer({ directory }).pipe(
        Layer.provide(host(serve(bytes)).layer),
        Layer.provide(fs === undefined ? Layer.empty : Layer.succeed(FileSystem.FileSystem, fs))
      )
    )))

  live(
    "fails the layer, by the name that it was given: a file in its place, or above it",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const file = `${yield* temporary}/file`
        yield* fs.writeFileString(file, "mine")
        for (const directory of [file, `${file}/below`, `${file}/far/below`]) {
          const error = yield* made(directory)
          assert.strictEqual(error._tag, "SinkUnavailable")
          assert.include(error.message, `[${directory}]`)
        }
        assert.strictEqual(yield* fs.readFileString(file), "mine")
      })
  )

  for (
    const [code, tag, expected] of [
      ["EROFS", "Unknown", "ReadOnly"],
      ["EACCES", "PermissionDenied", "ReadOnly"],
      ["EDQUOT", "Unknown", "NoSpace"],
      ["EIO", "Unknown", "SinkUnavailable"]
    ] as const
  ) {
    live(
      `fails the layer with ${expected} at ${code}, when it is made and when it is tried`,
      () =>
        Effect.gen(function*() {
          const directory = `${yield* temporary}/out`
          const failing = Effect.fail(systemError(code, tag))
          for (
            const fs of [
              yield* altered(() => ({ makeDirectory: () => failing })),
              yield* altered(() => ({ writeFileString: () => failing }))
            ]
          ) {
            const error = yield* made(directory, fs)
            assert.deepStrictEqual([error._tag, error.file], [expected, directory])
          }
        })
    )
  }

  live("is made where it can be, with all above it, and nothing is left of the trial", () =>
    Effect.gen(function*() {
      const directory = `${yield* temporary}/a/b`
      yield* Effect.scoped(DirectorySink.make(directory))
      assert.deepStrictEqual(yield* list(directory), [])
    }))
})

describe("a manifest that is none", () => {
  const spoil = (change: (text: string) => string) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      yield* save(directory)
      const path = `${directory}/${stem}.json`
      const text = change(yield* fs.readFileString(path))
      yield* fs.writeFileString(path, text)
      const client = host(serve(bytes))
      const error = yield* Effect.flip(save(directory, client))
      assert.deepStrictEqual([error._tag, client.asked.length], ["ManifestInvalid", 0])
      assert.include(error.message, `${stem}.json`)
      assert.strictEqual(yield* fs.readFileString(path), text)
    })

  live("is left as it is: cut short", () => spoil((text) => text.slice(0, 50)))
  live("is left as it is: of a newer release", () => spoil((text) => text.replace("\"version\": 1", "\"version\": 2")))
  live("is left as it is: of another job", () => spoil((text) => text.replace(/"key": "\w/, "\"key\": \"0")))
  live("is left as it is: leading elsewhere", () => spoil((text) => text.replace(/"file": "/, "\"file\": \"../")))
})

describe("the path of a file", () => {
  const hostile = [
    "../../etc/passwd",
    "..",
    "a/../../b",
    "\\..\\x",
    "C:\\x",
    "\0",
    "%2e%2e/x",
    "/etc/passwd",
    "~/.ssh/x",
    "é\u202e"
  ]
  const Any = Schema.Union([Schema.Literals(hostile), Schema.NonEmptyString])

  it.effect.prop("never leaves the directory, whatever provider, id, role or link", [Any, Any, Any, Any, Any], (
    [provider, instance, id, role, link]
  ) =>
    Effect.gen(function*() {
      const paths: Array<string> = []
      const note =
        <A extends ReadonlyArray<unknown>, B>(f: (path: string, ...rest: A) => B) => (path: string, ...rest: A) => {
          paths.push(path)
          return f(path, ...rest)
        }
      const file = {
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        stat: Effect.succeed({ size: 0n }),
        seek: () => Effect.succeed(0n),
        sync: Effect.void,
        truncate: () => Effect.void,
        writeAll: () => Effect.void
      } as unknown as FileSystem.File // what a sink uses of one
      const fs = FileSystem.makeNoop({
        makeDirectory: () => Effect.void,
        open: note(() => Effect.succeed(file)),
        stat: note(() => Effect.fail(systemError("ENOENT", "NotFound"))),
        rename: (from, to) => Effect.sync(() => void paths.push(from, to)),
        remove: note(() => Effect.void),
        writeFileString: note(() => Effect.void)
      })
      const any = job([
        artifact({
          role,
          url: URL.canParse(link, "https://cdn.example.net/") ? new URL(link, "https://cdn.example.net/").href : link
        })
      ], {
        id: JobId.make(id),
        provider: provider as never, // any text at all
        instance: instance as never
      })
      yield* Effect.exit(
        ArtifactStore.save(any).pipe(
          Effect.provide(
            ArtifactStore.layer({ directory: "/base/out", retries: 0 }).pipe(
              Layer.provide(host(() => new Response(media(10), { headers: { "content-type": role } })).layer),
              Layer.provide(Layer.succeed(FileSystem.FileSystem, fs)),
              Layer.provide(Path.layer)
            )
          )
        )
      )
      assert.isAbove(paths.length, 0)
      for (const path of paths) assert.match(path, /^\/base\/out(?:\/\.?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]+){0,2})?$/)
    }))

  live("is refused by the sink itself where a name is none", () =>
    Effect.gen(function*() {
      const sink = yield* DirectorySink.make(yield* temporary)
      for (const name of [...hostile, "", ".", ".hidden", "a..b", "a.", "A", "a b", "a".repeat(128)]) {
        for (
          const use of [
            sink.size(name),
            sink.write(name, ""),
            Effect.scoped(sink.open(name)),
            Stream.runDrain(sink.read(name))
          ]
        ) {
          assert.isTrue(Exit.hasDies(yield* Effect.exit(use)), name)
        }
        assert.throws(() => sink.locate(name))
      }
    }))
})

it("layers are of what they say", () => {
  const layer: Layer.Layer<ArtifactStore.ArtifactStore, ArtifactError.SinkError, unknown> = ArtifactStore.layer({
    directory: "out"
  })
  assert.isTrue(Layer.isLayer(layer))
  assert.isTrue(Context.isKey(ArtifactStore.ArtifactStore))
})
