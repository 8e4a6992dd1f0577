import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as JobState from "@media-jobs/core/JobState"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Refusal from "@media-jobs/webhooks/Refusal"
import * as Signer from "@media-jobs/webhooks/Signer"
import type * as Source from "@media-jobs/webhooks/Source"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

export const provider = ProviderId.make("test")
export const instance = ProviderId.defaultInstance
export const instanceOf = (name: string) => ProviderId.Instance.make(name)
export const [a, b, c, d] = [
  JobId.make("j1-email:user@example.com-bot:test"),
  JobId.make("j2-email:user@example.com-bot:test"),
  JobId.make("j3-email:user@example.com-bot:test"),
  JobId.make("j4-email:user@example.com-bot:test")
] as const

export const keys = {
  first: Redacted.make("first-key-0123456789-0123456789-0123456789"),
  second: Redacted.make("second-key-0123456789-0123456789-0123456789")
}
export const base = "https://app.example/webhooks"

const Record = Schema.Struct({ id: Schema.String, status: Schema.String })
const decodeBody = Schema.decodeUnknownResult(Schema.Union([
  Schema.Struct({ jobs: Schema.Array(Record), ref: Schema.optionalKey(Schema.String) }),
  Schema.Struct({ ...Record.fields, ref: Schema.optionalKey(Schema.String) }),
  Schema.Struct({ error: Schema.String, ref: Schema.optionalKey(Schema.String) })
]))

const states: { readonly [status: string]: JobState.JobState } = {
  completed: { _tag: "Succeeded", artifacts: [] },
  failed: { _tag: "Failed", cause: "unknown" }
}

/** A service in memory: what is so, what was asked for, and what was woken. */
export const make = (identity: Partial<Provider.Identity> = {}) => {
  const known = { id: provider, instance, owns: () => true, ...identity }
  const truth = new Map<JobId.JobId, JobState.JobState>()
  const asked: Array<JobId.JobId> = []
  const submits: Array<Source.Submit> = []
  const woken: Array<JobId.JobId> = []
  const job = (id: string, state: JobState.JobState, fields?: Partial<Job.Job>) =>
    new Job.Job({
      id: JobId.make(id),
      provider: known.id,
      instance: known.instance,
      state,
      observedAt: DateTime.makeUnsafe(0),
      ...fields
    })

  const webhook = Effect.fnUntraced(function*(body: unknown) {
    const replyTo = yield* ReplyTo.ReplyTo
    const decoded = decodeBody(body)
    if (Result.isFailure(decoded)) {
      return yield* new JobError.UnexpectedResponse({
        provider: known.id,
        instance: known.instance,
        operation: "webhook"
      })
    }
    const { ref } = decoded.success
    const reference = ref === undefined ? undefined : replyTo?.callerReference(ref)
    const records = "error" in decoded.success
      ? []
      : "jobs" in decoded.success
      ? decoded.success.jobs
      : [decoded.success]
    return records.map(({ id, status }) =>
      job(id, states[status] ?? { _tag: "Running" }, reference === undefined ? {} : { reference })
    )
  })
  const get = (id: JobId.JobId) =>
    Effect.suspend((): Effect.Effect<Job.Job, JobError.Of<"get">> => {
      asked.push(id)
      const state = truth.get(id)
      return state === undefined
        ? Effect.fail(
          new JobError.NotFound({ provider: known.id, instance: known.instance, operation: "get", id })
        )
        : Effect.succeed(job(id, state))
    })

  return {
    truth,
    asked,
    woken,
    /** Those woken by their address alone. */
    submits,
    provider: Provider.make(known, { webhook, get }),
    mute: Provider.make(known, { webhook }),
    wake: (id: JobId.JobId) => Effect.sync(() => void woken.push(id)),
    wakeSubmit: (submit: Source.Submit) => Effect.sync(() => void submits.push(submit))
  }
}

export interface Sent {
  readonly address: ReplyTo.Address
  readonly path: string
}

/** What a submit would have given to the service. */
export const submitted = Effect.fnUntraced(function*(
  reference?: string,
  of: { readonly id: ProviderId.ProviderId; readonly instance: ProviderId.Instance } = { id: provider, instance }
) {
  const { replyTo } = yield* Signer.Signer
  return yield* replyTo.address({ provider: of.id, instance: of.instance, reference })
})

export const post = (url: string, body: BodyInit | object, headers?: Record<string, string>): Request =>
  new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof ReadableStream || body instanceof Uint8Array
      ? body as BodyInit
      : JSON.stringify(body),
    // Node asks for it where a body is a stream; the DOM's types don't know it.
    ...({ duplex: "half" } as object)
  })

/** Answers for one service, and what it counted. */
export const answering = Effect.fnUntraced(function*(
  sources: ReadonlyArray<Source.Source>,
  options?: Partial<Webhooks.Options>
) {
  const webhooks = yield* Webhooks.make({ ...options, sources })
  const call = (request: Request) =>
    Effect.map(webhooks.respond(HttpServerRequest.fromWeb(request)), ({ status }) => status)
  const receive = (request: Request): Effect.Effect<Webhooks.Received, Refusal.Refusal> => webhooks.receive(request)
  return { webhooks, call, receive }
})

/** How many calls had an outcome, by provider. */
export const counted = Effect.map(
  Metric.snapshot,
  (metrics) =>
    Object.fromEntries(metrics.flatMap((metric) =>
      metric.id === "media_jobs_webhooks" && metric.type === "Counter"
        ? [
          [`${metric.attributes?.["provider"]} ${metric.attributes?.["outcome"]}`, Number(metric.state.count)] as const
        ]
        : []
    ))
)

/** Waits, in real time, until so many are there. */
export const until = (list: ReadonlyArray<unknown>, length: number): Effect.Effect<void> =>
  Effect.asVoid(Effect.repeat(Effect.sleep("5 millis"), { until: () => list.length >= length }))

/** What is logged at warning while an effect runs, and what it gives. */
export const warned = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel === "Warn") lines.push([message].flat().join(" "))
    })
    return Effect.map(Effect.provide(effect, Logger.layer([logger])), (value) => ({ value, lines }))
  })

/** A world of its own for each test: the signer's, and its counters. */
export const inWorld = <A, E, R>(effect: Effect.Effect<A, E, R | Signer.Signer>, options?: Partial<Signer.Options>) =>
  effect.pipe(
    Effect.provide(Signer.layer({ url: base, keys: [keys.first], ...options })),
    Effect.provideService(Metric.MetricRegistry, new Map())
  )
