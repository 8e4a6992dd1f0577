import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import { fixtures } from "@media-jobs/testing/useapi-flow-music"
import * as FlowMusic from "@media-jobs/useapi-flow-music/FlowMusic"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { account, clip, flowMusic, id } from "./support.ts"

type Service = FlowMusic.FlowMusic["Service"]

const { assembled: seen } = fixtures
const png = { account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(id),
  cancel: ({ cancel }: Service) => cancel(id),
  music: ({ submit }: Service) => submit(FlowMusic.music({ prompt: "rain", email: account })),
  extend: ({ submit }: Service) => submit(FlowMusic.extend({ clip })),
  replace: ({ submit }: Service) => submit(FlowMusic.replace({ clip })),
  cover: ({ submit }: Service) => submit(FlowMusic.cover({ clip })),
  remix: ({ submit }: Service) => submit(FlowMusic.remix({ clip })),
  stems: ({ submit }: Service) => submit(FlowMusic.stems({ clip })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  upload: ({ upload }: Service) => upload(png),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts", "capacity"]
const submits: ReadonlyArray<Op> = ["music", "extend", "replace", "cover", "remix", "stems"]
const ofJobs: ReadonlyArray<Op> = ["get", "cancel"]
const every: ReadonlyArray<Op> = [...reads, ...submits, "cancel", "upload"]
const coded = (code: number, error: string) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: submits, status: 400, body: coded(400, "Parameter prompt is required"), tag: "InvalidRequest", remedy: "Fix" },
  { of: ["upload"], status: 400, body: coded(400, "Content is empty"), tag: "InvalidRequest", remedy: "Fix" },
  { of: every, status: 401, body: seen.unauthorized.json, tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: submits, status: 402, body: coded(402, "No credits"), tag: "PaymentRequired", remedy: "Pay" },
  { of: ofJobs, status: 403, body: seen.forbidden.json, tag: "Forbidden", remedy: "None" },
  { of: ofJobs, status: 404, body: seen.notFound.json, tag: "NotFound", remedy: "None" },
  {
    of: submits,
    status: 404,
    body: coded(404, `Unable to find configuration for email ${account}`),
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  { of: submits, status: 422, body: coded(422, "The model declined"), tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 429, body: coded(429, "Busy"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: every, status: 596, body: coded(596, "Sign in again"), tag: "SessionExpired", remedy: "Reauthenticate" },
  { of: submits, status: 500, body: coded(500, "Broken"), tag: "SubmissionUncertain", remedy: "None" },
  { of: reads, status: 500, body: coded(500, "Broken"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "recover", "capacity"], status: 200, body: [], tag: "UnexpectedResponse", remedy: "None" },
  { of: ["get"], status: 200, body: { jobid: id }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["cancel"], status: 200, body: coded(400, "No"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["upload"], status: 200, body: { kind: "image" }, tag: "UnexpectedResponse", remedy: "None" }
]

describe("an error", () => {
  for (const { check, name } of Answers.table(flowMusic(), operations, rows, { secrets: [id] })) {
    it.effect(name, () => check)
  }
})

it.effect("a cancel's success has no body", () =>
  Effect.gen(function*() {
    const { cancel } = yield* flowMusic()
    assert.isUndefined(yield* Answers.timely(cancel(id)))
  }).pipe(Effect.provide(Answers.layer(204, ""))))

describe("the answer to a create", () => {
  for (
    const [what, status, body, states] of [
      ["a job that waits", 201, seen.submitted.json, ["Running"]],
      ["a job that has ended", 200, seen.stems.json, ["Succeeded"]],
      ["an id alone", 201, { jobid: id }, undefined],
      ["an id of another spelling", 201, { jobId: id, status: "pending" }, ["Running"]],
      ["a word that is not known", 201, { jobid: id, status: "musing" }, ["Running"]],
      ["no clips yet", 200, { jobid: id, status: "completed" }, []]
    ] as ReadonlyArray<readonly [string, number, Schema.Json, ReadonlyArray<string> | undefined]>
  ) {
    it.effect(`may be ${what}`, () =>
      Effect.gen(function*() {
        const { submit } = yield* flowMusic()
        const submission = yield* submit(FlowMusic.stems({ clip }))
        assert.deepStrictEqual(submission.ids, [id])
        assert.deepInclude(submission, { kind: "audio" })
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), states)
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }
})
