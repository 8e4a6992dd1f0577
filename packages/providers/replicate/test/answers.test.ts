import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stream from "effect/Stream"
import { type Answer, answered, emulated, id, rain, token } from "./support.ts"

const html = "<html><head><title>403 Forbidden</title></head></html>"
const missing = { detail: "The requested resource could not be found.", status: 404 }
const throttled = { detail: "Request was throttled. Your rate limit resets in ~30s." }
const fields = {
  detail: "- input: prompt is required\n- input.num_outputs: Must be less than or equal to 4\n",
  status: 422,
  title: "Input validation failed",
  invalid_fields: [
    { type: "required", field: "input", description: "prompt is required" },
    { type: "number_lte", field: "input.num_outputs", description: "Must be less than or equal to 4" }
  ]
}

/** As models that check their input themselves list it. */
const listed = {
  detail: [
    { loc: ["body", "input", "width"], msg: "must be a multiple of 8", type: "value_error" },
    { loc: ["body", "input", "loras", 0], msg: "field required", type: "value_error.missing" }
  ]
}

type Op = "list" | "get" | "cancel" | "submit" | "upload" | "recover"

/** Every answer that a page prints or that was seen, and what it means to whom. */
const rows: ReadonlyArray<
  readonly [what: string, ops: ReadonlyArray<Op>, answer: Answer, tag: JobError.JobError["_tag"], remedy: string]
> = [
  [
    "a token that is none",
    ["list", "get", "cancel", "submit", "upload", "recover"],
    [401, { title: "Unauthenticated", detail: "You did not pass a valid authentication token", status: 401 }],
    "Unauthorized",
    "Reauthenticate"
  ],
  [
    "no credit",
    ["submit"],
    [402, { title: "Insufficient credit", detail: "You have insufficient credit to run this model.", status: 402 }],
    "PaymentRequired",
    "Pay"
  ],
  ["no such prediction", ["get", "cancel"], [404, missing], "NotFound", "None"],
  ["a prediction that is gone", ["get", "cancel"], [410, { ...missing, status: 410 }], "NotFound", "None"],
  ["no such model", ["submit"], [404, missing], "InvalidRequest", "Fix"],
  ["no such page", ["list", "recover", "upload"], [404, missing], "UnexpectedResponse", "None"],
  ["a 404 of something between", ["get", "cancel", "submit"], [404, html], "UnexpectedResponse", "None"],
  ["someone else's prediction", ["get", "cancel"], [403, { detail: "Forbidden", status: 403 }], "Forbidden", "None"],
  ["a 403 of something between", ["get", "cancel", "submit"], [403, html], "UnexpectedResponse", "None"],
  ["a bad id", ["get", "cancel"], [400, { detail: "Bad id", status: 400 }], "InvalidJobId", "Fix"],
  ["a bad request", ["submit", "upload"], [400, { detail: "Invalid input", status: 400 }], "InvalidRequest", "Fix"],
  ["a file that is too large", ["upload"], [413, { detail: "Too large", status: 413 }], "InvalidRequest", "Fix"],
  ["fields that are refused", ["submit"], [422, fields], "InvalidRequest", "Fix"],
  [
    "a version that is not there",
    ["submit"],
    [422, { title: "Invalid version or not permitted", detail: "The specified version does not exist", status: 422 }],
    "InvalidRequest",
    "Fix"
  ],
  ["fields that a model lists", ["submit"], [422, listed], "InvalidRequest", "Fix"],
  ["an object of words", ["submit"], [422, { detail: { message: "No such size" } }], "InvalidRequest", "Fix"],
  [
    "words passed on",
    ["submit"],
    [422, { detail: JSON.stringify({ detail: [{ msg: "No" }] }) }],
    "InvalidRequest",
    "Fix"
  ],
  ["an object of words about a prediction", ["get"], [404, { detail: { error: "Not here" } }], "NotFound", "None"],
  ["a 422 to a list", ["list"], [422, fields], "UnexpectedResponse", "None"],
  [
    "too many calls",
    ["list", "get", "cancel", "submit", "upload", "recover"],
    [429, throttled],
    "RateLimited",
    "Retry"
  ],
  ["a slow request", ["list", "get", "cancel"], [408, "{}"], "Unavailable", "Retry"],
  ["a broken service", ["list", "get", "cancel", "upload", "recover"], [500, "{}"], "Unavailable", "Retry"],
  ["a broken service", ["submit"], [500, "{}"], "SubmissionUncertain", "None"],
  ["a bad gateway", ["list", "get"], [502, html], "Unavailable", "Retry"],
  ["a bad gateway", ["submit"], [502, html], "SubmissionUncertain", "None"],
  ["a success that is none", ["list", "get", "recover", "upload"], [200, html], "UnexpectedResponse", "None"],
  ["a success without an id", ["submit"], [201, { status: "starting" }], "SubmissionUncertain", "None"],
  ["a page without an end", ["list", "recover"], [200, { results: [] }], "UnexpectedResponse", "None"],
  ["a prediction without a status", ["get"], [200, { id }], "UnexpectedResponse", "None"]
]

const call = (op: Op, answer: Answer) =>
  Effect.flatMap(answered(() => answer), ({ replicate, sent }) => {
    const calls = {
      list: replicate.list,
      get: replicate.get(JobId.make(id)),
      cancel: replicate.cancel(JobId.make(id)),
      submit: replicate.submit(rain),
      upload: replicate.upload({ mediaType: "image/png", content: Stream.succeed(new Uint8Array(3)) }),
      recover: Effect.flatMap(
        Effect.flip(Effect.flatMap(answered(() => [500, ""]), (_) => _.replicate.submit(rain))),
        (error) => error._tag === "SubmissionUncertain" ? replicate.recover(error) : Effect.die(error)
      )
    }
    return Effect.map(
      Effect.flip(calls[op] as Effect.Effect<unknown, JobError.JobError>), // of different operations
      (error) => ({ error, sent })
    )
  })

describe("an answer means the same to all that can meet it", () => {
  for (const [what, ops, answer, tag, remedy] of rows) {
    for (const op of ops) {
      it.effect(`${what} (${answer[0]}) to ${op} is ${tag}`, () =>
        Effect.gen(function*() {
          const { error, sent } = yield* call(op, answer)
          assert.deepStrictEqual([error._tag, error.remedy._tag], [tag, remedy])
          assert.strictEqual(error.operation, op)
          assert.strictEqual(sent.length, 1)
          assert.notInclude(error.message, id)
        }))
    }
  }

  it.effect("a success to a cancel needs no body", () =>
    Effect.gen(function*() {
      const { replicate, sent } = yield* answered(() => [200, ""])
      yield* replicate.cancel(JobId.make(id))
      assert.deepStrictEqual(sent.map(({ method, url }) => [method, url.href]), [
        ["POST", `https://api.replicate.com/v1/predictions/${id}/cancel`]
      ])
    }))

  it.effect("a refused submit names the fields at fault", () =>
    Effect.gen(function*() {
      const { error } = yield* call("submit", [422, fields])
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "input", message: "prompt is required" },
        { field: "input.num_outputs", message: "Must be less than or equal to 4" }
      ])
      assert.include(error.detail ?? "", "Input validation failed: - input: prompt is required")
    }))

  it.effect("a refused submit names the fields that a model lists", () =>
    Effect.gen(function*() {
      const { error } = yield* call("submit", [422, listed])
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "input.width", message: "must be a multiple of 8" },
        { field: "input.loras.0", message: "field required" }
      ])
      assert.strictEqual(error.detail, "must be a multiple of 8; field required")
    }))

  for (
    const [what, answer, seconds] of [
      ["the header", [429, { ...throttled, retry_after: 9 }, { "retry-after": "7" }], 7],
      ["retry_after", [429, { ...throttled, status: 429, retry_after: 9 }], 9],
      ["the sentence", [429, throttled], 30],
      ["the header of a 503", [503, "", { "retry-after": "5" }], 5]
    ] as const satisfies ReadonlyArray<readonly [string, Answer, number]>
  ) {
    it.effect(`${what} says how long to wait`, () =>
      Effect.gen(function*() {
        const { error } = yield* call("get", answer)
        assert.deepStrictEqual(JobError.retryAfterOf(error), Duration.seconds(seconds))
      }))
  }

  it.effect("a redirect is never followed, and no trace header sent", () =>
    Effect.gen(function*() {
      const inits: Array<RequestInit | undefined> = []
      const fetched = (_: unknown, init?: RequestInit) => {
        inits.push(init)
        return Promise.resolve(new Response("", { status: 302, headers: { location: "https://elsewhere.test" } }))
      }
      const error = yield* Effect.flip(Effect.flatMap(emulated(), (_) => _.get(JobId.make(id)))).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provideService(FetchHttpClient.Fetch, fetched),
        Effect.withSpan("the caller's")
      )
      assert.deepStrictEqual([error._tag, inits.map((init) => init?.redirect)], ["UnexpectedResponse", ["manual"]])
      assert.sameMembers([...new Headers(inits[0]?.headers).keys()], ["accept", "authorization"])
    }))

  it.effect("an error shows neither token nor id, though the service may", () =>
    Effect.gen(function*() {
      const said = `Bearer user:12345-emulator may not see ${id}`
      const { error } = yield* call("get", [401, { detail: said }])
      assert.notInclude(JSON.stringify(error), id)
      assert.notInclude(JSON.stringify(error), "12345-emulator")
      assert.strictEqual(String(token), "<redacted>")
    }))
})
