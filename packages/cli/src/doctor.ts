/** `doctor`: what keeps jobs from running, and what to do about each. */
import type * as JobError from "@media-jobs/core/JobError"
import { JobId } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Access from "./access.ts"
import type { Shared } from "./configuration.ts"
import * as Configuration from "./configuration.ts"
import * as Endings from "./endings.ts"
import * as LocalLedger from "./localLedger.ts"
import * as Output from "./output.ts"
import * as Shown from "./shown.ts"
import { type Code, ofError, type Stopped } from "./stopped.ts"

/** One thing that was looked at. */
interface Finding {
  readonly about: string
  readonly what: string
  readonly ok: boolean
  /** What is so, or what to do. */
  readonly says: string
}

/** A clock that is further off than this lets signatures and estimates fail. */
const mostSkew = 30_000

/** The services' time, off the answers that come by. */
const timed = () => {
  let skew: number | undefined
  const client = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      (client) =>
        HttpClient.transformResponse(
          client,
          (answer) =>
            Effect.tap(answer, ({ headers }) =>
              Effect.map(Clock.currentTimeMillis, (now) => {
                const at = Date.parse(headers["date"] ?? "")
                if (Number.isFinite(at)) {
                  skew = at - now
                }
              }))
        )
    )
  ).pipe(Layer.provide(FetchHttpClient.layer))
  return { client, skew: () => skew }
}

const uuid = "00000000-0000-4000-8000-000000000000"

/** An id of no job, for each service that can be asked about one job alone. */
const nobodys: Readonly<Record<string, (variables: Configuration.Configuration["variables"]) => string>> = {
  fal: () => `fal-ai/flux/${uuid}`,
  google: () => `v1_${"0".repeat(32)}`,
  "google-vertex": ({ GOOGLE_CLOUD_LOCATION = "global", GOOGLE_CLOUD_PROJECT }) =>
    `projects/${GOOGLE_CLOUD_PROJECT}/locations/${GOOGLE_CLOUD_LOCATION}/publishers/google/models/veo-3.1-generate-001/operations/${uuid}`,
  luma: () => uuid
}

/** Services that have told those without a token, too, that a job is not there. */
const tellsAnyone: ReadonlySet<string> = new Set(["fal"])

/** Whether a service looked for the job: an id that is refused before it is sent has no status. */
const isOfJob = (error: JobError.Of<"get">): boolean =>
  error._tag === "NotFound" || error._tag === "Discontinued" ||
  error._tag === "InvalidJobId" && error.status !== undefined

/** What is wrong with a provider, and with what of it. */
const faultOf = (error: Stopped | JobError.Of<"get">) => {
  const { code, sentence } = ofError(error)
  // The job that it speaks of is nobody's.
  if (error._tag === "Forbidden") {
    const says = `may not look at jobs: give it the right to, or set another (${error.detail ?? "403"})`
    return { code: 3 as const, what: "token", says }
  }
  const isOfToken = error._tag === "Unauthorized" || error._tag === "Stopped" && code === 3
  return { code, what: isOfToken ? "token" : "service", says: sentence }
}

/** Asks for what costs nothing and changes nothing; `token` is what an answer tells of that, if there is a question at all. */
const ask = Effect.fnUntraced(function*(provider: Provider.Any, { variables }: Configuration.Configuration) {
  const works = { accounts: [], token: "works" } as const
  if (Provider.supports("accounts")(provider)) return { ...works, accounts: yield* provider.accounts }
  if (Provider.supports("list")(provider)) return yield* Effect.as(provider.list, works)
  const nobody = nobodys[provider.id]?.(variables)
  if (!Provider.supports("get")(provider) || nobody === undefined) return { accounts: [], token: undefined }
  yield* Effect.catchIf(provider.get(JobId.make(nobody)), isOfJob, () => Effect.void)
  return tellsAnyone.has(provider.id)
    ? { accounts: [], token: "is set and not refused, but a submit alone shows whether it works" }
    : works
})

const ofProvider = Effect.fnUntraced(function*(id: string, configuration: Configuration.Configuration) {
  const findings: Array<Finding> = []
  const codes: Array<Code> = []
  const add = (what: string, ok: boolean, says: string) => void findings.push({ about: id, what, ok, says })
  const fail = (error: Stopped | JobError.Of<"get">) => {
    const { code, says, what } = faultOf(error)
    codes.push(code)
    if (what !== "token" && error._tag !== "Stopped") add("token", true, "is set")
    add(what, false, says)
  }
  const { client, skew } = timed()
  yield* Effect.gen(function*() {
    const provider = yield* Access.open(id, configuration)
    const began = yield* Clock.currentTimeMillis
    const { accounts, token } = yield* ask(provider, configuration)
    const took = (yield* Clock.currentTimeMillis) - began
    add("token", true, token ?? "is set")
    for (const { account, problem } of accounts) {
      const name = Shown.discreet(account)
      if (problem !== undefined) codes.push(3)
      add(
        "account",
        problem === undefined,
        problem === undefined ? `${name} works` : `${name}: ${problem}; add it at the service again`
      )
    }
    add(
      "service",
      true,
      token === undefined
        ? "can be asked about one job alone: `media-jobs get` shows whether it answers"
        : `answers, in ${took} ms`
    )
  }).pipe(
    Effect.catch((error) => Effect.sync(() => fail(error))),
    Effect.provide(client),
    Effect.scoped
  )
  const off = skew()
  if (off !== undefined) {
    const isFar = Math.abs(off) > mostSkew
    if (isFar) codes.push(1)
    add(
      "clock",
      !isFar,
      isFar
        ? `is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? "behind" : "ahead of"} the service's: set it`
        : "agrees with the service's"
    )
  }
  return { findings, codes }
})

export const doctor = Effect.fnUntraced(function*(shared: Shared) {
  const output = yield* Output.make(shared)
  const configuration = yield* Configuration.read(shared)
  const ids = shared.provider === undefined ? Access.configured(configuration) : [shared.provider]
  const ledger = yield* Effect.gen(function*() {
    const uncertain = yield* LocalLedger.LocalLedger.use(({ uncertain }) => uncertain)
    const isClear = uncertain === 0
    return {
      codes: [],
      findings: [{
        about: "ledger",
        what: "submits",
        ok: isClear,
        says: isClear ? "are all accounted for" : `${uncertain} are uncertain: \`media-jobs resume\` finds out`
      }]
    }
  }).pipe(
    Effect.provide(LocalLedger.layer(configuration.ledger)),
    Effect.catch((error) => {
      const { code, sentence } = ofError(error)
      return Effect.succeed({ codes: [code], findings: [{ about: "ledger", what: "file", ok: false, says: sentence }] })
    })
  )
  const all = [ledger, ...yield* Effect.forEach(ids, (id) => ofProvider(id, configuration), { concurrency: 8 })]
  const findings: Array<Finding> = all.flatMap(({ findings }) => findings)
  if (ids.length === 0) {
    findings.push({
      about: "providers",
      what: "tokens",
      ok: false,
      says: "none is set: `media-jobs providers` says what each is"
    })
  }
  yield* Output.objects(
    output,
    findings,
    ({ about, ok, says, what }) => `${ok ? "ok  " : "FAIL"}  ${about}  ${what}: ${says}`
  )
  const code = Endings.worstOf([...all.flatMap(({ codes }) => codes), ...(ids.length === 0 ? [3 as const] : [])])
  if (code !== undefined) return yield* Endings.said(code)
})
