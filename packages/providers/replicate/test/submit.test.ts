import { assert, describe, it } from "@effect/vitest"
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Submission from "@media-jobs/core/Submission"
import type * as ReplicateRequest from "@media-jobs/replicate/ReplicateRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as ReplicateEmulator from "@media-jobs/testing/replicate"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { answered, emulated, id, inMemory, prediction, rain, version } from "./support.ts"

const submitted = (request: ReplicateRequest.Request) =>
  Effect.flatMap(
    answered(() => [201, prediction({ status: "starting" })]),
    ({ replicate, sent }) => Effect.map(replicate.submit(request), (submission) => ({ sent, submission }))
  )

describe("replicate.submit", () => {
  it.effect("sends a model to its own path, its input as it is, once", () =>
    Effect.gen(function*() {
      const input = { prompt: "rain", seed: 7, nested: { list: [1, null, "x"] } }
      const { sent, submission } = yield* submitted({
        model: "black-forest-labs/flux-1.1-pro",
        input,
        reference: "o-1"
      })
      assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.pathname, JSON.parse(body ?? "")]), [
        ["POST", "/v1/models/black-forest-labs/flux-1.1-pro/predictions", { input }]
      ])
      assert.deepStrictEqual([submission.ids.map(String), submission.model, submission.reference], [
        [id],
        "black-forest-labs/flux-1.1-pro",
        "o-1"
      ])
    }))

  it.effect("tells the job as the answer has it, done at once or not", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2023-09-08T16:19:35Z"))
      const output = "https://replicate.delivery/a/out.webp"
      for (
        const [status, tag, told] of [
          ["starting", "Queued", []],
          ["processing", "Running", []],
          ["succeeded", "Succeeded", [output]],
          ["rehearsing", "Running", []]
        ] as const
      ) {
        const answer = prediction({ status, output })
        const { replicate } = yield* answered(() => [201, answer], { raw: true })
        const submission = yield* replicate.submit(rain)
        const [job] = submission.snapshots ?? []
        assert.deepStrictEqual(submission.snapshots?.map(({ id, state }) => [String(id), state._tag]), [[id, tag]])
        assert.deepStrictEqual(
          job?.state._tag === "Succeeded" ? job.state.artifacts.map(({ url }) => url) : [],
          [...told]
        )
        assert.deepStrictEqual(job?.raw, answer as Schema.Json) // which a test wrote
        assert.deepStrictEqual(job?.observedAt, submission.submittedAt)
        // What is kept of it comes back.
        const codec = Schema.toCodecJson(Submission.Submission)
        const kept = yield* Schema.decodeEffect(codec)(yield* Schema.encodeEffect(codec)(submission))
        assert.deepStrictEqual(kept, submission)
      }
    }))

  it.effect("loses no id of an answer that tells nothing else", () =>
    Effect.gen(function*() {
      for (const odd of [{ status: undefined }, { status: null }, { status: "" }, { status: 7 }]) {
        const { replicate } = yield* answered(() => [201, prediction(odd)])
        const { ids, snapshots } = yield* replicate.submit(rain)
        assert.deepStrictEqual([ids.map(String), snapshots], [[id], undefined])
      }
      for (const odd of [{ id: undefined }, { id: "" }, { id: 7 }]) {
        const { replicate } = yield* answered(() => [201, prediction(odd)])
        assert.strictEqual((yield* Effect.flip(replicate.submit(rain)))._tag, "SubmissionUncertain")
      }
    }))

  it.effect("has no accounts to choose from, and sends nothing where one is named", () =>
    Effect.gen(function*() {
      const { replicate, sent } = yield* answered(() => [201, prediction()])
      const error = yield* Effect.flip(replicate.submit(rain, { account: "user@example.com" }))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), ["account"])
      assert.notInclude(error.message, "user@")
      assert.deepStrictEqual(sent, [])
      yield* replicate.submit(rain, { account: undefined })
    }))

  it.effect("sends a version with its webhook under the vendor's names", () =>
    Effect.gen(function*() {
      const request = {
        version: `replicate/hello-world:${version}`,
        input: {},
        webhook: "https://app.test/hook",
        webhook_events_filter: ["start", "completed"]
      } as const
      const { sent, submission } = yield* submitted(request)
      assert.deepStrictEqual([sent[0]?.url.pathname, JSON.parse(sent[0]?.body ?? "")], ["/v1/predictions", request])
      assert.strictEqual(submission.replyUrl, "https://app.test/hook")
    }))

  const replyTo: ReplyTo.ReplyTo = {
    address: ({ provider, reference }) =>
      Effect.succeed({ url: `https://app.test/${provider}`, reference: `s.${reference}` }),
    callerReference: () => undefined
  }

  it.effect("asks for the end alone where the application's webhooks say where to", () =>
    Effect.gen(function*() {
      const { sent, submission } = yield* Effect.provideService(
        submitted({ ...rain, reference: "o-1" }),
        ReplyTo.ReplyTo,
        replyTo
      )
      assert.deepStrictEqual(JSON.parse(sent[0]?.body ?? ""), {
        input: rain.input,
        webhook: "https://app.test/replicate",
        webhook_events_filter: ["completed"]
      })
      assert.deepStrictEqual([submission.replyUrl, submission.reference], ["https://app.test/replicate", "o-1"])
    }))

  for (
    const [what, request, fields] of [
      ["neither model nor version", { input: {} }, ["model"]],
      ["both", { ...rain, version }, ["model"]],
      ["a model that climbs", { model: "../predictions", input: {} }, ["model"]],
      ["a model that is three", { model: "a/b/c", input: {} }, ["model"]],
      ["a version that is none", { version: "abc", input: {} }, ["version"]],
      ["an input that is no object", { model: "a/b", input: "rain" }, ["input"]],
      ["an input that is no JSON", { model: "a/b", input: { at: () => 1 } }, ["input.at"]],
      ["a field that is not there", { ...rain, inputs: {} }, ["inputs"]],
      ["events that are none", { ...rain, webhook_events_filter: ["end"] }, ["webhook_events_filter.0"]],
      ["a webhook that is no URL", { ...rain, webhook: "ftp://x" }, ["webhook"]]
    ] as ReadonlyArray<readonly [string, ReplicateRequest.Request, ReadonlyArray<string>]> // as JavaScript may send them
  ) {
    it.effect(`refuses ${what}, and sends nothing`, () =>
      Effect.gen(function*() {
        const { replicate, sent } = yield* answered(() => [201, prediction()])
        const error = yield* Effect.flip(replicate.submit(request))
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), [...fields])
        assert.notInclude(error.message, "rain")
        assert.lengthOf(sent, 0)
      }))
  }

  it.effect("is sent again while nothing was begun, and only then", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      const submit = Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Effect.result(replicate.submit(rain)))
        yield* TestClock.adjust("1 hour")
        return yield* Fiber.join(fiber)
      })
      for (const fault of [Faults.refuse, Faults.status(429, "3 seconds")]) {
        yield* emulator.inject({ fault, operation: "replicate.model", times: 2 })
        assert.strictEqual((yield* submit)._tag, "Success")
      }
      assert.strictEqual(yield* emulator.count("replicate.model"), 6)
      for (const fault of [Faults.dropReply, Faults.status(500), Faults.hang]) {
        yield* emulator.inject({ fault, operation: "replicate.model", times: 2 })
        const result = yield* submit
        assert.strictEqual(result._tag === "Failure" && result.failure._tag, "SubmissionUncertain")
        yield* emulator.heal
      }
      assert.strictEqual(yield* emulator.count("replicate.model"), 9)
    }).pipe(inMemory()))
})

describe("replicate.recover", () => {
  const lose = (request: ReplicateRequest.Request) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
      const error = yield* Effect.flip(replicate.submit(request))
      return { emulator, replicate, lost: error as JobError.SubmissionUncertain } // what a lost reply is
    })

  it.effect("finds what was begun within a day, of the same model, ended or not", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 day")
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      yield* hands.add({ model: rain.model, state: "succeeded" })
      yield* TestClock.adjust("25 hours")
      const { emulator, lost, replicate } = yield* lose(rain)
      yield* TestClock.adjust("1 minute")
      const other = yield* hands.add({ model: "someone/else" })
      const [mine] = (yield* emulator.services.replicate.jobs).filter(({ id, model }) =>
        model === rain.model && id !== other.id
      )
        .slice(-1)
      const found = yield* replicate.recover(lost)
      assert.deepStrictEqual(found.map(({ id, state }) => [String(id), state._tag]), [[mine?.id ?? "", "Succeeded"]])
    }).pipe(inMemory()))

  it.effect("of one version among many, and returns all where it can't tell", () =>
    Effect.gen(function*() {
      const { lost, replicate } = yield* lose({ version, input: {} })
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      yield* hands.add({ version: "0".repeat(64) })
      assert.lengthOf(yield* replicate.recover(lost), 1)
      yield* hands.add({ version })
      assert.lengthOf(yield* replicate.recover(lost), 2)
    }).pipe(inMemory()))

  it.effect("is told from those that were asked for something else, unless what was asked for is gone", () =>
    Effect.gen(function*() {
      const { lost, replicate } = yield* lose({ ...rain, input: { seed: 7, prompt: "snow" } })
      const { services: { replicate: hands } } = yield* Emulator.Emulator
      const [mine] = yield* hands.jobs
      yield* replicate.submit(rain)
      assert.deepStrictEqual((yield* replicate.recover(lost)).map(({ id }) => String(id)), [mine?.id])
      yield* TestClock.adjust("1 hour")
      yield* hands.change(mine?.id ?? "", { override: { input: {}, data_removed: true } })
      assert.lengthOf(yield* replicate.recover(lost), 2)
      // Another's that shows the very same is no more certain than the one that shows nothing.
      const again = yield* replicate.submit({ ...rain, input: { seed: 7, prompt: "snow" } })
      assert.sameMembers((yield* replicate.recover(lost)).map(({ id }) => String(id)), [mine?.id, again.ids[0]])
    }).pipe(inMemory()))

  it.effect("is certain by the webhook's address, where the service shows it", () =>
    Effect.gen(function*() {
      const { lost, replicate } = yield* lose({ ...rain, webhook: "https://app.test/1" })
      yield* replicate.submit({ ...rain, webhook: "https://app.test/2" })
      yield* replicate.submit(rain)
      const found = yield* replicate.recover(lost)
      assert.lengthOf(found, 1)
      assert.lengthOf(yield* replicate.recover({ ...lost, replyUrl: "https://app.test/3" }), 1)
    }).pipe(inMemory({ services: { replicate: ReplicateEmulator.service({ echoesWebhook: true }) } })))

  it.effect("takes no older nor younger ones, though the service may answer with them", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-03-26T14:00:00Z"))
      const at = (created_at: string | null) => prediction({ model: rain.model, created_at })
      const times = [
        "2026-03-27T14:00:01Z",
        "2026-03-27T13:59:59",
        "2026-03-25T14:00:01",
        "2026-03-25T13:59:59Z",
        null
      ]
      const { replicate } = yield* answered(({ method }) =>
        method === "POST" ? [500, ""] : [200, { next: null, results: times.map(at) }]
      )
      const error = yield* Effect.flip(replicate.submit(rain))
      const found = yield* replicate.recover(error as JobError.SubmissionUncertain) // what a 500 to a submit is
      assert.deepStrictEqual(found.map(({ createdAt }) => createdAt && DateTime.formatIso(createdAt)), [
        "2026-03-27T13:59:59.000Z",
        "2026-03-25T14:00:01.000Z",
        undefined
      ])
    }))

  it.effect("asks for two days, not for all that was since", () =>
    Effect.gen(function*() {
      const { emulator, lost, replicate } = yield* lose(rain)
      yield* TestClock.adjust("7 days")
      yield* Effect.forEach(Array.from({ length: 30 }), () => emulator.services.replicate.add({ model: rain.model }))
      assert.lengthOf(yield* replicate.recover(lost), 1)
      assert.strictEqual(yield* emulator.count("replicate.list"), 1)
    }).pipe(inMemory({ services: { replicate: ReplicateEmulator.service({ pageSize: 10 }) } })))
})

describe("replicate.upload", () => {
  const chunk = new Uint8Array(1000).fill(7)
  const file = (more?: object) => ({ mediaType: "image/png", content: Stream.make(chunk, chunk), ...more })

  it.effect("streams a form, whose file the service has byte for byte", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const replicate = yield* emulated()
      for (const length of [undefined, 2000]) {
        const { reference } = yield* replicate.upload(file({ length }))
        assert.match(reference, /^https:\/\/api\.replicate\.com\/v1\/files\/[a-z2-7]{26}$/)
      }
      const journal = yield* emulator.journal
      assert.deepStrictEqual(journal.map(({ body, operation }) => [operation, body]), [
        ["replicate.file", ""],
        ["replicate.file", ""]
      ])
    }).pipe(inMemory()))

  for (
    const [what, more, field] of [
      ["no media type", { mediaType: "image/png\r\nx: y" }, "mediaType"],
      ["a length that is none", { length: 1.5 }, "length"],
      ["more than its length", { length: 1999 }, "content"],
      ["less than its length", { length: 2001 }, "content"],
      ["nothing", { content: Stream.empty }, "content"],
      ["what can't be read", { content: Stream.fail(new Error("EIO")) }, "content"]
    ] as const
  ) {
    it.effect(`refuses a file with ${what}`, () =>
      Effect.gen(function*() {
        const replicate = yield* emulated()
        const error = yield* Effect.flip(replicate.upload(file(more)))
        assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues.map(({ field }) => field), [field])
      }).pipe(inMemory()))
  }
})

it.effect("an account that may make one prediction a minute makes all that are asked for, and none in the time told", () =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const replicate = yield* emulated()
    const began = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(
      Effect.all(Array.from({ length: 4 }, () => replicate.submit(rain)), { concurrency: "unbounded" })
    )
    yield* TestClock.adjust("1 hour")
    assert.strictEqual(new Set((yield* Fiber.join(fiber)).flatMap(({ ids }) => ids)).size, 4)
    // Of those at once one was taken, and then one a minute, each followed by one that learned of the next minute.
    assert.isAtMost(yield* emulator.count("replicate.model"), 4 + 3 + 2)
    assert.isAbove((yield* Clock.currentTimeMillis) - began, 180_000)
  }).pipe(inMemory({ services: { replicate: ReplicateEmulator.service({ creates: 1 }) } })))

for (
  const [baseUrl, url] of [
    ["https://api.replicate.com/v1", "https://api.replicate.com/v1/predictions"],
    ["https://api.replicate.com", "https://api.replicate.com/v1/predictions"],
    ["http://127.0.0.1:9/replicate/v1/", "http://127.0.0.1:9/replicate/v1/predictions"],
    ["http://127.0.0.1:9/replicate", "http://127.0.0.1:9/replicate/v1/predictions"]
  ] as const
) {
  it.effect(`a base may have the version or not: ${baseUrl}`, () =>
    Effect.gen(function*() {
      const { replicate, sent } = yield* answered(() => [201, prediction()], { baseUrl })
      yield* replicate.submit({ version, input: {} })
      assert.deepStrictEqual(sent.map(({ url }) => url.href), [url])
    }))
}

it.effect("a lost submit is none of those whose data is removed, before its own can be", () =>
  Effect.gen(function*() {
    const replicate = yield* emulated()
    const emulator = yield* Emulator.Emulator
    const older = yield* replicate.submit(rain)
    yield* TestClock.adjust("2 hours")
    yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
    const lost = (yield* Effect.flip(replicate.submit(rain))) as JobError.SubmissionUncertain // what a lost reply is
    yield* TestClock.adjust("59 minutes")
    const found = yield* replicate.recover(lost)
    assert.lengthOf(found, 1)
    assert.notStrictEqual(found[0]?.id, older.ids[0])
    yield* TestClock.adjust("3 hours")
    assert.deepStrictEqual((yield* replicate.recover(lost)).map(({ state }) => state._tag), ["Expired", "Expired"])
  }).pipe(inMemory()))

it.effect("a lost submit is none of those that the ledger knows, which only the lost one is not", () =>
  Effect.gen(function*() {
    const replicate = yield* emulated()
    const emulator = yield* Emulator.Emulator
    const known = yield* replicate.submit(rain)
    yield* emulator.inject({ fault: Faults.dropReply, times: 1 })
    const error = yield* Effect.flip(replicate.submit(rain))
    const lost = error as JobError.SubmissionUncertain // what a lost reply is
    const ids = (jobs: ReadonlyArray<Job.Job>) => jobs.map(({ id }) => id)
    assert.include(ids(yield* replicate.recover(lost)), known.ids[0])
    const ledger = (known: Ledger.Ledger["known"]): Ledger.Ledger => ({
      intend: Effect.succeed,
      submitted: () => Effect.void,
      refused: () => Effect.void,
      done: () => Effect.void,
      find: () => Effect.undefined,
      resume: Effect.succeed(Ledger.unfinished([])),
      known
    })
    const knows = ledger(() => Effect.succeed(new Set(known.ids)))
    const found = ids(yield* Effect.provideService(replicate.recover(lost), Ledger.Ledger, knows))
    assert.lengthOf(found, 1)
    assert.notInclude(found, known.ids[0])
    // One that can't be read takes nothing away.
    const broken = ledger(() => Effect.fail(new Ledger.LedgerUnavailable({ cause: "full" })))
    assert.lengthOf(yield* Effect.provideService(replicate.recover(lost), Ledger.Ledger, broken), 2)
  }).pipe(inMemory()))

for (
  const [answer, expected] of [
    [[200, "OK"], "done"],
    [[202, "Accepted"], "done"],
    [[202, ""], "done"],
    [[200, prediction({ status: "canceled" })], "done"],
    [[200, "<!DOCTYPE html><title>Sign in</title>"], "UnexpectedResponse"],
    [[200, " <html>"], "UnexpectedResponse"],
    [[200, "{\"id\": \"x"], "UnexpectedResponse"],
    [[200, { title: "Too late", detail: "It has ended" }], "UnexpectedResponse"],
    [[409, { title: "Too late", detail: "It has ended" }], "UnexpectedResponse"]
  ] as const
) {
  it.effect(`a cancel that is answered ${answer[0]} ${JSON.stringify(answer[1]).slice(0, 30)} is ${expected}`, () =>
    Effect.gen(function*() {
      const { replicate } = yield* answered(() => answer)
      const result = yield* Effect.result(replicate.cancel(JobId.make(id)))
      assert.strictEqual(Result.isSuccess(result) ? "done" : result.failure._tag, expected)
      if (Result.isSuccess(result) || answer[0] !== 409) return
      assert.include(result.failure.message, "get the job to see how that is. Detail: Too late: It has ended")
    }))
}

it.effect("a path in an input is refused before anything is sent, and what only looks like one is not", () =>
  Effect.gen(function*() {
    const { replicate, sent } = yield* answered(() => [201, prediction()])
    for (
      const path of ["./cat.png", "/home/me/cat.jpeg", "~/cat.mp4", "C:\\cats\\cat.webp", "file:///cat", "../a/b.wav"]
    ) {
      const error = yield* Effect.flip(replicate.submit({ ...rain, input: { prompt: "rain", images: [{ path }] } }))
      assert.deepStrictEqual(error._tag === "InvalidRequest" && error.issues, [
        { field: "input.images.0.path", message: "Expected no path: upload the file first" }
      ])
      assert.notInclude(error.message, path)
    }
    assert.lengthOf(sent, 0)
    const fine = ["a cat.", "/imagine a cat.png", "https://a.test/cat.png", "data:image/png;base64,AA==", "16/9", "/"]
    yield* replicate.submit({ ...rain, input: { fine, prompt: "and/or v1.5" } })
    assert.lengthOf(sent, 1)
  }))
