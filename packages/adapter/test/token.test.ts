import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Headers from "effect/http/Headers"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { start } from "./service.ts"

const list = { method: "GET", path: "/jobs" } as const
const post = { method: "POST", path: "/jobs" } as const
const ids = () => Result.succeed({ ids: [JobId.make("j1")] as const })
const passing = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("a token that changes", () => {
  it.effect("is asked for before each try, and goes along as any does", () =>
    Effect.gen(function*() {
      let n = 0
      const { headers, transport } = yield* start([[503], [503], [200, "[]"]], {
        token: () => Promise.resolve(`token-${++n}`),
        retries: 3
      })
      yield* passing(transport.call("list", list, Result.succeed))
      assert.deepStrictEqual(headers.map((one) => one["authorization"]), [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-3"
      ])
    }))

  it.effect("that never comes fails a submit that was not begun: nothing is written down or sent", () =>
    Effect.gen(function*() {
      const { sent, transport } = yield* start([[200, "[]"]], { token: () => new Promise(() => {}), retries: 0 })
      const ledger = {
        intend: () => Effect.die("was written"),
        submitted: () => Effect.void,
        refused: () => Effect.void,
        done: () => Effect.void,
        find: () => Effect.undefined,
        known: () => Effect.succeed(new Set<never>()),
        resume: Effect.succeed(Ledger.unfinished([]))
      }
      const submitting = Effect.provideService(transport.submit({}, post, ids), Ledger.Ledger, ledger)
      const error = yield* passing(Effect.flip(submitting))
      assert.deepStrictEqual([error._tag, error.detail, sent], ["Unavailable", "No token within 30 s", []])
    }))

  it.effect("shows in no word of the service", () =>
    Effect.gen(function*() {
      const { transport } = yield* start([[200, "!ya29.s3cret-of-the-hour is no token"]], {
        token: () => Promise.resolve("ya29.s3cret-of-the-hour")
      })
      const error = yield* Effect.flip(transport.call("list", list, () => Result.fail("It is odd")))
      assert.include(error.detail ?? "", "is no token")
      assert.notInclude(JSON.stringify(error), "s3cret")
    }))

  for (
    const [what, token, word] of [
      ["fails", () => Promise.reject(new Error("no credentials here")), "no credentials here"],
      ["has none", () => Promise.resolve(null), "is empty"],
      ["has one that no header can carry", () => Promise.resolve("a\nb"), "line break"]
    ] as const
  ) {
    it.effect(`is missed where what gives it ${what}: nothing is sent, and a submit has not begun`, () =>
      Effect.gen(function*() {
        const { sent, transport } = yield* start([[200, "[]"]], { token })
        for (
          const call of [
            transport.call("list", list, Result.succeed),
            transport.submit({}, post, ids),
            transport.link("x")
          ]
        ) {
          const error = yield* Effect.flip(
            call as Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>
          )
          assert.strictEqual(error._tag, "Unauthorized")
          assert.include(error.message, word)
        }
        assert.deepStrictEqual(sent, [])
      }))
  }
})

it.effect("a link has what the service's own requests are authorized by, redacted", () =>
  Effect.gen(function*() {
    const { transport } = yield* start([], {
      authorize: (token) => (request) => ({
        ...request,
        headers: Headers.set(request.headers, "x-key", Redacted.value(token))
      } as typeof request) // a request is its fields
    })
    const { headers = {}, url } = yield* transport.link(`${transport.baseUrl}/files/1`)
    assert.strictEqual(url, "https://acme.test/files/1")
    assert.deepStrictEqual(Object.keys(headers), ["x-key"])
    assert.strictEqual(Redacted.value(headers["x-key"]!), "acme-5ecret")
    assert.notInclude(JSON.stringify(headers), "5ecret")
  }))

it.effect("a look by POST is repeated as any look, and another POST is not", () =>
  Effect.gen(function*() {
    const { sent, transport } = yield* start([[503], [503], [200, "[]"], [503]], { retries: 3 })
    yield* passing(transport.call("get", post, Result.succeed))
    assert.lengthOf(sent, 3)
    yield* Effect.flip(passing(transport.call("upload", post, Result.succeed)))
    assert.lengthOf(sent, 4)
  }))

it.effect("a lost submit says that it can't be found, where the service has nothing to find it by", () =>
  Effect.gen(function*() {
    const { transport } = yield* start([[500, "broken"]], { forgetsLost: true })
    const error = yield* Effect.flip(transport.submit({}, post, ids))
    assert.strictEqual(error._tag === "SubmissionUncertain" && error.recoverable, false)
    assert.include(error.message, "can't be found again")
    const other = yield* Effect.flip((yield* start([[500, "broken"]])).transport.submit({}, post, ids))
    assert.include(other.message, "recover")
  }))

it.effect("what reads an answer may read its headers", () =>
  Effect.gen(function*() {
    const { transport } = yield* start([[200, "x", { "x-where": "there" }]])
    const found = yield* transport.call("upload", post, (_body, _at, headers) => Result.succeed(headers["x-where"]))
    assert.strictEqual(found, "there")
  }))
