import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import * as ArtifactError from "../src/ArtifactError.ts"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import * as Journal from "../src/internal/journal.ts"
import * as Manifest from "../src/Manifest.ts"
import type * as Sink from "../src/Sink.ts"
import * as support from "./support.ts"
import { artifact, broken, headersOf, host, job, media, memory, passing, serve, sha256, signed } from "./support.ts"

const stem = "luma-b5fd6ffbf1a04fed7bae8b4c64234d51"
const bytes = media(1000)

const saving = (
  sink: ReturnType<typeof memory>,
  client: { readonly layer: Layer.Layer<HttpClient.HttpClient> },
  options?: ArtifactStore.Options
) =>
<A, E>(effect: Effect.Effect<A, E, ArtifactStore.ArtifactStore>) =>
  passing(effect.pipe(Effect.provide(support.storeOf(sink.service, client.layer, options))))

const failing = (answer: support.Answer, options?: ArtifactStore.Options) => {
  const sink = memory()
  const client = host(answer)
  return Effect.map(
    saving(sink, client, options)(Effect.flip(ArtifactStore.save(job()))),
    (error) => ({ error, sink, asked: client.asked })
  )
}

const manifestOf = (sink: ReturnType<typeof memory>) =>
  Manifest.fromText(job(), new TextDecoder().decode(sink.files.get(`${stem}.json`)))

/** No half file is under a final name. */
const assertNothingSaved = (sink: ReturnType<typeof memory>) =>
  assert.deepStrictEqual(sink.names().filter((name) => name !== `${stem}.json`), [])

describe("a link to this machine", () => {
  const local = job([artifact({ url: "http://127.0.0.1/a.mp4" })])
  const save = (env: Readonly<Record<string, string>>, options?: ArtifactStore.Options) => {
    const client = host(serve(bytes))
    return saving(memory(), client, options)(Effect.exit(ArtifactStore.save(local))).pipe(
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))),
      Effect.map((exit) => [Exit.isSuccess(exit), client.asked.length] as const)
    )
  }

  it.effect("is followed where the options or the environment say so, of which the options come first", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* save({}), [false, 0])
      assert.deepStrictEqual(yield* save({ ARTIFACTS_ALLOW_PRIVATE: "true" }), [true, 1])
      assert.deepStrictEqual(yield* save({ ARTIFACTS_ALLOW_PRIVATE: "false" }), [false, 0])
      assert.deepStrictEqual(yield* save({ ARTIFACTS_ALLOW_PRIVATE: "true" }, { allowPrivate: false }), [false, 0])
      assert.deepStrictEqual(yield* save({}, { allowPrivate: true }), [true, 1])
    }))
})

describe("saved", () => {
  it.effect("tells what is saved whole already, in the job's order, and asks no host", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(serve(bytes))
      const two = job([artifact(), artifact({ kind: "image", role: "thumbnail", url: signed("t.JPEG") })])
      yield* saving(sink, client)(Effect.gen(function*() {
        const store = yield* ArtifactStore.ArtifactStore
        assert.deepStrictEqual(yield* store.saved(two), [])
        const files = yield* store.save(two)
        const asked = client.asked.length
        assert.deepStrictEqual(yield* store.saved(two), files)
        sink.files.delete(files[0]?.file ?? "")
        assert.deepStrictEqual(yield* store.saved(two), files.slice(1))
        assert.strictEqual(client.asked.length, asked)
      }))
    }))
})

describe("a log that is gone as it is read, for a save of the same job has just written its manifest", () => {
  const withLog = (goes: boolean) =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(serve(bytes))
      const files = yield* saving(sink, client)(ArtifactStore.save(job()))
      sink.files.set(`${stem}.log`, new TextEncoder().encode("{}"))
      const read = (name: string) => {
        if (!name.endsWith(".log")) return sink.service.read(name)
        if (goes) sink.files.delete(name)
        return Stream.fail(new ArtifactError.SinkUnavailable({ file: name, cause: "ENOENT" }))
      }
      const store = support.storeOf({ ...sink.service, read }, client.layer)
      return { files, store }
    })

  it.effect("is no error of what is saved, nor of a save", () =>
    Effect.gen(function*() {
      for (const  of of["saved", "save"] as const) {
        const { files, store } = yield* withLog(true)
        const told = Effect.flatMap(ArtifactStore.ArtifactStore, (store) => store[of](job()))
        assert.deepStrictEqual(yield* Effect.provide(told, store), files)
      }
    }))

  it.effect("is one where it is still there", () =>
    Effect.gen(function*() {
      const { store } = yield* withLog(false)
      const told = Effect.flatMap(ArtifactStore.ArtifactStore, (store) => store.saved(job()))
      assert.strictEqual((yield* Effect.flip(Effect.provide(told, store)))._tag, "SinkUnavailable")
    }))
})

describe("save", () => {
  it.effect("saves each artifact under a name without its id, and says so in a manifest", () =>
    Effect.gen(function*() {
      const sink = memory()
      const thumbnail = media(10, 1)
      const client = host((asked) =>
        asked.url.includes("a.mp4")
          ? serve(bytes)(asked)
          : new Response(thumbnail, { headers: { "content-type": "application/octet-stream" } })
      )
      const saved = yield* saving(sink, client)(
        ArtifactStore.save(job([artifact(), artifact({ kind: "image", role: "thumbnail", url: signed("t.JPEG") })]))
      )

      assert.deepStrictEqual(saved.map(({ bytes, location, sha256 }) => ({ bytes, location, sha256 })), [
        { bytes: 1000, location: `memory:${stem}-video-primary.mp4`, sha256: sha256(bytes) },
        { bytes: 10, location: `memory:${stem}-image-thumbnail.jpg`, sha256: sha256(thumbnail) }
      ])
      assert.deepStrictEqual(sink.files.get(`${stem}-video-primary.mp4`), bytes)
      assert.deepStrictEqual(sink.about.get(`${stem}-video-primary.mp4`)?.mediaType, "video/mp4")
      assert.strictEqual(sink.drafts.size, 0)

      const manifest = yield* manifestOf(sink)
      assert.strictEqual(manifest.job, JobId.fingerprint(support.id))
      assert.deepStrictEqual(manifest.begun, [])
      assert.deepStrictEqual(manifest.saved.map(({ file, label, role, source }) => ({ file, label, role, source })), [
        { file: `${stem}-image-thumbnail.jpg`, label: "image-thumbnail", role: "thumbnail", source: support.origin },
        { file: `${stem}-video-primary.mp4`, label: "video-primary", role: "primary", source: support.origin }
      ])
    }))

  it.effect("asks for the link byte for byte, plainly, and says nothing else", () =>
    Effect.gen(function*() {
      const client = host(serve(bytes))
      yield* saving(memory(), client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(client.asked, [{ url: signed("a.mp4"), headers: { "accept-encoding": "identity" } }])
    }))

  it.effect("downloads nothing twice", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(serve(bytes))
      const first = yield* saving(sink, client)(ArtifactStore.save(job()))
      const renewed = job([artifact({ url: signed("a.mp4") + "-renewed" })])
      const second = yield* saving(sink, client)(ArtifactStore.save(renewed))
      assert.deepStrictEqual(second, first)
      assert.strictEqual(client.asked.length, 1)
    }))

  it.effect("downloads nothing twice when one job is saved twice at once", () =>
    Effect.gen(function*() {
      const client = host(serve(bytes))
      const both = yield* saving(memory(), client)(
        Effect.all([ArtifactStore.save(job()), ArtifactStore.save(job())], { concurrency: 2 })
      )
      assert.deepStrictEqual(both[0], both[1])
      assert.strictEqual(client.asked.length, 1)
    }))

  it.effect("keeps jobs of two instances and of two providers apart", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, host(serve(bytes)))(Effect.forEach([
        job(),
        job([artifact()], { instance: ProviderId.Instance.make("second") }),
        job([artifact()], { provider: ProviderId.make("LUMA!") })
      ], (job) => ArtifactStore.save(job)))
      assert.strictEqual(sink.names().length, 6)
    }))

  it.effect("fetches again what is gone or has another size, and what has another hash if asked to look", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(serve(bytes))
      const file = `${stem}-video-primary.mp4`
      const run = (verify: "size" | "hash") => saving(sink, client)(ArtifactStore.save(job(), { verify }))
      yield* run("size")
      sink.files.set(file, bytes.subarray(1))
      yield* run("size")
      assert.deepStrictEqual([client.asked.length, sink.files.get(file)], [2, bytes])
      sink.files.delete(file)
      yield* run("size")
      assert.deepStrictEqual([client.asked.length, sink.files.get(file)], [3, bytes])
      sink.files.set(file, media(1000, 1))
      yield* run("size")
      assert.strictEqual(client.asked.length, 3)
      yield* run("hash")
      assert.deepStrictEqual([client.asked.length, sink.files.get(file)], [4, bytes])
      yield* run("hash")
      assert.strictEqual(client.asked.length, 4)
      assert.strictEqual((yield* manifestOf(sink)).saved.length, 1)
    }))

  it.effect("trusts no spoiled file whose replacement was begun and not finished", () =>
    Effect.gen(function*() {
      const sink = memory()
      const file = `${stem}-video-primary.mp4`
      yield* saving(sink, host(serve(bytes)))(ArtifactStore.save(job()))
      sink.files.set(file, media(1000, 1))
      const broke = host(() => new Response(broken(new Uint8Array(), "cut"), { headers: headersOf(1000) }))
      yield* saving(sink, broke, { retries: 0 })(Effect.flip(ArtifactStore.save(job(), { verify: "hash" })))
      assert.deepStrictEqual([sink.drafts.size, (yield* manifestOf(sink)).begun.length], [0, 1])
      yield* saving(sink, host(serve(bytes)))(ArtifactStore.save(job()))
      assert.deepStrictEqual(sink.files.get(file), bytes)
    }))

  it.effect("saves the others when one fails, and only that one the next time", () =>
    Effect.gen(function*() {
      const sink = memory()
      const four = job([1, 2, 3, 4].map((n) => artifact({ kind: "image", url: signed(`${n}.png`) })))
      const client = host((asked) =>
        asked.url.includes("/2.png") ? new Response("", { status: 403 }) : serve(bytes)(asked)
      )
      const error = yield* saving(sink, client)(Effect.flip(ArtifactStore.save(four)))
      assert.deepStrictEqual([error._tag, "artifact" in error ? error.artifact : ""], ["LinkDead", "image-primary-2"])
      assert.strictEqual(sink.names().length, 4)
      const after = host(serve(bytes))
      assert.strictEqual((yield* saving(sink, after)(ArtifactStore.save(four))).length, 4)
      assert.deepStrictEqual(after.asked.map(({ url }) => url), [signed("2.png")])
    }))

  it.effect("fetches no more files at a time than it may, of all jobs together", () =>
    Effect.gen(function*() {
      let running = 0
      let most = 0
      const client = host((asked) => {
        most = Math.max(most, ++running)
        return new Response(
          new ReadableStream({
            pull: (controller) =>
              new Promise((resolve) =>
                setImmediate(() => {
                  running--
                  controller.enqueue(bytes.slice())
                  controller.close()
                  resolve()
                })
              )
          }),
          { headers: { "content-type": asked.url } }
        )
      })
      const jobs = [1, 2, 3, 4, 5].map((n) => job([artifact(), artifact(), artifact()], { id: JobId.make(`job-${n}`) }))
      yield* saving(memory(), client, { concurrency: 3 })(
        Effect.forEach(jobs, (job) => ArtifactStore.save(job), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual([client.asked.length, most], [15, 3])
    }))
})

describe("a job of many files", () => {
  const many = (count: number) =>
    job(Array.from({ length: count }, (_, n) => artifact({ kind: "image", url: signed(`${n}.png`) })))

  const pictures = () => host(serve(bytes, { "content-type": "image/png" }))

  /** What is written of notes, in bytes, for so many files. */
  const noted = (count: number) =>
    Effect.gen(function*() {
      const sink = memory()
      let written = 0
      const counting: Sink.Sink["Service"] = {
        ...sink.service,
        write: (name, text) => {
          written += text.length
          return sink.service.write(name, text)
        },
        append: (name, text) => {
          written += text.length
          return sink.service.append(name, text)
        }
      }
      const saved = yield* saving({ ...sink, service: counting }, pictures())(ArtifactStore.save(many(count)))
      assert.strictEqual(saved.length, count)
      assert.deepStrictEqual(sink.names().filter((name) => !name.endsWith(".png")), [`${stem}.json`])
      return written
    })

  it.effect("is noted at a cost that grows as the number of its files", () =>
    Effect.gen(function*() {
      const [few, more] = [yield* noted(20), yield* noted(200)]
      assert.isBelow(more / few, 11)
    }))

  it.effect("is found again where the process was killed before it wrote its manifest", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, pictures())(ArtifactStore.save(many(20)))
      sink.files.delete(`${stem}.json`)
      // One was under way, and has no name yet.
      sink.files.delete(`${stem}-image-primary-7.png`)
      const client = pictures()
      const saved = yield* saving(sink, client)(ArtifactStore.save(many(20)))
      assert.deepStrictEqual(client.asked.map(({ url }) => url), [signed("6.png")])
      assert.isTrue(saved.every((one) => one.sha256 === sha256(bytes)))
      assert.strictEqual((yield* manifestOf(sink)).saved.length, 20)
    }))

  it.effect("is in its manifest after some seconds, while others are under way", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host((asked, n) => n === 5 ? "hang" : serve(bytes)(asked))
      const fiber = yield* Effect.forkChild(
        ArtifactStore.save(many(5)).pipe(
          Effect.provide(support.storeOf(sink.service, client.layer, { concurrency: 1, idleTimeout: "1 hour" }))
        )
      )
      while (client.asked.length < 5) yield* TestClock.adjust("6 seconds")
      assert.isAtLeast((yield* manifestOf(sink)).saved.length, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* manifestOf(sink)).saved.length, 4)
    }))

  it.effect("believes no line of its log that was cut short or is of another job", () =>
    Effect.gen(function*() {
      const sink = memory()
      const line = (label: string) =>
        JSON.stringify({ label, begun: { label, file: `${label}.png`, bytes: 1000, validator: "\"v1\"" } })
      const log = [line("image-primary").slice(0, 30), "\0\0\0", "{}", line("../../x"), line("image-primary").slice(1)]
      sink.files.set(`${stem}.log`, new TextEncoder().encode(log.join("\n")))
      const client = pictures()
      yield* saving(sink, client)(ArtifactStore.save(many(1)))
      assert.strictEqual(client.asked.length, 1)
      assert.deepStrictEqual(sink.names(), [`${stem}-image-primary.png`, `${stem}.json`].sort())
    }))
})

describe("a line of the log that was cut short with its process", () => {
  for (const cut of [1, 30, 90]) {
    it.effect(`spoils none that the next process adds, where it lacks its last ${cut} letters`, () =>
      Effect.gen(function*() {
        const sink = memory()
        const begun = { label: "image-b", file: `${stem}-image-b.png`, bytes: 1000, validator: "\"v1\"" }
        yield* (yield* Journal.open(sink.service, job())).begin({ ...begun, label: "image-a" })
        const log = `${stem}.log`
        sink.files.set(log, sink.files.get(log)?.slice(0, -cut) ?? new Uint8Array())
        // The next process is killed as well: what it noted behind the half line is all that there is.
        yield* (yield* Journal.open(sink.service, job())).begin(begun)
        assert.deepStrictEqual((yield* Journal.open(sink.service, job())).begun("image-b"), begun)
      }))
  }
})

describe("a link that fails", () => {
  for (const status of [400, 403, 404, 410, 451]) {
    it.effect(`is dead at ${status}, at once`, () =>
      Effect.gen(function*() {
        const { asked, error, sink } = yield* failing(() => new Response("<Error/>", { status }))
        assert.strictEqual(error._tag, "LinkDead")
        assert.deepStrictEqual(error.remedy, { _tag: "None" })
        assert.strictEqual(asked.length, 1)
        assert.deepStrictEqual(sink.names(), [])
      }))
  }

  it.effect("is dead where a page stands in place of the file", () =>
    Effect.gen(function*() {
      const { error, sink } = yield* failing(() =>
        new Response("<html>expired", { headers: { "content-type": "text/html; charset=utf-8" } })
      )
      assert.strictEqual(error._tag, "LinkDead")
      assert.deepStrictEqual(sink.names(), [])
    }))

  it.effect("is no page where a text was asked for", () =>
    Effect.gen(function*() {
      const page = host(() => new Response("<p>hi", { headers: { "content-type": "text/html" } }))
      const [saved] = yield* saving(memory(), page)(ArtifactStore.save(job([artifact({ kind: "text" })])))
      assert.strictEqual(saved?.mediaType, "text/html")
    }))

  for (const status of [408, 425, 429, 500, 502, 503, 504, 202, 204, 304, 599]) {
    it.effect(`is tried six times at ${status}, over some seconds, and then unavailable`, () =>
      Effect.gen(function*() {
        const { asked, error, sink } = yield* failing(() => new Response(null, { status }))
        assert.strictEqual(error._tag, "LinkUnavailable")
        assert.strictEqual(asked.length, 6)
        const elapsed = yield* Clock.currentTimeMillis
        assert.isAbove(elapsed, 12_000)
        assert.isBelow(elapsed, 20_000)
        assert.deepStrictEqual(sink.names(), [])
      }))
  }

  it.effect("waits as long as it is asked to, up to a minute", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host((asked, n) =>
        n === 1 ? new Response(null, { status: 429, headers: { "retry-after": "40" } }) : serve(bytes)(asked)
      )
      yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.isAtLeast(yield* Clock.currentTimeMillis, 40_000)

      const { asked, error } = yield* failing(() =>
        new Response(null, { status: 503, headers: { "retry-after": "3600" } })
      )
      assert.deepStrictEqual([error._tag, asked.length], ["LinkUnavailable", 1])
      assert.strictEqual(error.remedy._tag === "Retry" && Duration.toHours(error.remedy.after ?? 0), 1)
    }))

  it.effect("is unavailable where no connection comes about, by the system's word for it", () =>
    Effect.gen(function*() {
      const { asked, error } = yield* failing(
        () =>
          new TypeError(`fetch failed ${signed("a.mp4")}`, {
            cause: Object.assign(new Error("x"), { code: "ENOTFOUND" })
          }),
        {
          retries: 1
        }
      )
      assert.deepStrictEqual([error._tag, asked.length], ["LinkUnavailable", 2])
      assert.include(error.message, "ENOTFOUND")
    }))

  it.effect("is unavailable where no answer comes within the silence that is borne", () =>
    Effect.gen(function*() {
      const { asked, error } = yield* failing(() => "hang", { retries: 0, idleTimeout: "5 seconds" })
      assert.deepStrictEqual([error._tag, asked.length], ["LinkUnavailable", 1])
      const elapsed = yield* Clock.currentTimeMillis
      assert.isAtMost(elapsed, 6_000)
    }))

  it.effect("is unavailable where the file is empty", () =>
    Effect.gen(function*() {
      const { error, sink } = yield* failing(() => new Response("", { headers: headersOf(0) }), { retries: 0 })
      assert.strictEqual(error._tag, "LinkUnavailable")
      assertNothingSaved(sink)
      assert.strictEqual(sink.drafts.size, 0)
    }))
})

describe("a connection that breaks", () => {
  const cutAt = (at: number, times: number): support.Answer => (asked, n) => {
    if (n > times) return serve(bytes)(asked)
    const from = Number(/=(\d+)-/.exec(asked.headers["range"] ?? "")?.[1] ?? 0)
    const rest = bytes.slice(from)
    return new Response(broken(rest.slice(0, at), "cut"), {
      status: from === 0 ? 200 : 206,
      headers: headersOf(rest.length, { "content-range": `bytes ${from}-999/1000` })
    })
  }

  it.effect("is gone on with where it broke, if the file is still the same", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(cutAt(300, 3))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.strictEqual(saved?.sha256, sha256(bytes))
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
      assert.deepStrictEqual(client.asked.map(({ headers }) => [headers["range"], headers["if-range"]]), [
        [undefined, undefined],
        ["bytes=300-", "\"v1\""],
        ["bytes=600-", "\"v1\""],
        ["bytes=900-", "\"v1\""]
      ])
    }))

  it.effect("is typed after the last try, keeps what came, and the next save goes on from there", () =>
    Effect.gen(function*() {
      const sink = memory()
      const error = yield* saving(sink, host(cutAt(300, 9)), { retries: 1 })(Effect.flip(ArtifactStore.save(job())))
      assert.strictEqual(error._tag, "DownloadCut")
      if (error._tag === "DownloadCut") assert.deepStrictEqual([error.received, error.expected], [600, 1000])
      assert.deepStrictEqual(error.remedy, { _tag: "Retry", after: undefined })
      assertNothingSaved(sink)
      const client = host(serve(bytes))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), ["bytes=600-"])
      assert.deepStrictEqual([saved?.sha256, sink.files.get(saved?.file ?? "")], [sha256(bytes), bytes])
      assert.strictEqual(sink.drafts.size, 0)
    }))

  it.effect("begins anew where the file has changed", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, host(cutAt(300, 9)), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      const other = media(700, 9)
      const client = host(() => new Response(other.slice(), { headers: headersOf(700, { etag: "\"v2\"" }) }))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual([saved?.bytes, sink.files.get(saved?.file ?? "")], [700, other])
      assert.strictEqual(client.asked.length, 1)
    }))

  for (
    const [what, wrong] of [
      ["from another place", { "content-range": "bytes 0-999/1000" }],
      ["of another length", { "content-range": "bytes 300-1999/2000" }],
      ["of another version", { "content-range": "bytes 300-999/1000", etag: "\"v2\"" }],
      ["that does not say of which version", { "content-range": "bytes 300-999/1000", etag: "" }],
      ["of a version that is none for sure", { "content-range": "bytes 300-999/1000", etag: "W/\"v1\"" }],
      ["that is compressed", { "content-range": "bytes 300-999/1000", "content-encoding": "gzip" }],
      ["without a range", {}]
    ] as const
  ) {
    it.effect(`believes no part ${what}, and begins anew`, () =>
      Effect.gen(function*() {
        const sink = memory()
        const client = host((asked, n) =>
          n === 1
            ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) })
            : asked.headers["range"] !== undefined
            ? new Response(bytes.slice(300), { status: 206, headers: { ...headersOf(700), ...wrong } })
            : serve(bytes)(asked)
        )
        const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
        assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
        assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [
          undefined,
          "bytes=300-",
          undefined
        ])
      }))
  }

  it.effect("learns from a part how long the whole is", () =>
    Effect.gen(function*() {
      const { asked, error } = yield* failing((asked) =>
        asked.headers["range"] === undefined
          ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: { etag: "\"v1\"" } })
          : new Response(bytes.slice(300, 400), {
            status: 206,
            headers: { etag: "\"v1\"", "content-range": "bytes 300-999/1000" }
          }), { retries: 1 })
      assert.strictEqual(error._tag === "LengthMismatch" && `${error.received} of ${error.expected}`, "400 of 1000")
      assert.strictEqual(asked.length, 2)
    }))

  it.effect("begins anew where nothing tells one version of the file from another", () =>
    Effect.gen(function*() {
      const sink = memory()
      const plain = { "content-type": "video/mp4", "content-length": "1000", etag: "W/\"weak\"" }
      const client = host((_, n) =>
        new Response(n === 1 ? broken(bytes.slice(0, 300), "cut") : bytes.slice(), { headers: plain })
      )
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [undefined, undefined])
    }))

  it.effect("begins anew where only a date tells: two versions may come within its second", () =>
    Effect.gen(function*() {
      const other = media(1000, 9)
      const dated = { "content-length": "1000", "last-modified": "Wed, 21 Oct 2026 07:28:00 GMT" }
      const client = host((asked, n) =>
        n === 1
          ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: dated })
          : asked.headers["range"] === undefined
          ? new Response(other.slice(), { headers: dated })
          : new Response(other.slice(300), {
            status: 206,
            headers: { ...dated, "content-length": "700", "content-range": "bytes 300-999/1000" }
          })
      )
      const sink = memory()
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), other)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [undefined, undefined])
    }))

  it.effect("is cut off where it falls silent, however long the whole may take", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host((asked, n) =>
        n === 1
          ? new Response(broken(bytes.slice(0, 300), "silent"), { headers: headersOf(1000) })
          : serve(bytes)(asked)
      )
      const [saved] = yield* saving(sink, client, { idleTimeout: "10 seconds" })(ArtifactStore.save(job()))
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [undefined, "bytes=300-"])
      const elapsed = yield* Clock.currentTimeMillis
      assert.isAtLeast(elapsed, 10_000)
      assert.isAtMost(elapsed, 13_000)
    }))

  it.effect("is not cut off while it flows, slowly", () =>
    Effect.gen(function*() {
      const drip = Stream.fromIterable([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).pipe(
        Stream.mapEffect((n) => Effect.as(Effect.sleep("9 seconds"), bytes.slice(n * 100, n * 100 + 100)))
      )
      const body = yield* Stream.toReadableStreamEffect(drip)
      const client = host(() => new Response(body, { headers: headersOf(1000) }))
      const [saved] = yield* saving(memory(), client, { idleTimeout: "10 seconds", retries: 0 })(
        ArtifactStore.save(job())
      )
      assert.strictEqual(saved?.sha256, sha256(bytes))
    }))

  it.effect("is not taken for silent while the disk is slow", () =>
    Effect.gen(function*() {
      const sink = memory()
      const slow = {
        ...sink.service,
        open: (key: string) =>
          Effect.map(sink.service.open(key), (draft): Sink.Draft => ({
            ...draft,
            write: (bytes) => Effect.andThen(Effect.sleep("1 minute"), draft.write(bytes))
          }))
      }
      const client = host(serve(bytes))
      const [saved] = yield* saving({ ...sink, service: slow }, client, { idleTimeout: "10 seconds" })(
        ArtifactStore.save(job())
      )
      assert.deepStrictEqual([saved?.sha256, client.asked.length], [sha256(bytes), 1])
    }))

  for (
    const [what, spoil] of [
      ["nothing tells what it is of", { etag: "W/\"weak\"" }],
      ["it is longer than the file", {}]
    ] as const
  ) {
    it.effect(`is begun anew where ${what}, in another run`, () =>
      Effect.gen(function*() {
        const sink = memory()
        const first = host(() => new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000, spoil) }))
        yield* saving(sink, first, { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
        if (!("etag" in spoil)) sink.drafts.set(`${stem}-video-primary`, media(1001))
        const client = host(serve(bytes))
        const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
        assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [undefined])
        assert.deepStrictEqual([saved?.sha256, sink.files.get(saved?.file ?? "")], [sha256(bytes), bytes])
      }))
  }

  it.effect("takes no file of another length for the one that was begun", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, host(cutAt(300, 9)), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      sink.drafts.clear()
      sink.files.set(`${stem}-video-primary.mp4`, media(999))
      const client = host(serve(bytes))
      yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual([client.asked.length, sink.files.get(`${stem}-video-primary.mp4`)], [1, bytes])
    }))

  it.effect("finishes without a request what was whole but for its name", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, host(cutAt(300, 9)), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      sink.drafts.set(`${stem}-video-primary`, bytes)
      const client = host(() => new Response("", { status: 500 }))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual([saved?.sha256, client.asked.length], [sha256(bytes), 0])
    }))

  it.effect("learns from 416 that a file without a length was whole", () =>
    Effect.gen(function*() {
      const sink = memory()
      const untold = () => new Response(broken(bytes.slice(), "cut"), { headers: { etag: "\"v1\"" } })
      yield* saving(sink, host(untold), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      const told = host(() =>
        new Response(null, { status: 416, headers: { "content-range": "bytes */1000", etag: "\"v1\"" } })
      )
      const [saved] = yield* saving(sink, told)(ArtifactStore.save(job()))
      assert.deepStrictEqual([saved?.sha256, saved?.bytes], [sha256(bytes), 1000])
      assert.deepStrictEqual(told.asked.map(({ headers }) => headers["range"]), ["bytes=1000-"])
    }))

  it.effect("does not learn that from 416 of a version that it does not name", () =>
    Effect.gen(function*() {
      const sink = memory()
      const untold = () => new Response(broken(bytes.slice(), "cut"), { headers: { etag: "\"v1\"" } })
      yield* saving(sink, host(untold), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      const client = host(serve(bytes))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.strictEqual(saved?.sha256, sha256(bytes))
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), ["bytes=1000-", undefined])
    }))

  it.effect("does not learn that from 416 of a file that was said to be longer", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host((asked, n) =>
        asked.headers["range"] === undefined
          ? cutAt(400, 9)(asked, n)
          : new Response(null, { status: 416, headers: { "content-range": "bytes */400" } })
      )
      const error = yield* saving(sink, client)(Effect.flip(ArtifactStore.save(job())))
      assert.include(["LengthMismatch", "DownloadCut", "LinkUnavailable"], error._tag)
      assert.isUndefined(sink.files.get(`${stem}-video-primary.mp4`))
    }))

  it.effect("writes down as saved a file that got its name just before the end", () =>
    Effect.gen(function*() {
      const sink = memory()
      yield* saving(sink, host(cutAt(300, 9)), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      sink.drafts.clear()
      sink.files.set(`${stem}-video-primary.mp4`, bytes)
      const client = host(() => new Response("", { status: 500 }))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual([saved?.sha256, saved?.bytes, client.asked.length], [sha256(bytes), 1000, 0])
    }))

  it.effect("is begun anew in a sink that keeps no drafts", () =>
    Effect.gen(function*() {
      const sink = memory({ keeps: false })
      yield* saving(sink, host(cutAt(300, 9)), { retries: 0 })(Effect.flip(ArtifactStore.save(job())))
      assert.strictEqual(sink.drafts.size, 0)
      const client = host(serve(bytes))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [undefined])
    }))

  it.effect("keeps what came when the program stops in the middle", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host(() => new Response(broken(bytes.slice(0, 300), "silent"), { headers: headersOf(1000) }))
      const fiber = yield* Effect.forkChild(
        ArtifactStore.save(job()).pipe(Effect.provide(support.storeOf(sink.service, client.layer)))
      )
      while ((sink.drafts.get(`${stem}-video-primary`)?.length ?? 0) < 300) yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const after = host(serve(bytes))
      yield* saving(sink, after)(ArtifactStore.save(job()))
      assert.deepStrictEqual(after.asked.map(({ headers }) => headers["range"]), ["bytes=300-"])
    }))
})

describe("a link that lies", () => {
  it.effect("about its length, by ending early, is typed after all tries", () =>
    Effect.gen(function*() {
      const { asked, error, sink } = yield* failing(() =>
        new Response(bytes.slice(0, 400), { headers: headersOf(1000) })
      )
      assert.strictEqual(error._tag, "LengthMismatch")
      if (error._tag === "LengthMismatch") assert.deepStrictEqual([error.received, error.expected], [400, 1000])
      assert.strictEqual(asked.length, 6)
      assertNothingSaved(sink)
    }))

  it.effect("by breaking off at the same byte each time, is found out", () =>
    Effect.gen(function*() {
      const { error, sink } = yield* failing(() =>
        new Response(broken(bytes.slice(0, 400), "cut"), { headers: headersOf(1000) })
      )
      assert.strictEqual(error._tag, "LengthMismatch")
      assertNothingSaved(sink)
    }))

  it.effect("by going on too long, is found out at once, and nothing is kept", () =>
    Effect.gen(function*() {
      const { asked, error, sink } = yield* failing(() => new Response(bytes.slice(), { headers: headersOf(999) }))
      assert.strictEqual(error._tag, "LengthMismatch")
      assert.strictEqual(asked.length, 1)
      assertNothingSaved(sink)
      assert.strictEqual(sink.drafts.size, 0)
    }))

  it.effect("about what it sends, compressed, is taken without its length", () =>
    Effect.gen(function*() {
      const client = host(() =>
        new Response(bytes.slice(), { headers: headersOf(123, { "content-encoding": "gzip" }) })
      )
      const [saved] = yield* saving(memory(), client)(ArtifactStore.save(job()))
      assert.strictEqual(saved?.bytes, 1000)
    }))

  it.effect("is cut off at the most that is taken, whether it tells its length or not", () =>
    Effect.gen(function*() {
      for (const headers of [headersOf(1000), { etag: "\"v1\"" }] as ReadonlyArray<Record<string, string>>) {
        const { asked, error, sink } = yield* failing(() => new Response(bytes.slice(), { headers }), { maxBytes: 999 })
        assert.strictEqual(error._tag, "TooLarge")
        assert.strictEqual(asked.length, 1)
        assertNothingSaved(sink)
        assert.strictEqual(sink.drafts.size, 0)
      }
      const client = host(serve(bytes))
      assert.strictEqual((yield* saving(memory(), client, { maxBytes: 1000 })(ArtifactStore.save(job()))).length, 1)
    }))

  it.effect("is found out after it was begun, and what was begun is forgotten", () =>
    Effect.gen(function*() {
      const long = media(1_000_000)
      for (
        const [headers, tag] of [[headersOf(600_000), "LengthMismatch"], [{ etag: "\"v1\"" }, "TooLarge"]] as const
      ) {
        const { error, sink } = yield* failing(() =>
          new Response(
            new ReadableStream({
              start(controller) {
                controller.enqueue(long.slice(0, 500_000))
                controller.enqueue(long.slice(500_000))
                controller.close()
              }
            }),
            { headers }
          ), { maxBytes: 700_000 })
        assert.strictEqual(error._tag, tag)
        assert.deepStrictEqual([sink.drafts.size, (yield* manifestOf(sink)).begun], [0, []])
      }
    }))
})

describe("a link that leads elsewhere", () => {
  const to = (location: string, status = 302) => new Response(null, { status, headers: { location } })

  it.effect("is followed, relative or not, up to five times", () =>
    Effect.gen(function*() {
      const hops = ["/b.mp4", "https://edge.example.org/c.mp4?x=1", "d.mp4", "//edge.example.com/e.mp4", "f.webm"]
      const client = host((asked, n) =>
        n <= 5 ? to(hops[n - 1] ?? "", [301, 302, 303, 307, 308][n - 1]) : serve(bytes)(asked)
      )
      const [saved] = yield* saving(memory(), client)(ArtifactStore.save(job()))
      assert.deepStrictEqual(client.asked.slice(1).map(({ url }) => url), [
        "https://cdn.example.net/b.mp4",
        "https://edge.example.org/c.mp4?x=1",
        "https://edge.example.org/d.mp4",
        "https://edge.example.com/e.mp4",
        "https://edge.example.com/f.webm"
      ])
      assert.strictEqual(saved?.source, "https://edge.example.com")
    }))

  it.effect("is refused when it does so in circles", () =>
    Effect.gen(function*() {
      const { asked, error } = yield* failing(() => to("/again"))
      assert.strictEqual(error._tag === "LinkRefused" && error.reason, "redirects")
      assert.strictEqual(asked.length, 6)
    }))

  for (
    const [location, reason] of [
      ["http://169.254.169.254/latest/meta-data", "address"],
      ["http://localhost:8080/admin", "address"],
      ["http://[::ffff:10.0.0.1]/", "address"],
      ["file:///etc/passwd", "scheme"],
      ["https://user:password@cdn.example.net/", "credentials"],
      ["https://", "url"]
    ] as const
  ) {
    it.effect(`is refused on its way to ${location}, and nothing is sent there`, () =>
      Effect.gen(function*() {
        const { asked, error, sink } = yield* failing(() => to(location))
        assert.strictEqual(error._tag === "LinkRefused" && error.reason, reason)
        assert.deepStrictEqual(error.remedy, { _tag: "None" })
        assert.strictEqual(asked.length, 1)
        assert.deepStrictEqual(sink.names(), [])
      }))
  }

  it.effect("is refused from the start, and fetched where that is allowed", () =>
    Effect.gen(function*() {
      const near = job([artifact({ url: "http://127.0.0.1:9/a.mp4" })])
      const client = host(serve(bytes))
      const error = yield* saving(memory(), client)(Effect.flip(ArtifactStore.save(near)))
      assert.deepStrictEqual([error._tag, client.asked.length], ["LinkRefused", 0])
      assert.strictEqual((yield* saving(memory(), client, { allowPrivate: true })(ArtifactStore.save(near))).length, 1)
    }))
})

describe("a provider that is asked again", () => {
  const dead: support.Answer = (asked) =>
    asked.url.includes("renewed") ? serve(bytes)(asked) : new Response("", { status: 403 })
  const fresh = (n: number) => artifact({ kind: "image", url: signed(`renewed-${n}.png`) })
  const stale = (n: number) => artifact({ kind: "image", url: signed(`${n}.png`) })

  const luma = ProviderId.make("luma")
  const asking = <E>(get: (id: JobId.JobId) => Effect.Effect<Job.Job, E>) => ({
    providers: [{ id: luma, instance: ProviderId.defaultInstance, get }]
  })

  it.effect("is run once for all dead links of a save", () =>
    Effect.gen(function*() {
      let asked = 0
      const renew = () =>
        Effect.sync(() => {
          asked++
          return job([1, 2, 3].map(fresh))
        })
      const client = host(dead)
      const saved = yield* saving(memory(), client)(ArtifactStore.save(job([1, 2, 3].map(stale)), asking(renew)))
      assert.deepStrictEqual([saved.length, asked, client.asked.length], [3, 1, 6])
    }))

  it.effect("is run first where the link is past its time", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10_000)
      const past = artifact({ kind: "image", url: signed("1.png"), expiresAt: DateTime.makeUnsafe(9_000) })
      const client = host(dead)
      yield* saving(memory(), client)(ArtifactStore.save(job([past]), asking(() => Effect.succeed(job([fresh(1)])))))
      assert.deepStrictEqual(client.asked.map(({ url }) => url), [signed("renewed-1.png")])
    }))

  it.effect("is not run for a link that lives, and a link past its time is tried where there is none", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10_000)
      const renew = () => Effect.die("not needed")
      const living = artifact({ expiresAt: DateTime.makeUnsafe(11_000) })
      yield* saving(memory(), host(serve(bytes)))(ArtifactStore.save(job([living]), asking(renew)))
      const past = artifact({ expiresAt: DateTime.makeUnsafe(9_000) })
      yield* saving(memory(), host(serve(bytes)))(ArtifactStore.save(job([past])))
    }))

  it.effect("goes on with what came from the old link", () =>
    Effect.gen(function*() {
      const client = host((asked, n) =>
        n === 1
          ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) })
          : n === 2
          ? new Response("", { status: 403 })
          : serve(bytes)(asked)
      )
      const sink = memory()
      const renew = () => Effect.succeed(job([artifact({ url: signed("renewed.mp4") })]))
      const [saved] = yield* saving(sink, client)(ArtifactStore.save(job(), asking(renew)))
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [
        undefined,
        "bytes=300-",
        "bytes=300-"
      ])
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
    }))

  it.effect("can't help twice: the new link is dead too, or there is none", () =>
    Effect.gen(function*() {
      const answers = [
        job([artifact({ url: signed("dead-too.mp4") })]),
        job([]),
        job(),
        job([artifact({ role: "thumbnail" })])
      ]
      for (const [i, again] of answers.entries()) {
        const client = host(dead)
        const error = yield* saving(memory(), client)(
          Effect.flip(ArtifactStore.save(job(), asking(() => Effect.succeed(again))))
        )
        assert.strictEqual(error._tag, "LinkDead")
        assert.strictEqual(client.asked.length, i === 0 ? 2 : 1)
      }
    }))

  it.effect("keeps nobody from a link that lives after all, and fails as it fails where it does not", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10_000)
      const past = job([artifact({ expiresAt: DateTime.makeUnsafe(9_000) })])
      const renew = () => Effect.fail({ _tag: "Gone" } as const)
      const saved = yield* saving(memory(), host(serve(bytes)))(ArtifactStore.save(past, asking(renew)))
      assert.lengthOf(saved, 1)
      const error = yield* saving(memory(), host(dead))(Effect.flip(ArtifactStore.save(past, asking(renew))))
      assert.strictEqual(error._tag, "Gone")
    }))

  it.effect("fails as it fails, typed", () =>
    Effect.gen(function*() {
      const renew = () => Effect.fail({ _tag: "Gone" } as const)
      const error = yield* saving(memory(), host(dead))(Effect.flip(ArtifactStore.save(job(), asking(renew))))
      assert.strictEqual(error._tag, "Gone")
      // @ts-expect-error without a provider, a save can't fail so
      const never = (error: Effect.Error<ReturnType<typeof ArtifactStore.save>>) => error._tag === "Gone"
      assert.isFunction(never)
    }))
})

describe("saveAll", () => {
  it.effect("saves what succeeded, passes by what did not, and hands on what failed", () =>
    Effect.gen(function*() {
      const one = job([artifact()], { id: JobId.make("one") })
      const two = job([artifact({ url: signed("dead.mp4") })], { id: JobId.make("two") })
      const running = new Job.Job({ ...one, id: JobId.make("three"), state: { _tag: "Running" } })
      const client = host((asked) =>
        asked.url.includes("dead") ? new Response("", { status: 410 }) : serve(bytes)(asked)
      )
      const jobs = Stream.make<ReadonlyArray<Job.Job>>(one, running, two)
      const outcomes = yield* saving(memory(), client)(Stream.runCollect(ArtifactStore.saveAll(jobs)))
      const shown = outcomes.map(({ job, result }) =>
        `${job.id} ${Result.match(result, { onFailure: ({ _tag }) => _tag, onSuccess: ({ length }) => `${length}` })}`
      )
      assert.deepStrictEqual(shown.sort(), ["one 1", "two LinkDead"])
    }))

  it.effect("ends as its stream ends", () =>
    Effect.gen(function*() {
      const jobs = Stream.concat(Stream.make(job()), Stream.fail("broken" as const))
      const error = yield* saving(memory(), host(serve(bytes)))(
        Effect.flip(Stream.runCollect(ArtifactStore.saveAll(jobs)))
      )
      assert.strictEqual(error, "broken")
    }))
})

describe("progress", () => {
  const watched = (answer: support.Answer) =>
    Effect.gen(function*() {
      const news = yield* ArtifactStore.progress.pipe(
        Stream.takeUntil(({ state }) => state !== "running"),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* Effect.ignore(ArtifactStore.save(job()))
      return yield* Fiber.join(news)
    }).pipe(saving(memory(), host(answer), { retries: 0 }))

  const slow = (headers: Record<string, string>): support.Answer => () => {
    let n = 0
    return new Response(
      new ReadableStream({
        pull: (controller) =>
          new Promise<void>((resolve) =>
            setImmediate(() => {
              if (n === 10) controller.close()
              else controller.enqueue(bytes.slice(n * 100, ++n * 100))
              resolve()
            })
          )
      }),
      { headers }
    )
  }

  it.effect("tells bytes and total of each artifact, by fingerprint, in order, to the end", () =>
    Effect.gen(function*() {
      const news = yield* watched(slow(headersOf(1000)))
      const last = news.at(-1)
      assert.deepStrictEqual(last, {
        provider: job().provider,
        instance: job().instance,
        job: JobId.fingerprint(support.id),
        artifact: "video-primary",
        bytes: 1000,
        total: 1000,
        state: "saved"
      })
      const counts = news.map(({ bytes }) => bytes)
      assert.deepStrictEqual(counts, [...counts].sort((a, b) => a - b))
      assert.isTrue(news.every(({ total }) => total === 1000))
    }))

  it.effect("tells no more than ten times a second", () =>
    Effect.gen(function*() {
      const news = yield* ArtifactStore.progress.pipe(
        Stream.takeUntil(({ state }) => state === "saved"),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* ArtifactStore.save(job())
      // The clock of the test stands still.
      assert.deepStrictEqual((yield* Fiber.join(news)).map(({ bytes, state }) => `${bytes} ${state}`), [
        "0 running",
        "1000 saved"
      ])
    }).pipe(Effect.provide(support.storeOf(memory().service, host(slow(headersOf(1000))).layer))))

  it.effect("says nothing of a total that the host does not tell", () =>
    Effect.gen(function*() {
      const news = yield* watched(slow({ "content-type": "video/mp4" }))
      assert.isTrue(news.slice(0, -1).every((one) => !("total" in one)))
      assert.isAbove(news.length, 1)
      assert.strictEqual(news.at(-1)?.total, 1000)
    }))

  it.effect("says how far a failed one came", () =>
    Effect.gen(function*() {
      const news = yield* watched(() => new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) }))
      const { bytes: got, state, total } = news.at(-1) ?? {}
      assert.deepStrictEqual({ got, state, total }, { got: 300, state: "failed", total: 1000 })
    }))
})

it.effect("options that would hang or never end are refused when the store is made", () =>
  Effect.gen(function*() {
    for (
      const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { retries: -1 }, { retries: Infinity }, {
        maxBytes: 0
      }]
    ) {
      const exit = yield* Effect.exit(saving(memory(), host(serve(bytes)), options)(ArtifactStore.save(job())))
      assert.isTrue(Exit.hasDies(exit))
      assert.include(String(exit), Object.keys(options)[0] ?? "")
    }
  }))

describe("an error of a save", () => {
  const failures: ReadonlyArray<readonly [string, (sink: ReturnType<typeof memory>) => Partial<Sink.Sink["Service"]>]> =
    [
      ["NoSpace", () => ({ write: (file) => Effect.fail(new ArtifactError.NoSpace({ file })) })],
      ["ReadOnly", () => ({ open: (file) => Effect.fail(new ArtifactError.ReadOnly({ file })) })],
      ["SinkUnavailable", () => ({
        size: (file) => Effect.fail(new ArtifactError.SinkUnavailable({ file, cause: new Error("broken") }))
      })],
      ["ManifestInvalid", (sink) => {
        sink.files.set(`${stem}.json`, new Uint8Array([1]))
        return {}
      }],
      ["NothingToSave", () => ({})]
    ]
  for (const [tag, change] of failures) {
    it.effect(`holds the job's id and shows its fingerprint: ${tag}`, () =>
      Effect.gen(function*() {
        const sink = memory()
        const broken = { ...sink, service: { ...sink.service, ...change(sink) } }
        const error = yield* saving(broken, host(serve(bytes)))(
          Effect.flip(ArtifactStore.save(job(tag === "NothingToSave" ? [] : [artifact()])))
        )
        assert.deepStrictEqual([error._tag, error.id, error.provider], [tag, support.id, job().provider])
        for (const text of [error.message, String(error), JSON.stringify(error), inspect(error)]) {
          assert.include(text, JobId.fingerprint(support.id))
          assert.include(text, "luma save: ")
          assert.notInclude(text, "user@example.com")
        }
      }))
  }
})

describe("what people see", () => {
  it.effect("of a sink's own cause holds no credential, e-mail address or id, however deep", () =>
    Effect.gen(function*() {
      const { service } = memory()
      const url = `https://bucket.example.com/${support.id}?X-Amz-Signature=s3cr3t-s1gn4tur3`
      const causes = [
        new Error(`PUT ${url} answered 503`),
        new Error("PUT failed", { cause: new Error(`fetch ${url}`, { cause: { url } }) }),
        { message: `for user@example.com`, request: { headers: { authorization: "Bearer s3cr3t-s1gn4tur3" } } },
        `503 at ${url}`
      ]
      for (const cause of causes) {
        const fails = Effect.fail(new ArtifactError.SinkUnavailable({ file: "a", cause }))
        const client = host(serve(bytes))
        const exit = yield* Effect.exit(
          ArtifactStore.save(job()).pipe(
            Effect.provide(support.storeOf({ ...service, size: () => fails }, client.layer))
          )
        )
        const error = exit._tag === "Failure" ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(error, ArtifactError.SinkUnavailable)
        const texts = [
          error.message,
          String(error),
          JSON.stringify(error),
          inspect(error, { depth: 9 }),
          inspect(error.cause, { depth: 9 }),
          exit._tag === "Failure" ? Cause.pretty(exit.cause) : ""
        ]
        for (const text of texts) {
          for (const secret of [support.id, "user@example.com", "s3cr3t"]) assert.notInclude(text, secret)
        }
      }
    }))

  it.effect("holds no id, address, path or signature", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const logger = Logger.layer([Logger.map(Logger.formatLogFmt, (line) => void seen.push(line))])
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const answers: ReadonlyArray<support.Answer> = [
        serve(bytes),
        () => new Response("", { status: 403 }),
        () => new Response("", { status: 500 }),
        () =>
          new Response(null, { status: 302, headers: { location: `http://10.0.0.1/${support.id}?Signature=s3cr3t` } }),
        () => new TypeError(`Failed to parse URL from ${signed("a.mp4")}`),
        () => new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) }),
        () => new Response(bytes.slice(), { headers: headersOf(10) }),
        () => new Response(bytes.slice(), { headers: headersOf(100_000) }),
        () => new Response("", { status: 401 }),
        () => new Response("<html>", { headers: { "content-type": "text/html" } })
      ]
      for (const answer of answers) {
        const sink = memory()
        const result = yield* saving(sink, host(answer), { retries: 1, maxBytes: 50_000 })(
          Effect.exit(ArtifactStore.save(job())).pipe(Effect.withTracer(tracer), Effect.provide(logger))
        )
        if (result._tag === "Failure") {
          const error = Cause.squash(result.cause) as Error // all failures here are
          seen.push(
            error.message,
            String(error),
            JSON.stringify(error),
            inspect(error, { depth: 9 }),
            Cause.pretty(result.cause)
          )
          assert.include(Cause.pretty(result.cause), "luma save: ")
          assert.include(error.message, JobId.fingerprint(support.id))
        }
        seen.push(
          ...sink.names(),
          ...[...sink.files].flatMap(([name, file]) => name.endsWith(".json") ? [new TextDecoder().decode(file)] : [])
        )
      }
      seen.push(...spans.map(({ attributes, name }) => `${name} ${inspect(attributes)}`))
      assert.strictEqual(spans.length, answers.length)
      assert.isTrue(spans.every(({ name }) => name === "ArtifactStore.save"))
      for (const text of seen) {
        for (const secret of [support.id, "user@example.com", "user%40example.com", "s3cr3t", "Signature"]) {
          assert.notInclude(text, secret)
        }
      }
      assert.isAbove(seen.length, 30)
    }))
})
