import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as Kling from "@media-jobs/useapi-kling/Kling"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, id, kling, task } from "./support.ts"

type Service = Kling.Kling["Service"]

const email = account
const url = "https://cdn.klingai.com/a.png"
const submit = (request: Parameters<Service["submit"]>[0]) => ({ submit }: Service) => submit(request)

/** One call of each sort, and each of the creates. */
const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(id),
  untrack: ({ untrack }: Service) => untrack(id),
  remove: ({ remove }: Service) => remove(id),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0), account }),
  upload: ({ upload }: Service) =>
    upload({ account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity,
  textToVideo: submit(Kling.textToVideo({ email, prompt: "rain" })),
  framesToVideo: submit(Kling.framesToVideo({ email, image: url })),
  elementsToVideo: submit(Kling.elementsToVideo({ email, image_0: url, prompt: "rain" })),
  effect: submit(Kling.effect({ email, image: url, effect: "hug" })),
  omni: submit(Kling.omni({ email, prompt: "rain" })),
  extend: submit(Kling.extend({ email, task_id: task })),
  lipSync: submit(Kling.lipSync({ email, video: url, audio: url })),
  motion: submit(Kling.motion({ email, imageUrl: url, motionUrl: url })),
  addSound: submit(Kling.addSound({ email, video: url })),
  image: submit(Kling.image({ email, prompt: "rain" })),
  upscaleImage: submit(Kling.upscaleImage({ email, task_id: task, workId: task })),
  avatar: submit(Kling.avatar({ email, imageUrl: url, audioUrl: url }))
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const reads: ReadonlyArray<Op> = ["list", "get", "recover", "accounts", "capacity"]
const writes: ReadonlyArray<Op> = ["untrack", "remove", "upload"]
const submits = (Object.keys(operations) as ReadonlyArray<Op>).filter((op) => ![...reads, ...writes].includes(op))
const every: ReadonlyArray<Op> = [...reads, ...writes, ...submits]

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: every, status: 401, body: { error: "Unauthorized", code: 401 }, tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: submits, status: 400, body: { error: "Parameter prompt is required" }, tag: "InvalidRequest", remedy: "Fix" },
  { of: ["motion"], status: 400, body: { error: "MOTION.PIC_NOT_MATCHED" }, tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 402, body: { error: "Subscription required" }, tag: "PaymentRequired", remedy: "Pay" },
  {
    of: submits,
    status: 404,
    body: { error: `Unable to find configuration for email ${account}` },
    tag: "AccountNotFound",
    remedy: "Reauthenticate"
  },
  { of: submits, status: 404, body: { error: "No such account" }, tag: "AccountNotFound", remedy: "Reauthenticate" },
  { of: submits, status: 429, body: { error: "All slots are busy" }, tag: "RateLimited", remedy: "Retry", sent: 4 },
  {
    of: submits,
    status: 500,
    body: { error: "Prompt contains sensitive words" },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: submits, status: 500, body: { error: "Internal error" }, tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 500, body: Answers.page("500"), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: { task: { id: null } }, tag: "SubmissionUncertain", remedy: "None" },
  {
    of: every,
    status: 596,
    body: { error: "Session lost", code: 596 },
    tag: "SessionExpired",
    remedy: "Reauthenticate"
  },
  {
    of: ["get", "remove"],
    status: 400,
    body: { error: "Invalid task_id parameter" },
    tag: "InvalidJobId",
    remedy: "Fix"
  },
  { of: ["untrack"], status: 400, body: { error: "Error …" }, tag: "InvalidJobId", remedy: "Fix" },
  {
    of: ["untrack"],
    status: 404,
    body: { error: `Unable to locate running task_id ${task}` },
    tag: "NotFound",
    remedy: "None"
  },
  { of: ["get"], status: 404, body: { error: "Task not found" }, tag: "NotFound", remedy: "None" },
  // The second is the look that tells whether it runs.
  {
    of: ["remove"],
    status: 404,
    body: { error: `No works found for task ${task}` },
    tag: "NotFound",
    remedy: "None",
    sent: 2
  },
  {
    of: ["upload"],
    status: 400,
    body: { error: "Content-Type image/png is not supported. Valid values: …" },
    tag: "InvalidRequest",
    remedy: "Fix"
  },
  { of: reads, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: writes, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: Answers.page("Sign in"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: { error: "Not now" }, tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "get", "remove"], status: 200, body: { deleted: "1" }, tag: "UnexpectedResponse", remedy: "None" }
]

describe("An answer", () => {
  for (
    const { check, name } of Answers.table(kling(), operations, rows, { account, secrets: [task, "user%40example"] })
  ) {
    it.effect(name, () => check)
  }

  for (const [status, body] of [[200, ""], [204, ""], [200, {}], [202, "OK"]] as const) {
    it.effect(`untrack: ${status} ${JSON.stringify(body)} is a yes`, () =>
      Effect.gen(function*() {
        assert.isUndefined(yield* Answers.timely((yield* kling()).untrack(id)))
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }

  for (
    const [what, body, task] of [
      ["a number", { task: { id: 123456789, status: 5 } }, "123456789"],
      ["a text", { task: { id: "123456789" } }, "123456789"],
      ["a number that no number can hold", "{\"task\":{\"id\":923847293472394001}}", "923847293472394001"]
    ] as const
  ) {
    for (const op of submits) {
      it.effect(`${op}: a create's id may be ${what}, and holds the account`, () =>
        Effect.gen(function*() {
          const submission = yield* operations[op](yield* kling())
          assert.deepStrictEqual(Object(submission).ids, [`${account}/${task}`])
        }).pipe(Effect.provide(Answers.layer(200, body))))
    }
  }

  for (const [status, body] of [[200, {}], [404, ""]] as const) {
    it.effect(`accounts: ${status} ${JSON.stringify(body)} are none`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Answers.timely((yield* kling()).accounts), [])
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }
})
