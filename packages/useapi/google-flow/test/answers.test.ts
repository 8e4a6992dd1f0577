import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as GoogleFlow from "@media-jobs/useapi-google-flow/GoogleFlow"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, flow, got, idOf, ref } from "./support.ts"

type Service = GoogleFlow.GoogleFlow["Service"]

const file = { account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(idOf()),
  video: ({ submit }: Service) => submit(GoogleFlow.video({ prompt: "rain" })),
  image: ({ submit }: Service) => submit(GoogleFlow.image({ prompt: "rain" })),
  extendVideo: ({ submit }: Service) => submit(GoogleFlow.extendVideo({ mediaGenerationId: ref("video") })),
  upscaleVideo: ({ submit }: Service) => submit(GoogleFlow.upscaleVideo({ mediaGenerationId: ref("video") })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  upload: ({ upload }: Service) => upload(file),
  accounts: ({ accounts }: Service) => accounts
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts"]
const submits: ReadonlyArray<Op> = ["video", "image", "extendVideo", "upscaleVideo"]
const takes: ReadonlyArray<Op> = [...submits, "upload"]
const every: ReadonlyArray<Op> = [...reads, ...takes]
const google = (code: number, status: string, reason?: string) => ({
  error: {
    code,
    message: "Request contains an invalid argument.",
    status,
    ...(reason === undefined ? undefined : { details: [{ "@type": "google.rpc.ErrorInfo", reason }] })
  }
})
const coded = (code: number, error: string) => ({ error, code })

/** The rows of the facts' table, in its order. */
const documented: ReadonlyArray<Answers.Row<Op>> = [
  { of: submits, status: 400, body: coded(400, "Parameter n not supported"), tag: "InvalidRequest", remedy: "Fix" },
  {
    of: takes,
    status: 400,
    body: google(400, "INVALID_ARGUMENT", "PUBLIC_ERROR_TRUMP_FACE_DETECTED"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: submits,
    status: 400,
    body: coded(400, "Email mismatch: body has 'a', references have 'b'"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: submits,
    status: 400,
    body: coded(400, "Tier 'PAYGATE_TIER_NOT_PAID' does not have access to veo-3.1-quality"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: ["get"], status: 400, body: coded(400, "Invalid job ID format"), tag: "InvalidJobId", remedy: "Fix" },
  { of: every, status: 401, body: { error: "Unauthorized" }, tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: submits, status: 402, body: coded(402, "No subscription"), tag: "PaymentRequired", remedy: "Pay" },
  {
    of: submits,
    status: 403,
    body: coded(403, "captcha_quality: rejected"),
    tag: "Unavailable",
    remedy: "Retry",
    sent: 4
  },
  {
    of: submits,
    status: 403,
    body: coded(403, "Unauthorized access to user:1 detected in startImage reference"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: ["get"], status: 403, body: coded(403, "Not your job"), tag: "Forbidden", remedy: "None" },
  {
    of: takes,
    status: 404,
    body: coded(404, `Google Flow account ${account} not found`),
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  { of: submits, status: 404, body: coded(404, "Reference not found"), tag: "InvalidRequest", remedy: "Fix" },
  { of: ["get"], status: 404, body: coded(404, "Job not found"), tag: "NotFound", remedy: "None" },
  { of: submits, status: 408, body: coded(408, "Polling timeout"), tag: "SubmissionUncertain", remedy: "None" },
  { of: ["get"], status: 410, body: coded(410, "Job has expired"), tag: "NotFound", remedy: "None" },
  {
    of: submits,
    status: 429,
    body: google(429, "RESOURCE_EXHAUSTED", "PUBLIC_ERROR_UNUSUAL_ACTIVITY_TOO_MUCH_TRAFFIC"),
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  { of: ["upload"], status: 429, body: coded(429, "Too many requests"), tag: "RateLimited", remedy: "Retry" },
  {
    of: submits,
    status: 429,
    body: { error: "no_eligible_account", message: "None", retryAfter: "2026-12-01T00:00:00Z", skipReasons: [] },
    tag: "RateLimited",
    remedy: "Retry"
  },
  { of: submits, status: 500, body: google(500, "INTERNAL"), tag: "SubmissionUncertain", remedy: "None" },
  {
    of: submits,
    status: 500,
    body: google(500, "INTERNAL", "PUBLIC_ERROR_UNSAFE_GENERATION"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: submits,
    status: 500,
    body: google(500, "INTERNAL", "PUBLIC_ERROR_USER_QUOTA_REACHED"),
    tag: "SubmissionUncertain",
    remedy: "None"
  },
  {
    of: takes,
    status: 503,
    body: coded(503, "Captcha service failed: ERROR_ZERO_BALANCE"),
    tag: "PaymentRequired",
    remedy: "Pay"
  },
  {
    of: submits,
    status: 503,
    body: coded(503, "Captcha service failed: ERROR_NO_SLOT_AVAILABLE"),
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  { of: submits, status: 503, body: google(503, "UNAVAILABLE"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: ["upload"], status: 503, body: google(503, "UNAVAILABLE"), tag: "RateLimited", remedy: "Retry" },
  { of: reads, status: 503, body: google(503, "UNAVAILABLE"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  {
    of: every,
    status: 596,
    body: coded(596, `Account ${account} in error state: refresh token rejected`),
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  {
    of: takes,
    status: 596,
    body: coded(596, "Failed to refresh session: timeout"),
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  {
    of: every,
    status: 404,
    body: { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/llms.txt" } },
    tag: "UnexpectedResponse",
    remedy: "None"
  }
]

/** What stands between, and what is no answer. */
const between: ReadonlyArray<Answers.Row<Op>> = [
  { of: reads, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: submits, status: 502, body: Answers.page("502 Bad Gateway"), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 503, body: Answers.page("503 Captcha"), tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: every, status: 404, body: Answers.page("404 Not Found"), tag: "UnexpectedResponse", remedy: "None" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: "\u0000\u0001", tag: "SubmissionUncertain", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: "", tag: "UnexpectedResponse", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: [[]], tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "recover"], status: 200, body: { videos: [] }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["get"], status: 200, body: { jobid: idOf() }, tag: "UnexpectedResponse", remedy: "None" }
]

const check = (title: string, rows: ReadonlyArray<Answers.Row<Op>>) =>
  describe(title, () => {
    for (
      const { check, name } of Answers.table(flow(), operations, rows, { secrets: [idOf(), account, "user%40example"] })
    ) {
      it.effect(name, () => check)
    }
  })

check("A documented error", documented)
check("What is between, or no answer", between)

it.effect("a refusal says Google's reason, and how long to wait", () =>
  Effect.gen(function*() {
    const { submit } = yield* flow()
    const error = yield* Effect.flip(Answers.timely(submit(GoogleFlow.video({ prompt: "rain" }))))
    assert.include(error.message, "PUBLIC_ERROR_USER_REQUESTS_THROTTLED")
    assert.deepStrictEqual(error.remedy, { _tag: "Retry", after: Duration.minutes(30) })
  }).pipe(
    Effect.provide(
      Answers.layer(429, google(429, "RESOURCE_EXHAUSTED", "PUBLIC_ERROR_USER_REQUESTS_THROTTLED"), {
        headers: { "retry-after": "1800" }
      })
    )
  ))

it.effect("accounts are none, or have their trouble in their health", () =>
  Effect.gen(function*() {
    const accounts = Effect.flatMap(flow(), ({ accounts }) => Answers.timely(accounts))
    assert.deepStrictEqual(yield* Effect.provide(accounts, Answers.layer(200, {})), [])
    assert.deepStrictEqual(
      yield* Effect.provide(
        accounts,
        Answers.layer(200, {
          "a@example.com": { health: "OK", created: "2026-06-15T10:00:00.000Z" },
          "b@example.com": { health: "signed out", credits: { credits: 7 } },
          "c@example.com": { health: "signed out", error: "refresh token rejected" }
        })
      ),
      [
        { account: "a@example.com" },
        { account: "b@example.com", problem: "signed out" },
        { account: "c@example.com", problem: "refresh token rejected" }
      ]
    )
  }))

it.effect("the record of another job is no answer", () =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(got({ jobid: idOf("i"), status: "started" }))
    assert.strictEqual(error._tag, "UnexpectedResponse")
  }))
