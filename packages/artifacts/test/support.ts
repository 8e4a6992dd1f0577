import * as Artifact from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import * as Sink from "../src/Sink.ts"

/** As the services make them: with an address in it. */
export const id = JobId.make("j1-email:user@example.com-bot:luma")
export const origin = "https://cdn.example.net"
/** A path and a query that no text may show. */
export const signed = (file: string): string => `${origin}/user@example.com/${file}?Signature=s3cr3t-s1gn4tur3`

export const artifact = (fields: Partial<ConstructorParameters<typeof Artifact.Artifact>[0]> = {}) =>
  new Artifact.Artifact({ kind: "video", role: "primary", url: signed("a.mp4"), ...fields })

export const job = (
  artifacts: ReadonlyArray<Artifact.Artifact> = [artifact()],
  fields: Partial<ConstructorParameters<typeof Job.Job>[0]> = {}
): Job.Succeeded =>
  new Job.Job({
    id,
    provider: ProviderId.make("luma"),
    instance: ProviderId.defaultInstance,
    observedAt: DateTime.makeUnsafe(0),
    ...fields,
    state: { _tag: "Succeeded", artifacts }
  }) as Job.Succeeded // by its state

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Bytes that tell each place of a file from the others. */
export const media = (length: number, seed = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255)

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

/** A sink in memory, which keeps what a draft was given, unless told otherwise: as a store without resumable uploads. */
export const memory = (options: { readonly keeps: boolean } = { keeps: true }) => {
  const files = new Map<string, Uint8Array>()
  const drafts = new Map<string, Uint8Array>()
  const about = new Map<string, Sink.About>()
  const service: Sink.Sink["Service"] = {
    size: (name) => Effect.sync(() => files.get(name)?.length),
    read: (name) => Stream.suspend(() => Stream.make(files.get(name) ?? new Uint8Array())),
    write: (name, text) => Effect.sync(() => void files.set(name, new TextEncoder().encode(text))),
    append: (name, text) =>
      Effect.sync(() =>
        void files.set(name, concat([files.get(name) ?? new Uint8Array(), new TextEncoder().encode(text)]))
      ),
    remove: (name) => Effect.sync(() => void files.delete(name)),
    open: (key) =>
      Effect.acquireRelease(
        Effect.sync((): Sink.Draft => {
          let bytes = drafts.get(key) ?? new Uint8Array()
          const set = (next: Uint8Array) => Effect.sync(() => void drafts.set(key, bytes = next))
          return {
            kept: bytes.length,
            read: Stream.make(bytes),
            write: (more) => Effect.suspend(() => set(concat([bytes, more]))),
            restart: set(new Uint8Array()),
            commit: (name, known) =>
              Effect.sync(() => {
                files.set(name, bytes)
                about.set(name, known)
                drafts.delete(key)
              })
          }
        }),
        () =>
          Effect.sync(() => {
            if (!options.keeps || drafts.get(key)?.length === 0) drafts.delete(key)
          })
      ),
    locate: (name) => `memory:${name}`
  }
  return { files, drafts, about, service, names: () => [...files.keys()].sort() }
}

export interface Asked {
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** What a host does with one request. */
export type Answer = (asked: Asked, n: number) => Response | Error | "hang"

/** A client whose host is a function. */
export const host = (answer: Answer) => {
  const asked: Array<Asked> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      const one = { url: url.href, headers: { ...request.headers } }
      asked.push(one)
      const given = answer(one, asked.length)
      if (given === "hang") return Effect.never
      return given instanceof Error
        ? Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, cause: given })
          })
        )
        : Effect.succeed(HttpClientResponse.fromWeb(request, given))
    })
  )
  return { asked, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

export const headersOf = (length: number, more: Record<string, string> = {}): Record<string, string> => ({
  "content-type": "video/mp4",
  "content-length": String(length),
  etag: "\"v1\"",
  ...more
})

/** A host that serves a file well: with its length, its tag, and any part of it. */
export const serve =
  (bytes: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => ({ headers }: Asked): Response => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers["range"] ?? "")?.[1] ?? NaN)
    if (Number.isNaN(from) || headers["if-range"] !== "\"v1\"") {
      return new Response(bytes.slice(), { headers: headersOf(bytes.length, more) })
    }
    if (from >= bytes.length) {
      return new Response(null, { status: 416, headers: { "content-range": `bytes */${bytes.length}` } })
    }
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
    const rest = bytes.slice(from)
    return new Response(rest, {
      status: 206,
      headers: headersOf(rest.length, { ...more, "content-range": range })
    })
  }

/** A body that sends some bytes and then breaks, or says nothing more. */
export const broken = (bytes: Uint8Array, end: "cut" | "silent"): ReadableStream<Uint8Array> => {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (!sent) {
        sent = true
        return controller.enqueue(bytes)
      }
      if (end === "silent") return new Promise(() => {})
      controller.error(new TypeError("terminated", { cause: { code: "UND_ERR_SOCKET" } }))
    }
  })
}

export const storeOf = (
  sink: Sink.Sink["Service"],
  client: Layer.Layer<HttpClient.HttpClient>,
  options?: ArtifactStore.Options
) => ArtifactStore.layerSink(options).pipe(Layer.provide(Layer.merge(client, Layer.succeed(Sink.Sink, sink))))

/** Runs an effect while the time of the test goes by, a second at a time. */
export const passing = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

/** A real host on a socket, which counts the bytes of bodies that it hands to the system. */
export const listen = (
  handle: (request: IncomingMessage, send: (bytes: Uint8Array) => void, response: ServerResponse) => void
) =>
  Effect.acquireRelease(
    Effect.callback<{
      readonly url: string
      readonly requests: Array<IncomingMessage>
      readonly sent: () => number
      readonly server: Server
    }>((resume) => {
      let sent = 0
      const requests: Array<IncomingMessage> = []
      const server = createServer((request, response) => {
        requests.push(request)
        handle(request, (bytes) => {
          sent += bytes.length
          response.write(bytes)
        }, response)
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo // of a server on a port
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, requests, sent: () => sent, server }))
      })
    }),
    ({ server }) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

/** Where a request asks a file to begin, and the head of the right answer. */
export const begin = (request: IncomingMessage, response: ServerResponse, length: number): number => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0)
  response.writeHead(from === 0 ? 200 : 206, {
    ...headersOf(length - from),
    ...(from === 0 ? undefined : { "content-range": `bytes ${from}-${length - 1}/${length}` })
  })
  return from
}
