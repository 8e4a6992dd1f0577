import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Vertex from "@media-jobs/google/Vertex"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { type Answer, gemini, id, interaction, oldId, rain, type Sent, veo, vertexId } from "./support.ts"

const html = "<html><head><title>502 Bad Gateway</title></head></html>"
const rpc = "type.googleapis.com/google.rpc"
const classic = (code: number, status: string, message: string, ...details: ReadonlyArray<object>) => ({
  error: { code, message, status, ...(details.length === 0 ? undefined : { details }) }
})
const word = (code: string, message: string) => ({ error: { code, message } })
const info = (reason: string) => ({ "@type": `${rpc}.ErrorInfo`, reason })
const quota = (quotaId: string) => ({
  "@type": `${rpc}.QuotaFailure`,
  violations: [{ quotaMetric: "requests", quotaId }]
})
const retry = (retryDelay: string) => ({ "@type": `${rpc}.RetryInfo`, retryDelay })
const exhausted = (...details: ReadonlyArray<object>) =>
  classic(429, "RESOURCE_EXHAUSTED", "Quota exceeded", ...details)
const badKey = classic(
  400,
  "INVALID_ARGUMENT",
  "API key not valid. Please pass a valid API key.",
  info("API_KEY_INVALID")
)

type Op = "get" | "old" | "cancel" | "remove" | "submit" | "upload" | "vertex.get" | "vertex.submit"
const all: ReadonlyArray<Op> = ["get", "old", "cancel", "remove", "submit", "upload", "vertex.get", "vertex.submit"]
const looks: ReadonlyArray<Op> = ["get", "old", "cancel", "remove", "vertex.get"]
const sends: ReadonlyArray<Op> = ["submit", "upload", "vertex.submit"]
const submits: ReadonlyArray<Op> = ["submit", "vertex.submit"]
const others = all.filter((op) => !submits.includes(op))

/** Every row of the facts' table of errors, and what users have met, with what it means to whom. */
const rows: ReadonlyArray<
  readonly [what: string, ops: ReadonlyArray<Op>, answer: Answer, tag: JobError.JobError["_tag"], remedy: string]
> = [
  ["a field that is bad", sends, [400, classic(400, "INVALID_ARGUMENT", "Bad field")], "InvalidRequest", "Fix"],
  ["a field that is bad, by a word", sends, [400, word("invalid_request", "Bad field")], "InvalidRequest", "Fix"],
  ["a key that is none", all, [400, badKey], "Unauthorized", "Reauthenticate"],
  ["a key that is none, in a list", all, [400, [badKey]], "Unauthorized", "Reauthenticate"],
  ["a key that has expired", all, [400, word("invalid_request", "API key expired.")], "Unauthorized", "Reauthenticate"],
  [
    "billing that is off",
    all,
    [400, classic(400, "FAILED_PRECONDITION", "Please enable billing.")],
    "PaymentRequired",
    "Pay"
  ],
  [
    "a country without a free tier",
    submits,
    [400, classic(400, "FAILED_PRECONDITION", "No free tier in your country")],
    "PaymentRequired",
    "Pay"
  ],
  [
    "an id that is none",
    ["get", "cancel", "remove"],
    [400, word("invalid_request", "Invalid interaction name")],
    "NotFound",
    "None"
  ],
  ["an odd 400 about a job", looks, [400, classic(400, "INVALID_ARGUMENT", "Odd")], "UnexpectedResponse", "None"],
  [
    "OAuth that is missing or over",
    all,
    [401, classic(401, "UNAUTHENTICATED", "Expected OAuth 2 access token", info("ACCESS_TOKEN_EXPIRED"))],
    "Unauthorized",
    "Reauthenticate"
  ],
  [
    "a key without rights",
    sends,
    [403, classic(403, "PERMISSION_DENIED", "No rights")],
    "Unauthorized",
    "Reauthenticate"
  ],
  ["a job of another project", looks, [403, word("permission_denied", "No rights")], "Forbidden", "None"],
  ["a job that is not there", looks, [404, word("not_found", "Not there")], "NotFound", "None"],
  ["a wrong model or version", sends, [404, classic(404, "NOT_FOUND", "No such model")], "InvalidRequest", "Fix"],
  [
    "a model that is retired",
    submits,
    [404, classic(404, "NOT_FOUND", "models/x is no longer available.")],
    "Discontinued",
    "None"
  ],
  [
    "a retired model's job",
    looks,
    [404, classic(404, "NOT_FOUND", "models/x is no longer available.")],
    "Discontinued",
    "None"
  ],
  ["a 404 of something between", all, [404, html], "UnexpectedResponse", "None"],
  ["too much for a minute", all, [429, exhausted(quota("RequestsPerMinute"), retry("37s"))], "RateLimited", "Retry"],
  ["too much for a day", all, [429, exhausted(quota("RequestsPerDay-FreeTier"), retry("37s"))], "RateLimited", "Retry"],
  ["no capacity", all, [429, exhausted()], "RateLimited", "Retry"],
  ["a broken service", others, [500, classic(500, "INTERNAL", "Broken")], "Unavailable", "Retry"],
  ["a broken service", submits, [500, classic(500, "INTERNAL", "Broken")], "SubmissionUncertain", "None"],
  ["a service that is away", others, [503, classic(503, "UNAVAILABLE", "Away")], "Unavailable", "Retry"],
  ["a service that is away", submits, [503, [classic(503, "UNAVAILABLE", "Away")]], "SubmissionUncertain", "None"],
  ["a service that is late", others, [504, classic(504, "DEADLINE_EXCEEDED", "Late")], "Unavailable", "Retry"],
  ["a service that is late", submits, [504, classic(504, "DEADLINE_EXCEEDED", "Late")], "SubmissionUncertain", "None"],
  ["a bad gateway", submits, [502, html], "SubmissionUncertain", "None"],
  ["a success that is none", ["get", "old", "vertex.get"], [200, html], "UnexpectedResponse", "None"],
  ["a success without an id", submits, [200, { status: "in_progress" }], "SubmissionUncertain", "None"],
  ["an interaction without a status", ["get"], [200, { id }], "UnexpectedResponse", "None"],
  ["a start that says not where to go on", ["upload"], [200, ""], "UnexpectedResponse", "None"]
]

const call = (op: Op, answer: Answer) =>
  Effect.gen(function*() {
    const one = yield* gemini(() => answer)
    const two = yield* veo(() => answer)
    const calls: { readonly [K in Op]: Effect.Effect<unknown, JobError.JobError> } = {
      get: one.provider.get(JobId.make(id)),
      old: one.provider.get(JobId.make(oldId)),
      cancel: one.provider.cancel(JobId.make(id)),
      remove: one.provider.remove(JobId.make(id)),
      submit: one.provider.submit(rain),
      upload: one.provider.upload({ mediaType: "image/png", content: Stream.succeed(new Uint8Array(3)) }),
      "vertex.get": two.provider.get(JobId.make(vertexId)),
      "vertex.submit": two.provider.submit(Vertex.video({ prompt: "rain" }))
    }
    const error = yield* Effect.flip(calls[op])
    const sent: ReadonlyArray<Sent> = [...one.sent, ...two.sent]
    return { error, sent }
  })

describe("an answer means the same to all that can meet it", () => {
  for (const [what, ops, answer, tag, remedy] of rows) {
    for (const op of ops) {
      it.effect(`${what} (${answer[0]}) to ${op} is ${tag}`, () =>
        Effect.gen(function*() {
          const { error, sent } = yield* call(op, answer)
          assert.deepStrictEqual([error._tag, error.remedy._tag], [tag, remedy])
          assert.strictEqual(error.operation, op.replace(/^vertex\./, "").replace("old", "get"))
          assert.lengthOf(sent, 1)
          for (const secret of [id, oldId, vertexId, "12345-emulator"]) {
            assert.notInclude(`${error} ${JSON.stringify(error)}`, secret)
          }
        }))
    }
  }

  it.effect("the wait is in the body, with fractions, and of a day it is until midnight in California", () =>
    Effect.gen(function*() {
      // A key for each: what one is asked to wait, all calls with its key wait.
      let n = 0
      const after = (answer: Answer) =>
        Effect.gen(function*() {
          const { provider } = yield* gemini(() => answer, { token: Redacted.make(`key-${++n}`) })
          return Duration.toSeconds(JobError.retryAfterOf(yield* Effect.flip(provider.submit(rain))) ?? Duration.zero)
        })
      yield* TestClock.setTime(Date.parse("2026-11-26T20:00:00Z"))
      assert.strictEqual(yield* after([429, exhausted(quota("PerMinute"), retry("37.5s"))]), 37.5)
      assert.strictEqual(yield* after([429, [exhausted(retry("2s"))]]), 2)
      assert.strictEqual(yield* after([429, exhausted(retry("37s")), { "retry-after": "5" }]), 5)
      assert.strictEqual(yield* after([429, exhausted(quota("RequestsPerDay"), retry("37s"))]), 12 * 3600)
    }))

  it.effect("a quota of a day is not tried again, one of a minute is", () =>
    Effect.gen(function*() {
      for (
        const [name, times] of [["GenerateRequestsPerDayPerProjectPerModel-FreeTier", 1], [
          "RequestsPerMinute",
          4
        ]] as const
      ) {
        const { provider, sent } = yield* gemini(() => [429, exhausted(quota(name), retry("3s"))], {
          retries: 3,
          instance: name
        })
        const fiber = yield* Effect.forkChild(Effect.flip(provider.submit(rain)))
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(fiber.pollUnsafe()?._tag, "Success")
        assert.lengthOf(sent, times)
        // What one asked for holds back the other, which has the same key.
        yield* TestClock.adjust("1 hour")
      }
    }))

  it.effect("a quota of a day holds up no look at what runs", () =>
    Effect.gen(function*() {
      const spent = exhausted(quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), retry("37s"))
      const { provider, sent } = yield* gemini(
        ({ method }) => method === "POST" ? [429, spent] : [200, interaction()],
        { token: Redacted.make("key-of-a-day") }
      )
      const refused = yield* Effect.flip(provider.submit(rain))
      assert.strictEqual(refused._tag, "RateLimited")
      assert.strictEqual((yield* provider.get(JobId.make(id))).state._tag, "Running")
      assert.lengthOf(sent, 2)
    }))

  it.effect("a refused submit names the fields at fault", () =>
    Effect.gen(function*() {
      const violation = { field: "response_format.duration", description: "must end in s" }
      const details = { "@type": `${rpc}.BadRequest`, fieldViolations: [violation] }
      const { error } = yield* call("submit", [400, classic(400, "INVALID_ARGUMENT", "Bad field", details)])
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "response_format.duration", message: "must end in s" }
      ])
    }))
})
