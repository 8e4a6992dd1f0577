import { assert, describe, it } from "@effect/vitest"
import { type Artifact, Job, type Provider, type Submission } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { Effect, Equal, Exit, Result, Schema } from "effect"
import { account } from "../../scripts/calls.ts"
import { type Answered, answering, isJobError, providers, strideOf, submitOf, type Way, wayOf } from "./answering.ts"
import { type Path, placesIn, replaced } from "./places.ts"

/** What no text can be made of. */
const entry = { toString: 1 }
const odd: ReadonlyArray<Schema.Json> = [null, true, 0, -1, "", "x", "12", [], {}, entry]

/** Of the odd values, other ones at the next place. */
const stride = strideOf(7, 3)

const at = (json: Schema.Json, path: Path): Schema.Json =>
  path.reduce((inner, step) => (inner as Schema.JsonObject)[step] ?? null, json) // a path leads through objects and lists

const sortOf = (json: Schema.Json) => json === null ? "null" : Array.isArray(json) ? "array" : typeof json

/** The other one of two values is not odd, and neither is another entry of a map. */
const isLike = (value: Schema.Json, by: Schema.Json): boolean =>
  typeof by === "boolean" ? typeof value === "boolean" : by === entry && sortOf(value) === "object"

/** What an answer says: of which jobs, and how they stand. */
interface Said {
  readonly ids: ReadonlyArray<string>
  readonly jobs: ReadonlyArray<Job.Job>
}

const ofJobs = (jobs: ReadonlyArray<Job.Job>): Said => ({ ids: jobs.map(({ id }) => id), jobs })

/** The operations that tell of jobs; what one gives is in its type, which one out of all has lost. */
const saidBy: { readonly [operation: string]: ((answer: unknown) => Said) | undefined } = {
  get: (answer) => ofJobs([answer as Job.Job]),
  webhook: (answer) => ofJobs(answer as ReadonlyArray<Job.Job>),
  list: (answer) => ofJobs((answer as Provider.Listing).jobs),
  submit: (answer) => {
    const { ids, snapshots = [] } = answer as Submission.Submission
    return { ids, jobs: snapshots }
  }
}

const artifactsOf = ({ state }: Job.Job): ReadonlyArray<Artifact.Artifact> =>
  state._tag === "Succeeded" ? state.artifacts : []
const linksOf = (job: Job.Job) => artifactsOf(job).map(({ url }) => url)
const encode = Schema.encodeUnknownSync(Schema.toCodecJson(Job.Job))

/** Ends that a side field may tell apart. */
const kin: Readonly<Record<string, string>> = { Queued: "Running", Cancelled: "Failed" }

/** The same job, but for what the field tells of it; without the field it is as `gone`. */
const same = (was: Job.Job, gone: Job.Job, is: Job.Job, isOfItsType: boolean) => {
  encode(is)
  for (const key of Object.keys(Job.Job.fields) as ReadonlyArray<keyof Job.Fields>) { // as its fields are
    if (key === "observedAt" || key === "state" || isOfItsType && key !== "id") continue
    // Where the field told nothing before, it tells nothing now.
    if (Equal.equals(was[key], gone[key]) && !Equal.equals(is[key], was[key])) assert.fail(key)
  }
  const states = [was, gone].map(({ state }) => kin[state._tag] ?? state._tag)
  const state = kin[is.state._tag] ?? is.state._tag
  const [all, rest, left] = [linksOf(was), linksOf(gone), linksOf(is)]
  if (was.is("Succeeded") && left.length === 0 && rest.length < all.length) states.push("Failed", "Expired")
  assert.include(states, state)
  if (!is.is("Succeeded")) return
  if (!isOfItsType) { for (const link of left) assert.include([...all, ...rest], link) }
  // A link that is none leads to no file, and costs no other one.
  const untouched = rest.filter((link) => all.includes(link))
  for (const link of untouched) assert.include(left, link)
}

/** An answer with each of its side fields of each odd type, and what an adapter makes of it. */
const eachOdd = Effect.fnUntraced(function*(
  json: Schema.Json,
  operation: string,
  ask: (json: Schema.Json) => Effect.Effect<unknown, unknown>,
  vital: ReadonlyArray<string>
) {
  const isVital = (path: Path) => {
    const name = `/${path.filter((step) => typeof step === "string").join("/")}`
    return vital.some((one) => one.startsWith("/") ? name === one : name.endsWith(`/${one}`))
  }
  const read = (json: Schema.Json) => Effect.map(ask(json), saidBy[operation] ?? (() => ({ ids: [], jobs: [] })))
  const was = yield* read(json)
  const places = placesIn(json)
  const lost: Array<string> = []
  for (const [i, path] of places.entries()) {
    const where = path.join(".")
    const holdsVital = isVital(path) || was.ids.includes(String(path.at(-1))) ||
      places.some((inner) => inner.length > path.length && path.every((step, i) => inner[i] === step) && isVital(inner))
    const gone = yield* Effect.result(read(replaced(json, path, undefined)))
    if (!holdsVital && Result.isFailure(gone)) lost.push(`without ${where}: ${String(gone.failure)}`)
    for (const [n, by] of odd.entries()) {
      if ((n + i) % stride !== 0 || isLike(at(json, path), by)) continue
      const is = yield* Effect.result(read(replaced(json, path, by)))
      if (Result.isFailure(is)) {
        if (!holdsVital || !isJobError(is.failure)) {
          lost.push(`${where} of ${JSON.stringify(by)}: ${String(is.failure)}`)
        }
        continue
      }
      if (holdsVital || Result.isFailure(gone)) continue
      const checked = Result.try(() => {
        assert.deepStrictEqual(is.success.ids, was.ids)
        was.jobs.forEach((job, i) => {
          const [without, odd] = [gone.success.jobs[i], is.success.jobs[i]]
          // A submit tells less where its reply is odd, of the same jobs.
          if (without === undefined || odd === undefined) return assert.strictEqual(operation, "submit")
          const sort = sortOf(at(json, path))
          same(job, without, odd, sort === "null" || sort === sortOf(by))
        })
      })
      if (Result.isFailure(checked)) lost.push(`${where} of ${JSON.stringify(by)}: ${String(checked.failure)}`)
    }
  }
  assert.deepStrictEqual(lost, [])
})

/** A record as the reply to a submit: what the pages have made of an address in an id is no id. */
const replyOf = (text: string) => text.replaceAll(/\[email\sprotected\]/g, account)

const asking = ({ tell }: Answered, { call, status, texts }: Way) => (json: Schema.Json) =>
  Effect.suspend(() => {
    tell(status, ...texts(JSON.stringify(json)))
    return call
  })

describe.each([...providers.keys()])(
  "a field of %s that is of an odd type reads as absent",
  { timeout: 300_000 },
  (id) => {
    const fixtures = Fixtures.of(id).filter(({ status }) => status < 300)
    const vital = Fixtures.vitalOf(id)

    it.effect("and there are answers to each look and to a submit", () =>
      answering(id, (answered) =>
        Effect.gen(function*() {
          const ways = yield* Effect.forEach(fixtures, (fixture) => wayOf(answered, fixture))
          const met = new Set(ways.map((way) => way?.operation))
          const { capabilities } = answered.provider
          for (const [i, way] of ways.entries()) {
            const reply = way?.operation === "get"
              ? yield* submitOf(answered, replyOf(fixtures[i]?.text ?? ""))
              : undefined
            if (reply !== undefined) met.add("submit")
          }
          for (const one of ["get", "list", "submit"] as const) {
            assert.strictEqual(met.has(one), capabilities.includes(one), one)
          }
          // No answer of a look is left out.
          for (const [i, { operation }] of fixtures.entries()) {
            if (/\.(?:get|list)/.test(operation)) assert.isDefined(ways[i], `${operation} ${i}`)
          }
        })))

    for (const [i, fixture] of fixtures.entries()) {
      it.effect(`in ${fixture.operation} ${i}`, () =>
        answering(id, (answered) =>
          Effect.gen(function*() {
            const way = yield* wayOf(answered, fixture)
            if (way === undefined || saidBy[way.operation] === undefined) return
            yield* eachOdd(fixture.json, way.operation, asking(answered, way), vital)
            if (way.operation !== "get" || way.texts("").length > 1) return
            const { webhook } = answered.provider
            if (webhook !== undefined && Exit.isSuccess(yield* Effect.exit(webhook(fixture.json)))) {
              yield* eachOdd(fixture.json, "webhook", webhook, vital)
            }
            const text = replyOf(fixture.text)
            const reply = yield* submitOf(answered, text)
            if (reply !== undefined) yield* eachOdd(JSON.parse(text), "submit", asking(answered, reply), vital)
          })))
    }
  }
)
