import { assert, it } from "@effect/vitest"
import * as Transport from "@media-jobs/adapter/Transport"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { acme, token } from "./service.ts"

/** A host that answers with the headers of what it was sent, and how long it was. */
const host = Effect.acquireRelease(
  Effect.callback<readonly [url: string, close: () => void]>((resume) => {
    const server = createServer((request, response) => {
      let size = 0
      request.on("data", (chunk: Uint8Array) => size += chunk.length)
      request.on("end", () => response.end(JSON.stringify({ headers: request.headers, size })))
    })
    server.listen(0, "127.0.0.1", () => {
      const at = server.address()
      const port = typeof at === "object" && at !== null ? at.port : 0
      resume(Effect.succeed([`http://127.0.0.1:${port}`, () => void server.close()]))
    })
  }),
  ([, close]) => Effect.sync(close)
)

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly size: number
}

it.live("a stream over fetch tells its length where that is known, and comes in chunks where it is not", () =>
  Effect.gen(function*() {
    const [baseUrl] = yield* host
    const transport = yield* Transport.make({
      id: acme,
      token: "the key of Acme",
      baseUrl,
      rateLimitKey: "announced",
      maxResponseBytes: 10_000,
      classify: (_, { text }) => Result.succeed(JSON.parse(text)),
      errorText: () => undefined
    }, { token, retries: 0 })
    const heard = (length?: number) =>
      transport.call(
        "upload",
        {
          method: "POST",
          path: "/files",
          body: HttpBody.stream(Stream.make(new Uint8Array(1000), new Uint8Array(500)), "video/mp4", length)
        },
        (body) => Result.succeed(body as Heard) // as the host above answers
      )
    const [known, unknown] = [yield* heard(1500), yield* heard()]
    const told = ({ headers, size }: Heard) => [headers["content-length"], headers["transfer-encoding"], size]
    assert.deepStrictEqual(told(known), ["1500", undefined, 1500])
    assert.deepStrictEqual(told(unknown), [undefined, "chunked", 1500])
    assert.deepStrictEqual([known.headers["content-type"], known.headers.authorization], [
      "video/mp4",
      "Bearer acme-5ecret"
    ])
  }).pipe(Effect.provide(FetchHttpClient.layer)))
