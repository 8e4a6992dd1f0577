import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { list, part, sizeOf, stem, temporary, whenLong } from "./onDisk.ts"
import { begin, listen, media, sha256 } from "./support.ts"

const bytes = media(2_000_000)

/** The program beside this test: what it prints, or `undefined` where it was killed. */
const run = (directory: string, urls: string | ReadonlyArray<string>, options: { readonly uid?: number } = {}) =>
  Effect.sync(() => {
    const child = spawn(process.execPath, [`${import.meta.dirname}/child.ts`, directory, ...[urls].flat()], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let out = ""
    child.stdout.on("data", (text) => out += text)
    const ended = new Promise<string | undefined>((resolve) =>
      child.once("close", (_, signal) => resolve(signal === null ? out : undefined))
    )
    return { kill: Effect.sync(() => child.kill("SIGKILL")), ended: Effect.promise(() => ended) }
  })

describe("a program of its own", () => {
  it.live("killed in the middle and run again, fetches what is missing and nothing else", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      const half = 1_234_567
      const { requests, sent, url } = yield* listen((request, send, response) => {
        const from = begin(request, response, bytes.length)
        send(from === 0 ? bytes.subarray(0, half) : bytes.subarray(from))
        if (from > 0) response.end()
      })
      const first = yield* run(directory, `${url}/a.mp4`)
      yield* Effect.callback<void>((resume) => whenLong(`${directory}/${part}`, half, () => resume(Effect.void)))
      yield* first.kill
      assert.strictEqual(yield* first.ended, undefined)
      assert.deepStrictEqual(yield* list(directory), [part, `${stem}.log`])

      const second = yield* run(directory, `${url}/a.mp4`)
      assert.strictEqual(yield* second.ended, sha256(bytes))
      assert.strictEqual(sha256(yield* fs.readFile(`${directory}/${stem}-video-primary.mp4`)), sha256(bytes))
      assert.deepStrictEqual(requests.map(({ headers }) => headers.range), [undefined, `bytes=${half}-`])
      assert.strictEqual(sent(), bytes.length)

      const third = yield* run(directory, `${url}/a.mp4`)
      assert.strictEqual(yield* third.ended, sha256(bytes))
      assert.strictEqual(requests.length, 2)
      assert.deepStrictEqual(yield* list(directory), [`${stem}-video-primary.mp4`, `${stem}.json`])
    }).pipe(Effect.provide(NodeServices.layer)), 30_000)

  it.live(
    "killed at any time, again and again, ends with the whole file, and asks each time for what it lacks",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* temporary
        const { requests, url } = yield* listen((request, send, response) => {
          let at = begin(request, response, bytes.length)
          const drip = setInterval(() => {
            if (at < bytes.length && !response.destroyed) send(bytes.subarray(at, at += 10_000))
            else {
              clearInterval(drip)
              response.end()
            }
          }, 4)
        })
        const kept: Array<number> = []
        for (const length of [1, 300_000, 1, 1_200_000]) {
          const more = Math.max(length, 1 + (kept.at(-1) ?? 0))
          const child = yield* run(directory, `${url}/a.mp4`)
          yield* Effect.callback<void>((resume) => whenLong(`${directory}/${part}`, more, () => resume(Effect.void)))
          yield* child.kill
          yield* child.ended
          kept.push(yield* sizeOf(`${directory}/${part}`))
        }
        const last = yield* run(directory, `${url}/a.mp4`)
        assert.strictEqual(yield* last.ended, sha256(bytes))
        assert.strictEqual(sha256(yield* fs.readFile(`${directory}/${stem}-video-primary.mp4`)), sha256(bytes))
        assert.deepStrictEqual(
          requests.slice(1).map(({ headers }) => headers.range),
          kept.map((size) => `bytes=${size}-`)
        )
      }).pipe(Effect.provide(NodeServices.layer)),
    30_000
  )

  it.live(
    "killed among many files, has whole ones under their names, and fetches none of these again",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* temporary
        const small = bytes.subarray(0, 100_000)
        const { requests, url } = yield* listen((request, send, response) => {
          begin(request, response, small.length)
          send(small.subarray(0, 50_000))
          setTimeout(() => {
            send(small.subarray(50_000))
            response.end()
          }, 2)
        })
        const urls = Array.from({ length: 150 }, (_, n) => `${url}/${n}.mp4`)
        const named = Effect.map(
          list(directory),
          (names) => names.filter((name) => name.endsWith(".mp4") && !name.startsWith("."))
        )
        let before: ReadonlyArray<string> = []
        for (const count of [10, 60, 120]) {
          requests.length = 0
          const child = yield* run(directory, urls)
          yield* Effect.callback<void>((resume) => {
            const looking = setInterval(() => {
              if (
                readdirSync(directory).filter((name) => /^[^.].*\.mp4$/.test(name)).length < count
              ) return
              clearInterval(looking)
              resume(Effect.void)
            }, 2)
          })
          yield* child.kill
          yield* child.ended
          const names = yield* named
          for (const name of names) {
            assert.strictEqual(sha256(yield* fs.readFile(`${directory}/${name}`)), sha256(small))
          }
          const manifest = (yield* list(directory)).includes(`${stem}.json`)
            ? JSON.parse(yield* fs.readFileString(`${directory}/${stem}.json`)) as {
              readonly saved: ReadonlyArray<{ file: string }>
            }
            : { saved: [] } // as this package writes it
          for (const { file } of manifest.saved) {
            assert.include(names, file)
          }
          // What was whole was not asked for again: so many have come as were asked for, but for those under way.
          assert.isAtMost(requests.length, names.length - before.length + 4)
          before = names
        }
        const last = yield* run(directory, urls)
        assert.strictEqual(yield* last.ended, sha256(small))
        assert.deepStrictEqual([(yield* named).length, (yield* list(directory)).length], [150, 151])
      }).pipe(Effect.provide(NodeServices.layer)),
    60_000
  )

  it.live("is told when it may not write, before it has a store", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* temporary
      const { requests, url } = yield* listen((_, __, response) => response.end())
      yield* fs.chmod(directory, 0o555)
      // Nothing is read-only to root, which tests may run as.
      const child = yield* run(directory, `${url}/a.mp4`, process.getuid?.() === 0 ? { uid: 65534 } : {})
      assert.strictEqual(
        yield* child.ended,
        `ReadOnly [${directory}]. This program may not write there: change the permissions or the place.`
      )
      assert.strictEqual(requests.length, 0)
      assert.deepStrictEqual(yield* list(directory), [])
      yield* fs.chmod(directory, 0o755)
    }).pipe(Effect.provide(NodeServices.layer)), 30_000)
})
