import { NodeHttpServer, NodeHttpServerRequest } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type * as JobId from "@media-jobs/core/JobId"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { createServer } from "node:http"
import { connect } from "node:net"
import * as Service from "./service.ts"

const { a, b, base, c, inWorld, keys, post, submitted, until } = Service

/** A server of its own with the route, and the URL by which it is really reached. */
const serving = Effect.fnUntraced(function*(
  service: ReturnType<typeof Service.make>,
  options?: Partial<Webhooks.Options>
) {
  const hooks = Webhooks.layer({ sources: [service], ...options })
  const context = yield* Layer.build(
    HttpRouter.serve(Webhooks.route, { disableListenLog: true }).pipe(
      Layer.provide(hooks),
      Layer.provideMerge(
        NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1", disablePreemptiveShutdown: true })
      )
    )
  )
  const { address } = Context.get(context, HttpServer.HttpServer)
  const port = "port" in address ? address.port : 0
  const here = (url: string): string => url.replace("https://app.example", `http://127.0.0.1:${port}`)
  /** Calls as the service would, but that the name of the host leads here. */
  const call = (url: string, body: BodyInit | object, headers?: Record<string, string>) =>
    Effect.promise(() =>
      fetch(post(here(url), body, headers)).then((response) =>
        response.text().then((text) => ({
          status: response.status,
          text,
          headers: Object.fromEntries(response.headers)
        }))
      )
    )
  return { port, here, call }
})

const completed = (id: JobId.JobId, ref?: string) => ({ id, status: "completed", ref })

describe("the route", () => {
  it.live("is below the URL's path, and takes nothing but a service's calls", () =>
    inWorld(Effect.gen(function*() {
      const service = Service.make()
      const { call, here } = yield* serving(service)
      const { reference, url } = yield* submitted("order 7")
      const answer = yield* call(url, completed(a, reference))
      assert.deepStrictEqual([answer.status, answer.text], [200, ""])
      yield* until(service.woken, 1)
      assert.deepStrictEqual(service.woken, [a])

      const segment = url.slice(base.length)
      for (const path of ["", "/webhooks", "/webhooks/", "/elsewhere", "/webhooks/1.test.default.x.y"]) {
        assert.strictEqual((yield* call(`https://app.example${path}`, completed(b))).status, 404, path)
      }
      assert.strictEqual((yield* call(`https://app.example/elsewhere${segment}`, completed(b))).status, 404)
      const get = yield* Effect.promise(() => fetch(here(url)))
      assert.strictEqual(get.status, 400)
      assert.strictEqual((yield* call(url, "<html>")).status, 400)
      assert.strictEqual((yield* call(url, completed(b, "order 7"))).status, 401)
      // Wakes are done in the order of their calls: none that was refused comes before this one.
      assert.strictEqual((yield* call(url, completed(c, reference))).status, 200)
      yield* until(service.woken, 2)
      assert.deepStrictEqual(service.woken, [a, c])
    })).pipe(Effect.provide(Logger.layer([]))))

  it.live("is where the application says, if a proxy rewrites paths", () =>
    inWorld(Effect.gen(function*() {
      for (const [path, real] of [["/inner/hooks/", "/inner/hooks"], ["/", ""]] as const) {
        const service = Service.make()
        const { call } = yield* serving(service, { path })
        const { url } = yield* submitted()
        assert.strictEqual((yield* call(url.replace("/webhooks", real), completed(a))).status, 200)
        yield* until(service.woken, 1)
        assert.deepStrictEqual(service.woken, [a])
      }
    })))

  it.live("is below a path that a URL can only have encoded", () =>
    inWorld(
      Effect.gen(function*() {
        const service = Service.make()
        const { call } = yield* serving(service)
        const { url } = yield* submitted()
        assert.include(url, "/r%C3%BCck%20ruf/")
        assert.strictEqual((yield* call(url, completed(a))).status, 200)
        yield* until(service.woken, 1)
        assert.deepStrictEqual(service.woken, [a])
      }),
      { url: "https://app.example/rück ruf" }
    ))

  it.live("takes addresses of any length that submits get", () =>
    inWorld(
      Effect.gen(function*() {
        const service = Service.make({ instance: Service.instanceOf("tenant/ü ".repeat(30)) })
        const { call } = yield* serving(service)
        const { url } = yield* submitted(undefined, service.provider)
        assert.isAbove(url.length, 600)
        assert.strictEqual((yield* call(url, completed(a))).status, 200)
        yield* until(service.woken, 1)
        assert.deepStrictEqual(service.woken, [a])
      })
    ))

  it.live("reads no 10 MB, and serves on", () =>
    inWorld(Effect.gen(function*() {
      const service = Service.make()
      const { call } = yield* serving(service)
      const { url } = yield* submitted()
      assert.strictEqual((yield* call(url, new Uint8Array(10 << 20).fill(32))).status, 200)
      const piece = new Uint8Array(1 << 16).fill(32)
      let pieces = 0
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (pieces++ < 160) controller.enqueue(piece)
          else controller.close()
        }
      })
      assert.strictEqual((yield* call(url, endless)).status, 200)
      assert.strictEqual((yield* call(url, completed(a))).status, 200)
    })))

  it.live("tells a slow caller so, cuts it off, and serves on", () =>
    inWorld(Effect.gen(function*() {
      const service = Service.make()
      const { call, port } = yield* serving(service, { timeout: "200 millis" })
      const { url } = yield* submitted()
      const answer = yield* Effect.callback<string>((resume) => {
        let text = ""
        const socket = connect(port, "127.0.0.1", () =>
          socket.write(
            `POST ${new URL(url).pathname} HTTP/1.1\r\nhost: app.example\r\ncontent-length: 100\r\n\r\n{"id":`
          ))
        socket.on("data", (chunk) => {
          text += String(chunk)
        })
        socket.on("close", () => resume(Effect.succeed(text)))
        socket.on("error", () => {})
        return Effect.sync(() => socket.destroy())
      }).pipe(Effect.timeout("5 seconds"))
      assert.match(answer, /^HTTP\/1\.1 408 /)
      assert.strictEqual((yield* call(url, completed(a))).status, 200)
    })))

  it.live("says of a body that something else has read, that it was", () =>
    inWorld(Effect.gen(function*() {
      const service = Service.make()
      const { respond } = yield* Webhooks.make({ sources: [service] })
      const drained = HttpRouter.add("POST", "/webhooks/*", (request) =>
        Effect.andThen(
          Effect.promise(async () => {
            for await (const _ of NodeHttpServerRequest.toIncomingMessage(request)) { /* as a body parser does */ }
          }),
          respond(request)
        ))
      const context = yield* Layer.build(
        HttpRouter.serve(drained, { disableListenLog: true }).pipe(
          Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
        )
      )
      const { address } = Context.get(context, HttpServer.HttpServer)
      const { url } = yield* submitted()
      const here = url.replace("https://app.example", `http://127.0.0.1:${"port" in address ? address.port : 0}`)
      const answer = Effect.promise(() => fetch(post(here, completed(a))))
      assert.strictEqual((yield* Effect.timeout(answer, "5 seconds")).status, 500)
    })))

  it.live("answers before the wake is done", () =>
    inWorld(Effect.gen(function*() {
      const service = { ...Service.make(), wake: () => Effect.never }
      const { call } = yield* serving(service, { concurrency: 1 })
      const { url } = yield* submitted()
      for (const id of [a, b, c]) assert.strictEqual((yield* call(url, completed(id))).status, 200)
    })))
})

describe("nothing tells", () => {
  it.live("an id, an address, a reference, a key or a body: no answer, no log, no metric, no span", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const lines: Array<string> = []
      const formats = [Logger.formatLogFmt, Logger.formatJson, Logger.formatSimple].map((format) =>
        Logger.map(format, (line) => void lines.push(line))
      )
      const shown = yield* inWorld(Effect.gen(function*() {
        const broken = {
          ...Service.make(),
          wake: (id: JobId.JobId) => Effect.die(new Error(`no ${id} at https://x.example/${id}`)),
          wakeSubmit: ({ reference, replyUrl }: { replyUrl: string; reference: string | undefined }) =>
            Effect.die(new Error(`no ${replyUrl} of ${reference}`))
        }
        const { call, here } = yield* serving(broken, { timeout: "100 millis", maxBody: 2000 })
        const { reference = "", url } = yield* submitted("order-of-user@example.com")
        const answers = yield* Effect.forEach(
          [
            call("https://app.example/elsewhere", {}),
            call(url, completed(a, reference)),
            call(url, completed(a, reference)),
            call(url, { error: "user@example.com broke", ref: reference }),
            call(url, completed(b, `${reference}!`)),
            call(`${url}!`, completed(b, reference)),
            Effect.map(Effect.promise(() => fetch(here(url))), ({ status }) => ({ status })),
            call(url, `{"id": "${a}`),
            call(url, { id: 7, status: a }),
            call(url, { ...completed(a), padding: "user@example.com".repeat(200) }),
            call(url, new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(a)) }))
          ],
          (answer) => answer,
          { concurrency: "unbounded" }
        )
        yield* Effect.sleep("300 millis")
        const metrics = JSON.stringify((yield* Metric.snapshot).map(({ attributes, id }) => [id, attributes]))
        // The application's own requests are traced as ever.
        assert.deepStrictEqual(spans.map(({ attributes }) => attributes.get("url.path")), ["/elsewhere"])
        assert.sameMembers(answers.map(({ status }) => status), [404, 200, 200, 200, 401, 404, 400, 400, 400, 200, 408])
        assert.isTrue(lines.some((line) => line.includes("A wake failed")))
        assert.isTrue(lines.some((line) => line.includes("forged")))
        assert.include(metrics, "\"Forged\"")
        return {
          text: [...lines, ...answers.map((answer) => JSON.stringify(answer)), metrics].join("\n"),
          secrets: [
            ...[url, reference].flatMap((text) => text.slice(base.length).match(/[\w-]{20,}/g) ?? []),
            "user@example.com",
            a,
            b,
            "order-of",
            ...Object.values(keys).map(Redacted.value)
          ]
        }
      })).pipe(
        Effect.provide(Logger.layer(formats)),
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.provideService(References.MinimumLogLevel, "All")
      )
      for (const secret of shown.secrets) assert.notInclude(shown.text, secret)
    }))
})
