import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import Undici from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as UseApi from "@media-jobs/useapi/UseApi"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib"
import * as Plain from "./plain.ts"

const id = JobId.make("j1-u2-email:[email protected]:x-bot:luma")
const read = { method: "GET", path: "/v1/luma/jobs", id } as const
const post = { method: "POST", path: "/v1/luma/videos", body: HttpBody.jsonUnsafe({ prompt: "rain" }) } as const

/** Ten megabytes. */
const list = JSON.stringify({
  jobs: Array.from({ length: 50_000 }, (_, i) => ({ jobid: `${i}`.padStart(180, "j") }))
})
const packedList = gzipSync(list)
const bomb = gzipSync(Buffer.alloc(30 * 1024 * 1024, " "))

/** A server on a free port, for as long as the test lasts. */
const serve = (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly port: number; readonly seen: Array<string>; readonly close: () => void }>((resume) => {
        const seen: Array<string> = []
        const server = createServer((request, response) => {
          seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? "without a token"}`)
          handle(request, response)
        })
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({
            port,
            seen,
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          }))
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ port, seen }) => ({ seen, baseUrl: `http://127.0.0.1:${port}` })
  )

const clients = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] as const

for (const [name, layer] of clients) {
  describe(`over ${name}`, () => {
    const open = (baseUrl: string, options?: Partial<UseApi.Options>) =>
      Effect.orDie(
        Plain.make({ id: ProviderId.make("useapi-luma") }, {
          token: Redacted.make("user:1-a"),
          baseUrl,
          retries: 0,
          requestsPerSecond: 1000,
          ...options
        })
      )
    const get = (baseUrl: string, options?: Partial<UseApi.Options>) =>
      Effect.flatMap(open(baseUrl, options), (api) => api.call("get", read, Result.succeed))
    const submit = (baseUrl: string, options?: Partial<UseApi.Options>) =>
      Effect.flatMap(open(baseUrl, options), (api) => api.submit({ kind: "video" }, post))
    const test = (
      what: string,
      effect: Effect.Effect<void, unknown, Layer.Success<typeof layer> | Scope.Scope>
    ) => it.live(what, () => Effect.provide(effect, layer), 20_000)

    test(
      "the path, decoded, is the id byte for byte",
      Effect.gen(function*() {
        const { baseUrl, seen } = yield* serve((_, response) => response.end("{}"))
        yield* get(baseUrl)
        const path = seen[0]?.split(" ")[1] ?? ""
        assert.strictEqual(path, "/v1/luma/jobs/j1-u2-email:%5Bemail%20protected%5D:x-bot:luma")
        assert.strictEqual(decodeURIComponent(path), `/v1/luma/jobs/${id}`)
        assert.strictEqual(seen[0]?.endsWith("Bearer user:1-a"), true)
      })
    )

    test(
      "a list of 10 MB fits, however it is sent",
      Effect.gen(function*() {
        const replies: ReadonlyArray<(response: ServerResponse, request: IncomingMessage) => void> = [
          (response) => response.end(list),
          (response) => response.write(list, () => response.end()),
          (response, request) =>
            request.headers["accept-encoding"]?.includes("gzip") === true
              ? response.setHeader("content-encoding", "gzip").end(packedList)
              : response.end(list)
        ]
        for (const reply of replies) {
          const { baseUrl } = yield* serve((request, response) => reply(response, request))
          const found = yield* get(baseUrl)
          assert.strictEqual((found as { jobs: ReadonlyArray<unknown> }).jobs.length, 50_000)
        }
      })
    )

    test(
      "a letter that two packets share is one letter",
      Effect.gen(function*() {
        const bytes = Buffer.from("{\"prompt\":\"\u{1f5fc} in the rain\"}")
        const { baseUrl } = yield* serve((_, response) => {
          response.write(bytes.subarray(0, 13))
          setTimeout(() => response.end(bytes.subarray(13)), 30)
        })
        assert.deepStrictEqual(yield* get(baseUrl), { prompt: "\u{1f5fc} in the rain" })
      })
    )

    test(
      "a success without end is not read to its end",
      Effect.gen(function*() {
        const block = Buffer.alloc(1024 * 1024, "a")
        for (const declared of [false, true]) {
          let closed = false
          let written = 0
          const { baseUrl } = yield* serve((_, response) => {
            response.on("close", () => {
              closed = true
            })
            if (declared) response.setHeader("content-length", 1e12)
            const more = () => {
              if (closed) return
              written++
              if (response.write(block)) setImmediate(more)
              else response.once("drain", more)
            }
            more()
          })
          const failed = yield* Effect.flip(get(baseUrl))
          assert.strictEqual(failed._tag, "UnexpectedResponse")
          assert.strictEqual(failed.detail, "The body is too long")
          // What the kernel takes on before anyone reads is not ours to bound.
          assert.isBelow(written, 60)
        }
      })
    )

    test(
      "nor is one that was packed small",
      Effect.gen(function*() {
        const { baseUrl } = yield* serve((request, response) =>
          request.headers["accept-encoding"]?.includes("gzip") === true
            ? response.setHeader("content-encoding", "gzip").end(bomb)
            : response.end(gunzipSync(bomb))
        )
        assert.strictEqual((yield* Effect.flip(get(baseUrl))).detail, "The body is too long")
      })
    )

    test(
      "an error without end is read no further than its sentence needs",
      Effect.gen(function*() {
        const { baseUrl } = yield* serve((_, response) => {
          response.statusCode = 503
          response.write("<html><title>Busy</title>")
          const more = () => {
            if (response.write("a".repeat(65_536))) setImmediate(more)
            else response.once("drain", more)
          }
          more()
        })
        const failed = yield* Effect.flip(get(baseUrl))
        assert.strictEqual(failed._tag, "Unavailable")
        assert.strictEqual(failed.detail, "An HTML page: Busy")
      })
    )

    test(
      "an error whose body is cut off is still that error",
      Effect.gen(function*() {
        const { baseUrl } = yield* serve((_, response) => {
          response.writeHead(401, { "content-length": 100 })
          response.write("{\"error\":", () => response.destroy())
        })
        assert.strictEqual((yield* Effect.flip(get(baseUrl)))._tag, "Unauthorized")
      })
    )

    test(
      "a server that hangs, before or within its answer, is Unavailable",
      Effect.gen(function*() {
        for (const started of [false, true]) {
          const requests = yield* Queue.unbounded<void>()
          const { baseUrl } = yield* serve((_, response) => {
            if (started) response.write("{\"jobid\":")
            Queue.offerUnsafe(requests, undefined)
          })
          // Time passes once the server has the request, however long that takes.
          const hung = <A, E>(call: Effect.Effect<A, E, HttpClient.HttpClient>) =>
            Effect.gen(function*() {
              const fiber = yield* Effect.forkChild(Effect.flip(call), { startImmediately: true })
              yield* Queue.take(requests)
              yield* TestClock.adjust("30 seconds")
              return yield* Fiber.join(fiber)
            }).pipe(Effect.provide(TestClock.layer()))
          const failed = yield* hung(get(baseUrl))
          assert.strictEqual(failed._tag, "Unavailable")
          assert.strictEqual(failed.detail, "No complete answer within 30 s")
          const uncertain = yield* hung(submit(baseUrl))
          assert.strictEqual(uncertain._tag, "SubmissionUncertain")
        }
      })
    )

    test(
      "a body that drips is Unavailable",
      Effect.gen(function*() {
        const { baseUrl } = yield* serve((_, response) => {
          const timer = setInterval(() => response.write(" "), 20)
          response.on("close", () => clearInterval(timer))
        })
        assert.strictEqual((yield* Effect.flip(get(baseUrl, { timeout: "300 millis" })))._tag, "Unavailable")
      })
    )

    test(
      "JSON that is cut is unexpected, a connection that is cut is Unavailable",
      Effect.gen(function*() {
        const whole = yield* serve((_, response) => response.end("{\"jobid\":\"j1\",\"sta"))
        assert.strictEqual((yield* Effect.flip(get(whole.baseUrl)))._tag, "UnexpectedResponse")
        const cut = yield* serve((_, response) => {
          response.writeHead(200, { "content-length": 100 })
          response.write("{\"jobid\":\"j1\"", () => response.destroy())
        })
        assert.strictEqual((yield* Effect.flip(get(cut.baseUrl)))._tag, "Unavailable")
      })
    )

    test(
      "a redirect is not followed, and the token goes nowhere else",
      Effect.gen(function*() {
        const other = yield* serve((_, response) => response.end("{\"jobid\":\"j1\"}"))
        for (const status of [301, 302, 303, 307, 308]) {
          const { baseUrl } = yield* serve((_, response) =>
            response.writeHead(status, { location: `${other.baseUrl}/v1/luma/jobs` }).end()
          )
          assert.strictEqual((yield* Effect.flip(get(baseUrl)))._tag, "UnexpectedResponse")
          assert.strictEqual((yield* Effect.flip(submit(baseUrl)))._tag, "UnexpectedResponse")
        }
        assert.deepStrictEqual(other.seen, [])
      })
    )

    test(
      "a refused connection and an unknown host begin nothing",
      Effect.gen(function*() {
        const { baseUrl } = yield* Effect.scoped(serve(() => undefined))
        for (const nowhere of [baseUrl, "http://nowhere.invalid"]) {
          assert.strictEqual((yield* Effect.flip(get(nowhere)))._tag, "Unavailable")
          assert.strictEqual((yield* Effect.flip(submit(nowhere)))._tag, "Unavailable")
        }
        const failed = yield* Effect.flip(get(baseUrl))
        assert.include(failed.detail, "ECONNREFUSED")
      })
    )

    test(
      "a submit whose reply is dropped is sent once and uncertain",
      Effect.gen(function*() {
        const { baseUrl, seen } = yield* serve((request, response) => {
          request.resume().on("end", () => response.destroy())
        })
        const failed = yield* Effect.flip(submit(baseUrl, { retries: 3 }))
        assert.strictEqual(failed._tag, "SubmissionUncertain")
        assert.strictEqual(seen.length, 1)
      })
    )

    const page = "<html><head><title>413 Request Entity Too Large</title></head></html>"
    const upload = (baseUrl: string, megabytes: number, options?: Partial<UseApi.Options>) =>
      Effect.flatMap(
        open(baseUrl, options),
        (api) =>
          api.upload({ path: "/assets", account: "an account", accepts: { "video/mp4": 1000 } })({
            account: "a",
            mediaType: "video/mp4",
            length: megabytes * 1_048_576,
            content: Stream.range(1, megabytes).pipe(Stream.map(() => new Uint8Array(1_048_576)))
          })
      )
    for (
      const [when, megabytes, answer] of [
        ["after all bytes", 60, (request, response) => {
          request.resume().on("end", () => response.writeHead(413).end(page))
        }],
        ["at once", 60, (_, response) => {
          response.writeHead(413, { connection: "close" }).end(page)
        }],
        ["at once, and hangs up", 60, (request, response) => {
          response.writeHead(413, { connection: "close" }).end(page, () => request.socket.destroy())
        }],
        ["at once, and resets the connection", 60, (request, response) => {
          response.writeHead(413, { connection: "close" }).end(page, () => request.socket.resetAndDestroy())
        }],
        ["half way, and resets the connection", 60, (request, response) => {
          request.on("data", () => undefined)
          setTimeout(
            () => response.writeHead(413, { connection: "close" }).end(page, () => request.socket.resetAndDestroy()),
            20
          )
        }]
      ] as const satisfies ReadonlyArray<
        readonly [string, number, (request: IncomingMessage, response: ServerResponse) => void]
      >
    ) {
      test(
        `a file that is too large is so, where it is refused ${when}`,
        Effect.gen(function*() {
          const { baseUrl } = yield* serve(answer)
          const failed = yield* Effect.flip(upload(baseUrl, megabytes))
          assert.strictEqual(failed._tag, "InvalidRequest")
        })
      )
    }

    test(
      "a submit that is too large says to upload its files, whoever refuses it",
      Effect.gen(function*() {
        const { baseUrl } = yield* serve((request, response) => {
          response.writeHead(413, { connection: "close" }).end(page, () => request.socket.resetAndDestroy())
        })
        const api = yield* open(baseUrl)
        const image = `data:image/png;base64,${"A".repeat(30_000_000)}`
        const failed = yield* Effect.flip(api.submit({ kind: "video", body: { image } }, post))
        assert.strictEqual(failed._tag, "InvalidRequest")
        assert.include(failed.message, "upload its files first")
      })
    )

    for (
      const [encoding, pack] of [
        ["gzip", gzipSync],
        ["br", brotliCompressSync],
        ["deflate", deflateSync],
        [undefined, gzipSync]
      ] as const
    ) {
      test(
        `a body that is compressed unasked is said to be so: ${encoding ?? "without a word"}`,
        Effect.gen(function*() {
          for (const status of [200, 404]) {
            const { baseUrl } = yield* serve((_, response) => {
              if (encoding !== undefined) response.setHeader("content-encoding", encoding)
              response.writeHead(status).end(pack(JSON.stringify({ error: "Job not found", jobid: "j1" })))
            })
            const found = yield* Effect.result(get(baseUrl))
            if (name === "fetch" && encoding !== undefined) {
              assert.strictEqual(
                Result.isSuccess(found) ? "a value" : found.failure._tag,
                status === 200 ? "a value" : "NotFound"
              )
            } else {
              assert.strictEqual(Result.isFailure(found) && found.failure._tag, "UnexpectedResponse")
              assert.strictEqual(
                Result.isFailure(found) && found.failure.detail,
                encoding === undefined
                  ? "The body is no text"
                  : `The body is compressed (${encoding}) unasked: use a client that unpacks it, as fetch does`
              )
            }
          }
        })
      )
    }

    test(
      "an interrupted call hangs up",
      Effect.gen(function*() {
        let hungUp: (value: unknown) => void = () => undefined
        const gone = new Promise((resolve) => {
          hungUp = resolve
        })
        const { baseUrl } = yield* serve((_, response) => {
          response.on("close", hungUp)
        })
        yield* Effect.ignore(Effect.timeout(get(baseUrl), "100 millis"))
        yield* Effect.promise(() => gone)
      })
    )
  })
}

for (const status of [407, 403, 502]) {
  describe(`a proxy that answers CONNECT with ${status}`, () => {
    /** Asks a service behind the proxy, over each client that knows proxies. */
    const asked = Effect.gen(function*() {
      let connects = 0
      const proxy = createServer().on("connect", (_, socket) => {
        connects++
        socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
      })
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void proxy.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => proxy.close())
      )
      const address = proxy.address()
      const url = `http://someone:hunter2@127.0.0.1:${
        typeof address === "object" && address !== null ? address.port : 0
      }`
      const dispatcher = new Undici.ProxyAgent(url)
      yield* Effect.addFinalizer(() => Effect.promise(() => dispatcher.destroy()))
      const undici = Layer.provide(
        NodeHttpClient.layerUndiciNoDispatcher,
        Layer.succeed(NodeHttpClient.Dispatcher, dispatcher)
      )
      const fetch = Layer.merge(
        FetchHttpClient.layer,
        Layer.succeed(
          FetchHttpClient.Fetch,
          ((input: string, init: object) => Undici.fetch(input, { ...init, dispatcher })) as never
        ) // undici's types of fetch are its own
      )
      // Node's agents have known proxies since 24.5, which Effect's types do not say.
      const agent = { proxyEnv: { HTTP_PROXY: url, HTTPS_PROXY: url } } as NodeHttpClient.HttpAgentOptions
      const nodeHttp = NodeHttpClient.layerNodeHttpOptions(agent)
      const errors = []
      for (const client of [undici, fetch, nodeHttp]) {
        const api = Plain.make({ id: ProviderId.make("useapi-luma") }, { token: Redacted.make("user:1-a"), retries: 0 })
        const both = Effect.flatMap(api, (api) =>
          Effect.all([
            Effect.flip(api.submit({ kind: "video" }, post)),
            Effect.flip(api.call("get", read, Result.succeed))
          ]))
        errors.push(...yield* Effect.provide(both, client))
      }
      return { errors, connects }
    })

    it.live("let nothing through: a plain error that names it", () =>
      Effect.gen(function*() {
        const { connects, errors } = yield* asked
        assert.strictEqual(connects, 6)
        for (const error of errors) {
          assert.strictEqual(error._tag, "Unavailable")
          assert.include(error.detail ?? "", "The proxy let nothing through: ")
          assert.include(error.detail ?? "", String(status))
          assert.notInclude(error.message, "hunter2")
        }
      }), 20_000)
  })
}
