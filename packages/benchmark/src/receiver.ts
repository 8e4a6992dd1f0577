/** What answers a service's calls, in a process of its own: the library's receiver, or a bare JSON echo. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Channel from "./channel.ts"

export type Kind = "echo" | "webhooks"

/** How calls are signed that reach a receiver at this base. */
export const signing = (base: string): Signer.Options => ({
  url: `${base}/webhooks`,
  keys: [Redacted.make("a-key-of-the-benchmark-0123456789-0123456789")]
})

/** What a program must say to take calls as JSON at all: the body is read whole, parsed, and answered with what it holds. */
const echo = () =>
  createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify(body))
    })
  })

const listening = (server: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo // a server that listens on a port has an address, not a path
      resolve(port)
    })
  )

/** Luma's calls, verified and decoded as in an application; what they wake does nothing here. */
const receive = async (): Promise<number> => {
  const server = createServer()
  const hooks = Layer.unwrap(
    Effect.map(
      Luma.make({ token: Redacted.make("benchmark") }),
      (provider) => Webhooks.layer({ sources: [{ provider, wake: () => Effect.void }] })
    )
  )
  await Effect.runPromise(Layer.buildWithScope(
    HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provide(hooks),
      // The base stands before the path of a call, and in no signature: the port need not be known yet.
      Layer.provide(Signer.layer(signing("http://127.0.0.1"))),
      Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
      Layer.provide(FetchHttpClient.layer)
    ),
    Scope.makeUnsafe()
  ))
  const { port } = server.address() as AddressInfo // as above
  return port
}

if (import.meta.main) {
  const parent = Channel.toParent()
  parent.send(await (await parent.next<Kind>() === "echo" ? listening(echo()) : receive()))
}
