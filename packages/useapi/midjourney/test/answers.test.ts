import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as UseapiMidjourneyEmulator from "@media-jobs/testing/useapi-midjourney"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { channel, idOf, midjourney, world } from "./support.ts"

type Service = Midjourney.Midjourney["Service"]

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(idOf()),
  cancel: ({ cancel }: Service) => cancel(idOf()),
  submit: ({ submit }: Service) => submit(Midjourney.imagine({ prompt: "rain" })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0), replyRef: "order-7" }),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const every: ReadonlyArray<Op> = ["list", "get", "cancel", "submit", "recover", "accounts", "capacity"]
const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts"]
const job: ReadonlyArray<Op> = ["get", "cancel"]

/** Of the vendor's pages. */
const documented: ReadonlyArray<Answers.Row<Op>> = [
  { of: every, status: 401, body: { error: "Unauthorized" }, tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: job, status: 404, body: { error: "Job not found" }, tag: "NotFound", remedy: "None" },
  { of: job, status: 410, body: { error: "Job j1023... has expired" }, tag: "NotFound", remedy: "None" },
  {
    of: ["submit"],
    status: 400,
    body: { error: "Parameter prompt is required" },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: every,
    status: 402,
    body: { error: "Account has no subscription or subscription expired" },
    tag: "PaymentRequired",
    remedy: "Pay"
  },
  {
    of: every,
    status: 596,
    body: { error: "Pending moderation or CAPTCHA" },
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  {
    of: ["submit", ...reads],
    status: 429,
    body: { error: "Channel is at capacity" },
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  { of: ["cancel"], status: 429, body: { error: "Too many requests" }, tag: "RateLimited", remedy: "Retry" }
]

/** Of scripts, users and the vendor's other services; and what stands between. */
const observed: ReadonlyArray<Answers.Row<Op>> = [
  {
    of: ["submit"],
    status: 422,
    body: { error: "Prompt was refused by moderation" },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: ["submit"],
    status: 422,
    body: { error: "Banned prompt", jobid: idOf(), status: "moderated", code: 422 },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: ["submit"],
    status: 400,
    body: { error: { code: 400, message: "Banned prompt", status: "INVALID" } },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: ["submit"],
    status: 404,
    body: { error: `Unable to find configuration for channel ${channel}` },
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  {
    of: ["submit"],
    status: 429,
    body: { error: "Query is full", executingJobs: [idOf()], code: 429 },
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  { of: ["submit"], status: 412, body: { error: "Not enough credits" }, tag: "PaymentRequired", remedy: "Pay" },
  { of: job, status: 400, body: { error: "Invalid job ID format" }, tag: "InvalidJobId", remedy: "Fix" },
  { of: job, status: 403, body: { error: "Job does not belong to this user" }, tag: "Forbidden", remedy: "None" },
  {
    of: job,
    status: 404,
    body: { error: `Unable to find configuration for channel ${channel}` },
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  {
    of: ["cancel"],
    status: 409,
    body: { error: "Cannot cancel job in state 'completed'." },
    tag: "UnexpectedResponse",
    remedy: "None"
  },
  { of: every, status: 403, body: Answers.page("Access denied | 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: every, status: 404, body: Answers.page("Not Found"), tag: "UnexpectedResponse", remedy: "None" },
  { of: reads, status: 502, body: Answers.page("Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: reads, status: 500, body: { error: "Internal server error" }, tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: ["cancel"], status: 502, body: Answers.page("Bad Gateway"), tag: "Unavailable", remedy: "Retry" },
  { of: ["submit"], status: 502, body: Answers.page("Bad Gateway"), tag: "SubmissionUncertain", remedy: "None" },
  { of: ["submit"], status: 500, body: { error: "Failed" }, tag: "SubmissionUncertain", remedy: "None" },
  { of: ["submit"], status: 201, body: { status: "created" }, tag: "SubmissionUncertain", remedy: "None" },
  {
    of: ["submit"],
    status: 200,
    body: "data: {\"event\":\"initialized\",\"jobId\":\"j1\",\"seq\":0}\n\n",
    tag: "SubmissionUncertain",
    remedy: "None"
  },
  // A closed service knows none of its endpoints.
  {
    of: every,
    status: 404,
    body: { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/llms.txt" } },
    tag: "Discontinued",
    remedy: "None"
  }
]

for (const [title, rows] of Object.entries({ documented, observed })) {
  describe(`answers that are ${title}`, () => {
    for (const { check, name } of Answers.table(midjourney(), operations, rows, { uncounted: ["capacity"] })) {
      it.effect(name, () => check)
    }
  })
}

describe("answers that are no errors", () => {
  it.effect("a cancel needs no body, and takes any", () =>
    Effect.gen(function*() {
      for (const [status, body] of [[204, ""], [200, ""], [200, { jobid: idOf(), status: "cancelled" }]] as const) {
        yield* Effect.flatMap(midjourney(), ({ cancel }) => cancel(idOf())).pipe(
          Effect.provide(Answers.layer(status, body))
        )
      }
    }))

  it.effect("404 without a body says that there are no accounts", () =>
    Effect.gen(function*() {
      const service = yield* midjourney()
      assert.deepStrictEqual(yield* service.accounts, [])
      assert.deepStrictEqual(yield* service.capacity, [])
    }).pipe(
      Effect.provide(world({ services: { "useapi-midjourney": UseapiMidjourneyEmulator.service({ channels: [] }) } }))
    ))

  it.effect("an error beside the list makes it incomplete", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* midjourney()
      yield* emulator.services["useapi-midjourney"].add()
      yield* emulator.inject({
        fault: Faults.withField("error", "Discord does not answer"),
        operation: "useapi-midjourney.list"
      })
      const { complete, jobs } = yield* service.list
      assert.isFalse(complete)
      assert.strictEqual(jobs.length, 1)
    }).pipe(Effect.provide(world())))

  it.effect("the service's own words stand in the error", () =>
    Effect.gen(function*() {
      const { submit } = yield* midjourney()
      const error = yield* Effect.flip(submit(Midjourney.imagine({ prompt: "rain" })))
      assert.include(error.message, "Banned prompt: the word is on the list")
    }).pipe(Effect.provide(Answers.layer(422, { error: "Banned prompt", errorDetails: "the word is on the list" }))))
})

describe("a service that has closed", () => {
  it.effect("says when in its identity", () =>
    Effect.map(midjourney(), ({ retired }) => {
      assert.strictEqual(retired === undefined ? "" : DateTime.formatIso(retired), "2026-06-24T00:00:00.000Z")
    }).pipe(Effect.provide(world())))

  it.effect("is Discontinued in every call, with nothing sent twice", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const service = yield* midjourney()
      for (const op of every) {
        const before = yield* emulator.count()
        const error = yield* Effect.flip(Answers.timely<unknown, JobError.JobError, never>(operations[op](service)))
        assert.strictEqual(error._tag, "Discontinued", op)
        assert.include(error.message, "closed")
        if (op !== "capacity") assert.strictEqual(yield* emulator.count(), before + 1)
      }
    }).pipe(
      Effect.provide(world({ services: { "useapi-midjourney": UseapiMidjourneyEmulator.service({ retired: true }) } }))
    ))
})
