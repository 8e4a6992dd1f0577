/**
 * Webhooks as wake-ups: verified, decoded, and never believed.
 *
 * @since 0.1.0
 */
import type { Job } from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as Log from "@media-jobs/core/Log"
import * as Provider from "@media-jobs/core/Provider"
import * as Settings from "@media-jobs/core/Settings"
import * as Wakes from "@media-jobs/core/Wakes"
import * as ByteSize from "effect/ByteSize"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import * as Admission from "./internal/admission.ts"
import * as Repeats from "./internal/repeats.ts"
import * as WakeQueue from "./internal/wakeQueue.ts"
import type * as Refusal from "./Refusal.ts"
import * as Signer from "./Signer.ts"
import type { Source, Submit } from "./Source.ts"

/**
 * How calls are answered.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** One for each provider and instance; the provider alone will do where its service signs nothing. */
  readonly sources: ReadonlyArray<Source | Provider.Provider<"webhook">>
  /** The path below which calls reach the router; that of the signer's URL unless a proxy rewrites it. */
  readonly path?: string | undefined
  /** The largest body that is read; 1 MiB unless given. A genuine call with a larger one wakes by its address alone. */
  readonly maxBody?: ByteSize.Input | undefined
  /** How long a body may take to arrive: at least half of this, and at most all of it; 10 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
  /** For how long calls about one job are one call; 1 second unless given. */
  readonly window?: Duration.Input | undefined
  /** How many wakes may wait, and how many are remembered; 10,000 unless given. The poll finds what is dropped. */
  readonly capacity?: number | undefined
  /** How many wakes may run at once; 16 unless given. */
  readonly concurrency?: number | undefined
}

/**
 * What a genuine call led to: the jobs it named, as the service now tells of them to the holder of the token.
 *
 * **Details**
 *
 * `jobs` lacks those in `failures`, and all of a provider that has no `get`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Received extends Submit {
  readonly jobs: ReadonlyArray<Job>
  readonly failures: ReadonlyArray<{ readonly id: JobId; readonly error: JobError.Of<"get"> }>
}

/**
 * What answers the services' calls.
 *
 * **Details**
 *
 * A call is let in by the signed segment of its address, by the signed reference in its body where there is one, and by
 * the provider's own signature where it has one. What its body says of jobs is not believed: it names those to ask
 * for with the token. So calls may be lost, late, early, repeated, reordered or forged, and no job ends by one. Where the address
 * is genuine and the body can't be read, the jobs of its submit are woken.
 *
 * What refuses calls to a genuine address is logged at warning once for each source and reason, with what to do about it, and
 * after that at debug, as are calls to wrong addresses.
 *
 * @since 0.1.0
 * @category services
 */
export class Webhooks extends Context.Service<Webhooks, {
  /** Below which the route is. */
  readonly path: string
  /** Answers a call at once, and wakes what it names afterwards. */
  readonly respond: (
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  /** Asks for what a call names, and wakes nothing. */
  readonly receive: (request: Request) => Effect.Effect<Received, Refusal.Refusal>
}>()("@media-jobs/webhooks/Webhooks") {}

/**
 * The calls that came, by `provider` and `outcome`.
 *
 * **Details**
 *
 * Of a genuine call: `woken`; `duplicate`, woken once more after the window; `repeated`, the very same call again after its
 * wakes; `progress`, of no ending, which was not asked to wake; `unnamed`, of no job; `oversized`, of which only the address is
 * read; `dropped`, for there were too many; `asked`, by `receive`. Of a refused one: the tag of its refusal. A forger's word for
 * whose call it is counts as `unknown`.
 *
 * @since 0.1.0
 * @category metrics
 */
export const received = Metric.counter("media_jobs_webhooks", {
  description: "Webhook calls, by what became of them",
  incremental: true
})

type Outcome =
  | "woken"
  | "duplicate"
  | "repeated"
  | "progress"
  | "unnamed"
  | "oversized"
  | "dropped"
  | "asked"
  | Refusal.Refusal["_tag"]

/** By the status that every service takes for a receipt: one takes no other. */
const taken = /* @__PURE__ */ HttpServerResponse.empty({ status: 200 })

/** Which of its outcomes a call with several jobs is counted by. */
const weight = { progress: 0, duplicate: 1, dropped: 2, woken: 3 }

/** A genuine call, read. */
interface Read {
  readonly admitted: Admission.Admitted
  readonly call: Admission.Call
}

/** A refused one, and whose it is where its address is ours. */
interface Refused {
  readonly admitted: Admission.Admitted | undefined
  readonly refusal: Refusal.Refusal
}

/** The jobs of a call that are worth a request. */
const named = ({ progress }: Source, { jobs }: Admission.Call): ReadonlySet<JobId> => {
  const ids = new Set<JobId>()
  for (const job of jobs) if (progress === true || job.isTerminal) ids.add(job.id)
  return ids
}

/**
 * What answers calls for the given sources while its scope is open.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Webhooks["Service"], never, Signer.Signer | Scope.Scope> {
  const signer = yield* Signer.Signer
  const wakes = yield* Wakes.Wakes
  const maxBody = options.maxBody === undefined ? ByteSize.mebibytes(1) : ByteSize.fromInputUnsafe(options.maxBody)
  // What wakes none at a time would answer every call and wake nothing: that is the program's mistake.
  const { capacity, concurrency, timeout, window } = yield* Effect.orDie(Effect.all({
    capacity: Settings.count("capacity", options.capacity ?? 10_000, 1),
    concurrency: Settings.count("concurrency", options.concurrency ?? 16, 1),
    timeout: Settings.duration("timeout", options.timeout ?? "10 seconds"),
    window: Settings.duration("window", options.window ?? "1 second"),
    maxBody: Settings.count("maxBody", Number(maxBody), 1)
  }))
  const queue = yield* WakeQueue.make({ capacity, concurrency, window })
  const repeats = Repeats.make(capacity)
  const admit = yield* Admission.make(signer, {
    sources: options.sources.map((source) => "provider" in source ? source : { provider: source }),
    maxBody,
    timeout
  })

  const counters = new Map<string, Effect.Effect<void>>()
  const count = (source: Source | undefined, outcome: Outcome): Effect.Effect<void> => {
    const provider = source?.provider.id ?? "unknown"
    const key = `${provider} ${outcome}`
    const known = counters.get(key)
    if (known !== undefined) return known
    const counter = Metric.update(Metric.withAttributes(received, { provider, outcome }), 1)
    counters.set(key, counter)
    return counter
  }

  const warned = new Set<string>()
  /** Once for each source and reason, so that what is set up wrong is seen, and a flood of calls is none of warnings. */
  const warn = (admitted: Admission.Admitted | undefined, reason: string, message: string): Effect.Effect<void> => {
    const key = `${admitted?.providerKey} ${reason}`
    if (reason === "address" || warned.has(key)) return Log.debug(message)
    warned.add(key)
    return Log.warning(admitted === undefined ? message : `${admitted.source.provider.id}: ${message}`)
  }
  const refuse = (
    admitted: Admission.Admitted | undefined,
    refusal: Refusal.Refusal
  ): Effect.Effect<never, Refused> => {
    const reason = "reason" in refusal ? refusal.reason : "by" in refusal ? refusal.by : refusal._tag
    return count(admitted?.source, refusal._tag).pipe(
      Effect.andThen(warn(admitted, reason, refusal.message)),
      Effect.andThen(Effect.fail({ admitted, refusal }))
    )
  }
  const oversized =
    `A genuine webhook call has a body of more than ${ByteSize.format(maxBody)}, the limit: it wakes by ` +
    "its address alone. Raise maxBody to have such read."

  const wakeSubmit = ({ source: { wakeSubmit = wakes.wake }, submit }: Admission.Admitted) => {
    const secret = submit.replyUrl
    return Effect.map(queue([{ key: secret, secret, run: () => wakeSubmit(submit) }]), ([outcome]) => outcome)
  }

  const wake = (admitted: Admission.Admitted, call: Admission.Call): Effect.Effect<Outcome> => {
    const { providerKey, source: { provider: { id: provider, instance }, wake }, source, submit } = admitted
    const { jobs, reference, repeat } = call
    if (jobs.length === 0) {
      return Effect.map(
        wakeSubmit({ ...admitted, submit: { ...submit, reference } }),
        (outcome) => outcome === "dropped" ? outcome : call.isOversized ? "oversized" : "unnamed"
      )
    }
    const seen = repeat === undefined ? undefined : `${submit.replyUrl} ${repeat}`
    if (seen !== undefined && repeats.has(seen)) return Effect.succeed("repeated")
    const ids = named(source, call)
    let left = ids.size
    const done = seen === undefined
      ? Effect.void
      : Effect.suspend(() => --left === 0 ? repeats.done(seen) : Effect.void)
    const tasks: Array<WakeQueue.Task> = []
    for (const id of ids) {
      const run = () => Effect.andThen(wake === undefined ? wakes.wake({ provider, instance, id }) : wake(id), done)
      tasks.push({ key: `${providerKey}/${id}`, secret: id, run })
    }
    return Effect.map(
      queue(tasks),
      (outcomes) =>
        outcomes.reduce<keyof typeof weight>((most, one) => weight[one] > weight[most] ? one : most, "progress")
    )
  }

  const ask = (
    { source: { provider }, submit }: Admission.Admitted,
    reference: string | undefined,
    ids: Iterable<JobId>
  ): Effect.Effect<Received> => {
    const of = { ...submit, reference }
    if (!Provider.supports("get")(provider)) return Effect.succeed({ ...of, jobs: [], failures: [] })
    const answer = (id: JobId) => Effect.map(Effect.result(provider.get(id)), (result) => ({ id, result }))
    return Effect.map(Effect.forEach(ids, answer, { concurrency: 4 }), (answers) => ({
      ...of,
      jobs: answers.flatMap(({ result }) => Result.isSuccess(result) ? [result.success] : []),
      failures: answers.flatMap(({ id, result }) => Result.isFailure(result) ? [{ id, error: result.failure }] : [])
    }))
  }

  const read = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Read, Refused> =>
    Effect.suspend((): Effect.Effect<Read, Refused> => {
      const admission = admit(request)
      if (Result.isFailure(admission)) return refuse(undefined, admission.failure)
      const admitted = admission.success
      return Effect.matchEffect(admitted.read, {
        onFailure: (refusal) => refuse(admitted, refusal),
        onSuccess: (call) => {
          const read = Effect.succeed({ admitted, call })
          return call.isOversized ? Effect.andThen(warn(admitted, "oversized", oversized), read) : read
        }
      })
    })

  // A router matches what it has decoded.
  const { pathname } = new URL(signer.url)
  return {
    path: options.path ?? Result.getOrElse(Result.try(() => decodeURI(pathname)), () => pathname),
    respond: (request) =>
      Effect.matchEffect(read(request), {
        onFailure: ({ admitted, refusal }) => {
          const answer = HttpServerResponse.empty({ status: refusal.status })
          return admitted === undefined || refusal._tag === "Forged" || refusal._tag === "Unverified"
            ? Effect.succeed(answer)
            : Effect.as(wakeSubmit(admitted), answer)
        },
        onSuccess: ({ admitted, call }) =>
          Effect.as(Effect.flatMap(wake(admitted, call), (outcome) => count(admitted.source, outcome)), taken)
      }),
    receive: (request) =>
      Effect.matchEffect(read(HttpServerRequest.fromWeb(request)), {
        onFailure: ({ refusal }) => Effect.fail(refusal),
        onSuccess: ({ admitted, call }) =>
          Effect.andThen(count(admitted.source, "asked"), ask(admitted, call.reference, named(admitted.source, call)))
      })
  }
})

/**
 * What answers calls for the given sources.
 *
 * **When to use**
 *
 * Use it beside a wait, which finds what no call told of: its looks are minutes apart once a call has come, and no sooner.
 *
 * **Gotchas**
 *
 * The layers may come in any order; but only where that of `Pollers` is below the signer do the jobs that waits find have the
 * caller's own references.
 *
 * **Example** (Luma's calls, on the application's own server)
 *
 * ```ts
 * import { Luma } from "@media-jobs/useapi-luma"
 * import { Pollers } from "@media-jobs/poller"
 * import { Signer, Webhooks } from "@media-jobs/webhooks"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient, HttpRouter } from "effect/http"
 *
 * const Hooks = Layer.unwrap(Effect.map(Luma.Luma, (luma) => Webhooks.layer({ sources: [luma] })))
 *
 * const Live = HttpRouter.serve(Webhooks.route).pipe(
 *   Layer.provideMerge(Hooks),
 *   Layer.provideMerge(Pollers.layer()),
 *   Layer.provideMerge(Luma.layerConfig()),
 *   Layer.provideMerge(Signer.layerConfig()),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Webhooks, never, Signer.Signer> =>
  Layer.effectContext(Effect.gen(function*() {
    const webhooks = yield* make(options)
    const isDisabled = yield* HttpMiddleware.TracerDisabledWhen
    const root = encodeURI(routeOf(webhooks.path))
    return Context.make(Webhooks, webhooks).pipe(
      // An address is half a secret, and a server's span holds it whole.
      Context.add(
        HttpMiddleware.TracerDisabledWhen,
        (request) => isDisabled(request) || request.url.startsWith(root) && request.url.includes("/1.", root.length - 1)
      )
    )
  }))

/** The path as a router has it, with a slash at its end. */
const routeOf = (path: string): `/${string}` =>
  `/${path.split("/").filter((part) => part !== "").map((part) => `${part}/`).join("")}`

/**
 * The route of all calls, for an `HttpRouter`.
 *
 * **Gotchas**
 *
 * The router's log leaves these calls out, since their addresses are half a secret; so do the server's spans, by the
 * `HttpMiddleware.TracerDisabledWhen` that `layer` adds to: a server that sets its own above that must leave them out itself.
 *
 * @since 0.1.0
 * @category layers
 */
export const route: Layer.Layer<never, never, Webhooks | HttpRouter.HttpRouter> = /* @__PURE__ */ HttpRouter.use(
  (router) =>
    Effect.flatMap(Webhooks, ({ path, respond }) =>
      router.add(
        "*", // a GET that found no route would be logged with its address
        `${routeOf(path)}*`,
        (request) => HttpMiddleware.withLoggerDisabled(respond(request))
      ))
)

/**
 * A handler of all calls, for any framework that speaks `Request` and `Response`.
 *
 * **When to use**
 *
 * Run it once, in the runtime that holds the application's layers, and hand every POST below the path to what it returns.
 *
 * **Details**
 *
 * A call is answered at once, and its wakes follow. In Cloudflare Workers, where nothing outlives an answer, they come before it.
 *
 * **Example** (With a `ManagedRuntime`)
 *
 * ```ts
 * const runtime = ManagedRuntime.make(Live)
 * const handle = await runtime.runPromise(Webhooks.handler)
 * app.post("/webhooks/*", (c) => handle(c.req.raw))
 * ```
 *
 * @since 0.1.0
 * @category handlers
 */
export const handler = /* @__PURE__ */ Effect.contextWith(
  (context: Context.Context<Webhooks>): Effect.Effect<(request: Request) => Promise<Response>> =>
    Effect.succeed(
      HttpEffect.toWebHandlerWith<Webhooks, HttpServerRequest.HttpServerRequest>(
        Context.add(Context.omit(Tracer.ParentSpan)(context), HttpMiddleware.TracerDisabledWhen, constTrue)
      )(Effect.flatMap(
        HttpServerRequest.HttpServerRequest,
        (request) => Context.get(context, Webhooks).respond(request)
      ))
    )
)

/**
 * What a call led to, for a function that lives no longer than its answer: verifies it, and asks the provider with the token
 * for each job that it names.
 *
 * **Details**
 *
 * Wakes nothing. Answer a refusal with its `status`.
 *
 * **Gotchas**
 *
 * A service may call twice, or before its own state has changed: a job that still runs is no error, and one that has ended
 * may be told of again.
 *
 * **Example** (A serverless function)
 *
 * ```ts
 * const handle = (request: Request) =>
 *   Webhooks.receive(request).pipe(
 *     Effect.tap(({ jobs }) => Effect.forEach(jobs, store)),
 *     Effect.as(new Response(null, { status: 200 })),
 *     Effect.catch(({ status }) => Effect.succeed(new Response(null, { status })))
 *   )
 * ```
 *
 * @since 0.1.0
 * @category handlers
 */
export const receive = (request: Request): Effect.Effect<Received, Refusal.Refusal, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.receive(request))
