import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import { fixtures } from "@media-jobs/testing/useapi-tempolor"
import * as TemPolor from "@media-jobs/useapi-tempolor/TemPolor"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, id, temPolor } from "./support.ts"

type Service = TemPolor.TemPolor["Service"]

const { assembled: seen } = fixtures
const wav = { account, mediaType: "audio/wav", content: Stream.succeed(new Uint8Array(8)) }

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(id),
  untrack: ({ untrack }: Service) => untrack(id),
  remove: ({ remove }: Service) => remove(id),
  song: ({ submit }: Service) => submit(TemPolor.song({ prompt: "rain", user_id: account })),
  instrumental: ({ submit }: Service) => submit(TemPolor.instrumental({ prompt: "rain", user_id: account })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  upload: ({ upload }: Service) => upload(wav),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts", "capacity"]
const submits: ReadonlyArray<Op> = ["song", "instrumental"]
const ofJobs: ReadonlyArray<Op> = ["get", "untrack", "remove"]
const every: ReadonlyArray<Op> = [...reads, ...submits, "untrack", "remove", "upload"]
const coded = (code: number, error: string) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: submits, status: 400, body: coded(400, "Parameter prompt is required"), tag: "InvalidRequest", remedy: "Fix" },
  { of: ofJobs, status: 400, body: seen.invalidId.json, tag: "InvalidJobId", remedy: "Fix" },
  { of: every, status: 401, body: seen.unauthorized.json, tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: every, status: 402, body: coded(402, "No subscription"), tag: "PaymentRequired", remedy: "Pay" },
  { of: ["get", "remove"], status: 404, body: seen.notFound.json, tag: "NotFound", remedy: "None" },
  { of: ["untrack"], status: 404, body: seen.notRunning.json, tag: "NotFound", remedy: "None" },
  {
    of: submits,
    status: 404,
    body: coded(404, `Unable to find configuration for account ${account}`),
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  { of: submits, status: 412, body: coded(412, "Not enough credits"), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 429, body: coded(429, "Busy"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: every, status: 596, body: coded(596, "Add it again"), tag: "SessionExpired", remedy: "Reauthenticate" },
  { of: submits, status: 500, body: coded(500, "Broken"), tag: "SubmissionUncertain", remedy: "None" },
  { of: reads, status: 500, body: coded(500, "Broken"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: submits, status: 200, body: { jobs: [] }, tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "recover", "capacity"], status: 200, body: {}, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["get"], status: 200, body: { job_id: id }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: coded(400, "No"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["upload"], status: 200, body: { name: "rain" }, tag: "UnexpectedResponse", remedy: "None" }
]

describe("an error", () => {
  for (const { check, name } of Answers.table(temPolor(), operations, rows, { secrets: [id] })) {
    it.effect(name, () => check)
  }
})

describe("a success of an untrack, a remove", () => {
  for (const [status, body] of [[200, ""], [200, {}], [204, ""], [200, "OK"]] as const) {
    it.effect(`is ${status} ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const { remove, untrack } = yield* temPolor()
        assert.isUndefined(yield* Answers.timely(untrack(id)))
        assert.isUndefined(yield* Answers.timely(remove(id)))
      }).pipe(Effect.provide(
        Answers.layer(status, body, {
          others: [
            ["useapi-tempolor.get", 200, seen.completed.json],
            ["useapi-tempolor.download", 200, seen.downloaded.json]
          ]
        })
      )))
  }
})

describe("the answer to a create", () => {
  for (
    const [body, ids] of [
      [seen.created.json, [id]],
      [seen.createdTwo.json, [fixtures.ids.instrumental, id]],
      [{ jobs: [id, id] }, [id]],
      [{ job_id: id }, [id]]
    ] as const
  ) {
    it.effect(`${JSON.stringify(body)} names its jobs`, () =>
      Effect.gen(function*() {
        const { submit } = yield* temPolor()
        const submission = yield* submit(TemPolor.song({ prompt: "rain", model_song: "v4.8" }))
        assert.deepStrictEqual(submission.ids.map(String), [...ids])
        assert.deepInclude(submission, { kind: "audio", model: "v4.8" })
      }).pipe(Effect.provide(Answers.layer(200, body))))
  }
})
