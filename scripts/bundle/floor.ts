/**
 * The floor of the bundle budget: what one would write by hand with Effect alone, for one service. Read the settings,
 * ask for a job through a client that is paced and retried, decode the answer, watch until it ends, count the looks.
 */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Job = Schema.Struct({
  jobid: Schema.NonEmptyString,
  status: Schema.Literals(["created", "pending", "processing", "completed", "failed"]),
  created: Schema.DateTimeUtcFromString,
  error: Schema.optionalKey(Schema.String),
  response: Schema.NullOr(Schema.Struct({ video: Schema.optionalKey(Schema.Struct({ url: Schema.String })) }))
})

const looks = Metric.counter("looks", { description: "how often a job was asked for", incremental: true })

const watch = Effect.gen(function*() {
  const { base, token } = yield* Config.all({
    base: Config.URL("USEAPI_BASE_URL").pipe(Config.withDefault(new URL("https://api.useapi.net"))),
    token: Config.Redacted("USEAPI_TOKEN")
  })
  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.mapRequest((request) =>
      request.pipe(
        HttpClientRequest.prependUrl(base.href),
        HttpClientRequest.bearerToken(token),
        HttpClientRequest.acceptJson
      )
    ),
    HttpClient.withRateLimiter({
      limiter: yield* RateLimiter.RateLimiter,
      key: "useapi",
      window: "1 second",
      limit: 10,
      algorithm: "token-bucket",
      times: 0
    }),
    HttpClient.filterStatusOk,
    HttpClient.retryTransient({
      schedule: Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 3 }))
    })
  )
  const look = client.get("/v1/luma/jobs/some-id").pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Job)),
    Effect.tap(Metric.update(looks, 1))
  )
  return Stream.fromEffectSchedule(look, Schedule.spaced("10 seconds")).pipe(
    Stream.changesWith((a, b) => a.status === b.status),
    Stream.takeUntil((job) => job.status === "completed" || job.status === "failed")
  )
})

const live = RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory), Layer.merge(FetchHttpClient.layer))

Stream.unwrap(watch).pipe(
  Stream.runForEach((job) => Console.log(job.status)),
  Effect.provide(live),
  Effect.runFork
)
