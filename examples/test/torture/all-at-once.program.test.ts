import { assert, describe, it } from "@effect/vitest"
import { Provider } from "@media-jobs/core"
import {
  Emulator,
  FalEmulator,
  Faults,
  GoogleEmulator,
  GoogleVertexEmulator,
  LumaDreamMachineEmulator,
  LumaEmulator,
  ReplicateEmulator,
  RunwayEmulator,
  UseapiDreaminaEmulator,
  UseapiFlowMusicEmulator,
  UseapiGoogleFlowEmulator,
  UseapiKlingEmulator,
  UseapiLumaEmulator,
  UseapiMinimaxEmulator,
  UseapiMurekaEmulator,
  UseapiPixverseEmulator,
  UseapiRunwayEmulator,
  UseapiTempolorEmulator,
  type WebhookFaults
} from "@media-jobs/testing"
import { Effect, Layer, Random } from "effect"
import { FetchHttpClient } from "effect/http"
import { join } from "node:path"
// What the benchmark holds itself to is no package of its own.
// oxlint-disable-next-line no-restricted-imports
import { bars } from "../../../packages/benchmark/src/bars.ts"
import { descriptors, made } from "../../../scripts/generate.ts"
import { emulator, folder, freePort, startIn } from "../program.ts"
import { hasten, savedIn, seeded, textsOf } from "./support.ts"

const { agreeing, faster } = hasten(6)

const life = { life: "24 seconds", jitter: 0.75 } as const
const videoLife = { videoLife: "24 seconds", jitter: 0.75 } as const
const maxJobs = 1000
const email = "user@example.com"

/** Every service that has not closed, as Midjourney has, with room for all jobs at once. */
const services = {
  "fal": FalEmulator.service(life),
  "google": GoogleEmulator.service(life),
  "google-vertex": GoogleVertexEmulator.service(life),
  "luma": LumaEmulator.service({ ...life, concurrent: maxJobs, requestsPerMinute: 1e6 }),
  "luma-dream-machine": LumaDreamMachineEmulator.service({
    ...life,
    createsPerMinute: { video: 1e6, image: 1e6 },
    credits: 1e9
  }),
  "replicate": ReplicateEmulator.service({ ...life, creates: 1e6, others: 1e6 }),
  "runway": RunwayEmulator.service({ ...life, concurrency: maxJobs, daily: 1e6, credits: 1e9 }),
  "useapi-dreamina": UseapiDreaminaEmulator.service({ ...videoLife, accounts: [{ account: `US:${email}`, maxJobs }] }),
  "useapi-flow-music": UseapiFlowMusicEmulator.service({ ...life, accounts: [{ email, maxJobs }] }),
  "useapi-google-flow": UseapiGoogleFlowEmulator.service(videoLife),
  "useapi-kling": UseapiKlingEmulator.service({ ...life, accounts: [{ email, maxJobs }] }),
  "useapi-luma": UseapiLumaEmulator.service({ ...videoLife, accounts: [{ email, concurrency: maxJobs }] }),
  "useapi-minimax": UseapiMinimaxEmulator.service({ ...life, accounts: [{ account: "923847293472394000", maxJobs }] }),
  "useapi-mureka": UseapiMurekaEmulator.service(life),
  "useapi-pixverse": UseapiPixverseEmulator.service({ ...life, accounts: [{ email, maxJobs }] }),
  "useapi-runway": UseapiRunwayEmulator.service({ ...life, accounts: [{ email, maxJobs }] }),
  "useapi-tempolor": UseapiTempolorEmulator.service({ ...life, accounts: [{ user_id: "1234567", maxJobs }] })
}

/** Two processes, each a user of its own: one that services report to, and one that they don't. */
const groups = {
  reporting: { token: "user:1-reporting", user: "1" },
  polling: { token: "user:2-polling", user: "2" }
} as const
type Group = keyof typeof groups

const emulated = emulator({ speed: 1, token: Object.values(groups).map(({ token }) => token), services }).pipe(
  Layer.provideMerge(FetchHttpClient.layer),
  Layer.provideMerge(faster)
)

/** Each goes wrong once, at one of so many requests or calls that chance draws. */
const drawn = <Fault>(faults: ReadonlyArray<Fault>, among: number) =>
  Effect.forEach(faults, (fault) => Effect.map(Random.nextIntBetween(0, among), (skip) => ({ fault, skip, times: 1 })))

const repeated = <A>(values: ReadonlyArray<A>, times: number): ReadonlyArray<A> =>
  Array.from({ length: times }, () => values).flat()

const faults = repeated([
  Faults.status(500),
  Faults.status(429, "2 seconds"),
  Faults.page(502),
  Faults.dropRequest,
  Faults.dropReply,
  Faults.cut,
  Faults.cutJson,
  Faults.emptyBody,
  Faults.slow("2 seconds")
], 3)

/** Of a submit: what says that nothing began. */
const refusals = repeated([Faults.status(429, "1 second")], 8)

const callFaults = repeated<WebhookFaults.WebhookFault>([
  { _tag: "Lost" },
  { _tag: "Late", by: "5 seconds" },
  { _tag: "Repeated" },
  { _tag: "Forged" },
  { _tag: "Broken" }
], 4)

/** What a bar of the benchmark lets a job cost, and a tenth more for what goes wrong. */
const owed = (key: string): number => 1.1 * (bars.find((one) => one.key === key)?.atMost ?? NaN)

/** Requests that are no looks: the second half of one, or what a save asks for, with as many looks as come before each. */
const beside: { readonly [operation: string]: number } = {
  "fal.getResult": 0,
  "google.file": 0,
  "google.download": 0,
  "useapi-kling.link": 1,
  "useapi-minimax.agentJobs": 0,
  "useapi-tempolor.download": 0
}

/** How many looks of a user the emulator counted, by service; submits are none, nor what a process asks once at its start. */
const looksOf = (entries: ReadonlyArray<Emulator.Entry>, group: Group) => {
  const looks = new Map<string, number>()
  for (const { method, operation = "", user } of entries) {
    const [service = "", name = ""] = operation.split(".")
    if (user !== groups[group].user || /^(?:accounts|capacity|available)$/.test(name)) continue
    if (method === "POST" && name !== "get") continue
    const before = beside[operation]
    looks.set(service, (looks.get(service) ?? 0) + (before === undefined ? 1 : -before))
  }
  return looks
}

/** The keys that a program said something of. */
const keysIn = (printed: string, word: string): ReadonlyArray<string> =>
  Array.from(printed.matchAll(new RegExp(`^${word} ([\\w-]+)`, "gm")), ([, key = ""]) => key)

const sum = (numbers: Iterable<number>) => Array.from(numbers).reduce((all, one) => all + one, 0)

describe("jobs at every service at once", { timeout: 120_000 }, () => {
  it.live("end each once, are saved once and paid for once, whatever tells of their ends", () =>
    Effect.gen(function*() {
      const { called, deliver, inject, injectWebhook, journal, services: stores } = yield* Emulator.Emulator
      const all = yield* Effect.promise(descriptors)
      const providers = (yield* Effect.forEach(all, (one) => made(one))).filter(({ retired }) => retired === undefined)
      const ids = providers.map(({ id }) => id)
      assert.sameMembers(Object.keys(services), ids)

      // Four hundred in all, as far as the services divide them.
      const told = providers.filter(Provider.supports("webhook")).map(({ id }) => id)
      const each = { reporting: Math.round(200 / told.length), polling: Math.round(200 / ids.length) }
      const keysOf = (services: ReadonlyArray<string>, jobs: number) =>
        services.flatMap((id) => Array.from({ length: jobs }, (_, index) => `${id}-${index}`))
      const keys = { reporting: keysOf(told, each.reporting), polling: keysOf(ids, each.polling) }

      // Drawn before anything else that is left to chance, so that a seed has the same.
      const victim: Group = (yield* Random.nextBoolean) ? "reporting" : "polling"
      const killAt = yield* Random.nextIntBetween(keys[victim].length / 4, keys[victim].length / 2)
      const gets = yield* drawn(faults, 1000)
      const posts = yield* drawn(refusals, 300)
      yield* inject(
        ...gets.map((rule) => ({ ...rule, method: "GET" })),
        ...posts.map((rule) => ({ ...rule, method: "POST" }))
      )
      yield* injectWebhook(...yield* drawn(callFaults, keys.reporting.length))
      yield* Effect.forkScoped(deliver)

      const tokens = all.flatMap(({ variables }) =>
        variables.flatMap(({ fallback, name }) => fallback === undefined && !name.endsWith("PROJECT") ? [name] : [])
      )
      const port = yield* freePort
      const webhooks = {
        SERVICES: told.join(),
        PORT: `${port}`,
        WEBHOOKS_URL: `http://127.0.0.1:${port}/webhooks`,
        WEBHOOKS_KEYS: "k".repeat(32)
      }
      const folders = { reporting: yield* folder, polling: yield* folder }
      const started = (group: Group) =>
        startIn(folders[group], "all-at-once", {
          ...agreeing,
          ...Object.fromEntries(tokens.map((name) => [name, groups[group].token])),
          // Gemini's files are where its API is.
          ARTIFACTS_ALLOW_PRIVATE: "true",
          JOBS: `${each[group]}`,
          ...(group === "reporting" ? webhooks : undefined)
        })
      /** In the middle: all are submitted, of which a part is saved. */
      const killed = Effect.scoped(Effect.gen(function*() {
        const { child, finished, printed } = yield* started(victim)
        const isMiddle = () =>
          keysIn(printed.stdout, "submitted").length === keys[victim].length &&
          keysIn(printed.stdout, "saved").length >= killAt
        yield* Effect.repeat(Effect.sleep("100 millis"), { until: () => child.exitCode !== null || isMiddle() })
        child.kill("SIGKILL")
        const { code, stderr, stdout } = yield* finished
        assert.strictEqual(code, null, stdout + stderr)
      }))
      const ended = Effect.fnUntraced(function*(group: Group) {
        if (group === victim) yield* killed
        const process = Effect.flatMap(started(group), ({ finished }) => finished)
        const { code, stderr, stdout } = yield* Effect.scoped(process)
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(stdout.match(/^failed .+$/gm), null, stderr)
        assert.sameMembers([...keysIn(stdout, "saved")], keys[group])
      })
      yield* Effect.all([ended("reporting"), ended("polling")], { concurrency: 2, discard: true })

      const entries = yield* journal
      for (const group of ["reporting", "polling"] as const) {
        const taken = entries.filter(({ method, status = 500, user }) =>
          method === "POST" && user === groups[group].user && status < 300
        )
        for (const key of keys[group]) {
          assert.strictEqual(taken.filter(({ body }) => body.includes(`, ${key}"`)).length, 1, key)
        }
        const jobs = keys[group].length
        const out = savedIn(join(folders[group], "out"))
        assert.deepStrictEqual(out, { ...out, jobs, manifests: jobs, empty: 0, wrong: [], missing: [] })
        const ledger = join(folders[group], "ledger")
        assert.deepStrictEqual(textsOf(ledger, encodeURIComponent("/intent/")), [])
        assert.strictEqual(textsOf(ledger, encodeURIComponent("/past/")).length, jobs)
      }
      for (const { id } of providers) {
        const { jobs } = stores[id as keyof typeof services] // they are the same, as shown above
        assert.strictEqual((yield* jobs).length, each.polling + (told.includes(id) ? each.reporting : 0), id)
      }

      // What was saved before the kill is not fetched again, but for what was under way or went wrong.
      const fetched = entries.flatMap(({ operation, status, url }) =>
        (operation === "media.get" || operation === "google.download") && status === 200 ? [url] : []
      )
      assert.isBelow(fetched.length - new Set(fetched).size, fetched.length / 20)

      assert.isAtLeast(
        (yield* called).filter(({ outcome }) => outcome === 200).length,
        keys.reporting.length * (victim === "polling" ? 0.9 : 0.5)
      )
      const looks = { reporting: looksOf(entries, "reporting"), polling: looksOf(entries, "polling") }
      const shown = (group: Group) =>
        Array.from(looks[group], ([id, count]) => `${id} ${(count / each[group]).toFixed(2)}`).join(", ")
      // Kling calls as a task begins to run too, and each call is a look.
      const reported = (sum(looks.reporting.values()) - each.reporting) / keys.reporting.length
      // What had not ended when its receiver was killed is waited for as if services reported nothing.
      const most = owed(victim === "polling" ? "webhook_requests" : "shipped_list_10_requests")
      assert.isAtMost(reported, most, shown("reporting"))
      for (const [id, count] of looks.polling) {
        const lists = providers.filter(Provider.supports("list")).some((one) => one.id === id)
        assert.isAtMost(
          count / each.polling,
          owed(lists ? "shipped_list_10_requests" : "shipped_get_100_requests"),
          `${id}: ${shown("polling")}`
        )
      }
    }).pipe(seeded, Effect.provide(emulated)))
})
