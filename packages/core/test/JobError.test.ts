import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import { job } from "./arbitrary.ts"

const call = { provider: ProviderId.make("luma"), instance: ProviderId.defaultInstance, operation: "get" } as const
const codec = Schema.toCodecJson(JobError.JobError)

/** One error of every tag, each field filled as badly as a service could. */
const all = (secret: { readonly id: string; readonly account: string; readonly text: string }) => {
  const id = JobId.make(secret.id)
  const cause = new Error(`outer ${secret.text}`, { cause: new TypeError(`GET https://x.test/jobs/${secret.text}`) })
  const ended = job({ id, account: secret.account, state: { _tag: "Failed", reason: secret.text, cause: "unknown" } })
  const jobs = [ended, job({ id: JobId.make(`${secret.id}-other`), account: secret.account })] as const
  const about = { ...call, status: 400, detail: `the service says ${secret.text}`, id, jobs }
  const ending = { ...call, detail: secret.text, job: ended, jobs }
  const retryAfter = Duration.seconds(30)
  return [
    new JobError.Unauthorized(about),
    new JobError.PaymentRequired(about),
    new JobError.Forbidden(about),
    new JobError.NotFound(about),
    new JobError.AccountNotFound(about),
    new JobError.InvalidJobId(about),
    new JobError.InvalidRequest({ ...about, issues: [{ field: "prompt", message: `holds ${secret.text}` }] }),
    new JobError.NotTerminal({ ...about, providerStatus: secret.text }),
    new JobError.SessionExpired(about),
    new JobError.RateLimited({ ...about, retryAfter }),
    new JobError.Unavailable({ ...about, retryAfter, cause }),
    new JobError.UnexpectedResponse({ ...about, cause }),
    new JobError.Discontinued(about),
    new JobError.SubmissionUncertain({ ...about, submittedAt: DateTime.makeUnsafe(0), reference: secret.text, cause }),
    new JobError.JobFailed(ending),
    new JobError.JobCancelled(ending),
    new JobError.JobUntracked(ending),
    new JobError.JobExpired(ending),
    new JobError.DeadlineExceeded({ ...about, job: ended, deadline: Duration.hours(1) })
  ]
}

/** True of two types that are one, and of no others; a type test asks the compiler alone. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
type Tags<Op extends keyof typeof errors> = typeof errors[Op][number]

const ofCall = [
  "Unauthorized",
  "PaymentRequired",
  "SessionExpired",
  "RateLimited",
  "Unavailable",
  "UnexpectedResponse",
  "Discontinued"
] as const
const ofJobCall = [...ofCall, "Forbidden", "NotFound", "AccountNotFound", "InvalidJobId"] as const

/** What each operation can fail with, said once more, by tag. */
const errors = {
  list: ofCall,
  get: ofJobCall,
  submit: [...ofCall, "AccountNotFound", "InvalidRequest", "SubmissionUncertain"],
  recover: ofCall,
  cancel: ofJobCall,
  untrack: ofJobCall,
  remove: [...ofJobCall, "NotTerminal"],
  link: ofJobCall,
  upload: [...ofCall, "AccountNotFound", "InvalidRequest"],
  accounts: ofCall,
  capacity: ofCall,
  webhook: ["UnexpectedResponse"]
} as const

/** The error of an operation, be it a value or a function. */
type ErrorOf<O> = O extends Effect.Effect<unknown, infer E> ? E
  : O extends (...args: ReadonlyArray<never>) => Effect.Effect<unknown, infer E> ? E
  : never

const Word = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]{3,8}$/))

describe("JobError", () => {
  it("has one class for each tag of the union", () => {
    const tags = all({ id: "j1", account: "a", text: "t" }).map((error) => error._tag)
    assert.deepStrictEqual(
      [...tags].sort(),
      JobError.JobError.members.map((member) => member.fields._tag.ast.literal).sort()
    )
  })

  it("is declared by each operation exactly, for values and for types", () => {
    const exact: {
      readonly [Op in Provider.Capability]:
        & Same<JobError.Of<Op>["_tag"], Tags<Op>>
        & Same<ErrorOf<Provider.Operations[Op]>, JobError.Of<Op>>
    } = {
      list: true,
      get: true,
      submit: true,
      recover: true,
      cancel: true,
      untrack: true,
      remove: true,
      link: true,
      upload: true,
      accounts: true,
      capacity: true,
      webhook: true
    }
    for (const operation of Object.keys(exact) as ReadonlyArray<Provider.Capability>) { // as its type says
      const declared: ReadonlyArray<string> = errors[operation]
      for (const error of all({ id: "j1", account: "a", text: "t" })) {
        const narrowed: string = JobError.narrow(operation, error)._tag
        assert.strictEqual(narrowed, declared.includes(error._tag) ? error._tag : "UnexpectedResponse")
      }
    }
  })

  it("keeps the five names that handlers are written with", () => {
    const handled = (provider: Provider.Provider<"get" | "remove">, id: JobId.JobId) => {
      const get: Effect.Effect<
        unknown,
        Exclude<
          JobError.Of<"get">,
          JobError.Unauthorized | JobError.Forbidden | JobError.NotFound | JobError.SessionExpired
        >
      > = provider.get(id).pipe(
        Effect.catchTag("Unauthorized", ({ remedy }) => Effect.succeed(remedy)),
        Effect.catchTag("Forbidden", ({ id }) => Effect.succeed(id)),
        Effect.catchTag("NotFound", ({ id }) => Effect.succeed(id)),
        Effect.catchTag("SessionExpired", ({ remedy }) => Effect.succeed(remedy))
      )
      const remove: Effect.Effect<unknown, Exclude<JobError.Of<"remove">, JobError.NotTerminal>> = provider.remove(id)
        .pipe(Effect.catchTag("NotTerminal", ({ providerStatus }) => Effect.succeed(providerStatus)))
      // @ts-expect-error only what needs an ended job fails so
      void provider.get(id).pipe(Effect.catchTag("NotTerminal", () => Effect.void))
      return [get, remove]
    }
    assert.isFunction(handled)
  })

  it("of one job becomes that of its submission, with all jobs beside what it said", () => {
    const jobs = [job({ id: JobId.make("j1") }), job({ id: JobId.make("j2"), state: { _tag: "Expired" } })] as const
    for (const error of all({ id: "j1", account: "a", text: "t" })) {
      const whole = JobError.ofSubmission(error, jobs)
      assert.strictEqual(whole._tag, error._tag)
      assert.strictEqual(whole.constructor, error.constructor)
      assert.deepStrictEqual(whole.jobs, jobs)
      assert.deepStrictEqual(whole.remedy, error.remedy)
      assert.deepStrictEqual([whole.status, whole.detail], [error.status, error.detail])
      assert.strictEqual(whole.cause === undefined, error.cause === undefined)
      assert.include(whole.message, "0 of 2 jobs succeeded")
    }
  })

  it("says each thing once, and ends each sentence once", () => {
    const texts = ["It broke.", "It broke", "The id is another service's.", "Was it? ", "Job not found...", "a. b. c."]
    for (const text of texts) {
      for (const { _tag, message } of all({ id: "j1-somewhere", account: "a", text })) {
        assert.notMatch(message.slice(0, -text.trim().length), /[^.]\.\s*[.;]|[?!]\./, _tag)
        const sentences = message.replaceAll(text.trim(), "").split(/[.:] /).filter((one) => one.length > 12)
        assert.strictEqual(new Set(sentences).size, sentences.length, message)
        assert.isAtMost(message.split("issued").length, 2)
      }
    }
    const { message } = new JobError.InvalidJobId({ ...call, id: "j1-x", detail: "The id is one of useapi-luma" })
    assert.strictEqual(
      message,
      `luma get: InvalidJobId [${JobId.fingerprint(JobId.make("j1-x"))}]. Pass the id as this service issued it. ` +
        "Detail: The id is one of useapi-luma"
    )
  })

  it("says which job it is about by its fingerprint, whatever went wrong", () => {
    const id = JobId.make("j1-u1-email:user@example.com-bot:luma")
    for (const error of all({ id, account: "a", text: "t" })) {
      assert.include(error.message, JobId.fingerprint(id), error._tag)
      assert.include(JSON.stringify(error), JobId.fingerprint(id), error._tag)
      const named = JobError.ofJob(error, JobId.make("j2"))
      assert.strictEqual(named.constructor, error.constructor)
      assert.strictEqual(named.id, "j2")
      assert.include(named.message, JobId.fingerprint(JobId.make("j2")), error._tag)
      assert.strictEqual(JobError.narrow("webhook", error).id, "id" in error ? id : undefined)
    }
  })

  it.effect.prop(
    "shows no id, account, address or token, however it is printed",
    [Word, Word],
    ([name, host]) =>
      Effect.gen(function*() {
        const email = `${name}@${host}.com`
        const token = `user:12345-${name}${host}0123`
        const id = `j0326140530123456789v-u12345-email:${email}-x:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma`
        const account = `CA:${email}`
        const text = `${id} | ${encodeURIComponent(id)} | ${account} | ${email} | Bearer ${token} | ${token}`
        const secrets = [id, encodeURIComponent(id), account, email, encodeURIComponent(email), token]
        const lines: Array<string> = []
        const capture = [Logger.formatLogFmt, Logger.formatJson, Logger.formatSimple].map((format) =>
          Logger.map(format, (line) => void lines.push(line))
        )
        for (const error of all({ id, account, text })) {
          yield* Effect.logError("it failed", error).pipe(
            Effect.andThen(Effect.logError(Cause.fail(error))),
            Effect.andThen(Effect.logInfo({ nested: [error] })),
            Effect.provide(Logger.layer(capture))
          )
          const printed = [
            error.message,
            error.stack ?? "",
            String(error),
            JSON.stringify(error),
            JSON.stringify({ error }),
            inspect(error),
            inspect({ error }, { depth: 9 }),
            Formatter.format(error),
            Formatter.formatJson([error]),
            Cause.pretty(Cause.fail(error)),
            Cause.pretty(Cause.die(error)),
            inspect(Cause.fail(error), { depth: 9 }),
            JSON.stringify(Cause.fail(error)),
            error.detail ?? "",
            ...("cause" in error ? [inspect(error.cause), String(error.cause)] : []),
            ...lines.splice(0)
          ]
          for (const line of printed) {
            for (const secret of secrets) if (line.includes(secret)) assert.fail(`${error._tag}: ${line}`)
          }
        }
      })
  )

  it.effect("keeps id, job and cause as fields, through JSON and back", () =>
    Effect.gen(function*() {
      const id = "j1-u1-email:user@example.com-x:uuid-bot:luma"
      for (const error of all({ id, account: "user@example.com", text: "words" })) {
        const encoded = JSON.stringify(yield* Schema.encodeUnknownEffect(codec)(error))
        const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(encoded))
        assert.strictEqual(back.constructor, error.constructor)
        assert.strictEqual(JSON.stringify(yield* Schema.encodeUnknownEffect(codec)(back)), encoded)
        assert.strictEqual(back.message, error.message)
        if ("id" in error) assert.include(encoded, id)
        if ("job" in back) assert.strictEqual(back.job?.id, id)
        if ("cause" in back) assert.include(String(back.cause), "outer words")
      }
    }))

  it("says who, what, which job, the service's words and what to do", () => {
    const id = JobId.make("j1-u1-email:user@example.com-bot:luma")
    const error = new JobError.NotTerminal({ ...call, operation: "remove", status: 409, detail: "Cannot delete", id })
    assert.strictEqual(
      error.message,
      `luma remove: NotTerminal [status 409, ${JobId.fingerprint(id)}]. ` +
        "The job still runs: wait for its end, then call again. Detail: Cannot delete"
    )
    assert.strictEqual(String(error), `NotTerminal: ${error.message}`)
    assert.isTrue(error.stack?.startsWith(`NotTerminal: ${error.message}\n    at `))
    assert.include(Cause.pretty(Cause.fail(error)), error.message)
    const other = new JobError.Unauthorized({ ...call, instance: ProviderId.Instance.make("second") })
    assert.isTrue(other.message.startsWith("luma (second) get: Unauthorized."))
  })

  it("hides a short part of an id that the service may quote, and no name in it", () => {
    const id = JobId.make("acme/veo-3.1/98765432")
    const error = new JobError.NotFound({
      provider: ProviderId.make("acme"),
      instance: ProviderId.defaultInstance,
      operation: "get",
      id,
      detail: "98765432 of veo-3.1 is unknown"
    })
    assert.strictEqual(error.detail, `${JobId.fingerprint(id)} of veo-3.1 is unknown`)
  })

  it("says what to do before the service's words, and cuts none of it however long these are", () => {
    const short = all({ id: "j1", account: "a", text: "" })
    for (const text of ["Please submit again. ".repeat(22), "w ".repeat(5000), "無料".repeat(400)]) {
      all({ id: "j1", account: "a", text }).forEach((error, i) => {
        const advice = short[i]?.message.split(" Detail: ")[0] ?? ""
        assert.isAbove(advice.length, 40)
        assert.isTrue(error.message.startsWith(`${advice} Detail: `), error.message)
        assert.isAtMost(error.message.length, advice.length + 511)
      })
    }
    const failed = { ...call, job: job({ state: { _tag: "Failed", reason: "no\nluck", cause: "content" } }) }
    assert.isTrue(new JobError.JobFailed(failed).message.endsWith("The job failed (content). Detail: no luck"))
  })

  it("tells what helps", () => {
    const remedies = Object.fromEntries(all({ id: "j1", account: "a", text: "t" }).map((e) => [e._tag, e.remedy._tag]))
    assert.deepStrictEqual(remedies, {
      Unauthorized: "Reauthenticate",
      PaymentRequired: "Pay",
      Forbidden: "None",
      NotFound: "None",
      AccountNotFound: "Reauthenticate",
      InvalidJobId: "Fix",
      InvalidRequest: "Fix",
      NotTerminal: "Wait",
      SessionExpired: "Reauthenticate",
      RateLimited: "Retry",
      Unavailable: "Retry",
      UnexpectedResponse: "None",
      Discontinued: "None",
      SubmissionUncertain: "None",
      JobFailed: "None",
      JobCancelled: "None",
      JobUntracked: "None",
      JobExpired: "None",
      DeadlineExceeded: "Wait"
    })
    const failed = (cause: "content" | "input" | "credits" | "service" | "unknown") =>
      new JobError.JobFailed({ ...call, job: job({ state: { _tag: "Failed", cause } }) }).remedy._tag
    assert.deepStrictEqual(
      (["content", "input", "credits", "service", "unknown"] as const).map(failed),
      ["Fix", "Fix", "Pay", "None", "None"]
    )
    const limited = new JobError.RateLimited({ ...call, retryAfter: Duration.seconds(30) })
    assert.isTrue(JobError.isRetryable(limited))
    assert.strictEqual(Duration.toSeconds(JobError.retryAfterOf(limited) ?? Duration.zero), 30)
    assert.isUndefined(JobError.retryAfterOf(new JobError.Unauthorized(call)))
  })

  it("narrows to what the operation declares", () => {
    const id = JobId.make("j1-somewhere")
    const conflict = new JobError.NotTerminal({ ...call, status: 409, id })
    const surprise = JobError.narrow("get", conflict)
    assert.strictEqual(surprise._tag, "UnexpectedResponse")
    assert.strictEqual(surprise.status, 409)
    assert.strictEqual(JobError.narrow("remove", conflict), conflict)
  })

  it("is an Effect that fails with itself", () => {
    const error = new JobError.Unauthorized(call)
    assert.strictEqual(Effect.runSync(Effect.flip(error)), error)
    assert.instanceOf(error, Error)
    assert.instanceOf(error, JobError.Unauthorized)
  })
})

describe("JobError.scrub", () => {
  it("takes out what is named and what looks like a secret, and keeps the rest", () => {
    assert.strictEqual(JobError.scrub("Job not found"), "Job not found")
    assert.strictEqual(
      JobError.scrub("Cannot delete job in state 'processing'. Wait for completion."),
      "Cannot delete job in state 'processing'. Wait for completion."
    )
    assert.strictEqual(
      JobError.scrub("Unable to find configuration for email user.name+x@example.co.uk"),
      "Unable to find configuration for email [e-mail]"
    )
    assert.strictEqual(JobError.scrub("a\nb   c"), "a b c")
    assert.strictEqual(JobError.scrub("key hunter2 refused", ["hunter2"]), "key [secret] refused")
    assert.strictEqual(JobError.scrub("Bearer abc"), "[secret]")
    assert.strictEqual(JobError.scrub("token user:12345-AbC"), "token [secret]")
    assert.strictEqual(JobError.scrub(`x ${"r8_0123456789abcdefABCDEF01"}`), "x [secret]")
    assert.strictEqual(JobError.scrub("jo***@gmail.com"), "[e-mail]")
    assert.isAtMost(JobError.scrub("word ".repeat(1000)).length, 501)
  })

  for (
    const [what, text, expected] of [
      ["a key of a known form, however short", "r8_Ab1 and sk-x1 are wrong", "[secret] and [secret] are wrong"],
      ["Basic credentials", "sent Basic dXNlcjpwYXNz here", "sent [secret] here"],
      ["and no plan of that name", "Your Basic plan has no Basic Subscription", undefined],
      ["a signature", "at /file?sig=abc&x=1", "at /file?sig=[secret]&x=1"],
      ["another", "X-Amz-Signature=0a1b;", "X-Amz-Signature=[secret]"],
      ["a token of a query", "/a?token='ab c", "/a?token=[secret] c"],
      ["a password by name", "password=hunter,2 db_key=7", "password=[secret] db_key=[secret]"],
      ["of a URL user and password", "https://user:pa,s;s@a.test/b", "https://a.test/b"],
      ["however odd", "postgres://u:p/w?#@[]@a.test/b was shut", "postgres://a.test/b was shut"],
      ["of a URL the query", "get https://a.test/b.png?x=1&y=2#z, please", "get https://a.test/b.png?… please"],
      ["and neither host nor path", "get https://a.test/b/c.png now", undefined],
      ["no prompt, which is written in words", "\"a cat? in=out\" is not allowed", undefined]
    ] as const
  ) {
    it(`hides ${what}`, () => assert.strictEqual(JobError.scrub(text), expected ?? text))
  }

  it("hides each run of twelve characters of a named secret, and no shorter one", () => {
    const secret = "user:77-aB3dE5fG7hI9"
    for (let length = 12; length <= secret.length; length++) {
      for (let at = 0; at + length <= secret.length; at++) {
        const part = secret.slice(at, at + length)
        assert.strictEqual(JobError.scrub(`key ${part} x${part}`, [secret]), "key [secret] x[secret]")
        assert.strictEqual(JobError.scrub(`${part}…`, ["other-secret-1", secret]), "[secret]…")
      }
    }
    for (let before = 0; before < 30; before++) {
      const dots = ".".repeat(before)
      assert.strictEqual(JobError.scrub(dots + secret.slice(1, 13) + dots, [secret]), `${dots}[secret]${dots}`)
    }
    assert.strictEqual(JobError.scrub("ends in dE5fG7hI9", [secret]), "ends in dE5fG7hI9")
    const spaced = "a name of many words"
    assert.strictEqual(JobError.scrub("a%20name%20of%20man", [spaced]), "[secret]")
  })
})

it("JobError.scrub takes no longer for what nobody will read, and passes no control character", () => {
  const began = performance.now()
  for (const text of ["a-", "a", "@", "a1", "%40"]) assert.isAtMost(JobError.scrub(text.repeat(1_000_000)).length, 501)
  // Quadratic, it would take hours.
  assert.isBelow(performance.now() - began, 20_000)
  assert.strictEqual(JobError.scrub("\u001b[31mred\u0000 \u202edesrever"), "[31mred desrever")
  assert.strictEqual(JobError.scrub(`${"x ".repeat(1999)}user@example.com`).includes("user"), false)
  assert.strictEqual(JobError.scrub("user%2540example.com"), "[e-mail]")
})

it("JobError shows no account of a submit", () => {
  const error = new JobError.SubmissionUncertain({
    ...call,
    submittedAt: DateTime.makeUnsafe(0),
    account: "1234567890123456789",
    detail: "channel 1234567890123456789 was reset"
  })
  assert.notInclude(error.message + JSON.stringify(error), "1234567890123456789")
})
