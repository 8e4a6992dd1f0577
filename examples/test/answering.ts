import { type JobError, JobId, type Provider } from "@media-jobs/core"
import { Replicate } from "@media-jobs/replicate"
import { type Fixtures } from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { Clock, type Config, Duration, Effect, Layer, Logger, Predicate, Redacted, Result, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"

const options = { token: Redacted.make("user:1-fuzz"), requestsPerSecond: 1e9, retries: 0 }
const rain = { prompt: "rain" }

interface Made {
  readonly provider: Provider.Any
  readonly submit: Effect.Effect<unknown, JobError.JobError>
}

/** Every adapter, each with a request of its own. */
export const adapters: Readonly<Record<string, Effect.Effect<Made, Config.ConfigError, HttpClient.HttpClient>>> = {
  "replicate": Effect.map(Replicate.make({ ...options, pages: 1 }), (provider) => ({
    provider,
    submit: provider.submit({ model: "media-jobs/lighthouse", input: rain })
  })),
  "useapi-dreamina": Effect.map(Dreamina.make(options), (provider) => ({
    provider,
    submit: provider.submit(Dreamina.video(rain))
  })),
  "useapi-luma": Effect.map(Luma.make(options), (provider) => ({
    provider,
    submit: provider.submit(Luma.video(rain))
  })),
  "useapi-midjourney": Effect.map(Midjourney.make(options), (provider) => ({
    provider,
    submit: provider.submit(Midjourney.imagine(rain))
  }))
}

const png: Provider.Upload = {
  account: "US:user@example.com",
  mediaType: "image/png",
  content: Stream.succeed(new Uint8Array(1))
}

/** The call of an adapter that one of its service's answers is to. */
export const callOf = ({ provider, submit }: Made, { json, operation }: Fixtures.Fixture) => {
  const { id, jobId, jobid = jobId ?? id } = Predicate.isObject(json) ? json as Record<string, unknown> : {} // an object
  const job = JobId.make(typeof jobid === "string" ? jobid : "j0223140530123456789v-u1-bot:none")
  const absent = Effect.die(`${operation}: the adapter has no such call`)
  switch (operation.slice(operation.indexOf(".") + 1)) {
    case "list":
      return provider.list ?? absent
    case "get":
    case "getVideo":
    case "getImage":
      return provider.get?.(job) ?? absent
    case "remove":
      return provider.remove?.(job) ?? absent
    case "cancel":
      return provider.cancel?.(job) ?? absent
    case "accounts":
      return Effect.andThen(provider.accounts ?? absent, provider.capacity ?? absent)
    case "upload":
    case "file":
      return provider.upload?.(png) ?? absent
    default:
      return submit
  }
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

/** A service that answers what it was told last, the last of several texts for ever, and an adapter before it. */
export const answering = <A, E>(
  name: string,
  use: (made: Made, tell: (status: number, ...texts: ReadonlyArray<string>) => void) => Effect.Effect<A, E>
) => {
  let status = 200
  let texts: ReadonlyArray<string> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const [text = "", ...rest] = texts
      if (rest.length > 0) texts = rest
      return HttpClientResponse.fromWeb(request, new Response(text, { status }))
    })
  )
  return Effect.flatMap(
    adapters[name] ?? Effect.die(`There is no adapter of ${name}`),
    (made) =>
      use(made, (code, ...told) => {
        // What the last answer asked for is over.
        if (status === 429) now += 86_400_000
        status = code
        texts = told
      })
  ).pipe(
    Effect.provide(Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Logger.layer([]))),
    Effect.provideService(Clock.Clock, impatient)
  )
}

export const parsed = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))
