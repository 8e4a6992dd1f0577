/** What no error, log line, span or metric may show, quoted by services in whatever they answer. */
import { assert, describe, it } from "@effect/vitest"
import { Job, JobError, JobId, type Provider } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { Cause, DateTime, Effect, Exit, Formatter, Logger, Metric, Predicate, type Schema, Tracer } from "effect"
import { inspect } from "node:util"
import { callsOf } from "../../scripts/calls.ts"
import { operations } from "../../scripts/generate.ts"
import { answering, isJobError, providers, strideOf, token } from "./answering.ts"
import { placesIn, replaced } from "./places.ts"

const stride = strideOf(17, 7)

const email = "ann.lee+x@example.com"
const signature = "5f2b8c0d9e1a47336b"
const link = `https://cdn.example.com/made/a.mp4?X-Amz-Signature=${signature}&Expires=1795680083`

/** A key of a known form, which tells itself. */
const key = "user:12345-AbCdEf0123456789"

/** An id that a call is not about is known to nothing here; nor does a record know the token that it was asked for with. */
const quoteOf = (id: string, own: string) =>
  `Refused ${id} (${encodeURIComponent(id)}) of ${email}: Bearer ${own}, key ${own}; see ${link}`

/** Errors as services word them, each around a text. */
const shapes: ReadonlyArray<(text: string) => Schema.Json> = [
  (text) => text,
  (error) => ({ error }),
  (message) => ({ error: { code: 7, message, status: message } }),
  (detail) => ({ detail, title: detail }),
  (msg) => ({ detail: [{ loc: ["body", msg], msg, type: msg }] }),
  (message) => ({ message, code: message }),
  (error) => ({ error, errorDetails: error, details: error, issues: [{ path: [error], message: error }] }),
  (text) => ({ errors: [text, { message: text }] }),
  (text) => [{ [text]: text }]
]
const statuses = [200, 201, 400, 401, 402, 403, 404, 409, 410, 412, 422, 429, 500, 503, 596]

/** What is shown of what happens. */
const watching = () => {
  const shown: Array<string> = []
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const loggers = [Logger.formatLogFmt, Logger.formatJson, Logger.formatSimple].map((format) =>
    Logger.map(format, (line) => void shown.push(line))
  )
  return {
    see: <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.exit(effect).pipe(
        Effect.tap((exit) => Exit.isFailure(exit) ? Effect.logError("it failed", exit.cause) : Effect.void),
        Effect.withTracer(tracer),
        Effect.provide(Logger.layer(loggers))
      ),
    show: (...texts: ReadonlyArray<string>) => shown.push(...texts),
    taken: () => {
      for (const { attributes, events, name, status } of spans.splice(0)) {
        // What exporters send of an end is how it failed.
        const failed = status._tag === "Ended" && Exit.isFailure(status.exit) ? [Cause.pretty(status.exit.cause)] : []
        shown.push(name, JSON.stringify([...attributes]), inspect(events, { depth: 9 }), ...failed)
      }
      return shown.splice(0)
    }
  }
}

const printed = (value: unknown): ReadonlyArray<string> => {
  if (isJobError(value)) {
    const cause = Cause.fail(value)
    return [
      value.message,
      value.stack ?? "",
      String(value),
      JSON.stringify({ value }),
      inspect({ value }, { depth: 9 }),
      Formatter.format(value),
      Cause.pretty(cause),
      JSON.stringify(cause),
      value.detail ?? ""
    ]
  }
  if (!(value instanceof Job.Job)) return []
  const failed = value.is("Failed")
    ? printed(
      new JobError.JobFailed({ provider: value.provider, instance: value.instance, operation: "watch", job: value })
    )
    : []
  return [String(value), inspect({ value }, { depth: 9 }), Formatter.format(value), ...failed]
}

const jobsIn = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value)
    ? value
    : Predicate.hasProperty(value, "jobs") && Array.isArray(value.jobs)
    ? value.jobs
    : Predicate.hasProperty(value, "snapshots") && Array.isArray(value.snapshots)
    ? value.snapshots
    : [value]

const aboutOne: ReadonlyArray<Provider.Capability> = ["get", "cancel", "untrack", "remove"]

describe.each([...providers.keys()])("no error, log line, span or metric of %s", { timeout: 600_000 }, (name) => {
  it.effect("shows a token, an id, an address or a signed link that the service quotes", () =>
    answering(name, (answered) =>
      Effect.gen(function*() {
        const { descriptor, provider, tell } = answered
        const { see, show, taken } = watching()
        const id = Fixtures.idsOf(name).find((id) => provider.owns(JobId.make(id))) ?? assert.fail("It has no job's id")
        const secrets = [id, encodeURIComponent(id), email, encodeURIComponent(email), key, token, signature]
        const met = new Set<string>()
        const meet = (answer: string, effect: Effect.Effect<unknown, unknown>) =>
          Effect.gen(function*() {
            const exit = yield* see(effect)
            if (Exit.isFailure(exit)) {
              const error = Cause.squash(exit.cause)
              if (isJobError(error)) met.add(error._tag)
              show(...printed(error))
            } else {
              show(...jobsIn(exit.value).flatMap(printed))
            }
            for (const text of taken()) {
              const leaked = secrets.find((secret) => text.includes(secret))
              if (leaked !== undefined) assert.fail(`${leaked} in ${text} after ${answer}`)
            }
          })
        /** A record is of the job that was asked about, and quotes no other. */
        const ofJob = (json: Schema.Json, id: string): Schema.Json =>
          JSON.parse(
            Fixtures.idsOf(name).reduce((text, other) => text.replaceAll(`"${other}"`, `"${id}"`), JSON.stringify(json))
          )
        const quotes = (of: string): ReadonlyArray<() => { readonly status: number; readonly json: Schema.Json }> => {
          const quote = (status: number) => quoteOf(of, status < 300 ? key : token)
          return [
            ...statuses.flatMap((status) => shapes.map((shape) => () => ({ status, json: shape(quote(status)) }))),
            // The service's own answers, with the quote in each place of one.
            ...Fixtures.of(name).flatMap(({ json, status }) =>
              placesIn(json).map((path) => () => ({
                status,
                json: replaced(of === id ? ofJob(json, id) : json, path, quote(status))
              }))
            )
          ]
        }
        let n = 0
        const meetAll = (
          of: string,
          ask: (json: Schema.Json) => Effect.Effect<unknown, unknown> | undefined
        ) =>
          Effect.forEach(quotes(of).filter(() => n++ % stride === 0), (answer) => {
            const { json, status } = answer()
            tell(status, JSON.stringify(json))
            return meet(JSON.stringify([status, json]), ask(json) ?? Effect.void)
          }, { discard: true })
        for (const operation of operations) {
          for (const call of callsOf(descriptor, operation, id)) {
            yield* meetAll(aboutOne.includes(operation) ? id : "it", () => call(provider))
          }
        }
        const submittedAt = yield* DateTime.now
        yield* meetAll("it", () => provider.recover?.({ submittedAt }))
        yield* meetAll("it", (json) => provider.webhook?.(json))
        assert.isAtLeast(met.size, 5)
        // The names of what is measured are shown to all.
        const measured = JSON.stringify(yield* Metric.snapshot, (_, value) =>
          typeof value === "bigint" ? `${value}` : value)
        for (const secret of secrets) {
          assert.notInclude(measured, secret)
        }
      })))
})
