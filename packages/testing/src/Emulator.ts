/**
 * Documented services in memory, with the truth of their documents and faults on demand.
 *
 * **Details**
 *
 * An emulator holds a registry of services, those of this house unless told, and has two faces: `layerClient` is an `HttpClient` that answers without a socket, `layerServer` serves the
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
import type * as EmulatedService from "./EmulatedService.ts"
import type * as Faults from "./Faults.ts"
import * as Caller from "./internal/caller.ts"
import { chance } from "./internal/chance.ts"
import * as Media from "./internal/media.ts"
import * as Rules from "./internal/rules.ts"
import * as registry from "./internal/services.ts"
import * as Site from "./internal/site.ts"
import { trickle } from "./internal/trickle.ts"
import * as Reply from "./Reply.ts"
import type * as WebhookFaults from "./WebhookFaults.ts"

/**
 * The API token that the emulator accepts unless told otherwise; its user is 12345, as in the documents' ids.
 *
 * @since 0.1.0
 * @category constants
 */
export const token = "user:12345-emulator"

/**
 * Which services there are, which tokens they accept, how fast time passes, and what goes wrong from the start.
 *
 * **Details**
 *
 * - `services`: in place of those of the same names in the registry.
 * - `token`: one token or several; each `user:<number>-…` is a user with jobs of its own.
 * - `speed`: how many times faster than life jobs run, 1.
 * - `seed`: of ids, account choice and jitter.
 * - `mediaOrigin`: of the links in answers. Unless told, each service's own in memory, and a server's own once it listens:
 *   either way what they lead to is there, small files that open in a player. `mediaLife`: how long a link lives from the
 *   answer that it stands in, for ever unless told.
 * - `replyUrl`: the webhook of a whole account, for jobs that name none; there is none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<R extends Registry<R> = Services> {
  readonly services?: Partial<R> | undefined
  readonly token?: string | ReadonlyArray<string> | undefined
  readonly speed?: number | undefined
  readonly seed?: string | undefined
  readonly mediaOrigin?: string | undefined
  readonly mediaLife?: Duration.Input | undefined
  readonly replyUrl?: string | undefined
  readonly faults?: ReadonlyArray<Faults.Rule<OperationOf<R>>> | undefined
  readonly webhookFaults?: ReadonlyArray<WebhookFaults.Rule<IdOf<R>>> | undefined
}

/**
 * The services of this house, by their provider ids.
 *
 * @since 0.1.0
 * @category models
 */
export interface Services extends Readonly<typeof registry.services> {}

/** Services by names of the application's own. */
type Registry<R> = { readonly [K in keyof R]: EmulatedService.EmulatedService }

type IdOf<R> = R[keyof R] extends EmulatedService.EmulatedService<infer Id> ? Id : never

type OperationOf<R> = {
  [K in keyof R]: R[K] extends EmulatedService.EmulatedService<infer Id, infer Operation>
    ? string extends Id ? string : `${Id}.${Operation}`
    : never
}[keyof R]

/**
 * One request in the journal, exactly as it was sent.
 *
 * **Details**
 *
 * `url` is path and query, nothing decoded; `at` is in milliseconds. Of an uploaded file only the number of `bytes` is
 * kept, and `body` is empty. `operation` is absent for a path that no service knows, `user` for a token that is not
 * accepted, `status` as long as there is no answer. Attempts that reached no service, for want of a host or of a listener, are
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
  readonly operation: string | undefined
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
export class Dropped
  extends Data.TaggedError("Dropped")<{ readonly code: Extract<Faults.Fault, { readonly _tag: "Drop" }>["code"] }>
{}

interface Workings<Operation extends string, Id extends string> {
  readonly app: Effect.Effect<HttpServerResponse.HttpServerResponse, Dropped, HttpServerRequest.HttpServerRequest>
  readonly client: HttpClient.HttpClient
  readonly journal: Effect.Effect<ReadonlyArray<Entry>>
  readonly count: (operation?: Operation | "media.get") => Effect.Effect<number>
  readonly inject: (...rules: ReadonlyArray<Faults.Rule<Operation>>) => Effect.Effect<void>
  readonly heal: Effect.Effect<void>
  readonly deliver: Effect.Effect<never, never, HttpClient.HttpClient>
  readonly called: Effect.Effect<ReadonlyArray<Called>>
  readonly injectWebhook: (...rules: ReadonlyArray<WebhookFaults.Rule<Id>>) => Effect.Effect<void>
  /** Where links lead from now on, unless the options say. */
  readonly locateMedia: (origin: string) => Effect.Effect<void>
  /** What programs must know of a server at this URL, whose root and every service's own URL answer. */
  readonly addresses: (url: string) => Address & { readonly services: { readonly [id: string]: Address } }
}

interface Address {
  readonly url: string
  readonly token: string
  /** Of a service that has several, each live host's own URL. */
  readonly hosts?: { readonly [host: string]: string }
}

/**
 * What every emulator can do, whatever its services: it comes with each.
 *
 * **Details**
 *
 * `app` is for a server that has other routes too. `count` counts the journal's requests, of one operation or of all.
 * `inject` adds rules behind those in force, `heal` lifts them all. `deliver` calls the webhooks of all services, those on this
 * machine alone, for as long as it runs; `called` tells of it, and `injectWebhook` has calls go wrong of jobs that begin afterwards.
 *
 * @since 0.1.0
 * @category services
 */
export class Kernel extends Context.Service<Kernel, Workings<string, string>>()("@media-jobs/testing/Kernel") {}

/**
 * An emulator of these services: what it can do, in their words, and a test's controls of each.
 *
 * @since 0.1.0
 * @category models
 */
export interface Emulated<R extends Registry<R>> extends Workings<OperationOf<R>, IdOf<R>> {
  readonly services: {
    readonly [K in keyof R]: R[K] extends EmulatedService.EmulatedService<string, string, infer Controls> ? Controls
      : never
  }
}

interface Whole<R extends Registry<R>> extends Omit<Options<R>, "services"> {
  readonly services: R
}

/** A kernel takes the name of any operation; an emulator whose services are known takes those of theirs. */
const build = Effect.fnUntraced(function*<R extends Registry<R>>(
  options: Whole<R>
): Effect.fn.Return<Kernel["Service"] & Pick<Emulated<R>, "services">> {
  const tokens = [options.token ?? token].flat()
  const users = new Map(tokens.map((token) => [token, /^user:(\d+)-/.exec(token)?.[1] ?? token]))
  const mediaLife = options.mediaLife === undefined ? undefined : Duration.toMillis(options.mediaLife)
  let mediaOrigin = options.mediaOrigin
  let revision = 0
  const world: EmulatedService.World = {
    ...chance(yield* Random.withSeed(Effect.service(Random.Random), options.seed ?? "media-jobs")),
    users: [...users.values()],
    speed: options.speed ?? 1,
    startedAt: yield* Clock.currentTimeMillis,
    replyUrl: options.replyUrl,
    link: (cdn, folder, now) => (file) =>
      `${mediaOrigin ?? `https://${cdn}`}/${folder}/${file}${
        mediaLife === undefined ? "" : `?expires=${now + mediaLife}`
      }`,
    changed: () => void revision++
  }
  const placed = Object.entries<EmulatedService.EmulatedService>(options.services).map(([name, service]) => ({
    name,
    service,
    ...service.make(world)
  }))
  const caller = Caller.make(placed, () => revision)
  caller.inject(options.webhookFaults ?? [])
  const script = Rules.make((
    rule: Faults.Rule,
    sent: Pick<Entry, "method" | "operation" | "user"> & { readonly path: string }
  ) =>
    (rule.operation ?? sent.operation) === sent.operation &&
    (rule.method ?? sent.method) === sent.method &&
    (rule.user ?? sent.user) === sent.user &&
    rule.path?.test(sent.path) !== false
  )
  script.add(options.faults ?? [], world.startedAt)
  const journal: Array<Entry> = []

  const serve = Effect.fnUntraced(function*(
    request: HttpServerRequest.HttpServerRequest,
    site: Site.Site | undefined
  ) {
    const { headers, method, url } = request
    const path = url.split("?", 1).join()
    // What answers a GET answers a HEAD with the same, but for the body.
    const asked = method === "HEAD" ? "GET" : method
    const found = site && Site.find(site, asked)
    const isMedia = found === undefined && site?.holdsMedia === true && asked === "GET"
    const service = found?.service ?? site?.services[0]?.service
    const operation = isMedia ? "media.get" : found && `${found.service.id}.${found.route.operation}`
    const file = found?.route.file
    const received = yield* Effect.option(
      file === true ? count(request) : read(request, file === "form" ? "latin1" : "utf-8")
    )
    const { body, bytes } = Option.getOrElse(received, () => ({ body: "", bytes: 0 }))
    const now = yield* Clock.currentTimeMillis
    const user = users.get((service?.credential ?? bearer)(headers) ?? "")
    const kept = file === "form" ? "" : body
    const entry = { at: now, method, host: headers["host"] ?? "", url, headers, body: kept, bytes, operation, user }
    const index = journal.push({ ...entry, status: undefined }) - 1
    if (site === undefined) return yield* new Dropped({ code: "ENOTFOUND" })
    if (Option.isNone(received)) return yield* new Dropped({ code: "UND_ERR_SOCKET" })

    const work = (): Reply.Reply => {
      const query = url.slice(path.length + 1)
      if (isMedia) return Media.answer(path, query, headers, now)
      if (found === undefined) {
        // At a server's root several services share what no path of theirs fits.
        return site.services.find(({ service }) => service.unknownPath)?.service.unknownPath ??
          Reply.error(404, "Not found")
      }
      if (user === undefined && found.route.open !== true) {
        const refusal = service?.unauthorized ?? Reply.error(401, "Unauthorized")
        return typeof refusal === "function" ? refusal(headers) : refusal
      }
      const contentType = (headers["content-type"] ?? "").split(";", 1).join().trim()
      const { base } = site
      const { segment } = found
      return found.route.answer({ user: user ?? "", base, segment, query, headers, body, bytes, contentType, now })
    }
    const send = (reply: Reply.Reply, pace?: Faults.Fault) => {
      journal[index] = { ...entry, status: reply.status }
      return method === "HEAD" ? headOf(reply) : response(reply, pace)
    }
    const fault = script.next({ method, path, operation, user }, now)?.fault
    switch (fault?._tag) {
      case undefined:
      case "Slow":
      case "Cut":
        return send(work(), fault)
      case "Answer":
        return send(fault.reply)
      case "Alter": {
        const { tail: _, ...whole } = work()
        return send(fault.change(whole))
      }
      case "Hang":
        // Effect's servers run an application uninterruptibly unless it says otherwise.
        return yield* Effect.interruptible(Effect.never)
      case "Drop":
        if (fault.worked) work()
        return yield* new Dropped({ code: fault.code })
    }
  })

  return {
    app: Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const origin = `http://${request.headers["host"] ?? ""}`
      return serve(request, Site.served(placed, origin, request.url.split("?", 1).join()))
    }),
    client: HttpClient.make((request, url) => {
      const sent = HttpServerRequest.fromClientRequest(request).modify({
        url: url.pathname + url.search,
        headers: Headers.set(request.headers, "host", url.host)
      })
      return serve(sent, Site.live(placed, url)).pipe(
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
    injectWebhook: (...rules) => Effect.sync(() => caller.inject(rules)),
    locateMedia: (origin) => Effect.sync(() => void (mediaOrigin ??= origin)),
    addresses: (root) => {
      const [token = ""] = tokens
      const services = placed.map(({ service }) => {
        const url = `${root}/${service.id}`
        const hosts = Object.fromEntries(service.hosts.map((host) => [host, `${url}/${host}`]))
        return [service.id, { url, token, ...(Site.hasFolders(service) ? { hosts } : undefined) }] as const
      })
      return { url: root, token, services: Object.fromEntries(services) }
    },
    // Entries of the record lose its type: each name has the controls that its own service made.
    services: Object.fromEntries(placed.map(({ controls, name }) => [name, controls])) as Emulated<R>["services"]
  }
})

/**
 * An emulator of the services given, with no jobs in it yet but theirs.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <R extends Registry<R>>(options: Whole<R>) => Effect.Effect<Emulated<R>> = build

/**
 * The emulator of an application's own registry, as a service that can be yielded, typed by it.
 *
 * **Details**
 *
 * Its `layer` takes `services` in place of those that the registry has, to give one of them options in a test.
 *
 * **Example** (Two services, by names of one's own)
 *
 * ```ts import.meta.vitest
 * import { Emulator, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
 * import { Effect } from "effect"
 *
 * class Emulated extends Emulator.Service<Emulated>()("app/Emulated", {
 *   luma: UseapiLumaEmulator.service({ videoLife: "4 minutes" }),
 *   replicate: ReplicateEmulator.service()
 * }) {}
 *
 * const program = Effect.gen(function*() {
 *   const { services } = yield* Emulated
 *   const { type } = yield* services.luma.add()
 *   return [type, (yield* services.replicate.jobs).length]
 * })
 *
 * await Effect.runPromise(Effect.provide(program, Emulated.layer())) // => ["video", 0]
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const Service = <Self>() => <const Id extends string, R extends Registry<R>>(id: Id, services: R) => {
  const tag = Context.Service<Self, Emulated<R>>()(id)
  return Object.assign(tag, {
    layer: (options?: Options<R>): Layer.Layer<Self | Kernel> =>
      Layer.effectContext(
        Effect.map(
          build<R>({ ...options, services: { ...services, ...options?.services } }),
          (emulator) => Context.add(Context.make(tag, emulator), Kernel, emulator)
        )
      )
  })
}

/**
 * The emulator of all services of this house, by their provider ids.
 *
 * @since 0.1.0
 * @category services
 */
export class Emulator extends Service<Emulator>()<"@media-jobs/testing/Emulator", Services>(
  "@media-jobs/testing/Emulator",
  registry.services
) {}

/**
 * The services of this house as they stand in the documents, for a server: with the jobs that those print, unless `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const documented = (empty: boolean): { readonly [id: string]: EmulatedService.EmulatedService } =>
  registry.documented(empty)

/**
 * The emulator of this house for the time of the layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options?: Options) => Layer.Layer<Emulator | Kernel> = Emulator.layer

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
 *   const job = yield* emulator.services["useapi-luma"].add({ duration: "10 minutes" })
 *   const response = yield* HttpClient.get(`https://api.useapi.net/v1/luma/jobs/${job.id}`, {
 *     headers: { authorization: `Bearer ${Emulator.token}` }
 *   })
 *   return [response.status, yield* emulator.count("useapi-luma.get")]
 * })
 * const Live = Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer()))
 *
 * await Effect.runPromise(Effect.provide(program, Live)) // => [200, 1]
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, Kernel> = Layer.fresh(
  // Memoised, it would stay the client of the first of two emulators that one program provides.
  Layer.effect(HttpClient.HttpClient, Kernel.useSync(({ client }) => client))
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
export const layerServer: Layer.Layer<never, never, Kernel | HttpServer.HttpServer> = Layer.unwrap(
  Effect.gen(function*() {
    const emulator = yield* Kernel
    yield* HttpServer.addressFormattedWith((url) => emulator.locateMedia(`${url}${Site.mediaPath.slice(0, -1)}`))
    return HttpServer.serve(
      Effect.catch(emulator.app, (dropped) => Effect.succeed(HttpServerResponse.stream(Stream.fail(dropped))))
    )
  })
)

/** The body of a request: of a form one character for each byte, so that what is text in it reads as such. */
const read = (request: HttpServerRequest.HttpServerRequest, encoding: "utf-8" | "latin1") =>
  Effect.map(request.arrayBuffer, (buffer) => ({
    body: new TextDecoder(encoding).decode(buffer),
    bytes: buffer.byteLength
  }))

/** How long a body is that is not kept. */
const count = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.map(
    Stream.runFold(request.stream, () => 0, (bytes, chunk) => bytes + chunk.length),
    (bytes) => ({ body: "", bytes })
  )

const bearer: NonNullable<EmulatedService.EmulatedService["credential"]> = (headers) =>
  /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1]

/** An answer without its body, whose length it tells where that is known. */
const headOf = ({ body, bytes, headers, status, tail }: Reply.Reply): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.empty({
    status,
    headers: tail === undefined
      ? { ...headers, "content-length": `${(bytes ?? new TextEncoder().encode(body)).length}` }
      : headers
  })

/** An answer as bytes: at once, or slow, or broken off where a fault says so; only a plain one has its tail. */
const response = (
  { body, bytes, headers, status, tail }: Reply.Reply,
  fault: Faults.Fault | undefined
): HttpServerResponse.HttpServerResponse => {
  const head = { status, headers }
  if (tail !== undefined && fault === undefined) {
    return HttpServerResponse.stream(Stream.encodeText(Stream.concat(Stream.succeed(body), tail)), head)
  }
  const whole = bytes ?? (body === "" ? undefined : new TextEncoder().encode(body))
  if (whole === undefined) return HttpServerResponse.empty(head)
  const known = { ...head, contentLength: whole.length }
  if (fault?._tag === "Cut") {
    const half = Stream.succeed(whole.subarray(0, whole.length / 2))
    return HttpServerResponse.stream(Stream.concat(half, Stream.fail(new Dropped({ code: "UND_ERR_SOCKET" }))), known)
  }
  if (fault?._tag !== "Slow") {
    return bytes === undefined ? HttpServerResponse.text(body, head) : HttpServerResponse.uint8Array(bytes, head)
  }
  return HttpServerResponse.stream(trickle(whole, fault.over), known)
}

const transportError = (
  request: HttpClientRequest.HttpClientRequest,
  { code }: Dropped
): HttpClientError.HttpClientError => {
  const cause = new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) })
  return new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
}
