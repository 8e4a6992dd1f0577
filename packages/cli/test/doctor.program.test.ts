import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Access from "../src/access.ts"
import { emulator, folder, freePort, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000

/** The services that list neither accounts nor jobs, with the variables of a token and of where they answer. */
const services = {
  fal: ["FAL_KEY", "FAL_BASE_URL"],
  google: ["GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"],
  "google-vertex": ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_VERTEX_BASE_URL"],
  luma: ["LUMA_AGENTS_API_KEY", "LUMA_BASE_URL"]
} as const

/** The findings about the services above, as `service thing ok says`. */
const doctor = Effect.fnUntraced(function*(env: Readonly<Record<string, string>>) {
  const cwd = yield* folder
  // In the services' time.
  const { code, stdout } = yield* within(["doctor"], { cwd, env, faster: false })
  const findings: ReadonlyArray<{ about: string; what: string; ok: boolean; says: string }> = stdout.trim().split("\n")
    .map((line) => JSON.parse(line))
  const of = (what: string) =>
    Object.fromEntries(
      findings.filter((one) => one.what === what && Object.hasOwn(services, one.about))
        .map(({ about, ok, says }) => [about, { ok, says }])
    )
  const isOk = (what: string) => Object.fromEntries(Object.entries(of(what)).map(([about, { ok }]) => [about, ok]))
  return { code, of, isOk, findings }
})

const everywhere = (ok: boolean) => Object.fromEntries(Object.keys(services).map((id) => [id, ok]))

const setting = (token: string, baseOf: (id: string) => string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(services).flatMap(([id, [tokenName, baseName]]) => [[tokenName, token], [baseName, baseOf(id)]])
  ),
  GOOGLE_CLOUD_PROJECT: "project"
})

describe("doctor", () => {
  it.live("asks a service that lists nothing about a job that is not there", () =>
    Effect.gen(function*() {
      const { env: { USEAPI_TOKEN: token = "" }, fault, heal, requests, url } = yield* emulator()
      const env = setting(token, (id) => `${url}/${id}`)

      const well = yield* doctor(env)
      assert.deepStrictEqual([well.code, well.isOk("token"), well.isOk("service"), well.isOk("clock")], [
        0,
        everywhere(true),
        everywhere(true),
        everywhere(true)
      ])
      assert.deepStrictEqual(
        (yield* requests).map(({ url }) => url.split("/")[1]).sort(),
        Object.keys(services).sort()
      )
      // Whether fal looks at the key before it tells that a job is not there is not known.
      const { fal, ...others } = well.of("token")
      assert.match(fal?.says ?? "", /a submit alone shows whether it works/)
      assert.isTrue(Object.values(others).every(({ says }) => says === "works"))

      const wrong = yield* doctor(setting("a:wrong-one", (id) => `${url}/${id}`))
      assert.deepStrictEqual([wrong.code, wrong.isOk("token"), wrong.isOk("service")], [3, everywhere(false), {}])
      assert.isTrue(Object.values(wrong.of("token")).every(({ says }) => /refused the token/.test(says)))

      yield* fault({ fault: "status", status: 403, operation: "fal.get" })
      const forbidden = yield* doctor(env)
      assert.deepStrictEqual([forbidden.code, forbidden.isOk("token")], [3, { ...everywhere(true), fal: false }])
      assert.match(forbidden.of("token")["fal"]?.says ?? "", /^may not look at jobs/)
      yield* heal

      const port = yield* freePort
      const away = yield* doctor(setting(token, () => `http://127.0.0.1:${port}`))
      assert.deepStrictEqual([away.code, away.isOk("token"), away.isOk("service")], [
        4,
        everywhere(true),
        everywhere(false)
      ])
      assert.isTrue(Object.values(away.of("service")).every(({ says }) => /out of reach/.test(says)))
    }), limit)

  it.live("asks every service there is", () =>
    Effect.gen(function*() {
      const { env, url } = yield* emulator()
      const token = env["USEAPI_TOKEN"] ?? ""
      const { findings } = yield* doctor({
        ...env,
        ...setting(token, (id) => `${url}/${id}`),
        LUMAAI_API_KEY: token,
        LUMAAI_BASE_URL: `${url}/luma-dream-machine`,
        RUNWAYML_API_SECRET: token,
        RUNWAYML_BASE_URL: `${url}/runway`
      })
      assert.deepStrictEqual(
        findings.filter(({ says, what }) => what === "service" && says.startsWith("answers, in")).map(({ about }) =>
          about
        ),
        Access.ids.filter((id) => id !== "useapi-midjourney")
      )
    }), limit)
})
