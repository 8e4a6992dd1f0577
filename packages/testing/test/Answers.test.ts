import { assert, describe, it } from "@effect/vitest"
import * as JobError from "@media-jobs/core/JobError"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import { Answers, Emulator } from "@media-jobs/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"

const url = "https://api.useapi.net/v1/luma/jobs"
const about = {
  provider: ProviderId.make("useapi-luma"),
  instance: ProviderId.defaultInstance,
  operation: "list"
} as const
const body = { error: "Unauthorized" }
const row: Answers.Row<"list"> = { of: ["list"], status: 401, body, tag: "Unauthorized", remedy: "Reauthenticate" }

/** A provider that asks for its list so often, and makes an error of what it is answered. */
const provider = (
  error: (status: number) => JobError.JobError = (status) => new JobError.Unauthorized({ ...about, status }),
  times = 1
) =>
  Effect.map(HttpClient.HttpClient, (client) => ({
    ...Provider.make({ id: about.provider, instance: about.instance, owns: () => true }, {}),
    list: Effect.flatMap(
      Effect.orDie(Effect.repeat(client.get(url), { times: times - 1 })),
      ({ status }) => Effect.fail(error(status))
    )
  }))

const told = (
  make: ReturnType<typeof provider>,
  one: Answers.Row<"list"> = row,
  options: Answers.Options<"list"> = {}
) =>
  Effect.forEach(
    Answers.table(make, { list: ({ list }) => list }, [one], options),
    ({ check }) => Effect.match(check, { onFailure: ({ message }) => message, onSuccess: () => undefined })
  )

describe("Answers.table", () => {
  it("names each answer to each operation", () => {
    const operations = { list: () => Effect.void, get: () => Effect.void }
    const rows = [{ ...row, of: ["list", "get"] }, {
      ...row,
      of: ["get"],
      status: 502,
      body: Answers.page("Bad")
    }] as const
    assert.deepStrictEqual(Answers.table(provider(), operations, rows).map(({ name }) => name), [
      `list: 401 {"error":"Unauthorized"} is Unauthorized`,
      `get: 401 {"error":"Unauthorized"} is Unauthorized`,
      "get: 502 <!DOCTYPE html><html><head><title>Bad</title></head><body></body></html> is Unauthorized"
    ])
  })

  it.effect("lets pass what is as its row says", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* told(provider()), [undefined])
      assert.deepStrictEqual(yield* told(provider(undefined, 4), { ...row, sent: 4 }), [undefined])
      assert.deepStrictEqual(yield* told(provider(undefined, 4), row, { uncounted: ["list"] }), [undefined])
      const own = provider(() => new JobError.Unauthorized(about))
      assert.deepStrictEqual(yield* told(own, { ...row, withoutStatus: true }), [undefined])
    }))

  const [shows, account] = ["The token of 12345678901234", "12345678901234"]
  for (
    const [what, make, one, options, message] of [
      [
        "another error",
        provider((status) => new JobError.SessionExpired({ ...about, status })),
        row,
        {},
        "SessionExpired"
      ],
      ["another remedy", provider(), { ...row, remedy: "Fix" }, {}, "Reauthenticate"],
      ["another status", provider(() => new JobError.Unauthorized({ ...about, status: 403 })), row, {}, "403"],
      ["a status of its own error", provider(), { ...row, withoutStatus: true }, {}, "401"],
      [
        "another provider's name",
        provider((status) => new JobError.Unauthorized({ ...about, provider: ProviderId.make("fal"), status })),
        row,
        {},
        "fal"
      ],
      ["one request too many", provider(undefined, 2), row, {}, "It took 2 requests"],
      [
        "an account that shows",
        provider((status) => new JobError.Unauthorized({ ...about, status, detail: shows })),
        row,
        { account },
        "It shows a secret"
      ],
      [
        "an id that shows",
        provider((status) => new JobError.Unauthorized({ ...about, status, detail: "j1" })),
        row,
        { secrets: ["j1"] },
        "It shows a secret"
      ]
    ] as const
  ) {
    it.effect(`tells of ${what}`, () =>
      Effect.gen(function*() {
        const [found] = yield* told(make, one, options)
        assert.include(found, message)
      }))
  }

  it.effect("tells of a success", () =>
    Effect.gen(function*() {
      const [law] = Answers.table(provider(), { list: () => Effect.succeed("jobs") }, [row])
      assert.include(String(law && (yield* Effect.flip(law.check)).message), "list succeeded with jobs")
    }))
})

it.effect("Answers.layer has answers of their own for some operations, and counts what was asked", () =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const [one, other] = [yield* client.get(url), yield* client.get("https://api.useapi.net/v1/luma/accounts")]
    assert.deepStrictEqual([one.status, yield* one.text], [204, ""])
    assert.deepStrictEqual([other.status, other.headers["retry-after"], yield* other.json], [429, "7", body])
    assert.strictEqual(yield* (yield* Emulator.Emulator).count(), 2)
  }).pipe(
    Effect.provide(
      Answers.layer(429, body, { headers: { "retry-after": "7" }, others: [["useapi-luma.list", 204, ""]] })
    )
  ))

it.effect("Answers.to waits for as long as a call wants", () =>
  Effect.gen(function*() {
    const late = Effect.andThen(Effect.sleep("50 minutes"), Clock.currentTimeMillis)
    assert.strictEqual(yield* Answers.to(HttpClient.HttpClient, () => late, 200, {}), 3_000_000)
  }))
