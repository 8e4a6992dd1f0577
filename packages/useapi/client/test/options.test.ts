import { assert, describe, it } from "@effect/vitest"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as UseApi from "@media-jobs/useapi/UseApi"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Fake from "./fake.ts"
import * as Plain from "./plain.ts"

const service = { id: ProviderId.make("useapi-luma") }
const environment = (env: Record<string, string>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
const refused = (env: Record<string, string>, given?: Partial<UseApi.Options>) =>
  Effect.map(Effect.flip(UseApi.config(given).pipe(environment(env))), (error) => error.message)

const token = Redacted.make("user:1-a")
const wrong = (options: Partial<UseApi.Options>) =>
  Effect.map(
    Effect.flip(Plain.make(service, { token, ...options }).pipe(Fake.make().provide)),
    (error) => error.message
  )

const badUrls = [
  "api.useapi.net",
  "ftp://api.useapi.net",
  "https//api.useapi.net",
  "https://",
  "/v1",
  "https://user:hunter2@api.useapi.net",
  "https://hunter2@api.useapi.net",
  "https://api.useapi.net?hunter2=1",
  "https://api.useapi.net/#hunter2",
  "https:/\\api useapi.net"
]

describe("UseApi.config", () => {
  it.effect("reads the token and the base from the environment", () =>
    Effect.gen(function*() {
      const found = yield* UseApi.config().pipe(
        environment({ USEAPI_TOKEN: "user:1-a", USEAPI_BASE_URL: "http://127.0.0.1:8080/base/" })
      )
      assert.strictEqual(Redacted.value(found.token as Redacted.Redacted), "user:1-a")
      assert.strictEqual(found.baseUrl, "http://127.0.0.1:8080/base")
      const usual = yield* UseApi.config({ instance: "second" }).pipe(environment({ USEAPI_TOKEN: "user:1-a" }))
      assert.strictEqual(usual.baseUrl, "https://api.useapi.net")
      assert.strictEqual(usual.instance, "second")
    }))

  it.effect("does not look up what is given", () =>
    Effect.gen(function*() {
      const given = { token, baseUrl: "http://127.0.0.1:1" }
      const found = yield* UseApi.config(given).pipe(environment({ USEAPI_TOKEN: "", USEAPI_BASE_URL: "nowhere" }))
      assert.deepStrictEqual(found, given)
    }))

  it.effect("says what to do about a token that is missing, empty or broken", () =>
    Effect.gen(function*() {
      for (const env of [{}, { USEAPI_TOKEN: "" }]) {
        assert.include(yield* refused(env), "USEAPI_TOKEN is not set: set it to the API token of useapi.net")
      }
      for (const broken of ["user:1-hunter2\n", "Bearer hunter2", "user:1-hunter2é"]) {
        const message = yield* refused({ USEAPI_TOKEN: broken })
        assert.include(message, "USEAPI_TOKEN holds a space, a line break or a letter outside ASCII")
        assert.notInclude(message, "hunter2")
      }
    }))

  it.effect("names the key of a base that is none, and keeps what it holds", () =>
    Effect.gen(function*() {
      for (const url of badUrls) {
        const message = yield* refused({ USEAPI_TOKEN: "user:1-a", USEAPI_BASE_URL: url })
        assert.include(message, "USEAPI_BASE_URL is no base URL: give an absolute http or https URL")
        assert.notInclude(message, "hunter2")
      }
    }))
})

describe("UseApi.make", () => {
  it.effect("refuses options that could only hang, throw or leak, by their names", () =>
    Effect.gen(function*() {
      assert.include(yield* wrong({ token: Redacted.make("") }), "token is empty")
      assert.include(yield* wrong({ token: Redacted.make("a\r\nx: y") }), "token holds a space")
      for (const baseUrl of ["", ...badUrls]) assert.include(yield* wrong({ baseUrl }), "baseUrl is no base URL")
      assert.include(yield* wrong({ instance: "" }), "instance is empty")
      for (const requestsPerSecond of [0, -1, NaN, Infinity]) {
        assert.include(yield* wrong({ requestsPerSecond }), "requestsPerSecond must be a number")
      }
      for (const retries of [-1, 0.5, NaN, Infinity]) {
        assert.include(yield* wrong({ retries }), "retries must be a whole")
      }
      // @ts-expect-error no duration
      assert.include(yield* wrong({ timeout: "soon" }), "timeout is no duration")
      assert.include(yield* wrong({ timeout: 0 }), "timeout must be longer than 0")
      assert.include(yield* wrong({ maxRetryDelay: -1 }), "maxRetryDelay must be longer than 0")
    }))

  it.effect("puts the path behind whatever base it was given", () =>
    Effect.gen(function*() {
      for (
        const [baseUrl, url] of [
          ["http://127.0.0.1:1", "http://127.0.0.1:1/v1/luma/jobs"],
          ["https://proxy.test/useapi/", "https://proxy.test/useapi/v1/luma/jobs"],
          ["https://api.useapi.net/v1", "https://api.useapi.net/v1/luma/jobs"],
          ["https://proxy.test/useapi/v2/", "https://proxy.test/useapi/v1/luma/jobs"],
          ["https://v1.test", "https://v1.test/v1/luma/jobs"],
          ["HTTPS://API.useapi.net", "https://api.useapi.net/v1/luma/jobs"],
          [undefined, "https://api.useapi.net/v1/luma/jobs"]
        ] as const
      ) {
        const { provide, sent } = Fake.make([200, {}])
        const api = yield* Plain.make(service, { token, baseUrl }).pipe(provide)
        yield* api.call("list", { method: "GET", path: "/v1/luma/jobs" }, Result.succeed)
        assert.strictEqual(sent[0]?.url, url)
      }
    }))
})
