/**
 * The documented services in memory, with the truth of their documents and faults on demand.
 *
 * **Details**
 *
 * One `Emulator` has two faces: `layerClient` is an `HttpClient` that answers without a socket, `layerServer` serves the
 * same jobs on whatever `HttpServer` the program brings. All time is Effect's `Clock`, so under `TestClock` a job's ten
 * minutes pass at once; all chance comes from `seed`, so two runs make the same ids. It shares no schema with the
 * adapters, on purpose: it can't agree with their misreading.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as DreaminaEmulator from "./DreaminaEmulator.ts"
import type * as Faults from "./Faults.ts"
import * as Caller from "./internal/caller.ts"
import * as Media from "./internal/media.ts"
import * as replies from "./internal/replies.ts"
import * as Script from "./internal/script.ts"
import { type Live, match, type Route } from "./internal/service.ts"
import type { World } from "./internal/world.ts"
import * as LumaEmulator from "./LumaEmulator.ts"
import * as MidjourneyEmulator from "./MidjourneyEmulator.ts"
import type * as Miscalls from "./Miscalls.ts"
import * as ReplicateEmulator from "./ReplicateEmulator.ts"
import type * as Reply from "./Reply.ts"

/**
 * The API token that the emulator accepts unless told otherwise; its user is 12345, as in the documents' ids.
 *
 * @since 0.1.0
 * @category constants
 */
export const token = "user:12345-emulator"

/**
 * Who may call, how fast time passes, and what goes wrong from the start.
 *
 * **Details**
 *
 * - `token`: one token or several; each `user:<number>-…` is a user with jobs of its own.
 * - `speed`: how many times faster than life jobs run, 1.
 * - `seed`: of ids, account choice and jitter.
 * - `origin`: the only one that the in-memory client reaches, the services' own unless told; others have no such host.
 * - `mediaOrigin`: of the links in answers. Unless told, each service's own in memory, and a server's own once it listens:
 *   either way what they lead to is there, small files that open in a player. `mediaLife`: how long a link lives from the
 *   answer that it stands in, for ever unless told.
 * - `replyUrl`: the webhook of the whole account at useapi.net, for jobs that name none; there is none.
 * - `miscalls`: what goes wrong with webhooks, from the start.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly token?: string | ReadonlyArray<string> | undefined
  readonly speed?: number | undefined
  readonly seed?: string | undefined
  readonly origin?: string | undefined
  readonly mediaOrigin?: string | undefined
  readonly mediaLife?: Duration.Input | undefined
  readonly replyUrl?: string | undefined
  readonly miscalls?: ReadonlyArray<Miscalls.Rule> | undefined
  readonly faults?: ReadonlyArray<Faults.Rule> | undefined
  readonly luma?: LumaEmulator.Options | undefined
  readonly dreamina?: DreaminaEmulator.Options | undefined
  readonly midjourney?: MidjourneyEmulator.Options | undefined
  readonly replicate?: ReplicateEmulator.Options | undefined
}

/**
 * One request in the journal, exactly as it was sent.
 *
 * **Details**
 *
 * `url` is path and query, nothing decoded; `at` is in milliseconds. Of an uploaded file only the number of `bytes` is
 * kept, and `body` is empty. `operation` is absent for a path that no service knows, `user` for a token that is not
 * accepted, `status` as long as there is no answer. Attempts that reached nobody, for want of a host or of a listener, are
 * in the journal too.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  readonly at: number
  readonly method: string
  readonly host: string
  readonly url: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  readonly bytes: number
  readonly operation: Faults.Operation | undefined
  readonly user: string | undefined
  readonly status: number | undefined
}

/**
 * A webhook that was called, or was not.
 *
 * **Details**
 *
 * `event` is the status word that it brought, `url` and `body` are as they went out. `outcome` is the status of the last
 * answer, or why there is none: `lost` on purpose, `refused` since its host is not this machine, `failed` for want of an answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Called extends Caller.Made {}

/**
 * A connection that broke before there was an answer, with the code that Node's `fetch` gives for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class Dropped extends Data.TaggedError("Dropped")<{ readonly code: Faults.BrokenConnection }> {}

/**
 * The emulator: what was asked of it, what shall go wrong, and one pair of hands for each service.
 *
 * **Details**
 *
 * `app` is for a server that has other routes too. `count` counts the journal's requests, of one operation or of all.
 * `inject` adds rules behind those in force, `heal` lifts them all. `deliver` calls the webhooks of all services, those on this
 * machine alone, for as long as it runs; `called` tells of it, and `misdeliver` has calls go wrong of jobs that begin afterwards.
 *
 * @since 0.1.0
 * @category services
 */
export class Emulator extends Context.Service<Emulator, {
  readonly app: Effect.Effect<HttpServerResponse.HttpServerResponse, Dropped, HttpServerRequest.HttpServerRequest>
  readonly client: HttpClient.HttpClient
  readonly journal: Effect.Effect<ReadonlyArray<Entry>>
  readonly count: (operation?: Faults.Operation) => Effect.Effect<number>
  readonly inject: (...rules: ReadonlyArray<Faults.Rule>) => Effect.Effect<void>
  readonly heal: Effect.Effect<void>
  readonly deliver: Effect.Effect<never, never, HttpClient.HttpClient>
  readonly called: Effect.Effect<ReadonlyArray<Called>>
  readonly misdeliver: (...rules: ReadonlyArray<Miscalls.Rule>) => Effect.Effect<void>
  /** Where links lead from now on, unless the options say. */
  readonly locateMedia: (origin: string) => Effect.Effect<void>
  readonly luma: LumaEmulator.LumaEmulator
  readonly dreamina: DreaminaEmulator.DreaminaEmulator
  readonly midjourney: MidjourneyEmulator.MidjourneyEmulator
  readonly replicate: ReplicateEmulator.ReplicateEmulator
}>()("@media-jobs/testing/Emulator") {}

/**
 * An emulator with no jobs in it yet.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(options: Options = {}): Effect.fn.Return<Emulator["Service"]> {
  const tokens = [options.token ?? token].flat()
  const users = new Map(tokens.map((token) => [`Bearer ${token}`, /^user:(\d+)-/.exec(token)?.[1] ?? token]))
  const random = yield* Random.withSeed(Effect.service(Random.Random), options.seed ?? "media-jobs")
  const world: World = {
    random,
    users: [...users.values()],
    speed: options.speed ?? 1,
    mediaOrigin: options.mediaOrigin,
    mediaLife: options.mediaLife === undefined
      ? undefined
      : Duration.toMillis(Duration.fromInputUnsafe(options.mediaLife)),
    replyUrl: options.replyUrl,
    revision: 0
  }
  const { owed: lumaOwed, routes: lumaRoutes, ...luma } = LumaEmulator.make(world, options.luma)
  const { owed: dreaminaOwed, routes: dreaminaRoutes, ...dreamina } = DreaminaEmulator.make(world, options.dreamina)
  const { owed: midjourneyOwed, routes: midjourneyRoutes, ...midjourney } = MidjourneyEmulator.make(
    world,
    options.midjourney
  )
  const { owed: replicateOwed, routes: replicateRoutes, ...replicate } = ReplicateEmulator.make(
    world,
    options.replicate
  )
  const caller = Caller.make(world, [lumaOwed, dreaminaOwed, midjourneyOwed, replicateOwed])
  caller.misdeliver(options.miscalls ?? [])
  const routes: ReadonlyArray<Route<Faults.Operation>> = [
    ...lumaRoutes,
    ...dreaminaRoutes,
    ...midjourneyRoutes,
    ...replicateRoutes
  ]
  const script = Script.make()
  script.add(options.faults ?? [], yield* Clock.currentTimeMillis)
  const journal: Array<Entry> = []

  const serve = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest, reachable: boolean) {
    const { headers, method, url } = request
    const path = url.split("?", 1).join()
    const isMedia = (method === "GET" || method === "HEAD") &&
      (path.startsWith(mediaPath) || isCdn(headers["host"] ?? ""))
    const route = isMedia
      ? undefined
      : routes.find((route) => route.method === method && match(route.path, path) !== undefined)
    const operation = isMedia ? "media.get" : route?.operation
    const received = yield* Effect.option(
      route?.file === true ? count(request) : route?.file === "form" ? form(request) : read(request)
    )
    const { body, bytes } = Option.getOrElse(received, () => ({ body: "", bytes: 0 }))
    const now = yield* Clock.currentTimeMillis
    const user = users.get(headers["authorization"] ?? "")
    const kept = route?.file === "form" ? "" : body
    const entry = { at: now, method, host: headers["host"] ?? "", url, headers, body: kept, bytes, operation, user }
    const index = journal.push({ ...entry, status: undefined }) - 1

    const work = (): Reply.Reply | Live => {
      const query = url.slice(path.length + 1)
      if (isMedia) return Media.answer(path, query, headers, now)
      if (route === undefined) return replies.endpointNotFound
      if (user === undefined) return route.unauthorized ?? replies.unauthorized
      const contentType = (headers["content-type"] ?? "").split(";", 1).join().trim()
      return route.answer({
        user,
        segment: match(route.path, path) ?? "",
        query,
        headers,
        body,
        bytes,
        contentType,
        now
      })
    }
    const send = (reply: Reply.Reply, pace?: Pace) => {
      journal[index] = { ...entry, status: reply.status }
      return response(reply, pace)
    }
    if (!reachable) return yield* new Dropped({ code: "ENOTFOUND" })
    if (Option.isNone(received)) return yield* new Dropped({ code: "UND_ERR_SOCKET" })
    const fault = script.next({ method, path, operation, user }, now)
    switch (fault?._tag) {
      case undefined: {
        const reply = work()
        return send(reply, "tail" in reply ? reply : undefined)
      }
      case "Answer":
        return send(fault.reply)
      case "Alter":
        return send(fault.change(work()))
      case "Slow":
      case "Cut":
        return send(work(), fault)
      case "Hang":
        // Effect's servers run an application uninterruptibly unless it says otherwise.
        return yield* Effect.interruptible(Effect.never)
      case "Drop":
        if (fault.worked) work()
        return yield* new Dropped({ code: fault.code })
    }
  })

  const origins = options.origin === undefined
    ? ["https://api.useapi.net", ReplicateEmulator.origin]
    : [options.origin]
  const isReachable = ({ host, origin }: URL) => origins.includes(origin) || isCdn(host)

  return Emulator.of({
    app: Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => serve(request, true)),
    client: HttpClient.make((request, url) => {
      const sent = HttpServerRequest.fromClientRequest(request).modify({
        url: url.pathname + url.search,
        headers: Headers.set(request.headers, "host", url.host)
      })
      return serve(sent, isReachable(url)).pipe(
        Effect.map((response) => HttpServerResponse.toClientResponse(response, { request })),
        Effect.mapError((dropped) => transportError(request, dropped))
      )
    }),
    journal: Effect.sync(() => [...journal]),
    count: (operation) =>
      Effect.sync(() => journal.filter((entry) => operation === undefined || entry.operation === operation).length),
    inject: (...rules) => Effect.map(Clock.currentTimeMillis, (now) => script.add(rules, now)),
    heal: Effect.sync(script.clear),
    deliver: caller.deliver,
    called: Effect.sync(caller.made),
    misdeliver: (...rules) => Effect.sync(() => caller.misdeliver(rules)),
    locateMedia: (origin) => Effect.sync(() => void (world.mediaOrigin ??= origin)),
    luma,
    dreamina,
    midjourney,
    replicate
  })
})

/**
 * An emulator for the time of the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Emulator> => Layer.effect(Emulator, make(options))

/**
 * The emulator as the program's `HttpClient`, without a socket.
 *
 * **When to use**
 *
 * Use in tests: it runs under `TestClock`, where a server can't.
 *
 * **Details**
 *
 * A broken connection is a `TransportError` whose cause looks like that of Node's `fetch`.
 *
 * **Example** (A client and the emulator behind it)
 *
 * ```ts import.meta.vitest
 * import { Emulator } from "@media-jobs/testing"
 * import { Effect, Layer } from "effect"
 * import { HttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const emulator = yield* Emulator.Emulator
 *   const job = yield* emulator.luma.add({ duration: "10 minutes" })
 *   const response = yield* HttpClient.get(`https://api.useapi.net/v1/luma/jobs/${job.id}`, {
 *     headers: { authorization: `Bearer ${Emulator.token}` }
 *   })
 *   return [response.status, yield* emulator.count("luma.get")]
 * })
 * const Live = Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer()))
 *
 * await Effect.runPromise(Effect.provide(program, Live)) // => [200, 1]
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, Emulator> = Layer.fresh(
  // Memoised, it would stay the client of the first of two emulators that one program provides.
  Layer.effect(HttpClient.HttpClient, Emulator.useSync((emulator) => emulator.client))
)

/**
 * The emulator on the program's `HttpServer`.
 *
 * **Gotchas**
 *
 * A broken connection is a body that fails before its first byte, which is all that Effect's servers let an application
 * say. Node's then closes the socket with nothing sent. Servers built on `Response` send the headers first.
 *
 * Node's server waits 20 seconds for hanging requests when its layer ends; `disablePreemptiveShutdown` spares the wait.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer: Layer.Layer<never, never, Emulator | HttpServer.HttpServer> = Layer.unwrap(
  Effect.gen(function*() {
    const emulator = yield* Emulator
    yield* HttpServer.addressFormattedWith((url) => emulator.locateMedia(`${url}${mediaPath.slice(0, -1)}`))
    return HttpServer.serve(
      Effect.catch(emulator.app, (dropped) => Effect.succeed(HttpServerResponse.stream(Stream.fail(dropped))))
    )
  })
)

/** The body of a request, or how long it is where nobody reads it. */
const read = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.map(request.text, (body) => ({ body, bytes: new TextEncoder().encode(body).length }))

/** One character for each byte: what is text in a form is read as such, and files in it keep their length. */
const form = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.map(request.arrayBuffer, (buffer) => ({
    body: new TextDecoder("latin1").decode(buffer),
    bytes: buffer.byteLength
  }))

const count = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.map(
    Stream.runFold(request.stream, () => 0, (bytes, chunk) => bytes + chunk.length),
    (bytes) => ({ body: "", bytes })
  )

/** Below which a real server has the files that links lead to. */
const mediaPath = "/media/"

/** The hosts of files that the services' own links name. */
const cdns = new Set([
  "storage.cdn-luma.com",
  "v3-web.douyinvod.com",
  "p9-sign.douyinpic.com",
  "cdn.discordapp.com",
  "replicate.delivery"
])
const isCdn = (host: string): boolean => cdns.has(host)

/** What makes an answer last, or break off. */
interface Pace {
  readonly _tag?: "Slow" | "Cut"
  readonly over?: Duration.Input
  readonly tail?: Stream.Stream<string>
}

const response = (
  { body, bytes, headers, status }: Reply.Reply,
  { _tag, over, tail }: Pace = {}
): HttpServerResponse.HttpServerResponse => {
  const head = { status, headers }
  if (tail !== undefined) {
    return HttpServerResponse.stream(Stream.encodeText(Stream.concat(Stream.succeed(body), tail)), head)
  }
  const whole = bytes ?? (body === "" ? undefined : new TextEncoder().encode(body))
  if (whole === undefined) return HttpServerResponse.empty(head)
  const known = { ...head, contentLength: whole.length }
  if (_tag === "Cut") {
    const half = Stream.succeed(whole.subarray(0, whole.length / 2))
    return HttpServerResponse.stream(Stream.concat(half, Stream.fail(new Dropped({ code: "UND_ERR_SOCKET" }))), known)
  }
  if (over === undefined) {
    return bytes === undefined ? HttpServerResponse.text(body, head) : HttpServerResponse.uint8Array(bytes, head)
  }
  const size = Math.ceil(whole.length / pieces)
  const trickle = Stream.range(0, pieces - 1).pipe(
    Stream.map((i) => whole.subarray(i * size, (i + 1) * size)),
    Stream.tap(() => Effect.sleep(Duration.toMillis(over) / pieces))
  )
  return HttpServerResponse.stream(trickle, known)
}

const pieces = 10

const transportError = (
  request: HttpClientRequest.HttpClientRequest,
  { code }: Dropped
): HttpClientError.HttpClientError => {
  const cause = new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) })
  return new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
}
