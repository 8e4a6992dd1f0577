import { assert, describe, it } from "@effect/vitest"
import * as Handle from "@media-jobs/core/Handle"
import * as JobId from "@media-jobs/core/JobId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as Fal from "@media-jobs/fal/Fal"
import * as FalRequest from "@media-jobs/fal/FalRequest"
import * as StoredLedger from "@media-jobs/ledger/StoredLedger"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { answered, emulated, id, inMemory, rain, request, token } from "./support.ts"

describe("fal.submit", () => {
  it.effect("sends the input as it is, and the rest as the wire has it", () =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(() => [200, { request_id: request }])
      const input = { prompt: "rain", loras: [{ path: "https://x.test/a", scale: 0.5 }] }
      const { ids, kind, model, reference, replyUrl } = yield* fal.submit(
        Fal.video("fal-ai/veo3/fast", { ...input, seed: undefined }, {
          priority: "low",
          startTimeout: 60,
          maxQueueLength: 3,
          hint: "mine",
          noRetry: true,
          noFallback: true,
          storeIO: false,
          lifecycle: { expiration_duration_seconds: 3600 },
          webhook: "https://app.test/hook?x=1",
          reference: "order 7"
        })
      )
      assert.deepStrictEqual([ids, kind, model, reference, replyUrl], [
        [Fal.jobId("fal-ai/veo3", request)],
        "video",
        "fal-ai/veo3/fast",
        "order 7",
        "https://app.test/hook?x=1"
      ])
      const [{ body, headers, method, url }] = sent as [typeof sent[number]]
      assert.deepStrictEqual([method, url.origin + url.pathname, JSON.parse(body ?? "")], [
        "POST",
        "https://queue.fal.run/fal-ai/veo3/fast",
        input
      ])
      assert.deepStrictEqual([...url.searchParams], [
        ["fal_webhook", "https://app.test/hook?x=1"],
        ["fal_max_queue_length", "3"]
      ])
      const { accept: _, authorization, "content-length": __, "content-type": ___, ...own } = headers
      assert.strictEqual(authorization, `Key ${Redacted.value(token)}`)
      assert.deepStrictEqual(own, {
        "x-fal-queue-priority": "low",
        "x-fal-request-start-timeout": "60",
        "x-fal-request-timeout": "60",
        "x-fal-runner-hint": "mine",
        "x-fal-no-retry": "1",
        "x-app-fal-disable-fallback": "1",
        "x-fal-store-io": "0",
        "x-fal-object-lifecycle-preference": "{\"expiration_duration_seconds\":3600}"
      })
    }))

  it.effect("says nothing that it was not told, and reports where the application says", () =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(() => [200, { request_id: request }])
      yield* fal.submit(rain).pipe(
        Effect.provideService(ReplyTo.ReplyTo, {
          address: () => Effect.succeed({ url: "https://app.test/1.x", reference: undefined }),
          callerReference: (text) => text
        })
      )
      const [{ headers, url }] = sent as [typeof sent[number]]
      assert.deepStrictEqual(Object.keys(headers).filter((name) => name.startsWith("x-")), [])
      assert.deepStrictEqual([...url.searchParams], [["fal_webhook", "https://app.test/1.x"]])
    }))

  it.effect("goes to old ids and name spaces by their paths", () =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(() => [200, { request_id: request }])
      const ids: Array<string> = []
      for (const model of ["110602490-lora", "workflows/me/rain", "fal-ai/flux/dev/image-to-image"]) {
        const submission = yield* fal.submit(Fal.request(model, {}))
        ids.push(submission.ids[0])
      }
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), [
        "/110602490/lora",
        "/workflows/me/rain",
        "/fal-ai/flux/dev/image-to-image"
      ])
      assert.deepStrictEqual(ids, [
        `110602490/lora/${request}`,
        `workflows/me/rain/${request}`,
        `fal-ai/flux/${request}`
      ])
    }))
})

describe("a lost submit", () => {
  /** Three like jobs, and one whose reply is lost, all within a minute, and the error of that. */
  const four = Effect.gen(function*() {
    const { inject } = yield* Emulator.Emulator
    const fal = yield* emulated()
    for (let i = 0; i < 3; i++) {
      yield* fal.submit(rain)
      yield* TestClock.adjust("10 seconds")
    }
    yield* inject({ fault: Faults.dropReply, operation: "fal.submit", times: 1 })
    const error = yield* Effect.flip(fal.submit(rain))
    assert(error._tag === "SubmissionUncertain")
    return { fal, error }
  })

  it.effect("is one POST, and is found again beside three like it", () =>
    Effect.gen(function*() {
      const { count, services: { fal: controls } } = yield* Emulator.Emulator
      const { error, fal } = yield* four
      assert.strictEqual(yield* count("fal.submit"), 4)
      assert.lengthOf(yield* fal.recover(error), 1) // one has ended, which it can be as well
      yield* TestClock.adjust("1 minute")
      const jobs = yield* controls.jobs
      const found = yield* fal.recover(error)
      assert.sameMembers(found.map(({ id }) => id), jobs.map(({ id }) => Fal.jobId("fal-ai/flux", id)))
      assert.deepStrictEqual(found.map(({ state: { _tag } }) => _tag), Array(4).fill("Succeeded"))
    }).pipe(inMemory()))

  it.effect("is told from those that were asked for something else", () =>
    Effect.gen(function*() {
      const { services: { fal: controls } } = yield* Emulator.Emulator
      const { error, fal } = yield* four
      const { inject } = yield* Emulator.Emulator
      yield* inject({ fault: Faults.dropReply, operation: "fal.submit", times: 1 })
      const other = yield* Effect.flip(fal.submit({ ...rain, input: { seed: 7, prompt: "snow" } }))
      assert(other._tag === "SubmissionUncertain")
      yield* TestClock.adjust("1 minute")
      const last = (yield* controls.jobs).at(-1)
      const found = yield* fal.recover(other)
      assert.deepStrictEqual(found.map(({ id }) => id), [Fal.jobId("fal-ai/flux", last?.id ?? "")])
      assert.lengthOf(yield* fal.recover(error), 4)
      // Where none was asked for the very same, it may have been shown otherwise than it was sent.
      assert.lengthOf(yield* fal.recover({ ...error, inputDigest: "none has it" }), 5)
    }).pipe(inMemory()))

  it.effect("is told from those that the ledger knows", () =>
    Effect.gen(function*() {
      const { services: { fal: controls } } = yield* Emulator.Emulator
      const { error, fal } = yield* four
      yield* TestClock.adjust("1 minute")
      const [, , , lost] = yield* controls.jobs
      const found = yield* fal.recover(error)
      assert.deepStrictEqual(found.map(({ id }) => id), [Fal.jobId("fal-ai/flux", lost?.id ?? "")])
    }).pipe(Effect.provide(StoredLedger.layerMemory), inMemory()))

  it.effect("is looked for page by page, at other endpoints and other days it is not", () =>
    Effect.gen(function*() {
      const item = (n: number, sent_at: string, more: object = {}) => ({
        request_id: `764cabcf-b745-4b3e-ae38-0000000000${n}`,
        endpoint_id: rain.model,
        sent_at,
        status_code: 200,
        json_output: { text: "x" },
        ...more
      })
      const pages = [
        {
          items: [item(10, "2026-01-01T00:00:00Z"), item(11, "2026-01-03T00:00:00Z")],
          next_cursor: "Mg==",
          has_more: true
        },
        {
          items: [
            item(12, "2026-01-01T00:00:00Z", { endpoint_id: "fal-ai/flux/schnell" }),
            item(13, "soon", { status_code: 422, json_output: { detail: [{ msg: "No", type: "one_of" }] } }),
            item(14, "2026-01-01T00:00:00Z", { json_output: null })
          ],
          next_cursor: null,
          has_more: false
        }
      ]
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      const { fal, sent } = yield* answered((_, n) => n === 0 ? [500, ""] : [200, pages[n - 1]])
      const error = yield* Effect.flip(fal.submit(rain))
      assert(error._tag === "SubmissionUncertain")
      const found = yield* fal.recover(error)
      assert.deepStrictEqual(found.map(({ id, state: { _tag } }) => [id.slice(-2), _tag]), [
        ["10", "Succeeded"],
        ["13", "Failed"],
        ["14", "Running"]
      ])
      assert.deepStrictEqual(sent.slice(1).map(({ url }) => [url.host, url.searchParams.get("cursor")]), [
        ["api.fal.ai", null],
        ["api.fal.ai", "Mg=="]
      ])
      const unknown = yield* Effect.flip(fal.recover({ submittedAt: error.submittedAt }))
      assert.strictEqual(unknown._tag, "UnexpectedResponse")
    }))
})

describe("fal.upload", () => {
  const bytes = (n: number) => Stream.fromIterable(Array.from({ length: n }, () => new Uint8Array(1024 * 1024)))
  const mebibyte = 1024 * 1024

  it.effect.each(
    [
      ["a file in one piece", 3, 3 * mebibyte, [], 2],
      ["one of unknown length in parts", 21, undefined, [10, 10, 1], 5],
      ["a large one in parts", 91, 91 * mebibyte, [10, 10, 10, 10, 10, 10, 10, 10, 10, 1], 12]
    ] as const
  )("sends %s, without the key", ([, size, length, parts, calls]) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const fal = yield* emulated()
      const file = { mediaType: "image/png", content: bytes(size), ...(length === undefined ? undefined : { length }) }
      const { reference } = yield* fal.upload(file)
      const [upload, ...rest] = yield* emulator.services.fal.uploads
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(upload, {
        url: reference,
        contentType: "image/png",
        bytes: size * mebibyte,
        parts: parts.map((n) => n * mebibyte),
        isComplete: true
      })
      const journal = yield* emulator.journal
      assert.strictEqual(journal.length, calls)
      const told = journal.map(({ headers, host }) => [host, "authorization" in headers])
      assert.deepStrictEqual(told, [["rest.fal.ai", true], ...Array(calls - 1).fill(["v3b.fal.media", false])])
    }).pipe(inMemory()))

  it.effect.each(["https://queue.fal.run", "https://queue.fal.run/", "https://queue.falrun.com"])(
    "goes to the storage, and a question for a lost submit to the history, where the queue is given as %s",
    (baseUrl) =>
      Effect.gen(function*() {
        const { fal, sent } = yield* answered(() => [500, ""], { baseUrl })
        yield* Effect.flip(fal.upload({ mediaType: "image/png", content: bytes(1) }))
        yield* Effect.flip(fal.recover({ model: rain.model, submittedAt: DateTime.makeUnsafe(0) }))
        assert.deepStrictEqual(sent.map(({ url }) => url.host), ["rest.fal.ai", "api.fal.ai"])
      })
  )

  it.effect("tells what is wrong with the content", () =>
    Effect.gen(function*() {
      const fal = yield* emulated()
      const wrong = (file: Partial<Parameters<typeof fal.upload>[0]>) =>
        Effect.map(
          Effect.flip(fal.upload({ mediaType: "image/png", content: bytes(1), ...file })),
          (error) => error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field) : error._tag
        )
      assert.deepStrictEqual(yield* wrong({ mediaType: "png" }), ["mediaType"])
      assert.deepStrictEqual(yield* wrong({ length: 2 * mebibyte }), ["content"])
      assert.deepStrictEqual(yield* wrong({ content: Stream.empty }), ["content"])
      assert.deepStrictEqual(yield* wrong({ content: Stream.concat(bytes(11), Stream.fail("gone")) }), ["content"])
    }).pipe(inMemory()))
})

it.effect.each(["wait", "step"] as const)(
  "a large result is fetched while it is kept, whatever the pace (%s)",
  (way) =>
    Effect.gen(function*() {
      const { services: { fal: controls } } = yield* Emulator.Emulator
      const fal = yield* emulated()
      const output = { text: "x".repeat(20_000) }
      const { app, id } = yield* controls.add({ state: "running", duration: "20 minutes", output })
      const pace = Pace.steady("1 hour")
      const handle = new Handle.Handle({
        provider: fal.id,
        instance: fal.instance,
        id: Fal.jobId(app, id),
        submittedAt: yield* DateTime.now
      })
      const waiting = way === "wait"
        ? Effect.flatMap(Poller.make(fal, { pace }), (poller) => poller.await(handle))
        : Effect.gen(function*() {
          for (let state: string | undefined;;) {
            const step = yield* Poller.step(fal, handle, { state, pace })
            if (step.again === undefined) return step.job
            state = step.state
            yield* Effect.sleep(step.again)
          }
        })
      const fiber = yield* Effect.forkChild(waiting)
      yield* TestClock.adjust("2 hours")
      const job = yield* Fiber.join(fiber)
      assert.strictEqual(job.state._tag, "Succeeded")
      const { count } = yield* Emulator.Emulator
      assert.isAtMost(yield* count("fal.get"), 25)
    }).pipe(inMemory())
)

describe("Fal.endpoint", () => {
  const flux = Fal.endpoint("fal-ai/flux/dev", {
    kind: "image",
    input: Schema.Struct({
      prompt: Schema.NonEmptyString,
      num_images: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })))
    }),
    output: Schema.Struct({ images: Schema.NonEmptyArray(Fal.File), seed: Schema.Number })
  })

  it.effect("makes of a job a value of its type", () =>
    Effect.gen(function*() {
      const fal = yield* emulated()
      const submission = yield* fal.submit(flux.request({ prompt: "rain", num_images: 2 }, { priority: "low" }))
      assert.deepStrictEqual([submission.kind, submission.model], ["image", "fal-ai/flux/dev"])
      const fiber = yield* Effect.forkChild(Poller.succeed(fal, submission))
      yield* TestClock.adjust("5 minutes")
      const jobs = yield* Fiber.join(fiber)
      const { images, seed } = yield* flux.output(jobs[0])
      const width: number | null | undefined = images[0].width
      assert.deepStrictEqual([images.length, width, seed], [2, 1024, 7])
      assert.deepStrictEqual(yield* flux.output({ jobs }), yield* flux.output(jobs[0]))
      // @ts-expect-error: the output has no such field
      images.length satisfies typeof images.rain
    }).pipe(inMemory()))

  it.effect("refuses an input by its fields, unsent", () =>
    Effect.gen(function*() {
      const { count } = yield* Emulator.Emulator
      const fal = yield* emulated()
      // @ts-expect-error: a number is no text, nor is `seed` known
      const odd = flux.request({ prompt: 7, seed: 7 })
      const wrong = [odd, flux.request({ prompt: "", num_images: 5 })] as const
      const fields = (request: FalRequest.Request) =>
        Effect.map(
          Effect.flip(fal.submit(request)),
          (error) => error._tag === "InvalidRequest" ? error.issues.map(({ field }) => field).toSorted() : error._tag
        )
      // As it is after a while in a store.
      // As they are after a while in a store, too.
      for (const [one, other] of [wrong, JSON.parse(JSON.stringify(wrong)) as typeof wrong]) {
        assert.deepStrictEqual(yield* fields(one), ["input.prompt", "input.seed"])
        assert.deepStrictEqual(yield* fields(other), ["input.num_images", "input.prompt"])
      }
      assert.strictEqual(yield* count(), 0)
      assert.deepStrictEqual(FalRequest.issues(flux.request({ prompt: "rain" })), [])
    }).pipe(inMemory()))

  it.effect("says where an output is not as its schema has it, and quotes nothing of it", () =>
    Effect.gen(function*() {
      const { services: { fal: controls } } = yield* Emulator.Emulator
      const fal = yield* emulated()
      const output = {
        images: [{ url: 7, content_type: "a secret" }],
        seed: "another secret",
        rain: { url: "https://x.test/a.png" }
      }
      const { app, id } = yield* controls.add({ state: "succeeded", output })
      const job = yield* fal.get(Fal.jobId(app, id))
      assert(job.is("Succeeded"))
      const error = yield* Effect.flip(flux.output(job))
      assert.strictEqual(error._tag, "UnexpectedOutput")
      assert.deepStrictEqual(error.issues.map(({ field }) => field), [
        "images.0.url",
        ...(error.issues.length > 1 ? ["seed"] : [])
      ])
      assert.notInclude(error.message, "secret")
    }).pipe(inMemory()))
})

describe("ids", () => {
  it("hold owner, app and request", () => {
    assert.strictEqual(id, `fal-ai/flux/${request}`)
    assert.strictEqual(Fal.jobId("comfy/me/rain/x", request), `comfy/me/rain/${request}`)
  })

  it.effect("of no such form are refused unsent", () =>
    Effect.gen(function*() {
      const { fal, sent } = yield* answered(() => [500, ""])
      for (
        const one of [
          request,
          `flux/${request}`,
          `fal-ai/../${request}`,
          `fal-ai/flux/dev/x/${request}`,
          "fal-ai/flux/a b c d e f"
        ]
      ) {
        assert.strictEqual((yield* Effect.flip(fal.get(JobId.make(one))))._tag, "InvalidJobId")
      }
      assert.deepStrictEqual(sent, [])
    }))
})
