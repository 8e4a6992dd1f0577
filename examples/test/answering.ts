import type { Descriptor } from "@media-jobs/adapter"
import { JobError, type Provider } from "@media-jobs/core"
import { Fixtures } from "@media-jobs/testing"
import { Clock, Duration, Effect, Exit, Layer, Logger, Predicate, Result, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { callsOf, operationOf } from "../../scripts/calls.ts"
import { descriptors, made } from "../../scripts/generate.ts"

/** Every provider that stands, found by its descriptor. */
export const providers: ReadonlyMap<string, Descriptor.Descriptor> = new Map(
  (await descriptors()).map((descriptor) => [descriptor.id, descriptor])
)

/** Of what is too much for each run, every so manieth: a `taste` in tests, `more` in `pnpm fuzz`, with its `--full` all. */
export const strideOf = (taste: number, more: number): number =>
  process.env["FUZZ_VARIANTS"] !== undefined ? 1 : process.env["FUZZ_SECONDS"] !== undefined ? more : taste

/** Of no form that tells it for a secret. */
export const token = "quietfuzzytoken"

/** An adapter before a service that answers what it was told last, the last of several texts for ever. */
export interface Answered {
  readonly descriptor: Descriptor.Descriptor
  readonly provider: Provider.Any
  readonly tell: (status: number, ...texts: ReadonlyArray<string>) => void
  /** How many requests came since the last `tell`. */
  readonly asked: () => number
}

/** Time on which short pauses take none, and no time-out comes. */
let now = Date.UTC(2026, 2, 26)
const nanos = () => BigInt(now) * 1_000_000n
const impatient: Clock.Clock = {
  currentTimeMillisUnsafe: () => now,
  currentTimeMillis: Effect.sync(() => now),
  currentTimeNanosUnsafe: nanos,
  currentTimeNanos: Effect.sync(nanos),
  monotonicTimeNanosUnsafe: nanos,
  monotonicTimeNanos: Effect.sync(nanos),
  sleep: (duration) => Duration.toSeconds(duration) < 5 ? Effect.void : Effect.never
}

export const answering = <A, E>(id: string, use: (answered: Answered) => Effect.Effect<A, E>) => {
  let status = 200
  let texts: ReadonlyArray<string> = []
  let asked = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      asked++
      const [text = "", ...rest] = texts
      if (rest.length > 0) texts = rest
      // As most services do it, the length is announced: what is not costs a stream.
      const headers = { "content-length": `${Buffer.byteLength(text)}` }
      return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : text, { status, headers }))
    })
  )
  const descriptor = providers.get(id)
  if (descriptor === undefined) return Effect.die(`There is no adapter of ${id}`)
  return Effect.flatMap(
    made(descriptor, token, { requestsPerSecond: 1e9, retries: 0, pages: 1 }),
    (provider) =>
      use({
        descriptor,
        provider,
        asked: () => asked,
        tell: (code, ...told) => {
          // What the last answer asked for is over.
          if (status === 429) now += 86_400_000
          status = code
          texts = told
          asked = 0
        }
      })
  ).pipe(
    Effect.provide(Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Logger.layer([]))),
    Effect.provideService(Clock.Clock, impatient)
  )
}

/** How an adapter comes to read an answer: by a call that gets these answers, of which it is one. */
export interface Way {
  readonly operation: Provider.Capability
  readonly call: Effect.Effect<unknown, unknown>
  readonly status: number
  readonly texts: (text: string) => ReadonlyArray<string>
}

const idsIn = ({ json }: Fixtures.Fixture): ReadonlyArray<string> =>
  Predicate.isObject(json) ? Object.values(json).filter(Predicate.isString) : []

const waysOf = (
  { descriptor, provider }: Answered,
  operation: Provider.Capability,
  fixture: Fixtures.Fixture,
  texts: Way["texts"] = (text) => [text]
): ReadonlyArray<Way> => {
  const ids = ["get", "cancel", "untrack", "remove"].includes(operation)
    ? [...Fixtures.idsOf(descriptor.id), ...idsIn(fixture)].filter((id) => id !== "")
    : [""]
  return ids.flatMap((id) => callsOf(descriptor, operation, id)).flatMap((ask) => {
    const call = ask(provider)
    return call === undefined ? [] : [{ operation, call, status: fixture.status, texts }]
  })
}

/** The first of several ways in which the adapter reads a text of a success, or asks for one of another status. */
const firstOf = Effect.fnUntraced(function*({ asked, tell }: Answered, text: string, ways: ReadonlyArray<Way>) {
  for (const way of ways) {
    const texts = way.texts(text)
    tell(way.status, ...texts)
    const read = yield* Effect.exit(way.call)
    if (asked() >= texts.length && (way.status >= 300 || Exit.isSuccess(read))) return way
  }
  return undefined
})

/** The way in which an adapter comes to an answer, alone or as one of two. */
export const wayOf = (answered: Answered, fixture: Fixtures.Fixture): Effect.Effect<Way | undefined> => {
  const operation = operationOf(fixture)
  const alone = [operation, ...(operation === "submit" ? ["upload", "capacity"] as const : [])]
  const others = Fixtures.of(answered.descriptor.id).filter((one) =>
    one.status === fixture.status && one.operation !== fixture.operation
  )
  return firstOf(answered, fixture.text, [
    ...alone.flatMap((one) => waysOf(answered, one, fixture)),
    ...others.flatMap((other) => [
      ...(/get|list/.test(operation) ? waysOf(answered, operation, fixture, (text) => [text, other.text]) : []),
      ...(/get|list/.test(operationOf(other))
        ? waysOf(answered, operationOf(other), other, (text) => [other.text, text])
        : [])
    ])
  ])
}

/** A submit to which a text may be the reply, where there is one. */
export const submitOf = (answered: Answered, text: string): Effect.Effect<Way | undefined> =>
  firstOf(
    answered,
    text,
    callsOf(answered.descriptor, "submit", "").flatMap((ask) => {
      const call = ask(answered.provider)
      return call === undefined ? [] : [{ operation: "submit", call, status: 201, texts: (text) => [text] }]
    })
  )

export const parsed = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))

export const isJobError = Schema.is(JobError.JobError)
