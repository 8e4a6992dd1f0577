import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as Mureka from "@media-jobs/useapi-mureka/Mureka"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, got, id, mureka } from "./support.ts"

type Service = Mureka.Mureka["Service"]

const submit = (request: Parameters<Service["submit"]>[0]) => ({ submit }: Service) => submit(request)

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(id),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  accounts: ({ accounts }: Service) => accounts,
  upload: ({ upload }: Service) =>
    upload({ account, mediaType: "audio/mpeg", content: Stream.succeed(new Uint8Array(8)) }),
  create: submit(Mureka.create({ account, prompt: "rain" })),
  createAdvanced: submit(Mureka.createAdvanced({ account, lyrics: "rain" })),
  createInstrumental: submit(Mureka.createInstrumental({ account, prompt: "rain" })),
  extend: submit(Mureka.extend({ account, song_id: 7, lyrics: "rain" })),
  regenerate: submit(Mureka.regenerate({ account, song_id: 7, start_milliseconds: 9000 })),
  speech: submit(Mureka.speech({ account, text: "rain", voice_id: 7 }))
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts"]
const submits = (Object.keys(operations) as ReadonlyArray<Op>).filter((op) => ![...reads, "upload"].includes(op))
const takes: ReadonlyArray<Op> = [...submits, "upload"]
const every: ReadonlyArray<Op> = [...reads, ...takes]
const coded = (code: number, error: string) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: takes, status: 400, body: coded(400, "Parameter x is required"), tag: "InvalidRequest", remedy: "Fix" },
  {
    of: every,
    status: 401,
    body: coded(401, "Wrong username/password combination."),
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  { of: every, status: 401, body: coded(401, "Unauthorized"), tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: every, status: 401, body: Answers.page("Enter your password"), tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: submits, status: 402, body: coded(402, "Subscription expired"), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 412, body: coded(412, "Out of credits"), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 429, body: coded(429, "All slots are busy"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: ["upload"], status: 429, body: coded(429, "All slots are busy"), tag: "RateLimited", remedy: "Retry" },
  {
    of: every,
    status: 596,
    body: coded(596, "Session refresh failed 2026-07-14T10:00:00.000Z"),
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  { of: ["get"], status: 404, body: coded(404, "Job not found"), tag: "NotFound", remedy: "None" },
  { of: ["get"], status: 400, body: coded(400, "Invalid jobid"), tag: "InvalidJobId", remedy: "Fix" },
  { of: ["get"], status: 403, body: coded(403, "Not your job"), tag: "Forbidden", remedy: "None" },
  {
    of: takes,
    status: 404,
    body: { error: `Unable to find configuration for account ${account}` },
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  {
    of: every,
    status: 404,
    body: { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/llms.txt" } },
    tag: "UnexpectedResponse",
    remedy: "None"
  },
  { of: reads, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: submits, status: 502, body: Answers.page("502 Bad Gateway"), tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  // Older synchronous answers had no id.
  { of: submits, status: 200, body: { feed_id: 9, state: 3, songs: [] }, tag: "SubmissionUncertain", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: [[]], tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "recover"], status: 200, body: { accounts: [] }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["get"], status: 200, body: { jobid: id }, tag: "UnexpectedResponse", remedy: "None" }
]

describe("An answer", () => {
  for (const { check, name } of Answers.table(mureka(), operations, rows, { account, secrets: [id] })) {
    it.effect(name, () => check)
  }

  it.effect("of another job is none", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(got({ jobid: id.replace("5m", "6m"), status: "created" }))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    }))

  for (const [status, body] of [[200, {}], [404, ""]] as const) {
    it.effect(`accounts: ${status} ${JSON.stringify(body)} are none`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Answers.timely((yield* mureka()).accounts), [])
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }

  it.effect("accounts are there with what is wrong with them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Answers.timely((yield* mureka()).accounts), [
        { account },
        { account: "10000000000001", problem: "Session refresh failed" }
      ])
    }).pipe(Effect.provide(Answers.layer(200, {
      [account]: { account, email: "user@example.com" },
      "10000000000001": { account: "10000000000001", error: "Session refresh failed" }
    }))))
})
