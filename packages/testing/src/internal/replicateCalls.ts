import * as Clock from "effect/Clock"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type { Job } from "../ReplicateEmulator.ts"

/** The webhooks of Replicate need to know this much of its predictions. */
export interface Memory {
  readonly jobs: () => ReadonlyArray<Job>
  readonly isRunning: (job: Job, now: number) => boolean
  readonly statusOf: (job: Job, now: number) => string
  readonly record: (job: Job, now: number) => Schema.Json
  readonly secret: () => string
}

const mac = Effect.provide(Mac.Mac, Mac.layerWebCrypto.pipe(Layer.provide(SecureRandom.layerWebCrypto)))

export const make = ({ isRunning, jobs, record, secret, statusOf }: Memory) => {
  /** A call about a prediction as it stood at `then`, signed now. */
  const signed = Effect.fnUntraced(function*(job: Job, then: number, secrets: ReadonlyArray<string>) {
    const body = JSON.stringify(record(job, then))
    const id = `msg_${job.id}-${statusOf(job, then)}`
    const timestamp = `${Math.floor((yield* Clock.currentTimeMillis) / 1000)}`
    const { sign } = yield* mac
    const data = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
    const signatures = yield* Effect.orDie(
      Effect.forEach(secrets, (secret) =>
        Effect.fromResult(Base64.decode(secret.replace(/^whsec_/, ""))).pipe(
          Effect.flatMap((bytes) => Mac.key(Mac.hmacSha256, bytes)),
          Effect.flatMap((key) => sign(key, data)),
          Effect.map((tag) => `v1,${Base64.encode(tag)}`)
        ))
    )
    return {
      url: job.webhook,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signatures.join(" ")
      },
      body
    }
  })

  /** Only the call of the end is made again, signed anew, for about a minute. */
  const post = (job: Job, then: number): Effect.Effect<void, never, HttpClient.HttpClient> =>
    Effect.flatMap(
      Effect.suspend(() => signed(job, then, [secret()])),
      ({ body, headers, url = "" }) =>
        HttpClient.execute(
          HttpClientRequest.post(url, { headers }).pipe(HttpClientRequest.bodyText(body, "application/json"))
        )
    ).pipe(
      Effect.filterOrFail(({ status }) => status < 400, () => "refused" as const),
      Effect.retry({ times: isRunning(job, then) ? 0 : 6, schedule: Schedule.exponential("1 second") }),
      Effect.ignore
    )

  const told = new Set<string>()
  const look = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const job of jobs()) {
      const event = !isRunning(job, now) ? "completed" : statusOf(job, now) === "processing" ? "start" : undefined
      if (job.webhook === undefined || event === undefined || told.has(`${event} ${job.id}`)) continue
      told.add(`${event} ${job.id}`)
      // Without a filter, outputs and the end are reported.
      if ((job.events ?? ["completed"]).includes(event)) yield* Effect.forkChild(post(job, now))
    }
    yield* Effect.sleep("100 millis")
  })

  return { signed, deliver: Effect.forever(look) }
}
