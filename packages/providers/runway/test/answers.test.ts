import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import { sentences } from "@media-jobs/testing/runway"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { type Answer, answered, id, rain, task } from "./support.ts"

const html = "<html><head><title>403 Forbidden</title></head></html>"
const docUrl = "https://docs.dev.runwayml.com/api"
const said = (error: string, more?: object) => ({ error, ...more, docUrl })
const version = said("The API version that was provided in the X-Runway-Version header is not valid.")
const endUser = { error: "X-Runway-On-Behalf-Of request header was not specified for task creation" }
const issue = { code: "custom", message: "Failed to fetch asset.", path: ["promptImage", 0, "uri"] }

type Op = "get" | "cancel" | "remove" | "link" | "submit" | "upload" | "accounts" | "capacity"
const all: ReadonlyArray<Op> = ["get", "cancel", "remove", "link", "submit", "upload", "accounts", "capacity"]
const job: ReadonlyArray<Op> = ["get", "cancel", "remove", "link"]
const organization: ReadonlyArray<Op> = ["accounts", "capacity"]

/** Every answer that a page prints or that was seen, and what it means to whom. */
const rows: ReadonlyArray<
  readonly [what: string, ops: ReadonlyArray<Op>, answer: Answer, tag: JobError.JobError["_tag"], remedy: string]
> = [
  [
    "a bad body",
    ["submit", "upload"],
    [400, said("Validation of body failed", { issues: [issue] })],
    "InvalidRequest",
    "Fix"
  ],
  ["an older refusal", ["submit"], [400, { error: "Invalid parameter 'promptText'" }], "InvalidRequest", "Fix"],
  [
    "no credits",
    ["submit", "upload"],
    [400, said("You do not have enough credits to run this task.")],
    "PaymentRequired",
    "Pay"
  ],
  ["a bad version", ["submit", "upload"], [400, version], "InvalidRequest", "Fix"],
  ["a bad version", [...job, ...organization], [400, version], "UnexpectedResponse", "None"],
  ["no end user", ["submit"], [400, endUser], "InvalidRequest", "Fix"],
  ["a bad id", job, [400, said("Validation of path failed")], "InvalidJobId", "Fix"],
  ["a 400 of something between", all, [400, html], "UnexpectedResponse", "None"],
  ["a key that is none", all, [401, said("The API key is not valid.")], "Unauthorized", "Reauthenticate"],
  [
    "a wrong host",
    all,
    [401, said("Incorrect hostname for API key", { details: "Use api.dev.runwayml.com instead." })],
    "Unauthorized",
    "Reauthenticate"
  ],
  [
    "a model that is not for the key",
    ["submit"],
    [403, said("Model variant gen4.5 is not available")],
    "InvalidRequest",
    "Fix"
  ],
  ["someone else's task", job, [403, said("Forbidden")], "Forbidden", "None"],
  ["a 403 of something between", all, [403, html], "UnexpectedResponse", "None"],
  ["no such task", job, [404, { error: "Could not find Task" }], "NotFound", "None"],
  ["no such endpoint", ["submit"], [404, said("Not found")], "InvalidRequest", "Fix"],
  ["no such endpoint", ["upload", ...organization], [404, said("Not found")], "UnexpectedResponse", "None"],
  ["a 404 of something between", all, [404, html], "UnexpectedResponse", "None"],
  ["a wrong method", all, [405, said("Method not allowed")], "UnexpectedResponse", "None"],
  ["a file that is too large", ["upload"], [413, html], "InvalidRequest", "Fix"],
  ["the daily cap", ["submit"], [429, said("Your daily task limit has been reached.")], "RateLimited", "Retry"],
  ["too many requests", all, [429, said("Too many requests")], "RateLimited", "Retry"],
  [
    "trouble",
    ["get", "cancel", "remove", "link", "upload", ...organization],
    [500, said("Oh")],
    "Unavailable",
    "Retry"
  ],
  ["a load that is shed", [...job, "upload", ...organization], [502, html], "Unavailable", "Retry"],
  ["a load that is shed", [...job, "upload", ...organization], [503, ""], "Unavailable", "Retry"],
  ["an overload", [...job, "upload", ...organization], [504, html], "Unavailable", "Retry"],
  ["a load that is shed", ["submit"], [502, html], "SubmissionUncertain", "None"],
  ["a load that is shed", ["submit"], [503, said("Try again")], "SubmissionUncertain", "None"],
  ["an overload", ["submit"], [504, html], "SubmissionUncertain", "None"],
  ["an answer without an id", ["submit"], [200, { estimatedCost: { credits: 5 } }], "SubmissionUncertain", "None"],
  ["no task", job, [200, { status: "RUNNING" }], "UnexpectedResponse", "None"],
  ["a task without a word", job, [200, { id }], "UnexpectedResponse", "None"],
  ["a ticket without an address", ["upload"], [200, { runwayUri: "runway://x" }], "UnexpectedResponse", "None"],
  [
    "an address that is none",
    ["upload"],
    [200, { runwayUri: "runway://x", uploadUrl: "s3" }],
    "UnexpectedResponse",
    "None"
  ],
  [
    "an address of no host",
    ["upload"],
    [200, { runwayUri: "runway://x", uploadUrl: "data:,x" }],
    "UnexpectedResponse",
    "None"
  ],
  ["no organization", organization, [200, {}], "UnexpectedResponse", "None"]
]

const file = { mediaType: "image/png", length: 600, content: Stream.succeed(new Uint8Array(600)) }

describe("what an answer of Runway means", () => {
  for (const [what, ops, answer, tag, remedy] of rows) {
    for (const op of ops) {
      it.effect(`${what}: ${answer[0]} to ${op} is ${tag}`, () =>
        Effect.gen(function*() {
          const { runway } = yield* answered(({ body }) => body === "" ? [204, ""] : answer)
          const known = yield* answered(() => [200, task()])
          const done = yield* known.runway.get(JobId.make(id))
          const [made = assert.fail()] = done.state._tag === "Succeeded" ? done.state.artifacts : []
          const calls = {
            get: runway.get(JobId.make(id)),
            cancel: runway.cancel(JobId.make(id)),
            remove: runway.remove(JobId.make(id)),
            link: runway.link(done, made),
            submit: runway.submit(rain),
            upload: runway.upload(file),
            accounts: runway.accounts,
            capacity: runway.capacity
          }
          const fiber = yield* Effect.forkChild(Effect.flip<unknown, JobError.JobError, never>(calls[op]))
          yield* TestClock.adjust("1 hour")
          const error = yield* Fiber.join(fiber)
          assert.deepStrictEqual([error._tag, error.remedy._tag], [tag, remedy])
          assert.notInclude(`${error.message}${String(error)}`, id)
        }))
    }
  }

  it.effect("the fields that a refusal names are told, with its words", () =>
    Effect.gen(function*() {
      const { runway } = yield* answered(
        () => [400, said("Validation of body failed", { issues: [issue, 7, { path: "x" }] })]
      )
      const error = yield* Effect.flip(runway.submit(rain))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "promptImage.0.uri", message: "Failed to fetch asset." }
      ])
    }))

  it.effect("the details of an error follow its words", () =>
    Effect.gen(function*() {
      const { runway } = yield* answered(() => [401, JSON.parse(sentences.wrongHost.body)])
      const error = yield* Effect.flip(runway.accounts)
      assert.strictEqual(error.detail, "Incorrect hostname for API key Use api.dev.runwayml.com instead.")
    }))

  it.effect("the daily cap is not tried again within minutes; any other 429 is", () =>
    Effect.gen(function*() {
      const tries = Effect.fnUntraced(function*(error: string) {
        const { runway, sent } = yield* answered(() => [429, said(error)], { retries: 3, instance: error.slice(0, 3) })
        const fiber = yield* Effect.forkChild(Effect.flip(runway.submit(rain)))
        yield* TestClock.adjust("1 minute")
        const failed = yield* Fiber.join(fiber)
        return [sent.length, Duration.toMinutes(JobError.retryAfterOf(failed) ?? 0)]
      })
      assert.deepStrictEqual(yield* tries("Too many requests"), [4, 0])
      assert.deepStrictEqual(yield* tries("Your daily task limit has been reached."), [1, 60])
    }))

  it.effect("a submit whose answer was lost is sent once, and says that it can't be found", () =>
    Effect.gen(function*() {
      const { runway, sent } = yield* answered(() => [502, html], { retries: 3 })
      const error = yield* Effect.flip(runway.submit(rain))
      assert.deepStrictEqual([error._tag, error._tag === "SubmissionUncertain" && error.recoverable, sent.length], [
        "SubmissionUncertain",
        false,
        1
      ])
      assert.notInclude(runway.capabilities, "recover")
      assert.notInclude(runway.capabilities, "list")
    }))
})
