import { assert, describe, it } from "@effect/vitest"
import * as Answer from "@media-jobs/adapter/Answer"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ErrorText from "@media-jobs/useapi/ErrorText"
import * as UseApi from "@media-jobs/useapi/UseApi"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const id = JobId.make(
  "j0326140530123456789v-u12345-email:user@example.com-x:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma"
)
const receivedAt = DateTime.makeUnsafe("2026-03-26T14:05:30.123Z")
const token = Redacted.make("user:12345-SeCrEt0123")

type Operation = Answer.Call["operation"]

const call = <Op extends Operation>(operation: Op, more?: Partial<Answer.Call>): Answer.Call<Op> => ({
  provider: ProviderId.make("useapi-luma"),
  instance: ProviderId.defaultInstance,
  token,
  ...(operation === "get" || operation === "remove" || operation === "cancel" ? { id } : undefined),
  ...more,
  operation
})

const classify = (operation: Operation, status: number, body: unknown, more?: {
  readonly call?: Partial<Answer.Call>
  readonly retired?: boolean
  readonly retryAfter?: string
}) =>
  Result.mapError(
    Answer.classify(
      UseApi.rules({ retired: more?.retired === true ? receivedAt : undefined }),
      call(operation, more?.call),
      {
        status,
        text: typeof body === "string" ? body : JSON.stringify(body),
        retryAfter: more?.retryAfter,
        receivedAt
      }
    ),
    (error) => JobError.narrow(operation, error)
  )

const page = (title: string) => `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>…</body></html>`
const error = (text: string) => ({ error: text })
const sessionError = {
  error: "Luma account has an error. Please check your account configuration via GET /v1/luma/accounts or re-add the " +
    "account via POST /v1/luma/accounts",
  code: 596
}
const upstream = { error: { code: 400, message: "Request contains an invalid argument.", status: "INVALID_ARGUMENT" } }

type Row = readonly [Operation, status: number, body: unknown, tag: JobError.JobError["_tag"], remedy: string]

/** Every documented and every observed answer that is no success, as far as it is one of all services. */
const table: ReadonlyArray<Row> = [
  // The pages of Luma's three operations.
  ["list", 401, error("Unauthorized"), "Unauthorized", "Reauthenticate"],
  ["get", 400, error("Invalid jobid"), "InvalidJobId", "Fix"],
  ["get", 401, error("Unauthorized"), "Unauthorized", "Reauthenticate"],
  ["get", 403, error("Job does not belong to this user"), "Forbidden", "None"],
  ["get", 404, error("Job not found"), "NotFound", "None"],
  ["get", 596, sessionError, "SessionExpired", "Reauthenticate"],
  ["remove", 400, error("Invalid jobid"), "InvalidJobId", "Fix"],
  ["remove", 401, error("Unauthorized"), "Unauthorized", "Reauthenticate"],
  ["remove", 403, error("Job does not belong to this user"), "Forbidden", "None"],
  ["remove", 404, error("Job not found"), "NotFound", "None"],
  ["remove", 409, error("Cannot delete job in state 'processing'. Wait for completion."), "NotTerminal", "Wait"],
  // Its pages about accounts, assets and creates.
  ["accounts", 401, error("Unauthorized"), "Unauthorized", "Reauthenticate"],
  ["accounts", 404, "", "UnexpectedResponse", "None"],
  ["capacity", 402, error("Account has no subscription or subscription expired"), "PaymentRequired", "Pay"],
  ["submit", 400, error("Parameter prompt is required"), "InvalidRequest", "Fix"],
  ["submit", 402, error("Account has no subscription or subscription expired"), "PaymentRequired", "Pay"],
  [
    "submit",
    404,
    error("Unable to find configuration for email user@example.com"),
    "AccountNotFound",
    "Reauthenticate"
  ],
  ["submit", 500, error("Session refreshed but validation failed. Please try again."), "Unavailable", "Retry"],
  ["submit", 596, sessionError, "SessionExpired", "Reauthenticate"],
  ["upload", 400, error("Content-Type (image/bmp) not supported. Valid: image/jpeg"), "InvalidRequest", "Fix"],
  [
    "upload",
    404,
    error("Unable to find configuration for email user@example.com"),
    "AccountNotFound",
    "Reauthenticate"
  ],
  // Dreamina and Midjourney.
  ["get", 400, error("Invalid job ID format"), "InvalidJobId", "Fix"],
  [
    "get",
    404,
    error("Unable to find configuration for account US:user@example.com"),
    "AccountNotFound",
    "Reauthenticate"
  ],
  ["get", 410, error(`Job ${id} has expired`), "NotFound", "None"],
  ["cancel", 404, error("Job not found"), "NotFound", "None"],
  ["cancel", 410, error(`Job ${id} has expired`), "NotFound", "None"],
  ["cancel", 409, error("Cannot delete job in state 'completed'."), "UnexpectedResponse", "None"],
  ["submit", 429, error("All accounts are at capacity"), "RateLimited", "Retry"],
  ["submit", 500, error("Login failed: invalid credentials"), "Unavailable", "Retry"],
  // The other services' envelopes.
  ["get", 401, { error: "Unauthorized", code: 401 }, "Unauthorized", "Reauthenticate"],
  ["get", 400, { error: "job_id has incorrect format", code: 400 }, "InvalidJobId", "Fix"],
  ["get", 404, { error: "Unable to locate running job_id 1", code: 404 }, "NotFound", "None"],
  ["submit", 400, { error: "Parameter n not supported", code: 400 }, "InvalidRequest", "Fix"],
  ["submit", 400, upstream, "InvalidRequest", "Fix"],
  ["get", 403, { error: { code: 403, message: "The caller does not have permission" } }, "Forbidden", "None"],
  ["submit", 412, error("Not enough credits"), "PaymentRequired", "Pay"],
  ["submit", 422, error("The prompt was moderated"), "InvalidRequest", "Fix"],
  ["submit", 403, error("Captcha required"), "UnexpectedResponse", "None"],
  ["submit", 408, error("Timed out"), "Unavailable", "Retry"],
  ["submit", 503, error("Busy"), "Unavailable", "Retry"],
  ["get", 504, error("Gateway time-out"), "Unavailable", "Retry"],
  [
    "get",
    404,
    { error: "Endpoint not found", hint: { llm_docs: "https://useapi.net/…" } },
    "UnexpectedResponse",
    "None"
  ],
  ["list", 404, error("Endpoint not found"), "UnexpectedResponse", "None"],
  // What stands between.
  ["get", 403, page("Attention Required! | Cloudflare"), "UnexpectedResponse", "None"],
  ["get", 404, page("404 Not Found"), "UnexpectedResponse", "None"],
  ["get", 410, "Gone", "UnexpectedResponse", "None"],
  ["remove", 409, page("Conflict"), "UnexpectedResponse", "None"],
  ["get", 400, page("400 Bad Request"), "UnexpectedResponse", "None"],
  ["submit", 400, page("400 Bad Request"), "UnexpectedResponse", "None"],
  ["get", 403, { message: "Forbidden" }, "UnexpectedResponse", "None"],
  ["get", 403, { error: 1010 }, "UnexpectedResponse", "None"],
  ["get", 404, [error("Job not found")], "UnexpectedResponse", "None"],
  ["get", 502, page("502 Bad Gateway"), "Unavailable", "Retry"],
  ["get", 520, page("Web server is returning an unknown error"), "Unavailable", "Retry"],
  ["get", 500, "", "Unavailable", "Retry"],
  ["get", 596, "", "SessionExpired", "Reauthenticate"],
  ["get", 429, page("Too many requests"), "RateLimited", "Retry"],
  ["get", 301, "", "UnexpectedResponse", "None"],
  ["get", 0, "", "UnexpectedResponse", "None"],
  ["get", 418, error("I'm a teapot"), "UnexpectedResponse", "None"],
  ["get", 405, error("Method not allowed"), "UnexpectedResponse", "None"],
  // Errors that were passed on, in any wrapping.
  ["get", 404, { error: { error: { message: "Job not found" } } }, "NotFound", "None"],
  ["submit", 400, { error: [{ message: "No such size" }, { message: "Too long" }] }, "InvalidRequest", "Fix"],
  [
    "submit",
    422,
    { error: JSON.stringify({ error: { message: "The prompt was moderated" } }) },
    "InvalidRequest",
    "Fix"
  ],
  ["get", 400, { error: { detail: [{ loc: ["path", "jobid"], msg: "Invalid jobid" }] } }, "InvalidJobId", "Fix"],
  // Successes that are none.
  ["get", 200, "", "UnexpectedResponse", "None"],
  ["get", 200, page("Welcome"), "UnexpectedResponse", "None"],
  ["get", 200, "{\"jobid\":", "UnexpectedResponse", "None"],
  // What an operation does not declare.
  ["get", 409, error("Cannot delete job in state 'processing'."), "UnexpectedResponse", "None"],
  ["get", 422, error("Unprocessable"), "UnexpectedResponse", "None"],
  ["list", 400, error("Invalid jobid"), "UnexpectedResponse", "None"],
  ["list", 403, error("Job does not belong to this user"), "UnexpectedResponse", "None"],
  ["list", 404, error("Job not found"), "UnexpectedResponse", "None"],
  ["list", 404, error("Unable to find configuration for email user@example.com"), "UnexpectedResponse", "None"],
  ["submit", 404, error("Job not found"), "UnexpectedResponse", "None"],
  ["submit", 409, error("Conflict"), "UnexpectedResponse", "None"]
]

describe("what an answer of useapi.net means", () => {
  for (const [operation, status, body, tag, remedy] of table) {
    it(`${operation} ${status} ${(typeof body === "string" ? body : JSON.stringify(body)).slice(0, 60)} is ${tag}`, () => {
      const result = classify(operation, status, body)
      assert.isTrue(Result.isFailure(result))
      if (Result.isSuccess(result)) return
      assert.strictEqual(result.failure._tag, tag)
      assert.strictEqual(result.failure.remedy._tag, remedy)
      assert.strictEqual(result.failure.status, status)
      assert.strictEqual(result.failure.operation, operation)
      if (operation === "get" || operation === "remove" || operation === "cancel") {
        assert.strictEqual(result.failure.id, id)
        assert.include(result.failure.message, JobId.fingerprint(id))
      }
      for (const secret of [id, "user@example.com", Redacted.value(token)]) {
        assert.notInclude(result.failure.message, secret)
        assert.notInclude(result.failure.detail, secret)
      }
    })
  }

  it("says that a retired service has closed", () => {
    const result = classify("get", 404, error("Endpoint not found"), { retired: true })
    assert.strictEqual(Result.isFailure(result) && result.failure._tag, "Discontinued")
    const notice = "Midjourney support was discontinued on June 24, 2026. See the service notice for details"
    for (const status of [403, 404, 410, 400]) {
      for (const body of [error(notice), notice, { message: notice }, error("The service has been shut down")]) {
        const told = classify("get", status, body, { retired: true })
        assert.strictEqual(
          Result.isFailure(told) && told.failure._tag,
          "Discontinued",
          `${status} ${JSON.stringify(body)}`
        )
        const living = classify("get", status, body)
        assert.notStrictEqual(Result.isFailure(living) && living.failure._tag, "Discontinued")
      }
    }
    const gone = classify("get", 410, error("The job is no longer available"), { retired: true })
    assert.strictEqual(Result.isFailure(gone) && gone.failure._tag, "NotFound")
    const job = classify("get", 404, error("Job not found"), { retired: true })
    assert.strictEqual(Result.isFailure(job) && job.failure._tag, "NotFound")
  })

  it("says the reason beside a message that says the same of all refusals", () => {
    const message = "Request contains an invalid argument."
    const reason = "PUBLIC_ERROR_TRUMP_FACE_DETECTED"
    const details = [{ "@type": "x" }, { reason }]
    const error = { code: 400, message, status: "INVALID_ARGUMENT", details }
    assert.strictEqual(ErrorText.of({ error }), `${message}: ${reason}`)
    assert.strictEqual(ErrorText.of({ error: { message, details: [7, null] }, errorDetails: "No" }), `${message}: No`)
  })

  it("shows the innermost sentence of what was passed on", () => {
    const message = "The width must be a multiple of 8"
    for (
      const body of [
        { error: { error: { message } } },
        { error: [message] },
        { error: JSON.stringify({ detail: JSON.stringify({ errors: [{ msg: message }] }) }) },
        { error: `Upstream 400: ${JSON.stringify({ error: { code: 400, message, status: "INVALID" } })}` },
        { error: `${"at frame ".repeat(400)}${message}` }
      ]
    ) {
      const result = classify("submit", 400, body)
      assert.strictEqual(Result.isFailure(result) && result.failure._tag, "InvalidRequest")
      assert.include(Result.isFailure(result) ? result.failure.detail : "", message)
      assert.include(Result.isFailure(result) ? result.failure.message : "", message)
    }
  })

  it("hands on the JSON of a success, with whatever `error` or `code` it holds", () => {
    for (
      const body of [{ jobid: "j", code: 200 }, { jobs: [], error: "One account could not be asked" }, [], null, 0]
    ) {
      for (const status of [200, 201, 202]) assert.deepStrictEqual(classify("get", status, body), Result.succeed(body))
    }
  })

  it("takes nothing for a success only where that is said", () => {
    assert.deepStrictEqual(classify("cancel", 204, ""), Result.succeed(undefined))
    assert.deepStrictEqual(classify("accounts", 404, "", { call: { emptyStatus: 404 } }), Result.succeed(undefined))
    assert.isTrue(
      Result.isFailure(classify("accounts", 404, error("Endpoint not found"), { call: { emptyStatus: 404 } }))
    )
  })

  it("keeps the service's words, and tells a page by its title", () => {
    const detail = (body: unknown, status = 400) => {
      const result = classify("submit", status, body)
      return Result.isFailure(result) ? result.failure.detail : undefined
    }
    assert.strictEqual(detail(error("Parameter n not supported")), "Parameter n not supported")
    assert.strictEqual(detail(upstream), "Request contains an invalid argument.")
    assert.strictEqual(
      detail({ error: "fail_code: 2043", errorDetails: "OutputVideoRisk" }),
      "fail_code: 2043: OutputVideoRisk"
    )
    assert.strictEqual(detail({ error: { status: "DENIED" } }), "DENIED")
    assert.strictEqual(detail(page("502 Bad Gateway"), 502), "An HTML page: 502 Bad Gateway")
    assert.strictEqual(detail("<html></html>", 502), "An HTML page")
    assert.strictEqual(detail("error code: 1010", 403), "The body is not JSON: error code: 1010")
    assert.strictEqual(detail({ message: "no" }, 403), "no")
    assert.strictEqual(detail({ a: 1 }, 403), "The body holds no error: {\"a\":1}")
    assert.strictEqual(detail("\u001b[31mred\u0000", 403), "The body is not JSON: [31mred")
    assert.strictEqual(detail("  \n", 502), "The body is empty")
    assert.strictEqual(
      detail(error(`Token ${Redacted.value(token)} of user@example.com`)),
      "Token [secret] of [e-mail]"
    )
    const opaque = classify("get", 400, error("No job odd/id here, says s3cret"), {
      call: { id: JobId.make("odd/id"), token: Redacted.make("s3cret") }
    })
    assert.strictEqual(Result.isFailure(opaque) && opaque.failure.detail, "No job [secret] here, says [secret]")
  })

  it("knows the state that a running job is in", () => {
    const result = classify("remove", 409, error("Cannot delete job in state 'processing'. Wait for completion."))
    const failure = Result.isFailure(result) ? result.failure : undefined
    assert.strictEqual(failure?._tag === "NotTerminal" && failure.providerStatus, "processing")
    const silent = classify("remove", 409, error("Not yet"))
    assert.isTrue(
      Result.isFailure(silent) && silent.failure._tag === "NotTerminal" && !("providerStatus" in silent.failure)
    )
  })

  it("reads how long to wait: seconds, an HTTP date, or a time in the body", () => {
    const after = (body: unknown, retryAfter?: string, status = 429) => {
      const result = classify("get", status, body, retryAfter === undefined ? {} : { retryAfter })
      const wait = Result.isFailure(result) ? JobError.retryAfterOf(result.failure) : undefined
      return wait === undefined ? undefined : Duration.toMillis(wait)
    }
    const busy = error("Too many requests")
    assert.strictEqual(after(busy, "30"), 30_000)
    assert.strictEqual(after(busy, "Thu, 26 Mar 2026 14:06:00 GMT"), 29_877)
    assert.strictEqual(after(busy, "Thu, 26 Mar 2020 14:06:00 GMT"), 0)
    assert.strictEqual(after({ ...busy, retryAfter: "2026-03-26T14:05:31.123Z" }), 1000)
    assert.strictEqual(after({ ...busy, retryAt: "2026-03-26T14:05:32.123Z" }), 2000)
    assert.strictEqual(after({ ...busy, retryAfter: 7 }), 7000)
    assert.strictEqual(after({ ...busy, retryAfter: "2026-03-26T14:05:31.123Z" }, "5"), 5000)
    assert.strictEqual(after(busy, "soon"), undefined)
    assert.strictEqual(after({ ...busy, retryAfter: -1 }), undefined)
    assert.strictEqual(after({ ...busy, retryAfter: null }), undefined)
    assert.strictEqual(after(busy), undefined)
    assert.strictEqual(after(busy, "9", 503), 9000)
    assert.strictEqual(after(page("Busy"), "9", 502), 9000)
    assert.strictEqual(after(busy, "8.5"), 8500)
    assert.strictEqual(after({ ...busy, retryAfter: "8.5" }), 8500)
    assert.strictEqual(after(busy, "-1"), undefined)
    assert.strictEqual(after(busy, ""), undefined)
  })

  it("takes a length for too much, or missing, whoever says so", () => {
    for (
      const [operation, status, field] of [
        ["upload", 413, "content"],
        ["upload", 411, "length"],
        ["submit", 413, "request"]
      ] as const
    ) {
      for (const body of [page("Too large"), error("Payload too large"), ""]) {
        const result = classify(operation, status, body)
        const failed = Result.isFailure(result) ? result.failure : undefined
        assert.strictEqual(failed?._tag, "InvalidRequest")
        assert.strictEqual(failed?.remedy._tag, "Fix")
        assert.deepStrictEqual(failed?._tag === "InvalidRequest" && failed.issues.map(({ field }) => field), [field])
      }
    }
    const read = classify("list", 413, page("Too large"))
    assert.strictEqual(Result.isFailure(read) && read.failure._tag, "UnexpectedResponse")
  })

  it("takes a time since 1970 for one, and no wait for longer than a day", () => {
    const after = (retryAfter: string) => {
      const result = classify("get", 429, error("Busy"), { retryAfter })
      const wait = Result.isFailure(result) ? JobError.retryAfterOf(result.failure) : undefined
      return wait && Duration.toMillis(wait)
    }
    const day = 86_400_000
    assert.strictEqual(after("1774533940"), 9877)
    assert.strictEqual(after("1774533940123"), 10_000)
    assert.strictEqual(after("1595680083"), 0)
    assert.strictEqual(after("1795680083"), day)
    assert.strictEqual(after("Fri, 31 Dec 9999 23:59:59 GMT"), day)
    assert.strictEqual(after("86401"), day)
    assert.strictEqual(after("99999999999999999999"), day)
    assert.strictEqual(after("7200"), 7_200_000)
  })

  const Body = Schema.Union([
    Schema.String,
    Schema.Json,
    Schema.Struct({ error: Schema.Json, retryAfter: Schema.Json })
  ])
  const operations = ["list", "get", "remove", "cancel", "submit", "recover", "upload", "accounts", "capacity"] as const

  it.effect.prop(
    "has a meaning for any answer, quickly, and shows no secret of it",
    [
      Schema.Literals(operations),
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 })),
      Body,
      Schema.String
    ],
    ([operation, status, body, retryAfter]) =>
      Effect.sync(() => {
        const text = `${typeof body === "string" ? body : JSON.stringify(body)}${status % 2 === 0 ? "" : ` ${id}`}`
        const result = classify(operation, status, text, { retryAfter })
        if (Result.isSuccess(result)) return
        assert.isTrue(Schema.is(JobError.JobError)(result.failure))
        assert.notInclude(result.failure.message, id)
      })
  )

  it("takes a body of any length and depth", () => {
    assert.isTrue(Result.isFailure(classify("get", 502, "a".repeat(5_000_000))))
    assert.isTrue(Result.isFailure(classify("get", 404, error("x".repeat(5_000_000)))))
    assert.isTrue(Result.isFailure(classify("get", 404, "[".repeat(200_000) + "]".repeat(200_000))))
    assert.isTrue(
      Result.isFailure(classify("get", 404, `{"error":${"{\"error\":".repeat(9999)}1${"}".repeat(10_000)}`))
    )
  })
})
