import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as Runway from "@media-jobs/useapi-runway/Runway"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, asset, got, id, runway } from "./support.ts"

type Service = Runway.Runway["Service"]

const submit = (request: Parameters<Service["submit"]>[0]) => ({ submit }: Service) => submit(request)

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(id),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0), account }),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity,
  untrack: ({ untrack }: Service) => untrack(id),
  remove: ({ remove }: Service) => remove(id),
  upload: ({ upload }: Service) =>
    upload({ account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }),
  video: submit(Runway.video({ model: "gen4.5", text_prompt: "rain", email: account })),
  upscaleVideo: submit(Runway.upscaleVideo({ videoAssetId: asset })),
  image: submit(Runway.image({ model: "gen4", text_prompt: "rain", email: account })),
  frames: submit(Runway.frames({ text_prompt: "rain", email: account })),
  slowMotion: submit(Runway.slowMotion({ assetId: asset, speed: 0.5 }))
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

/** What is to be removed is looked at first. */
const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts", "capacity", "remove"]
const submits: ReadonlyArray<Op> = ["video", "upscaleVideo", "image", "slowMotion"]
const every: ReadonlyArray<Op> = [...reads, "untrack", "upload", ...submits]
const coded = (code: number, error: string) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  {
    of: [...submits, "upload"],
    status: 400,
    body: coded(400, "Parameter x is required"),
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  {
    of: ["get", "remove", "untrack"],
    status: 400,
    body: coded(400, "taskId has incorrect format"),
    tag: "InvalidJobId",
    remedy: "Fix"
  },
  { of: every, status: 401, body: coded(401, "Unauthorized"), tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: ["get", "remove", "untrack"], status: 404, body: coded(404, "None"), tag: "NotFound", remedy: "None" },
  { of: submits, status: 412, body: coded(412, "Out of credits"), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 422, body: coded(422, "The prompt was moderated"), tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 429, body: coded(429, "maxJobs reached"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: every, status: 596, body: coded(596, "Session lost"), tag: "SessionExpired", remedy: "Reauthenticate" },
  {
    of: [...submits, "upload"],
    status: 404,
    body: { error: `Unable to find configuration for email ${account}` },
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
  // Runway's own part of an id alone is none.
  { of: submits, status: 200, body: { id: "6f1b2c3d" }, tag: "SubmissionUncertain", remedy: "None" },
  { of: [...reads, "upload"], status: 200, body: 7, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: Answers.page("Sign in"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: { error: "Not now" }, tag: "UnexpectedResponse", remedy: "None" }
]

describe("An answer", () => {
  for (
    const { check, name } of Answers.table(runway(), operations, rows, { account, secrets: [id, "user%40example"] })
  ) {
    it.effect(name, () => check)
  }

  it.effect("of another task is none", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(got({ taskId: `${id}0`, status: "RUNNING" }))
      assert.strictEqual(error._tag, "UnexpectedResponse")
    }))

  for (const [status, body] of [[200, ""], [204, ""], [200, {}], [200, { success: true }], [202, "OK"]] as const) {
    it.effect(`untrack: ${status} ${JSON.stringify(body)} is a yes`, () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* Answers.timely((yield* runway()).untrack(id)))
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }

  for (const [status, body] of [[200, {}], [404, ""]] as const) {
    it.effect(`accounts: ${status} ${JSON.stringify(body)} are none`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Answers.timely((yield* runway()).accounts), [])
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }

  for (const op of submits) {
    it.effect(`${op}: an id alone is a task, of which nothing is known`, () =>
      Effect.gen(function*() {
        const submission = yield* operations[op](yield* runway())
        assert.deepStrictEqual([Object(submission).ids, Object(submission).snapshots], [[id], []])
      }).pipe(Effect.provide(Answers.layer(200, { taskId: id }))))
  }
})
