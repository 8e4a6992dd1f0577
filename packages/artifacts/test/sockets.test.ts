import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import Undici from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import { list, part, sizeOf, stem, temporary, whenLong } from "./onDisk.ts"
import { artifact, begin, headersOf, job, listen, media, sha256 } from "./support.ts"

const bytes = media(2_000_000)

const save = (
  directory: string,
  url: string,
  options?: ArtifactStore.Options,
  client = FetchHttpClient.layer
) =>
  ArtifactStore.save(job([artifact({ url })])).pipe(
    Effect.provide(ArtifactStore.layer({ directory, allowPrivate: true, ...options }).pipe(Layer.provide(client)))
  )

describe("over a socket", () => {
  for (
    const [name, client] of [
      ["fetch", FetchHttpClient.layer],
      ["undici", NodeHttpClient.layerUndici],
      ["node:http", NodeHttpClient.layerNodeHttp]
    ] as const
  ) {
    it.live(`a cut connection is gone on with, and no byte comes twice (${name})`, () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* temporary
        const { requests, sent, url } = yield* listen((request, send, response) => {
          const from = begin(request, response, bytes.length)
          send(from === 0 ? bytes.subarray(0, 700_000) : bytes.subarray(from))
          if (from > 0) response.end()
          // Once the client has it all: what is under way when a socket is torn down never arrives.
          else whenLong(`${directory}/${part}`, 700_000, () => response.destroy())
        })
        const [saved] = yield* save(directory, `${url}/a.mp4`, {}, client)
        assert.strictEqual(saved?.sha256, sha256(bytes))
        assert.strictEqual(sha256(yield* fs.readFile(saved?.location ?? "")), sha256(bytes))
        assert.deepStrictEqual(requests.map(({ headers }) => headers.range), [undefined, "bytes=700000-"])
        assert.strictEqual(sent(), bytes.length)
        assert.deepStrictEqual(yield* list(directory), [`${stem}-video-primary.mp4`, `${stem}.json`])
      }).pipe(Effect.provide(NodeServices.layer)))
  }

  it.live("a link that lies about its length is typed, and no half file has a name", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const { url } = yield* listen((_, send, response) => {
        response.writeHead(200, { "content-length": "1000000", "content-type": "video/mp4" })
        send(bytes.subarray(0, 400_000))
        whenLong(`${directory}/${part}`, 400_000, () => response.destroy())
      })
      const error = yield* Effect.flip(save(directory, `${url}/a.mp4`, { retries: 1 }))
      assert.strictEqual(error._tag, "LengthMismatch")
      assert.isEmpty((yield* list(directory)).filter((name) => name.endsWith(".mp4")))
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("a host that falls silent is left, in the head as in the body", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const { url } = yield* listen((request, send, response) => {
        if (request.url === "/head") return
        response.writeHead(200, headersOf(1000))
        send(bytes.subarray(0, 400))
      })
      const options = { retries: 0, idleTimeout: "200 millis" } as const
      const error = yield* Effect.flip(save(directory, `${url}/head`, options))
      assert.strictEqual(error._tag, "LinkUnavailable")
      const cut = yield* Effect.flip(save(directory, `${url}/body`, options))
      assert.strictEqual(cut._tag, "DownloadCut")
      assert.strictEqual(yield* sizeOf(`${directory}/${part}`), 400)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("no token, cookie or trace goes with the request, whatever the application sets", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* listen((_, __, response) => response.writeHead(403).end())
      yield* Effect.flip(save(yield* temporary, `${url}/a.mp4`)).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, {
          headers: { authorization: "Bearer secret", cookie: "a=b" },
          credentials: "include",
          redirect: "follow"
        }),
        Effect.withSpan("application")
      )
      const [{ headers = {} } = {}] = requests
      for (const name of ["authorization", "cookie", "traceparent", "b3", "referer"]) assert.notProperty(headers, name)
      assert.strictEqual(headers["accept-encoding"], "identity")
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("a redirect to a private address is not followed by fetch either", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* listen((_, __, response) =>
        response.writeHead(302, { location: `${url.replace("127.0.0.1", "localhost")}/secret` }).end()
      )
      const directory = yield* temporary
      // The name of a public host, answered by the one above.
      const near: typeof globalThis.fetch = (link, init) =>
        fetch(String(link).replace("https://cdn.example.net", url), init)
      const error = yield* Effect.flip(save(directory, "https://cdn.example.net/a.mp4", { allowPrivate: false })).pipe(
        Effect.provideService(FetchHttpClient.Fetch, near)
      )
      assert.strictEqual(error._tag === "LinkRefused" && `${error.reason} ${error.host}`, "address localhost")
      assert.deepStrictEqual(requests.map(({ url }) => url), ["/a.mp4"])
      assert.deepStrictEqual(yield* list(directory), [])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("nobody there is unavailable", () =>
    Effect.gen(function*() {
      const { url } = yield* Effect.scoped(listen(() => {}))
      const error = yield* Effect.flip(save(yield* temporary, `${url}/a.mp4`, { retries: 0 }))
      assert.strictEqual(error._tag, "LinkUnavailable")
      assert.include(error.message, "ECONNREFUSED")
    }).pipe(Effect.provide(NodeServices.layer)))
})

for (
  const [status, tag] of [[407, "LinkRefused"], [403, "LinkRefused"], [502, "LinkUnavailable"]] as const
) {
  describe(`a proxy that answers CONNECT with ${status}`, () => {
    it.live(`is ${tag}, and named, over each client that knows proxies`, () =>
      Effect.gen(function*() {
        const { server, url } = yield* listen(() => {})
        let connects = 0
        server.on("connect", (_, socket) => {
          connects++
          socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
        })
        const proxy = url.replace("//", "//someone:hunter2@")
        const dispatcher = new Undici.ProxyAgent(proxy)
        yield* Effect.addFinalizer(() => Effect.promise(() => dispatcher.destroy()))
        const throughProxy = ((link: string, init: Undici.RequestInit) =>
          Undici.fetch(link, { ...init, dispatcher })) as never // undici's types of fetch are its own
        // Node's agents have known proxies since 24.5, which Effect's types do not say.
        const agent = { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } } as NodeHttpClient.HttpAgentOptions
        const clients = [
          Layer.merge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, throughProxy)),
          Layer.provide(
            NodeHttpClient.layerUndiciNoDispatcher,
            Layer.succeed(NodeHttpClient.Dispatcher, dispatcher)
          ),
          NodeHttpClient.layerNodeHttpOptions(agent)
        ]
        for (const [i, client] of clients.entries()) {
          const directory = yield* temporary
          const error = yield* Effect.flip(
            Effect.provide(
              ArtifactStore.save(job([artifact({ url: "https://cdn.example.net/a.mp4" })])),
              Layer.provideMerge(ArtifactStore.layer({ directory, retries: 0 }), client)
            )
          )
          assert.strictEqual(error._tag, tag)
          assert.include(error.message, `The proxy answered ${status}`)
          assert.notInclude(error.message, "hunter2")
          assert.strictEqual(connects, i + 1)
        }
      }).pipe(Effect.provide(NodeServices.layer)), 20_000)
  })
}

it.live("a proxy that wants a key for a plain link is named", () =>
  Effect.gen(function*() {
    const { url } = yield* listen((_, __, response) => response.writeHead(407).end())
    // Node's fetch says nothing of it.
    const error = yield* Effect.flip(save(yield* temporary, `${url}/a.mp4`, {}, NodeHttpClient.layerUndici))
    assert.strictEqual(error._tag === "LinkRefused" && error.reason, "proxy")
    assert.include(error.message, "The proxy on the way refuses")
  }).pipe(Effect.provide(NodeServices.layer)))
