import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Answer, dream, dreamMachineBefore, dreamt, generation, id, lumaBefore, rain } from "./support.ts"

const html = "<html><head><title>403 Forbidden</title></head></html>"
const detail = (text: unknown) => ({ detail: text })
const listed = detail([
  {
    type: "enum",
    loc: ["body", "aspect_ratio"],
    msg: "Input should be '16:9'",
    input: "5:4",
    ctx: { expected: "'16:9'" }
  },
  { type: "missing", loc: ["body", "keyframes", "frame0", "url"], msg: "Field required", input: "" }
])

type Rows<Op> = ReadonlyArray<
  readonly [what: string, ops: ReadonlyArray<Op>, answer: Answer, tag: JobError.JobError["_tag"], remedy: string]
>

const reads = ["get", "link"] as const
const all = ["get", "link", "submit", "upload"] as const

/** Every answer of the Agents API that a guide prints or that was seen, and what it means to whom. */
const agents: Rows<typeof all[number]> = [
  ...["Missing or invalid API key", "Invalid API key", "API key has been revoked", "API key has expired"].map((text) =>
    [text, all, [401, detail(text)], "Unauthorized", "Reauthenticate"] as const
  ),
  ...["API client is suspended", "API client is deactivated"].map((text) =>
    [text, all, [403, detail(text)], "Unauthorized", "Reauthenticate"] as const
  ),
  ["a 403 of something between", all, [403, html], "UnexpectedResponse", "None"],
  ...["Insufficient credits. Please add credits to continue.", "Insufficient balance"].map((text) =>
    [text, ["submit"] as const, [402, detail(text)], "PaymentRequired", "Pay"] as const
  ),
  ["no such generation", reads, [404, detail("Generation not found")], "NotFound", "None"],
  [
    "a generation that a request refers to is not there",
    ["submit"],
    [404, detail("Generation not found")],
    "InvalidRequest",
    "Fix"
  ],
  ["a 404 of something between", all, [404, html], "UnexpectedResponse", "None"],
  ...[
    "Unknown model: ray-9",
    "Type 'video' is not supported for model 'uni-1'",
    "Invalid aspect_ratio '4:3'. Valid: 16:9",
    "Prompt must be between 1 and 6000 characters",
    "image_ref[0]: provide either 'url' or 'data', not both",
    "source is required for type 'image_edit'"
  ].map((text) => [text, ["submit"] as const, [400, detail(text)], "InvalidRequest", "Fix"] as const),
  ...[
    "loop cannot be combined with hdr",
    "image_ref[0]: invalid base64 data",
    "source: failed to fetch URL (HTTP 404)",
    "source: content-type is not an image"
  ].map((text) => [text, ["submit"] as const, [422, detail(text)], "InvalidRequest", "Fix"] as const),
  [
    "a file that is too large",
    ["submit", "upload"],
    [413, detail("Image exceeds 50 MB size limit")],
    "InvalidRequest",
    "Fix"
  ],
  ["too many requests", all, [429, detail("Rate limit exceeded"), { "retry-after": "7" }], "RateLimited", "Retry"],
  [
    "too many jobs",
    ["submit"],
    [429, detail("Too many concurrent jobs"), { "retry-after": "60" }],
    "RateLimited",
    "Retry"
  ],
  ["too many calls of any kind", all, [429, "", { "retry-after": "9" }], "RateLimited", "Retry"],
  [
    "a service that is away",
    ["get", "link", "upload"],
    [502, detail("Upstream service unavailable")],
    "Unavailable",
    "Retry"
  ],
  ["a service that is away", ["submit"], [502, detail("Upstream service unavailable")], "SubmissionUncertain", "None"],
  [
    "images by URL that it takes none of now",
    ["submit"],
    [503, detail("Image URL ingestion unavailable")],
    "SubmissionUncertain",
    "None"
  ],
  ["a success that is none", ["get", "link", "upload"], [200, html], "UnexpectedResponse", "None"],
  ["a success without an id", ["submit"], [201, { state: "queued" }], "SubmissionUncertain", "None"],
  [
    "a generation with a status in place of a state",
    reads,
    [200, { id, status: "queued" }],
    "UnexpectedResponse",
    "None"
  ],
  ["another generation", ["get"], [200, generation({ id: id.replace("d", "e") })], "UnexpectedResponse", "None"],
  ["a generation without the file", ["link"], [200, generation()], "UnexpectedResponse", "None"]
]

const toJob = ["get", "remove"] as const
const calls = ["list", "get", "remove", "submit", "recover", "credits"] as const

/** The same of Dream Machine, of whose statuses no document has a table: what each would mean. */
const dreamMachine: Rows<typeof calls[number]> = [
  ["a key that is none", calls, [401, detail("Invalid API key is provided")], "Unauthorized", "Reauthenticate"],
  ["another's generation", toJob, [403, detail("Forbidden")], "Forbidden", "None"],
  ["a 403 of something between", calls, [403, html], "UnexpectedResponse", "None"],
  ...[400, 402, 403].map((status) =>
    [
      `no credits, with ${status}`,
      ["submit"] as const,
      [status, detail("Insufficient credits")],
      "PaymentRequired",
      "Pay"
    ] as const
  ),
  ["no such generation", toJob, [404, detail("Generation not found")], "NotFound", "None"],
  ["no generation to upscale", ["submit"], [404, detail("Generation not found")], "InvalidRequest", "Fix"],
  ["no such page", ["list", "recover", "credits"], [404, detail("Not Found")], "UnexpectedResponse", "None"],
  ...[
    "Prompt is required",
    "Prompt is too short, minimum length is 3 characters",
    "Prompt is too long, maximum length is 5000 characters",
    "Loop is not supported for an end frame",
    "No keyframes provided",
    "Unknown request type"
  ].flatMap((text) =>
    [400, 422].map((status) => [text, ["submit"] as const, [status, detail(text)], "InvalidRequest", "Fix"] as const)
  ),
  ["fields that are refused", ["submit"], [422, listed], "InvalidRequest", "Fix"],
  ["fields that are refused, to a list", ["list"], [422, listed], "UnexpectedResponse", "None"],
  ["too many requests", calls, [429, detail("Too many requests")], "RateLimited", "Retry"],
  ["a broken service", ["list", "get", "remove", "recover", "credits"], [500, detail("Error")], "Unavailable", "Retry"],
  ["a broken service", ["submit"], [500, detail("Error")], "SubmissionUncertain", "None"],
  ["a bad gateway", ["list", "get"], [502, html], "Unavailable", "Retry"],
  ["a success that is none", ["list", "get", "recover", "credits"], [200, html], "UnexpectedResponse", "None"],
  ["a success without an id", ["submit"], [201, { state: "queued" }], "SubmissionUncertain", "None"],
  ["a page without its generations", ["list", "recover"], [200, { has_more: false }], "UnexpectedResponse", "None"],
  ["a generation without a state", ["get"], [200, dreamt({ state: undefined })], "UnexpectedResponse", "None"],
  ["a balance that is none", ["credits"], [200, { credit_balance: "much" }], "UnexpectedResponse", "None"]
]

const job = JobId.make(id)

type Failing = Effect.Effect<unknown, JobError.JobError>

const ofAgents = (op: typeof all[number], answer: Answer) =>
  Effect.gen(function*() {
    const done = generation({ state: "completed", output: [{ type: "video", url: "https://x.test/o.mp4" }] })
    const shown = yield* Effect.flatMap(lumaBefore(() => [200, done]), ({ provider }) => provider.get(job))
    const [artifact] = shown.state._tag === "Succeeded" ? shown.state.artifacts : []
    const { provider, sent } = yield* lumaBefore(() => answer)
    const all: Record<typeof op, Failing> = {
      get: provider.get(job),
      link: provider.link(shown, artifact ?? assert.fail()),
      submit: provider.submit(rain),
      upload: provider.upload({ mediaType: "image/png", content: Stream.succeed(new Uint8Array(3)), length: 3 })
    }
    return { error: yield* Effect.flip(all[op]), sent }
  })

const ofDreamMachine = (op: typeof calls[number], answer: Answer) =>
  Effect.gen(function*() {
    const lost = yield* Effect.flatMap(
      dreamMachineBefore(() => [500, ""]),
      (_) => Effect.flip(_.provider.submit(dream))
    )
    assert(lost._tag === "SubmissionUncertain")
    const { provider, sent } = yield* dreamMachineBefore(() => answer)
    const all: Record<typeof op, Failing> = {
      list: provider.list,
      get: provider.get(job),
      remove: provider.remove(job),
      submit: provider.submit(dream),
      recover: provider.recover(lost),
      credits: provider.credits
    }
    return { error: yield* Effect.flip(all[op]), sent }
  })

const means = <Op extends string>(
  rows: Rows<Op>,
  ask: (
    op: Op,
    answer: Answer
  ) => Effect.Effect<{ readonly error: JobError.JobError; readonly sent: ReadonlyArray<unknown> }, unknown>
) => {
  for (const [what, ops, answer, tag, remedy] of rows) {
    for (const op of ops) {
      it.effect(`${what} (${answer[0]}) to ${op} is ${tag}`, () =>
        Effect.gen(function*() {
          const { error, sent } = yield* ask(op, answer)
          assert.deepStrictEqual([error._tag, error.remedy._tag], [tag, remedy])
          assert.strictEqual(error.operation, op === "credits" ? "accounts" : op)
          assert.strictEqual(sent.length, 1)
          assert.notInclude(error.message, id)
        }))
    }
  }
}

describe("an answer of Luma means the same to all that can meet it", () => {
  means(agents, ofAgents)

  it.effect("the header says how long to wait", () =>
    Effect.gen(function*() {
      const { error } = yield* ofAgents("submit", [429, detail("Too many concurrent jobs"), { "retry-after": "60" }])
      assert.deepStrictEqual(JobError.retryAfterOf(error), Duration.seconds(60))
    }))

  it.effect("a refused submit names the field that a sentence begins with", () =>
    Effect.gen(function*() {
      const { error } = yield* ofAgents("submit", [422, detail("image_ref[0]: invalid base64 data")])
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "image_ref.0", message: "invalid base64 data" }
      ])
    }))

  it.effect("a lost submit says that it can't be found again", () =>
    Effect.gen(function*() {
      const { error, sent } = yield* ofAgents("submit", [500, ""])
      assert(error._tag === "SubmissionUncertain")
      assert.strictEqual(error.recoverable, false)
      assert.strictEqual(sent.length, 1)
    }))
})

describe("an answer of Dream Machine means the same to all that can meet it", () => {
  means(dreamMachine, ofDreamMachine)

  it.effect("a refused submit names the fields that are listed", () =>
    Effect.gen(function*() {
      const { error } = yield* ofDreamMachine("submit", [422, listed])
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "aspect_ratio", message: "Input should be '16:9'" },
        { field: "keyframes.frame0.url", message: "Field required" }
      ])
      assert.include(error.detail ?? "", "Input should be '16:9'; Field required")
    }))

  it.effect("a 204 to a remove is done, with no body", () =>
    Effect.gen(function*() {
      const { provider, sent } = yield* dreamMachineBefore(({ method }) =>
        method === "GET" ? [200, dreamt({ state: "failed" })] : [204, ""]
      )
      yield* provider.remove(job)
      assert.deepStrictEqual(sent.map(({ method, url }) => [method, url.pathname]), [
        ["GET", `/dream-machine/v1/generations/${id}`],
        ["DELETE", `/dream-machine/v1/generations/${id}`]
      ])
    }))

  it.effect("one that runs, or may, is not removed", () =>
    Effect.gen(function*() {
      for (const state of ["queued", "dreaming", "pondering"]) {
        const { provider, sent } = yield* dreamMachineBefore(() => [200, dreamt({ state })])
        const error = yield* Effect.flip(provider.remove(job))
        assert.deepStrictEqual([error._tag, sent.length], ["NotTerminal", 1])
      }
    }))

  it.effect("an error shows neither token nor id, though the service may", () =>
    Effect.gen(function*() {
      const { error } = yield* ofDreamMachine("get", [401, detail(`Bearer user:12345-emulator may not see ${id}`)])
      assert.notInclude(JSON.stringify(error), id)
      assert.notInclude(JSON.stringify(error), "12345-emulator")
    }))
})

/** A provider that has no such operation does not compile. */
export const absent = (luma: Provider.Provider<"get" | "submit" | "link" | "upload">) => [
  // @ts-expect-error Luma lists nothing
  luma.list,
  // @ts-expect-error nor can a lost submit be found
  luma.recover,
  // @ts-expect-error nor is anything stopped
  luma.cancel
]
