/** `doctor`: what keeps jobs from running, and what to do about each. */
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
import { type Code, ofError } from "./stopped.ts"

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

const ofProvider = Effect.fnUntraced(function*(id: string, configuration: Configuration.Configuration) {
  const findings: Array<Finding> = []
  const codes: Array<Code> = []
  const add = (what: string, ok: boolean, says: string) => void findings.push({ about: id, what, ok, says })
  const { client, skew } = timed()
  yield* Effect.gen(function*() {
    const provider = yield* Access.open(id, configuration)
    add("token", true, "is set")
    const began = yield* Clock.currentTimeMillis
    if (Provider.supports("accounts")(provider)) {
      for (const { account, problem } of yield* provider.accounts) {
        const name = Shown.discreet(account)
        if (problem !== undefined) codes.push(3)
        add(
          "account",
          problem === undefined,
          problem === undefined ? `${name} works` : `${name}: ${problem}; add it at the service again`
        )
      }
    } else if (Provider.supports("list")(provider)) yield* provider.list
    else return add("service", true, "can be asked about one job alone: `media-jobs get` shows whether it answers")
    add("service", true, `answers, in ${(yield* Clock.currentTimeMillis) - began} ms`)
  }).pipe(
    Effect.catch((error) => {
      const { code, sentence } = ofError(error)
      codes.push(code)
      return Effect.sync(() => add("service", false, sentence))
    }),
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
