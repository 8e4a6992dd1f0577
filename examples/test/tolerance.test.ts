import { assert, describe, it } from "@effect/vitest"
import { type Artifact, Job, type Provider, type Submission } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { Effect, Equal, Predicate, Result, Schema } from "effect"
import { adapters, answering, callOf } from "./answering.ts"

const odd: ReadonlyArray<Schema.Json> = [null, true, 0, -1, "", "x", "12", [], {}]

type Path = ReadonlyArray<string | number>

/** Every place in a document, from the outside in. */
const placesIn = (json: Schema.Json, at: Path = []): ReadonlyArray<Path> => {
  if (Array.isArray(json)) return json.flatMap((inner, i) => [[...at, i], ...placesIn(inner, [...at, i])])
  return Predicate.isObject(json)
    ? Object.entries(json as Schema.JsonObject).flatMap(([key, inner]) => [ // an object of JSON
      [...at, key],
      ...placesIn(inner, [...at, key])
    ])
    : []
}

const replaced = (json: Schema.Json, [step, ...rest]: Path, by: Schema.Json): Schema.Json => {
  if (step === undefined) return by
  if (Array.isArray(json)) return json.map((inner, i) => i === step ? replaced(inner, rest, by) : inner)
  const object = json as Schema.JsonObject // a path of names leads through objects
  return { ...object, [step]: replaced(object[step] ?? null, rest, by) }
}

/** What no job can do without: its id, its status. */
const isVital = (path: Path) => ["jobid", "jobId", "status"].some((key) => path.at(-1) === key) || path.join() === "id"

/** What of a job each field of a record tells. */
const tells: Readonly<Record<string, ReadonlyArray<keyof Job.Fields>>> = {
  type: ["kind"],
  jobType: ["kind"],
  verb: ["state"],
  created: ["createdAt"],
  created_at: ["createdAt"],
  elapsed: ["createdAt"],
  elapsedSeconds: ["createdAt"],
  updated: ["updatedAt"],
  started_at: ["updatedAt"],
  completed_at: ["updatedAt", "state"],
  finishTime: ["updatedAt"],
  account: ["account"],
  model: ["model"],
  version: ["model"],
  replyRef: ["reference"],
  credits: ["cost"],
  metrics: ["cost"],
  forecastCost: ["cost"],
  response: ["state", "cost", "updatedAt", "reference"],
  request: ["reference"],
  error: ["state"],
  errorDetails: ["state"],
  logs: ["state"],
  output: ["state"],
  data_removed: ["state"],
  source: ["state"]
}
const toldBy = (path: Path): ReadonlyArray<string> => {
  const last = path.findLast((step) => typeof step === "string" && tells[step] !== undefined)
  return last === undefined ? [] : tells[last] ?? []
}

const artifactsOf = ({ state }: Job.Job) => state._tag === "Succeeded" ? state.artifacts : []
const labelOf = ({ kind, label, role }: Artifact.Artifact) => `${kind} ${label ?? role}`
const measures = new Map([["width", "width"], ["height", "height"], ["duration", "duration"], [
  "durationMs",
  "duration"
]])

const encode = Schema.encodeUnknownSync(Schema.toCodecJson(Job.Job))

/** The same job, but for what the field at this place tells of it. */
const same = (path: Path, was: Job.Job, is: Job.Job | undefined) => {
  assert.isDefined(is)
  if (is === undefined) return
  encode(is)
  const told = toldBy(path)
  for (const key of Object.keys(Job.Job.fields) as ReadonlyArray<keyof Job.Fields>) { // as its fields are
    if (key !== "observedAt" && !told.includes(key)) assert.isTrue(Equal.equals(is[key], was[key]), key)
  }
  const last = path.at(-1)
  const made = artifactsOf(is)
  if (was.state._tag !== "Succeeded") {
    // An error of a failure tells its cause, and that a user cancelled it; a log tells the progress.
    const ends = last === "error" || last === "errorDetails" || last === "data_removed" ? ["Failed", "Cancelled"] : []
    assert.include([...ends, was.state._tag], is.state._tag)
  } else if (measures.has(String(last))) {
    const rest = ({ ...artifact }: Artifact.Artifact) => ({
      ...artifact,
      [measures.get(String(last)) ?? ""]: undefined
    })
    assert.deepStrictEqual(made.map(rest), artifactsOf(was).map(rest))
  } else {
    // One link that leads nowhere costs no other file; without any the job made nothing.
    const left = artifactsOf(was).map(labelOf)
    for (const artifact of made) assert.include(left, labelOf(artifact))
    if (last === "url" || last === "imageUrl") assert.isAtLeast(made.length, left.length - 1)
    // What Replicate's models make need not be a file.
    const ends = path.includes("output") ? ["Succeeded", "Failed"] : ["Failed", "Expired"]
    if (made.length === 0 && left.length > 0) assert.include(ends, is.state._tag)
    if (!["response", "output", "data_removed", "verb"].some((key) => path.includes(key))) {
      assert.strictEqual(made.length, left.length)
    }
  }
}

/** Every answer with each of its side fields of each odd type, and what an adapter makes of it. */
const eachOdd = <A, E>(
  json: Schema.Json,
  places: ReadonlyArray<Path>,
  ask: (json: Schema.Json) => Effect.Effect<A, E>,
  check: (path: Path, was: A, is: A) => void
) =>
  Effect.gen(function*() {
    const was = yield* ask(json)
    const lost: Array<string> = []
    for (const path of places) {
      for (const by of odd) {
        const is = yield* Effect.result(ask(replaced(json, path, by)))
        const checked = Result.flatMap(is, (is) => Result.try(() => check(path, was, is)))
        if (Result.isFailure(checked)) {
          lost.push(`${path.join(".")} of ${JSON.stringify(by)}: ${String(checked.failure)}`)
        }
      }
    }
    assert.deepStrictEqual(lost, [])
  })

describe.each(Object.keys(adapters))("a field of %s that is of an odd type reads as absent", (name) => {
  const fixtures = Fixtures.of(name).filter(({ status }) => status < 300)
  const gets = fixtures.filter(({ operation }) => /\.get\w*$/.test(operation))
  const lists = fixtures.filter(({ operation }) => operation.endsWith(".list"))
  const recordPlaces = (json: Schema.Json) => placesIn(json).filter((path) => !isVital(path))

  it("and there are such answers", () => {
    assert.isNotEmpty(gets)
    assert.isNotEmpty(lists)
  })

  for (const [i, fixture] of gets.entries()) {
    const { json, operation, text } = fixture
    const places = recordPlaces(json)

    it.effect(`in ${operation} ${i}`, () =>
      answering(name, (made, tell) =>
        eachOdd(
          json,
          places,
          (answer) => {
            tell(200, JSON.stringify(answer))
            return callOf(made, fixture) as Effect.Effect<Job.Job, unknown> // it is a `get`
          },
          same
        )))

    it.effect(`in a webhook of ${operation} ${i}`, () =>
      answering(name, ({ provider }) =>
        eachOdd(
          json,
          places,
          (body) => (provider as Provider.Provider<"webhook">).webhook(body), // each of them has it
          (path, [was], [is, ...more]) => {
            assert.deepStrictEqual(more, [])
            if (was !== undefined) same(path, was, is)
          }
        )))

    it.effect(`in a submit's reply as ${operation} ${i}`, () =>
      answering(name, ({ submit }, tell) =>
        eachOdd(
          // What the pages have made of an address in an id is no id.
          JSON.parse(text.replaceAll(/\[email\sprotected\]/g, "user@example.com")),
          places,
          (answer) => {
            tell(201, JSON.stringify(answer))
            return submit as Effect.Effect<Submission.Submission, unknown> // it is one
          },
          (path, was, is) => {
            assert.deepStrictEqual(is.ids, was.ids)
            const [[before], [after]] = [was.snapshots ?? [], is.snapshots ?? []]
            if (before !== undefined && after !== undefined) same(path, before, after)
          }
        )))
  }

  for (const [i, fixture] of lists.entries()) {
    /** What holds the entries, in a list or by account; without that there is no list. */
    const isContainer = (path: Path) =>
      ["jobs", "results", "executing", "channels"].some((key) => path.at(-1) === key) ||
      path.length === 2 && (path[0] === "executing" || path[0] === "channels")
    /** Of Luma, `executing` is a number. */
    const counted = Predicate.hasProperty(fixture.json, "jobs")
    const isEntry = (path: Path) => typeof path.at(-1) === "number" && path.at(-2) !== "output"
    const places = placesIn(fixture.json).filter((path) =>
      !isVital(path) && path.at(-1) !== "id" && (!isContainer(path) || path.join() === "executing" && counted)
    )

    it.effect(`in ${fixture.operation} ${i}`, () =>
      answering(name, (made, tell) =>
        eachOdd(
          fixture.json,
          places,
          (answer) => {
            tell(200, JSON.stringify(answer))
            return callOf(made, fixture) as Effect.Effect<Provider.Listing, unknown> // it is a `list`
          },
          (path, was, is) => {
            if (isEntry(path)) {
              assert.isFalse(is.complete)
              for (const { id } of is.jobs) assert.isTrue(was.jobs.some((job) => job.id === id))
              assert.isAtLeast(is.jobs.length, was.jobs.length - 1)
              return
            }
            assert.lengthOf(is.jobs, was.jobs.length)
            was.jobs.forEach((job, i) => same(path, job, is.jobs[i]))
          }
        )))
  }
})

describe("a batch of webhooks of Luma", () => {
  const image = Fixtures.of("useapi-luma.get").filter(({ status }) => status === 200)
  const images = image.map(({ json }) => json)
  const batch = { jobid: "j1", type: "image", status: "completed", images, replyRef: "order-1" }

  it.effect("loses no job for an odd field of one", () =>
    answering("useapi-luma", ({ provider }) =>
      eachOdd(
        batch,
        placesIn(batch).filter((path) => path.join() !== "images" && !isVital(path)),
        (body) => (provider as Provider.Provider<"webhook">).webhook(body), // it has it
        (path, was, is) => {
          if (path.length === 2) return assert.lengthOf(is, was.length - 1)
          assert.lengthOf(is, was.length)
          was.forEach((job, i) => same(path.slice(path[0] === "images" ? 2 : 0), job, is[i]))
        }
      )))
})
