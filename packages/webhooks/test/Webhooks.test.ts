import { assert, describe, it, vi } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import type * as Webhook from "@media-jobs/core/Webhook"
import type * as Refusal from "@media-jobs/webhooks/Refusal"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as StandardWebhooks from "@media-jobs/webhooks/StandardWebhooks"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { createHmac } from "node:crypto"
import { gzipSync } from "node:zlib"
import * as Service from "./service.ts"

const { a, b, base, c, counted, d, inWorld, keys, post, submitted } = Service

/** Lets what was begun come to rest. */
const rest = Effect.replicateEffect(Effect.yieldNow, 20)

const completed = (id: JobId.JobId, ref?: string | undefined) => ({ id, status: "completed", ref })

describe("a genuine call", () => {
  it.effect("wakes its job once, whatever else it says", () =>
    inWorld(Effect.gen(function*() {
      const { asked, provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { reference, url } = yield* submitted("order 7")
      assert.strictEqual(yield* call(post(url, completed(a, reference))), 200)
      yield* rest
      assert.deepStrictEqual(woken, [a])
      assert.deepStrictEqual(asked, [])
      assert.deepStrictEqual(yield* counted, { "test woken": 1 })
    })))

  it.effect("needs no reference: the address is enough", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { url } = yield* submitted()
      assert.strictEqual(yield* call(post(`${url}?from=the#service`, completed(a))), 200)
      yield* rest
      assert.deepStrictEqual(woken, [a])
    })))

  it.effect("of a batch wakes each of its jobs, once", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { reference, url } = yield* submitted()
      const jobs = [a, b, c, d, a].map((id) => completed(id))
      assert.strictEqual(yield* call(post(url, { jobs, ref: reference })), 200)
      yield* rest
      assert.deepStrictEqual(woken, [a, b, c, d])
      assert.deepStrictEqual(yield* counted, { "test woken": 1 })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(woken.length, 4)
    })))

  it.effect("of a wrong content type is read as what it is", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { url } = yield* submitted()
      const types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "image/png",
        "nonsense"
      ]
      for (const [i, type] of types.entries()) {
        const body = JSON.stringify(completed(JobId.make(`j${i}`)))
        assert.strictEqual(yield* call(post(url, body, { "content-type": type })), 200, type)
      }
      assert.strictEqual(yield* call(post(url, new TextEncoder().encode("\ufeff" + JSON.stringify(completed(a))))), 200)
      yield* rest
      assert.strictEqual(woken.length, 6)
    })))

  it.effect("of no job wakes those of its submit", () =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake, wakeSubmit }])
      const { reference, url } = yield* submitted("order 7")
      assert.strictEqual(yield* call(post(url, { error: "It broke", ref: reference })), 200)
      yield* rest
      assert.deepStrictEqual(submits, [{
        provider: provider.id,
        instance: provider.instance,
        replyUrl: url,
        reference: "order 7"
      }])
      assert.deepStrictEqual(woken, [])
      assert.deepStrictEqual(yield* counted, { "test unnamed": 1 })
    })))

  it.effect("of no ending wakes only where that was asked for", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const quiet = yield* Service.answering([{ provider, wake }])
      const lively = yield* Service.answering([{ provider, wake, progress: true }])
      const { url } = yield* submitted()
      const running = { id: a, status: "processing" }
      assert.strictEqual(yield* quiet.call(post(url, running)), 200)
      yield* rest
      assert.deepStrictEqual(woken, [])
      assert.strictEqual(yield* lively.call(post(url, running)), 200)
      yield* rest
      assert.deepStrictEqual(woken, [a])
      assert.deepStrictEqual(yield* counted, { "test progress": 1, "test woken": 1 })
    })))

  it.effect("reaches the source of its own provider and instance", () =>
    inWorld(Effect.gen(function*() {
      const [one, two] = [Service.make(), Service.make({ instance: ProviderId.Instance.make("a/b.c") })]
      const { call } = yield* Service.answering([one, two])
      const { url } = yield* submitted(undefined, two.provider)
      assert.strictEqual(yield* call(post(url, completed(a))), 200)
      yield* rest
      assert.deepStrictEqual([one.woken, two.woken], [[], [a]])
    })))
})

it.effect("two sources of one provider and instance are a mistake that is told at once", () =>
  inWorld(Effect.gen(function*() {
    const { provider, wake } = Service.make()
    const exit = yield* Effect.exit(Webhooks.make({ sources: [{ provider, wake }, { provider, wake }] }))
    assert.isTrue(Exit.hasDies(exit))
  })))

it.effect("limits that can't work are a mistake that is told at once, by their names", () =>
  inWorld(Effect.gen(function*() {
    const { provider, wake } = Service.make()
    const wrong: ReadonlyArray<Partial<Webhooks.Options>> = [
      { concurrency: 0 },
      { concurrency: NaN },
      { concurrency: 1.5 },
      { capacity: 0 },
      { capacity: -1 },
      { window: "0 seconds" },
      { timeout: 0 },
      { timeout: "-1 second" },
      { maxBody: 0 }
    ]
    for (const options of wrong) {
      const exit = yield* Effect.exit(Webhooks.make({ ...options, sources: [{ provider, wake }] }))
      assert.isTrue(Exit.hasDies(exit), JSON.stringify(options))
      assert.include(String(exit), Object.keys(options).join())
    }
  })))

describe("calls that come again", () => {
  it.effect("a flood of one is one wake now, and one a window for what may have changed since", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { url } = yield* submitted()
      for (let i = 0; i < 1000; i++) yield* call(post(url, completed(a)))
      yield* rest
      assert.deepStrictEqual(woken, [a])
      assert.deepStrictEqual(yield* counted, { "test woken": 1, "test duplicate": 999 })
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(woken, [a, a])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(woken, [a, a])
      yield* call(post(url, completed(a)))
      yield* rest
      assert.deepStrictEqual(woken, [a, a, a])
    })))

  it.effect("are known for at least a window, and at most two", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }], { window: "10 seconds" })
      const { url } = yield* submitted()
      yield* call(post(url, completed(b)))
      yield* TestClock.adjust("9 seconds")
      yield* call(post(url, completed(a)))
      yield* TestClock.adjust("10.9 seconds")
      yield* call(post(url, completed(a)))
      assert.deepStrictEqual(woken, [b, a])
      yield* TestClock.adjust("0.1 seconds")
      assert.deepStrictEqual(woken, [b, a, a])
      yield* TestClock.adjust("20 seconds")
      yield* call(post(url, completed(a)))
      yield* rest
      assert.deepStrictEqual(woken, [b, a, a, a])
    })))

  it.effect("of which the first was too early are heard", () =>
    inWorld(Effect.gen(function*() {
      const { asked, provider, truth } = Service.make()
      const seen: Array<string> = []
      const wake = (id: JobId.JobId) =>
        Effect.orDie(Effect.map(provider.get(id), ({ state }) => void seen.push(state._tag)))
      const { call } = yield* Service.answering([{ provider, wake }])
      const { url } = yield* submitted()
      truth.set(a, { _tag: "Running" })
      yield* call(post(url, completed(a)))
      yield* rest
      assert.deepStrictEqual(seen, ["Running"])
      truth.set(a, { _tag: "Succeeded", artifacts: [] })
      yield* call(post(url, completed(a)))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(seen, ["Running", "Succeeded"])
      assert.deepStrictEqual(asked, [a, a])
    })))

  it.effect("in the wrong order do no harm", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const { url } = yield* submitted()
      for (const status of ["completed", "processing", "created"]) yield* call(post(url, { id: a, status }))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(woken, [a])
    })))

  it.effect("are told apart by their job, not by their submit", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      const [one, two] = [yield* submitted(), yield* submitted()]
      yield* call(post(one.url, completed(a)))
      yield* call(post(one.url, completed(b)))
      yield* call(post(two.url, completed(a)))
      yield* rest
      assert.deepStrictEqual(woken, [a, b])
    })))
})

describe("a forged call", () => {
  const refused = Effect.fnUntraced(function*(request: (url: string, reference: string) => Request) {
    const { asked, provider, wake, woken } = Service.make()
    const { call, webhooks } = yield* Service.answering([{
      provider,
      wake,
      progress: true,
      wakeSubmit: () => Effect.die("A forged call woke its submit")
    }])
    const { reference = "", url } = yield* submitted("order 7")
    const status = yield* call(request(url, reference))
    const error = yield* Effect.flip(webhooks.receive(request(url, reference)))
    yield* TestClock.adjust("1 hour")
    assert.deepStrictEqual([woken, asked], [[], []])
    return { status, error, counts: yield* counted }
  })
  const forgedBy = (
    by: Refusal.Forged["by"],
    status: number,
    provider: string,
    request: (
      url: string,
      reference: string
    ) => Request
  ) =>
    inWorld(Effect.gen(function*() {
      const found = yield* refused(request)
      assert.deepStrictEqual(found.status, status)
      assert.strictEqual(found.error._tag, "Forged")
      assert.deepInclude(found.error, { by, status })
      assert.deepStrictEqual(found.counts, { [`${provider} Forged`]: 2 })
    }))

  it.effect("to no address of ours", () =>
    forgedBy("address", 404, "unknown", () => post(`${base}/test.default.x.y`, completed(a))))

  it.effect("to the base, as an account's own default may be", () =>
    forgedBy("address", 404, "unknown", () => post(base, completed(a))))

  it.effect("to an address with one letter changed", () =>
    forgedBy(
      "key",
      404,
      "unknown",
      (url) => post(url.slice(0, -3) + (url.at(-3) === "A" ? "B" : "A") + url.slice(-2), completed(a))
    ))

  it.effect("to the reference as an address", () =>
    forgedBy("key", 404, "unknown", (_, reference) => post(`${base}/${reference}`, completed(a))))

  it.effect("with a reference of a forger's", () =>
    forgedBy("reference", 401, "test", (url) => post(url, completed(a, "order 7"))))

  it.effect("with a reference whose caller's part was changed", () =>
    forgedBy("reference", 401, "test", (url, reference) => post(url, completed(a, `${reference}0`))))

  it.effect("with the reference of another submit", () =>
    inWorld(Effect.gen(function*() {
      const other = yield* submitted("order 8")
      const found = yield* refused((url) => post(url, completed(a, other.reference)))
      assert.deepStrictEqual([found.status, found.error._tag], [401, "Forged"])
    })))

  it.effect("with a key that is gone", () =>
    Effect.gen(function*() {
      const old = yield* inWorld(submitted())
      yield* inWorld(
        Effect.gen(function*() {
          const found = yield* refused(() => post(old.url, completed(a)))
          assert.deepStrictEqual([found.status, found.error._tag], [404, "Forged"])
        }),
        { keys: [keys.second] }
      )
    }))

  it.effect("is not read: its body may never come", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }])
      assert.strictEqual(yield* call(post(`${base}/x`, new ReadableStream())), 404)
    })))

  const Text = Schema.Literals(["address", "reference"])
  const Nat = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
  it.effect.prop(
    "wherever it was changed, wakes nothing",
    [Text, Nat, Schema.Literals([..."aZ0_-.~"])],
    ([what, at, char]) =>
      inWorld(Effect.gen(function*() {
        const { provider, wake, woken } = Service.make()
        const { call } = yield* Service.answering([{ provider, wake }])
        const { reference = "", url } = yield* submitted("order 7")
        const change = (text: string, from: number) => {
          const i = from + at % (text.length - from)
          return text.slice(0, i) + char + text.slice(i + 1)
        }
        const changed = what === "address"
          ? { url: change(url, base.length + 1), reference }
          : { url, reference: change(reference, 0) }
        const same = changed.url === url && changed.reference === reference
        const status = yield* call(post(changed.url, completed(a, changed.reference)))
        yield* rest
        assert.deepStrictEqual([status, woken.length], same ? [200, 1] : [what === "address" ? 404 : 401, 0])
      }))
  )
})

describe("a call that can't be read", () => {
  /** What it is answered and counted as; each wakes its submit by the address. */
  const answer = (body: BodyInit | object, headers?: Record<string, string>, options?: Partial<Webhooks.Options>) =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake, wakeSubmit }], options)
      const { url } = yield* submitted()
      const status = yield* call(post(url, body, headers))
      yield* rest
      assert.deepStrictEqual(submits.map(({ replyUrl }) => replyUrl), [url])
      assert.deepStrictEqual(woken, [])
      return [status, yield* counted]
    }))

  it.effect("no JSON, whatever it calls itself", () =>
    Effect.gen(function*() {
      for (const body of ["", "jobid=j1&status=completed", "<html>", "{\"id\":", new Uint8Array([0xff, 0xfe, 0x00])]) {
        for (const type of ["application/json", "multipart/form-data; boundary=x"]) {
          assert.deepStrictEqual(yield* answer(body, { "content-type": type }), [400, { "test Malformed": 1 }])
        }
      }
    }))

  it.effect("JSON that is none of the provider's", () =>
    Effect.gen(function*() {
      for (const body of ["null", "[]", "7", "{}", "{\"id\":7,\"status\":\"completed\"}", "[".repeat(500_000)]) {
        assert.deepStrictEqual(yield* answer(body), [400, { "test Malformed": 1 }])
      }
    }))

  it.effect("more jobs than any request makes", () =>
    Effect.gen(function*() {
      const jobs = Array.from({ length: 101 }, (_, i) => completed(JobId.make(`j${i}`)))
      assert.deepStrictEqual(yield* answer({ jobs }), [400, { "test Malformed": 1 }])
    }))

  it.effect("10 MB, announced or not", () =>
    Effect.gen(function*() {
      const piece = new Uint8Array(1 << 20).fill(32)
      let sent = 0
      const stream = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (sent++ < 10) controller.enqueue(piece)
            else controller.close()
          }
        })
      assert.deepStrictEqual(yield* answer(new Uint8Array(10 << 20).fill(32)), [200, { "test oversized": 1 }])
      assert.deepStrictEqual(yield* answer(stream()), [200, { "test oversized": 1 }])
      assert.isBelow(sent, 5)
      assert.deepStrictEqual(yield* answer(stream(), { "content-length": "10" }), [400, { "test Malformed": 1 }])
      assert.deepStrictEqual(yield* answer(completed(a), {}, { maxBody: 10 }), [200, { "test oversized": 1 }])
    }))

  it.effect("too much of a request whose kind knows no limit", () =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit, woken } = Service.make()
      const { webhooks } = yield* Service.answering([{ provider, wake, wakeSubmit }], { maxBody: 100 })
      const { url } = yield* submitted()
      const answer = (length: number) =>
        Effect.tap(
          webhooks.respond(HttpServerRequest.fromClientRequest(
            HttpClientRequest.bodyText(HttpClientRequest.post(url), JSON.stringify(completed(a)).padEnd(length))
          )),
          rest
        )
      assert.strictEqual((yield* answer(100)).status, 200)
      assert.deepStrictEqual([woken.length, submits.length], [1, 0])
      assert.strictEqual((yield* answer(101)).status, 200)
      assert.deepStrictEqual([woken.length, submits.length], [1, 1])
    })))

  it.effect("one that never comes to its end", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }], { timeout: "10 seconds" })
      const { url } = yield* submitted()
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("{\"id\":")),
        cancel: () => {
          cancelled = true
        }
      })
      const fiber = yield* Effect.forkChild(call(post(url, body)), { startImmediately: true })
      yield* TestClock.adjust("9.9 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("0.1 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), 408)
      assert.deepStrictEqual(yield* counted, { "test TooSlow": 1 })
      yield* Effect.promise(() => Promise.resolve())
      assert.isTrue(cancelled)
    })))

  it.effect("of a connection that was cut", () =>
    Effect.gen(function*() {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error("cut user@example.com")) })
      assert.deepStrictEqual(yield* answer(body), [400, { "test Malformed": 1 }])
    }))

  it.effect("since its decoder broke", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake } = Service.make()
      const broken = { ...provider, webhook: () => Effect.die(new Error("secret")) }
      const { call } = yield* Service.answering([{ provider: broken, wake }])
      assert.strictEqual(yield* call(post((yield* submitted()).url, completed(a))), 400)
      assert.deepStrictEqual(yield* counted, { "test Malformed": 1 })
    })))

  it.effect("for nobody here speaks for its provider", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake } = Service.make({ id: ProviderId.make("other") })
      const { call } = yield* Service.answering([{ provider, wake }])
      assert.strictEqual(yield* call(post((yield* submitted()).url, completed(a))), 404)
      assert.deepStrictEqual(yield* counted, { "unknown UnknownSource": 1 })
    })))
})

describe("wakes", () => {
  it.effect("that are slow keep no call waiting, and those for which there is no room are dropped", () =>
    inWorld(Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const { provider, wake, woken } = Service.make()
      const slow = (id: JobId.JobId) => Effect.andThen(Deferred.await(gate), wake(id))
      const { call } = yield* Service.answering([{ provider, wake: slow }], { concurrency: 1, capacity: 2 })
      const { url } = yield* submitted()
      for (const id of [a, b, c, d]) {
        assert.strictEqual(yield* call(post(url, completed(id))), 200)
        yield* rest
      }
      assert.deepStrictEqual(yield* counted, { "test woken": 3, "test dropped": 1 })
      yield* Deferred.succeed(gate, undefined)
      yield* rest
      assert.deepStrictEqual(woken, [a, b, c])
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* call(post(url, completed(d))), 200)
      yield* rest
      assert.deepStrictEqual(woken, [a, b, c, d])
    })))

  it.effect("that fail do not keep the others from theirs", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const brittle = (id: JobId.JobId) => id === a ? Effect.die(new Error("!")) : wake(id)
      const { call } = yield* Service.answering([{ provider, wake: brittle }], { concurrency: 1 })
      const { url } = yield* submitted()
      for (const id of [a, b]) yield* call(post(url, completed(id)))
      yield* rest
      assert.deepStrictEqual(woken, [b])
    })))

  it.effect("of more jobs than are remembered are still done", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }], { capacity: 2 })
      const { url } = yield* submitted()
      for (const id of [a, b, c, c, a]) {
        yield* call(post(url, completed(id)))
        yield* rest
      }
      assert.deepStrictEqual(woken, [a, b, c, c])
    })))
})

/** Signs as the Standard Webhooks have it. */
const secret = `whsec_${Buffer.from("a secret of the tests").toString("base64")}`
const signed = (body: string | Uint8Array, at = 1_000_000, id = "msg_1") => ({
  "webhook-id": id,
  "webhook-timestamp": `${at}`,
  "webhook-signature": `v1,${
    createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`${id}.${at}.`).update(body).digest("base64")
  }`
})

describe("a provider that signs its calls", () => {
  const text = `{ "id": "j1",  "status": "completed" }`
  const again = JSON.stringify(JSON.parse(text))
  /** Answers for one that signs, at a time that is no zero. */
  const signing = Effect.gen(function*() {
    yield* TestClock.setTime(1_000_000_000)
    const service = Service.make()
    const { provider, wake, wakeSubmit } = service
    const verify = yield* Effect.orDie(StandardWebhooks.make({ secrets: [Redacted.make(secret)] }))
    const { call, receive } = yield* Service.answering([{ provider, wake, wakeSubmit, verify }])
    return { ...service, call, receive, ...yield* submitted() }
  })

  it.effect("is believed by its raw body, in time, and wakes nothing else", () =>
    inWorld(Effect.gen(function*() {
      const { call, submits, url, woken } = yield* signing
      const cases: ReadonlyArray<readonly [status: number, headers: Record<string, string>, body?: string]> = [
        [200, signed(text)],
        [200, signed(text, 1_000_000 - 300)],
        [401, signed(text, 1_000_000 - 301)],
        [401, signed(text, 1_000_000 + 301)],
        [401, signed("{}")],
        [401, {}],
        [401, signed(text), again]
      ]
      for (const [status, headers, body] of cases) {
        assert.strictEqual(yield* call(post(url, body ?? text, headers)), status, JSON.stringify(headers))
      }
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([woken.length, submits], [2, []])
      assert.strictEqual((yield* counted)["test Unverified"], 5)
      assert.strictEqual(yield* call(post(`${base}/x`, text, signed(text))), 404)
    })))

  const ways: ReadonlyArray<
    readonly [
      reason: Webhook.Unverified["reason"],
      says: RegExp,
      body: string | Uint8Array,
      headers?: Record<string, string>
    ]
  > = [
    ["signature", /secret.*raw.*framework/, again],
    ["signature", /secret.*raw.*framework/, text, signed("of another's secret")],
    ["signature", /secret.*raw.*framework/, text.replace("j1", "j2")],
    ["changed", /put it together again/, again, { ...signed(text), "content-length": `${text.length}` }],
    ["compressed", /compress/, gzipSync(text), { ...signed(text), "content-encoding": "gzip" }],
    ["compressed", /compress/, gzipSync(text)],
    ["compressed", /compress/, text, { ...signed(`${text} `), "content-encoding": "br" }],
    ["base64", /Base64.*isBase64Encoded/, Buffer.from(text).toString("base64")],
    ["base64", /Base64.*isBase64Encoded/, Buffer.from(` ${text} `).toString("base64url")],
    ["base64", /Base64.*isBase64Encoded/, `${Buffer.from(`[${text}]`).toString("base64")}\n`],
    ["headers", /headers/, text, {}],
    ["late", /clock/, text, signed(text, 990_000)],
    ["early", /clock/, text, signed(text, 1_010_000)]
  ]
  it.effect.each(ways)(
    "says once what refuses calls again and again: %s",
    ([reason, says, body, headers]) =>
      inWorld(Effect.gen(function*() {
        const { call, receive, url } = yield* signing
        const request = () => post(url, body, headers ?? signed(text))
        const { lines, value } = yield* Service.warned(Effect.gen(function*() {
          for (let i = 0; i < 20; i++) assert.strictEqual(yield* call(request()), 401)
          return yield* Effect.flip(receive(request()))
        }))
        assert.deepInclude(value, { _tag: "Unverified", reason, status: 401 })
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0] ?? "", /^test: /)
        assert.match(lines[0] ?? "", says)
        assert.notInclude(lines[0], "webhooks/1.")
      }))
  )

  it.effect("says it for each reason, and each source", () =>
    inWorld(Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000_000)
      const verify = yield* Effect.orDie(StandardWebhooks.make({ secrets: [Redacted.make(secret)] }))
      const [one, two] = [Service.make(), Service.make({ instance: Service.instanceOf("two") })]
      const { call } = yield* Service.answering([{ ...one, verify }, { ...two, verify }])
      const { lines } = yield* Service.warned(Effect.gen(function*() {
        for (const { provider } of [one, two]) {
          const { url } = yield* submitted(undefined, provider)
          for (const headers of [{}, signed("{}"), {}, signed("{}")]) yield* call(post(url, text, headers))
        }
      }))
      assert.strictEqual(lines.length, 4)
    })))

  it.effect("the very same call again is answered and wakes nothing, once the first one's work is done", () =>
    inWorld(Effect.gen(function*() {
      const { call, provider, url } = yield* signing
      const woken: Array<JobId.JobId> = []
      let dies = true
      const wake = (id: JobId.JobId) =>
        Effect.suspend(() => dies ? Effect.die(new Error("!")) : Effect.sync(() => void woken.push(id)))
      const verify = yield* Effect.orDie(StandardWebhooks.make({ secrets: [Redacted.make(secret)] }))
      const own = yield* Service.answering([{ provider, wake, verify }])
      const batch = JSON.stringify({ jobs: [completed(a), completed(b)] })
      const send = (id: string) =>
        Effect.andThen(own.call(post(url, batch, signed(batch, 1_000_000, id))), TestClock.adjust("3 seconds"))
      yield* send("msg_1")
      assert.deepStrictEqual(woken, [])
      dies = false
      yield* send("msg_1")
      assert.deepStrictEqual(woken, [a, b])
      for (let i = 0; i < 5; i++) {
        assert.strictEqual(yield* own.call(post(url, batch, signed(batch))), 200)
        yield* TestClock.adjust("10 seconds")
      }
      assert.deepStrictEqual(woken, [a, b])
      assert.strictEqual((yield* counted)["test repeated"], 5)
      // A retry of the service's own, and the same to another submit, are not the same call.
      yield* send("msg_2")
      assert.deepStrictEqual(woken, [a, b, a, b])
      assert.strictEqual(yield* call(post(url, batch, signed(batch))), 200)
    })))

  it.effect("asked for by receive, the very same call again is asked for again: what its program did is not known", () =>
    inWorld(Effect.gen(function*() {
      const { asked, receive, truth, url } = yield* signing
      const id = JobId.make("j1")
      truth.set(id, { _tag: "Running" })
      const first = yield* Effect.forkChild(receive(post(url, text, signed(text))), { startImmediately: true })
      yield* Fiber.interrupt(first)
      for (let i = 0; i < 2; i++) {
        assert.strictEqual((yield* receive(post(url, text, signed(text)))).jobs[0]?.id, id)
      }
      assert.isAtLeast(asked.length, 2)
    })))
})

describe("a call on its way through a gateway", () => {
  it.effect("is ours with slashes at the end of its path, and with what gateways encode", () =>
    inWorld(
      Effect.gen(function*() {
        const { provider, wake, woken } = Service.make({ instance: Service.instanceOf("tenant/ü") })
        const { call, receive } = yield* Service.answering([{ provider, wake }])
        const { url } = yield* submitted(undefined, provider)
        assert.include(url, "~")
        for (const way of [`${url}/`, `${url}//`, `${url}/?stage=prod`, url.replaceAll("~", "%7E"), url]) {
          assert.strictEqual(yield* call(post(way, completed(a))), 200, way)
          assert.strictEqual((yield* receive(post(way, completed(a)))).replyUrl, url)
        }
        yield* rest
        assert.deepStrictEqual(woken, [a])
      })
    ))

  it.effect("says of a body in Base64, or compressed, what to do, where nothing is signed", () =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit } = Service.make()
      const { call, receive } = yield* Service.answering([{ provider, wake, wakeSubmit }])
      const { url } = yield* submitted()
      const text = JSON.stringify(completed(a))
      const ways: ReadonlyArray<
        readonly [reason: Refusal.Malformed["reason"], says: RegExp, body: string | Uint8Array]
      > = [
        ["base64", /isBase64Encoded/, Buffer.from(text).toString("base64")],
        ["compressed", /compress/, gzipSync(text)],
        ["json", /JSON/, "<html>"]
      ]
      for (const [reason, says, body] of ways) {
        const { lines, value } = yield* Service.warned(Effect.gen(function*() {
          for (let i = 0; i < 5; i++) assert.strictEqual(yield* call(post(url, body)), 400)
          return yield* Effect.flip(receive(post(url, body)))
        }))
        assert.deepInclude(value, { _tag: "Malformed", reason })
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0] ?? "", says)
      }
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(submits.every(({ replyUrl }) => replyUrl === url) && submits.length > 0)
    })))
})

describe("a call whose body is larger than what is read", () => {
  it.effect.each([1_500_000, 4_000_000, 1_048_577])(
    "wakes by its address, of %s bytes, and the limit is named once",
    (bytes) =>
      inWorld(Effect.gen(function*() {
        const { provider, submits, wake, wakeSubmit, woken } = Service.make()
        const { call, receive } = yield* Service.answering([{ provider, wake, wakeSubmit }])
        const { reference, url } = yield* submitted("order 7")
        const body = JSON.stringify({ ...completed(a, reference), logs: "" }).replace("\"\"", `"${"x".repeat(bytes)}"`)
        const { lines, value } = yield* Service.warned(Effect.gen(function*() {
          for (let i = 0; i < 3; i++) assert.strictEqual(yield* call(post(url, body)), 200)
          return yield* receive(post(url, body))
        }))
        yield* rest
        assert.deepStrictEqual([submits.map(({ replyUrl }) => replyUrl), woken], [[url], []])
        assert.deepInclude(value, { replyUrl: url, jobs: [], failures: [] })
        assert.deepStrictEqual(lines.map((line) => /1 MiB.*maxBody/.test(line)), [true])
        assert.deepStrictEqual(yield* counted, { "test oversized": 3, "test asked": 1 })
      }))
  )

  it.effect("wakes nothing where its address is forged", () =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake, wakeSubmit }])
      const { url } = yield* submitted()
      const forged = url.slice(0, -3) + (url.at(-3) === "A" ? "B" : "A") + url.slice(-2)
      assert.strictEqual(yield* call(post(forged, "x".repeat(1_500_000))), 404)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(submits, [])
    })))
})

describe("a body that the application has read before", () => {
  it.effect("is the application's own error, said once, and wakes by its address", () =>
    inWorld(Effect.gen(function*() {
      const { provider, submits, wake, wakeSubmit } = Service.make()
      const { call, receive } = yield* Service.answering([{ provider, wake, wakeSubmit }])
      const { url } = yield* submitted()
      const reads: ReadonlyArray<(request: Request) => Promise<unknown>> = [
        (request) => request.json(),
        (request) => request.text(),
        async (request) => {
          await request.body?.getReader().read()
        }
      ]
      const used = (read: (typeof reads)[number]) =>
        Effect.promise(async () => {
          const request = post(url, completed(a))
          await read(request)
          return request
        })
      const { lines } = yield* Service.warned(Effect.gen(function*() {
        for (const read of reads) {
          assert.strictEqual(yield* call(yield* used(read)), 500)
          const error = yield* Effect.flip(receive(yield* used(read)))
          assert.deepStrictEqual([error._tag, error.status], ["BodyUsed", 500])
        }
      }))
      assert.deepStrictEqual(lines.map((line) => /before any body parser/.test(line)), [true])
      yield* rest
      assert.deepStrictEqual(submits.map(({ replyUrl }) => replyUrl), [url])
    })))

  it.effect("is no error where it is still there: a middleware of Effect's has read it", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const { webhooks } = yield* Service.answering([{ provider, wake }])
      const request = HttpServerRequest.fromWeb(post((yield* submitted()).url, completed(a)))
      yield* Effect.orDie(request.text)
      assert.strictEqual((yield* webhooks.respond(request)).status, 200)
      yield* rest
      assert.deepStrictEqual(woken, [a])
    })))
})

it.effect("keys that differ between what submits and what answers are told of once, and scanners not at all", () =>
  Effect.gen(function*() {
    const { url } = yield* inWorld(submitted())
    const { lines } = yield* Service.warned(inWorld(
      Effect.gen(function*() {
        const { provider, wake } = Service.make()
        const { call } = yield* Service.answering([{ provider, wake }])
        for (const path of [url, url, `${base}/wp-login.php`, `${base}/x`, base]) {
          assert.strictEqual(yield* call(post(path, completed(a))), 404)
        }
      }),
      { keys: [keys.second] }
    ))
    assert.deepStrictEqual(lines.map((line) => /WEBHOOKS_KEYS/.test(line)), [true])
  }))

it.effect("a call for a provider that is not among the sources is told of once", () =>
  inWorld(Effect.gen(function*() {
    const { provider, wake } = Service.make({ id: ProviderId.make("other") })
    const { call } = yield* Service.answering([{ provider, wake }])
    const { lines } = yield* Service.warned(Effect.gen(function*() {
      for (let i = 0; i < 3; i++) yield* call(post((yield* submitted()).url, completed(a)))
    }))
    assert.deepStrictEqual(lines.map((line) => /add it/.test(line)), [true])
  })))

describe("receive", () => {
  it.effect("returns what the service says to who holds the token, not what the call says", () =>
    inWorld(Effect.gen(function*() {
      const { asked, provider, truth, wake, woken } = Service.make()
      const { receive } = yield* Service.answering([{ provider, wake }])
      const { reference, url } = yield* submitted("order 7")
      truth.set(a, { _tag: "Running" }).set(b, { _tag: "Succeeded", artifacts: [] })
      const received = yield* receive(post(url, { jobs: [a, b, c].map((id) => completed(id)), ref: reference }))
      assert.deepStrictEqual(received.jobs.map(({ id, state }) => [id, state._tag]), [[a, "Running"], [b, "Succeeded"]])
      assert.deepStrictEqual(received.failures.map(({ error, id }) => [id, error._tag]), [[c, "NotFound"]])
      assert.deepInclude(received, { provider: provider.id, replyUrl: url, reference: "order 7" })
      assert.deepStrictEqual([asked, woken], [[a, b, c], []])
      assert.deepStrictEqual(yield* counted, { "test asked": 1 })
    })))

  it.effect("learns nothing of a provider that can't be asked, nor from a call of no ending", () =>
    inWorld(Effect.gen(function*() {
      const { asked, mute, provider, wake } = Service.make()
      const { url } = yield* submitted()
      const deaf = yield* Service.answering([{ provider: mute, wake }])
      assert.deepInclude(yield* deaf.receive(post(url, completed(a))), { jobs: [], failures: [] })
      const { receive } = yield* Service.answering([{ provider, wake }])
      assert.deepInclude(yield* receive(post(url, { id: a, status: "processing" })), { jobs: [], failures: [] })
      assert.deepStrictEqual(asked, [])
    })))

  it.effect("is a service's, and a refusal says what to answer", () =>
    inWorld(Effect.gen(function*() {
      const { provider, wake } = Service.make()
      const { url } = yield* submitted()
      const error = yield* Webhooks.receive(post(url, "<html>")).pipe(
        Effect.flip,
        Effect.provide(Webhooks.layer({ sources: [{ provider, wake }] }))
      )
      assert.deepStrictEqual([error._tag, error.status], ["Malformed", 400])
    })))
})

describe("handler", () => {
  it.live("answers a framework's requests within the application's runtime", () =>
    Effect.gen(function*() {
      const { provider, wake, woken } = Service.make()
      const runtime = ManagedRuntime.make(
        Webhooks.layer({ sources: [{ provider, wake }] }).pipe(
          Layer.provideMerge(Signer.layer({ url: base, keys: [keys.first] }))
        )
      )
      const handle = yield* Effect.promise(() => runtime.runPromise(Webhooks.handler))
      const { url } = yield* Effect.promise(() => runtime.runPromise(submitted()))
      const responses = yield* Effect.promise(() =>
        Promise.all([handle(post(url, completed(a))), handle(post(url, "<")), handle(new Request(`${base}/x`))])
      )
      assert.deepStrictEqual(responses.map(({ status }) => status), [200, 400, 404])
      const texts = yield* Effect.promise(() => Promise.all(responses.map((response) => response.text())))
      assert.deepStrictEqual(texts, ["", "", ""])
      yield* Service.until(woken, 1)
      assert.deepStrictEqual(woken, [a])
      yield* Effect.promise(() => runtime.dispose())
    }))
})

describe("where requests are isolated", () => {
  const isolated = Effect.acquireRelease(
    Effect.sync(() => vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" })),
    () => Effect.sync(() => vi.unstubAllGlobals())
  )

  it.effect("a call is answered once its wakes have ended, each time anew, whatever becomes of them", () =>
    inWorld(Effect.gen(function*() {
      yield* isolated
      const { provider, wake, woken } = Service.make()
      const slow = (id: JobId.JobId) => Effect.andThen(Effect.sleep("3 seconds"), wake(id))
      const brittle = (id: JobId.JobId) => id === b ? Effect.die(new Error("!")) : slow(id)
      const { call } = yield* Service.answering([{ provider, wake: brittle }])
      const { url } = yield* submitted()
      const jobs = { jobs: [a, b, c].map((id) => completed(id)) }
      const fiber = yield* Effect.forkChild(Effect.replicateEffect(call(post(url, jobs)), 2))
      yield* rest
      yield* TestClock.adjust("2.9 seconds")
      assert.deepStrictEqual(woken, [])
      yield* TestClock.adjust("0.1 seconds")
      assert.deepStrictEqual(woken, [a, c])
      assert.isUndefined(fiber.pollUnsafe())
      yield* rest
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), [200, 200])
      assert.deepStrictEqual(woken, [a, c, a, c])
      assert.deepStrictEqual(yield* counted, { "test woken": 2 })
    })))

  it.effect("a body has a time limit of its own", () =>
    inWorld(Effect.gen(function*() {
      yield* isolated
      const { provider, wake, woken } = Service.make()
      const { call } = yield* Service.answering([{ provider, wake }], { timeout: "10 seconds" })
      const { url } = yield* submitted()
      const never = Effect.forkChild(Effect.suspend(() => call(post(url, new ReadableStream()))), {
        startImmediately: true
      })
      const first = yield* never
      yield* TestClock.adjust("3 seconds")
      const second = yield* never
      yield* TestClock.adjust("7 seconds")
      assert.strictEqual(yield* Fiber.join(first), 408)
      yield* TestClock.adjust("2.9 seconds")
      assert.isUndefined(second.pollUnsafe())
      yield* TestClock.adjust("0.1 seconds")
      assert.strictEqual(yield* Fiber.join(second), 408)
      assert.strictEqual(yield* call(post(url, completed(a))), 200)
      assert.deepStrictEqual(woken, [a])
    })))
})
