import { assert, describe, it } from "@effect/vitest"
import * as Adapter from "@media-jobs/adapter/Adapter"
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Schema from "effect/Schema"
import { acme, token } from "./service.ts"

const Film = Schema.TaggedStruct("Film", {
  prompt: RequestSchema.text("a text"),
  account: Schema.optional(RequestSchema.text("an account's name")),
  start: Schema.optional(RequestSchema.fileReference("a file")),
  hook: Schema.optional(RequestSchema.webhookUrl),
  tag: Schema.optional(Schema.String)
})
const { issues, kinds } = RequestSchema.make({
  Film: RequestSchema.kind(Film)
}, "a film")

const service: Adapter.Service = {
  id: acme,
  token: "the key of Acme",
  baseUrl: "https://acme.test",
  rateLimitKey: "acme",
  maxResponseBytes: 1000,
  answer: { errorText: () => undefined },
  owns: () => true,
  reply: { url: "hook", reference: "tag", maxEcho: 12 }
}

/** The kit before a service that takes every submit, unless it has a `refusal`, and the bodies that it was sent. */
const start = (
  { account, only, refusal, ...more }: Partial<Omit<Adapter.Service, "account">> & {
    readonly account?: string
    readonly only?: string
    readonly refusal?: string
  } = {}
) => {
  const sent: Array<unknown> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      sent.push(
        request.body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(request.body.body)) : undefined
      )
      const answer = refusal === undefined ? new Response(`{"id":"j1"}`) : new Response(refusal, { status: 401 })
      return HttpClientResponse.fromWeb(request, answer)
    })
  )
  return Effect.map(
    Effect.provideService(
      Adapter.make({ ...service, ...more, account: only }, { token, retries: 0 }),
      HttpClient.HttpClient,
      client
    ),
    (api) => ({
      sent,
      submit: api.submit(
        issues,
        () => ({ ids: [JobId.make("j1")], seen: [[{ id: JobId.make("j1"), state: { _tag: "Queued" } }, {}]] }),
        ({ account }: typeof Film.Type) => ({ path: "/films", account }),
        account
      )
    })
  )
}
const film = { _tag: "Film", prompt: "rain" } as const
const [mine, other] = ["me@example.com", "you@example.com"]

describe("a submit to a service whose tokens have one account each", () => {
  it.effect("may name that one, which is not sent, and no other", () =>
    Effect.gen(function*() {
      const { sent, submit } = yield* start({ only: "organization" })
      const { account } = yield* submit(film, { account: "organization" })
      const error = yield* Effect.flip(submit(film, { account: other }))
      assert.deepStrictEqual([account, error._tag, sent], [undefined, "InvalidRequest", [{ prompt: "rain" }]])
    }))
})

describe("a submit with an account", () => {
  it.effect("names it in the field that the service has for it", () =>
    Effect.gen(function*() {
      const { sent, submit } = yield* start({ account: "account" })
      const submissions = [
        yield* submit(film, { account: mine }),
        yield* submit({ ...film, account: mine }, { account: mine }),
        yield* submit({ ...film, account: mine }, {}),
        yield* submit(film)
      ]
      assert.deepStrictEqual(submissions.map(({ account }) => account), [mine, mine, mine, undefined])
      assert.deepStrictEqual(sent, [
        { prompt: "rain", account: mine },
        { prompt: "rain", account: mine },
        { prompt: "rain", account: mine },
        { prompt: "rain" }
      ])
    }))

  it.effect("does not show it, where the service quotes it in a refusal", () =>
    Effect.gen(function*() {
      const { submit } = yield* start({ account: "account", refusal: "No key for 12345678 and for 87654321" })
      const error = yield* Effect.flip(submit(film, { account: "12345678" }))
      assert.strictEqual(error._tag, "Unauthorized")
      assert.include(error.message, "87654321")
      assert.notInclude([error.message, error.detail, String(error)].join(), "12345678")
    }))

  it.effect("is refused unsent where the request names another, or the service has none", () =>
    Effect.gen(function*() {
      const named = yield* start({ account: "account" })
      const nameless = yield* start()
      for (
        const [refused, field] of [
          [named.submit({ ...film, account: other }, { account: mine }), "account"],
          [named.submit(film, { account: "" }), "account"],
          [nameless.submit(film, { account: mine }), "account"],
          // From JavaScript anything may come.
          [named.submit(undefined as never, { account: mine }), "_tag"]
        ] as const
      ) {
        const error = yield* Effect.flip(refused)
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map((issue) => issue.field), [field])
        assert.notInclude(JSON.stringify([error, error.message]), "example.com")
      }
      assert.deepStrictEqual([named.sent, nameless.sent], [[], []])
    }))
})

describe("a submit", () => {
  const replyTo: ReplyTo.ReplyTo = {
    address: ({ reference }) => Effect.succeed({ url: "https://app.test/hook", reference: `signed.${reference}` }),
    callerReference: () => undefined
  }
  const addressed = Effect.provideService(ReplyTo.ReplyTo, replyTo)

  it.effect("holds the jobs that the answer tells of, with what the kit knows of them", () =>
    Effect.gen(function*() {
      const { submit } = yield* start()
      const { ids, instance, provider, snapshots, submittedAt } = yield* submit(film)
      assert.deepStrictEqual(snapshots?.map((job) => ({ ...job })), [
        { id: ids[0], provider, instance, state: { _tag: "Queued" }, observedAt: submittedAt }
      ])
    }))

  it.effect("reports where its request says, else where the application does", () =>
    Effect.gen(function*() {
      const { sent, submit } = yield* start()
      const own = yield* addressed(submit({ ...film, hook: "https://own.test/", tag: "o-1" }))
      const given = yield* addressed(submit({ ...film, tag: "o-2" }))
      assert.deepStrictEqual([own, given].map(({ reference, replyRef, replyUrl }) => [reference, replyRef, replyUrl]), [
        ["o-1", "o-1", "https://own.test/"],
        ["o-2", "signed.o-2", "https://app.test/hook"]
      ])
      assert.deepStrictEqual(sent, [
        { prompt: "rain", hook: "https://own.test/", tag: "o-1" },
        { prompt: "rain", hook: "https://app.test/hook", tag: "signed.o-2" }
      ])
      const error = yield* Effect.flip(addressed(submit({ ...film, tag: "order-2026" })))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["tag"])
      assert.lengthOf(sent, 2)
    }))

  it.effect("keeps the reference of a service that gives none back, and does not send it", () =>
    Effect.gen(function*() {
      const { sent, submit } = yield* start({ reply: { url: "hook", reference: "tag" } })
      const intents: Array<Ledger.Intent> = []
      const submission = yield* Effect.provideService(
        addressed(submit({ ...film, tag: "order-2026" })),
        Ledger.Ledger,
        {
          intend: (intent) => Effect.as(Effect.sync(() => intents.push(intent)), intent),
          submitted: () => Effect.void,
          refused: () => Effect.void,
          done: () => Effect.void,
          find: () => Effect.succeed(undefined),
          known: () => Effect.succeed(new Set()),
          resume: Effect.succeed(Ledger.unfinished([]))
        }
      )
      assert.deepStrictEqual([submission.reference, submission.replyRef], ["order-2026", undefined])
      assert.deepStrictEqual(intents.map(({ reference, replyRef }) => [reference, replyRef]), [[
        "order-2026",
        undefined
      ]])
      assert.deepStrictEqual(sent, [{ prompt: "rain", hook: "https://app.test/hook" }])
    }))
})

it.effect("asks about an id of several parts, and tells its record which was asked for", () =>
  Effect.gen(function*() {
    const asked: Array<string> = []
    const client = HttpClient.make((request) =>
      Effect.sync(() => {
        asked.push(`${request.method} ${request.url}`)
        return HttpClientResponse.fromWeb(request, new Response(request.method === "GET" ? `{"task":"t1"}` : "{}"))
      })
    )
    const api = yield* Effect.provideService(
      Adapter.make({ ...service, segment: (id) => id.split("/").at(-1) }, { token, retries: 0 }),
      HttpClient.HttpClient,
      client
    )
    const accountOf = (id: JobId.JobId) => id.split("/")[0]
    const get = api.get(
      (segment, id) => `/tasks/${segment}?account=${accountOf(id)}`,
      Schema.Struct({ task: Schema.String }),
      ({ task }, _, id) => ({ id: id.endsWith(`/${task}`) ? id : JobId.make(task), state: { _tag: "Running" } })
    )
    const cancel = api.command("cancel", (segment, id) => ({ method: "DELETE", path: `/${accountOf(id)}/${segment}` }))
    const id = JobId.make("a1/t1")
    assert.strictEqual((yield* get(id)).id, id)
    assert.strictEqual((yield* get(JobId.make("a1/t2"))).id, "t1")
    yield* cancel(id)
    assert.deepStrictEqual(asked, [
      "GET https://acme.test/tasks/t1?account=a1",
      "GET https://acme.test/tasks/t2?account=a1",
      "DELETE https://acme.test/a1/t1"
    ])
  }))

describe("RequestSchema", () => {
  it("tells where files stand in a request, at any depth", () => {
    const file = RequestSchema.fileReference("a file")
    const Parts = Schema.Array(Schema.Union([
      Schema.Struct({ type: Schema.Literal("text"), text: Schema.String }),
      Schema.Struct({ type: Schema.Literals(["image", "video"]), uri: file })
    ]))
    const kind = RequestSchema.kind(Schema.Struct({
      prompt: Schema.String,
      start: Schema.optional(Schema.Union([file, Schema.Array(Schema.Struct({ uri: file }))])),
      parts: Schema.optional(Parts)
    }))
    const parts = [{ type: "text", text: "a.png" }, { type: "image", uri: "b.png" }]
    assert.deepStrictEqual(RequestSchema.filesIn(kind, { prompt: "c.png", start: "d.png", parts }), [
      { path: ["start"], text: "d.png" },
      { path: ["parts", 1, "uri"], text: "b.png" }
    ])
    assert.deepStrictEqual(RequestSchema.filesIn(kind, { start: [{ uri: "e.png" }], parts: "f.png", other: "g.png" }), [
      { path: ["start", 0, "uri"], text: "e.png" }
    ])
  })

  it("tells which fields take a file", () => {
    assert.deepStrictEqual(RequestSchema.filesOf(kinds.Film), ["start"])
  })
})

it("a file's reference is no path of this machine", () => {
  const { issues } = RequestSchema.make(
    { Any: RequestSchema.kind(Schema.Struct({ image: RequestSchema.fileReference("a file") })) },
    "",
    { field: "", kindOf: () => "Any" }
  )
  for (
    const image of ["cat.png", "my cat.mp4", "./cat.png", "/tmp/cat.png", "..\\cat.png", "D:/cat.webp", "file:cat"]
  ) {
    assert.deepStrictEqual(issues({ image }), [
      { field: "image", message: "Expected a file, which is no path: upload the file first" }
    ])
  }
  for (
    const image of ["u1-email:user@example.com-image:a1", "https://a.test/cat.png", "a1b2", "data:image/png;base64,AA"]
  ) {
    assert.deepStrictEqual(issues({ image }), [])
  }
})
