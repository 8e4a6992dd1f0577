import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, dreamina, idOf } from "./support.ts"

type Service = Dreamina.Dreamina["Service"]

const file = { account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }

const operations = {
  list: ({ list }: Service) => list,
  getVideo: ({ get }: Service) => get(idOf()),
  getImage: ({ get }: Service) => get(idOf("i")),
  cancel: ({ cancel }: Service) => cancel(idOf()),
  video: ({ submit }: Service) => submit(Dreamina.video({ prompt: "rain" })),
  image: ({ submit }: Service) => submit(Dreamina.image({ prompt: "rain" })),
  upscaleVideo: ({ submit }: Service) => submit(Dreamina.upscaleVideo({ jobid: idOf() })),
  upscaleImage: ({ submit }: Service) => submit(Dreamina.upscaleImage({ jobid: idOf("i") })),
  interpolate: ({ submit }: Service) => submit(Dreamina.interpolate({ jobid: idOf(), fps: 60 })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  upload: ({ upload }: Service) => upload(file),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "getVideo", "getImage", "recover", "accounts"]
const changes: ReadonlyArray<Op> = ["upscaleVideo", "upscaleImage", "interpolate"]
const submits: ReadonlyArray<Op> = ["video", "image", ...changes]
const job: ReadonlyArray<Op> = ["getVideo", "getImage", "cancel"]
const every: ReadonlyArray<Op> = [...reads, ...submits, "cancel", "upload", "capacity"]

/** Of the vendor's pages. */
const documented: ReadonlyArray<Answers.Row<Op>> = [
  { of: every, status: 401, body: { error: "Unauthorized" }, tag: "Unauthorized", remedy: "Reauthenticate" },
  {
    of: submits,
    status: 402,
    body: { error: "Account has no subscription or subscription expired" },
    tag: "PaymentRequired",
    remedy: "Pay"
  },
  { of: submits, status: 400, body: { error: "Parameter prompt is required" }, tag: "InvalidRequest", remedy: "Fix" },
  {
    of: changes,
    status: 400,
    body: { error: "Source video job is created, must be completed" },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: changes,
    status: 400,
    body: { error: `Source video already upscaled: ${idOf("V")}` },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: changes, status: 404, body: { error: "Source image job not found" }, tag: "InvalidRequest", remedy: "Fix" }
]

/** Of scripts, users and the vendor's other services; and what stands between. */
const observed: ReadonlyArray<Answers.Row<Op>> = [
  { of: job, status: 400, body: { error: "Invalid job ID format" }, tag: "InvalidJobId", remedy: "Fix" },
  { of: job, status: 403, body: { error: "Job does not belong to this user" }, tag: "Forbidden", remedy: "None" },
  { of: job, status: 404, body: { error: "Job not found" }, tag: "NotFound", remedy: "None" },
  { of: job, status: 410, body: { error: `Job ${idOf()} has expired` }, tag: "NotFound", remedy: "None" },
  {
    of: [...submits, "upload"],
    status: 404,
    body: { error: `Unable to find configuration for account ${account}` },
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  {
    of: ["upload"],
    status: 400,
    body: { error: "Content-Type (multipart/form-data) not supported. Valid values: image/jpeg, image/png, ..." },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: ["upload"], status: 400, body: { error: "Content is empty" }, tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 400, body: { error: { message: "Not allowed" } }, tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 422, body: { error: "Prompt was moderated" }, tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 412, body: { error: "Not enough credits" }, tag: "PaymentRequired", remedy: "Pay" },
  {
    of: every,
    status: 596,
    body: { error: "Session expired, please re-add the account", code: 596 },
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  {
    of: [...reads, ...submits],
    status: 429,
    body: { error: "All accounts are at capacity" },
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  {
    of: ["cancel", "upload"],
    status: 429,
    body: { error: "Too many requests" },
    tag: "RateLimited",
    remedy: "Retry"
  },
  {
    of: reads,
    status: 500,
    body: { error: "Login failed: invalid credentials" },
    tag: "Unavailable",
    remedy: "Retry",
    sent: 4
  },
  { of: reads, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: ["cancel", "upload"], status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry" },
  { of: submits, status: 502, body: Answers.page("502 Bad Gateway"), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: "", tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  {
    of: every,
    status: 404,
    body: { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/llms.txt" } },
    tag: "UnexpectedResponse",
    remedy: "None"
  },
  { of: every, status: 404, body: Answers.page("404 Not Found"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["cancel"], status: 409, body: { error: "Job is completed" }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["cancel"], status: 200, body: Answers.page("Sign in"), tag: "UnexpectedResponse", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: "", tag: "UnexpectedResponse", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: [[]], tag: "UnexpectedResponse", remedy: "None" }
]

const check = (title: string, rows: ReadonlyArray<Answers.Row<Op>>) =>
  describe(title, () => {
    for (
      const { check, name } of Answers.table(dreamina(), operations, rows, {
        secrets: [idOf(), "user@example.com", "user%40example"],
        uncounted: ["capacity"]
      })
    ) {
      it.effect(name, () => check)
    }
  })

check("A documented error", documented)
check("An observed error", observed)

describe("A cancel", () => {
  for (
    const [status, body] of [
      [200, ""],
      [200, {}],
      [200, { jobid: idOf(), status: "failed" }],
      [202, ""],
      [204, ""]
    ] as const
  ) {
    it.effect(`has worked with ${status} ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const service = yield* dreamina()
        assert.isUndefined(yield* Answers.timely(service.cancel(idOf())))
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }
})

describe("Accounts", () => {
  for (const [status, body] of [[200, {}], [404, ""]] as const) {
    it.effect(`are none with ${status} ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const service = yield* dreamina()
        assert.deepStrictEqual(yield* Answers.timely(service.accounts), [])
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }

  it.effect("with a problem say it in the service's words", () =>
    Effect.gen(function*() {
      const service = yield* dreamina()
      assert.deepStrictEqual(yield* Answers.timely(service.accounts), [
        { account: "US:user@example.com" },
        { account: "CA:user@example.com", problem: "Login failed" },
        { account: "CA:other@example.com", problem: "Session expired" }
      ])
    }).pipe(Effect.provide(Answers.layer(200, {
      "US:user@example.com": { account: "US:user@example.com", email: "user@example.com", maxJobs: 10 },
      "CA:user@example.com": { error: "Login failed" },
      "CA:other@example.com": { error: { message: "Session expired" } }
    }))))
})
