import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Submission from "@media-jobs/core/Submission"
import * as Pace from "@media-jobs/poller/Pace"
import * as Poller from "@media-jobs/poller/Poller"
import * as Pollers from "@media-jobs/poller/Pollers"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Distribution from "../distribution.ts"
import * as Random from "../random.ts"
import * as ScaledClock from "../scaledClock.ts"
import * as ServiceTime from "../serviceTime.ts"
import * as Workload from "../workload.ts"
import * as LumaJobs from "./lumaJobs.ts"
import type { Peer } from "./Peer.ts"

export interface Options {
  /** Requests a service-second; the shipped default where it is left out. */
  readonly requestsPerSecond?: number
  /** Looks at once; the shipped default where it is left out. */
  readonly concurrency?: number
  readonly pace?: Effect.Effect<Pace.Pace, never, Scope.Scope>
  /** Whether it goes without the list. */
  readonly getOnly?: boolean
  /** What sends the requests: the platform's `fetch` unless told otherwise. */
  readonly client?: Layer.Layer<HttpClient.HttpClient>
}

/** This library, as an application uses it: Luma's adapter, one engine, a job awaited from its submit. */
export const make =
  ({ client = FetchHttpClient.layer, concurrency, getOnly = false, requestsPerSecond, pace }: Options): Peer =>
  async ({ base, time }) => {
    const run = Effect.runPromiseWith(Context.make(Clock.Clock, ScaledClock.make(time)))
    const scope = Scope.makeUnsafe()
    const { identity, poller } = await run(
      Effect.gen(function*() {
        const luma = yield* Luma.make({ token: Redacted.make("benchmark"), baseUrl: base, requestsPerSecond })
        const { get, id, instance, owns } = luma
        const options = {
          concurrency,
          pace: pace === undefined ? (yield* Pollers.Pollers).pace(yield* Effect.context()) : yield* pace
        }
        const poller = getOnly
          ? yield* Poller.make(Provider.make({ id, instance, owns }, { get }), options)
          : yield* Poller.make(luma, options)
        return { poller, identity: { provider: id, instance } }
      }).pipe(
        Effect.provideService(Scope.Scope, scope),
        Effect.provideContext(await run(Layer.buildWithScope(client, scope)))
      )
    )
    return ({ id, submittedAt }) => {
      const submission = new Submission.Submission({
        ...identity,
        ids: [JobId.make(id)],
        submittedAt: DateTime.makeUnsafe(ServiceTime.epochMillis(time, submittedAt)),
        kind: "video",
        model: Workload.model
      })
      return run(poller.await(submission))
    }
  }

/** Undici without `fetch` around it, as a program on Node may choose. */
export const undici = NodeHttpClient.layerUndici

export const steady = (seconds: number) => Effect.succeed(Pace.steady(Duration.seconds(seconds)))

/** A pace that has seen so many jobs of the workload's sort. */
export const learned = (jobs: number, seed: number) =>
  Effect.map(Pace.learned(), (pace) => {
    LumaJobs.teach(pace, Distribution.drawn(Workload.durations, jobs, Random.seeded(seed)))
    return pace
  })
