import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Miscalls from "../Miscalls.ts"
import type { World } from "./world.ts"

/** A call that a service will make, unless its job changes. */
export interface Owed {
  readonly service: NonNullable<Miscalls.Rule["service"]>
  readonly job: string
  /** The status word that it brings. */
  readonly event: string
  /** Which of the calls about its job it is. */
  readonly part: number
  readonly url: string
  /** When what it tells of is so, in milliseconds. */
  readonly at: number
  /** What it says, when it is made. */
  readonly body: () => Schema.JsonObject
  /** What the service says of a request that broke, where it says that otherwise. */
  readonly broken?: (() => Schema.JsonObject) | undefined
  /** Where the service signs its calls. */
  readonly headers?: ((body: string) => Effect.Effect<Record<string, string>>) | undefined
  /** How often it is made again where it fails. */
  readonly retries: number
}

/** A call that was made, or was not; `url` and `body` as they went out. */
export interface Made {
  readonly at: number
  readonly service: Owed["service"]
  readonly job: string
  readonly event: string
  readonly url: string
  readonly body: string
  readonly forged: boolean
  /** The status of the answer; `lost` where it was not made, `refused` where it may not be, `failed` where none answered. */
  readonly outcome: number | "lost" | "refused" | "failed"
}

const isLoopback = (url: string): boolean => {
  const host = URL.parse(url)?.hostname ?? ""
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** How long a call may have been due before it is known of, in milliseconds. */
const glance = 100

const keyOf = ({ job, part, service }: Owed): string => `${service} ${job} ${part}`

export const make = (world: World, services: ReadonlyArray<() => ReadonlyArray<Owed>>) => {
  const made: Array<Made> = []
  const rules: Array<{ readonly rule: Miscalls.Rule; skip: number; times: number }> = []
  const fates = new Map<string, Miscalls.Miscall | undefined>()
  const settled = new Set<string>()
  const held = new Map<string, Array<Effect.Effect<void, never, HttpClient.HttpClient>>>()

  const drawn = ({ event, service }: Owed): Miscalls.Miscall | undefined => {
    const met = rules.find((one) =>
      one.times > 0 && (one.rule.service ?? service) === service && (one.rule.event ?? event) === event &&
      one.skip-- <= 0
    )
    if (met === undefined) return undefined
    met.times--
    return met.rule.miscall
  }

  interface Sent {
    readonly url: string
    readonly body: string
    readonly forged?: boolean
  }

  const note = ({ event, job, service }: Owed, { body, forged = false, url }: Sent, outcome: Made["outcome"]) =>
    Effect.map(Clock.currentTimeMillis, (at) => void made.push({ at, service, job, event, url, body, forged, outcome }))

  const post = (
    owed: Owed,
    sent: Sent,
    request: (body: string) => HttpBody.HttpBody = (body) => HttpBody.text(body, "application/json")
  ): Effect.Effect<void, never, HttpClient.HttpClient> => {
    const { body, forged = false, url } = sent
    if (!isLoopback(url)) return note(owed, sent, "refused")
    return Effect.suspend(() => forged || owed.headers === undefined ? Effect.succeed({}) : owed.headers(body)).pipe(
      Effect.flatMap((headers) =>
        HttpClient.execute(HttpClientRequest.post(url, { headers }).pipe(HttpClientRequest.setBody(request(body))))
      ),
      // Who answers here may point elsewhere.
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.flatMap(({ status }) => status < 400 || forged ? Effect.succeed(status) : Effect.fail(status)),
      Effect.timeoutOrElse({ duration: "1 minute", orElse: () => Effect.fail("failed" as const) }),
      Effect.retry({ times: forged ? 0 : owed.retries, schedule: Schedule.exponential("1 second") }),
      Effect.match({
        onFailure: (error) => typeof error === "number" ? error : "failed",
        onSuccess: (status) => status
      }),
      Effect.flatMap((outcome) => note(owed, sent, outcome))
    )
  }

  /** What is not so, told by someone who has the address. */
  const forge = (owed: Owed) => {
    const truth = owed.body()
    const lie = /^(?:completed|succeeded)$/.test(String(truth["status"])) ? "failed" : "completed"
    const body = JSON.stringify({ ...truth, status: lie })
    const { url } = owed
    const changed = url.slice(0, -2) + (url.endsWith("AA") ? "BB" : "AA")
    return Effect.all([
      post(owed, { url, body, forged: true }),
      post(owed, { url, body: JSON.stringify({ ...truth, status: lie, replyRef: "made-up" }), forged: true }),
      post(owed, { url: changed, body, forged: true })
    ], { discard: true })
  }

  const act = (
    owed: Owed,
    miscall: Miscalls.Miscall | undefined
  ): Effect.Effect<void, never, HttpClient.HttpClient> => {
    const body = JSON.stringify(owed.body())
    const { url } = owed
    const plain = post(owed, { url, body })
    switch (miscall?._tag) {
      case "Lost":
        return note(owed, { url, body }, "lost")
      case "Repeated":
        return Effect.asVoid(Effect.repeat(plain, { times: miscall.times - 1, schedule: Schedule.spaced("1 second") }))
      case "Swapped":
        return Effect.sync(() => {
          held.set(owed.service, [...held.get(owed.service) ?? [], plain])
        })
      case "Huge":
        return post(owed, { url, body: body.padStart(miscall.bytes) })
      case "Slow": {
        const pieces = 10
        const trickle = (text: string) => {
          const bytes = new TextEncoder().encode(text)
          const size = Math.ceil(bytes.length / pieces)
          return HttpBody.stream(
            Stream.range(0, pieces - 1).pipe(
              Stream.map((i) => bytes.subarray(i * size, (i + 1) * size)),
              Stream.tap(() => Effect.sleep(Duration.toMillis(miscall.over) / pieces))
            ),
            "application/json",
            bytes.length
          )
        }
        return post(owed, { url, body }, trickle)
      }
      case "Typed":
        return post(owed, { url, body }, (text) => HttpBody.text(text, miscall.contentType))
      case "Broken":
        return post(owed, { url, body: JSON.stringify((owed.broken ?? owed.body)()) })
      case undefined:
      case "Late":
      case "Early":
      case "Forged":
        return plain
    }
  }

  const shift = (miscall: Miscalls.Miscall | undefined): number =>
    miscall?._tag === "Late"
      ? Duration.toMillis(miscall.by)
      : miscall?._tag === "Early"
      ? -Duration.toMillis(miscall.by)
      : 0

  /** What is due from now on, with what shall go wrong with it. */
  const outstanding = Effect.suspend(() => {
    const fresh = services.flatMap((owedBy) => owedBy()).filter((owed) => !settled.has(keyOf(owed)))
    return Effect.forEach(fresh, (owed) => {
      const key = keyOf(owed)
      const known = fates.has(key)
      const miscall = known ? fates.get(key) : drawn(owed)
      fates.set(key, miscall)
      const due = { owed, miscall, dueAt: owed.at + shift(miscall) }
      return !known && miscall?._tag === "Forged" ? Effect.as(Effect.forkChild(forge(owed)), due) : Effect.succeed(due)
    })
  })

  const call = (owed: Owed, miscall: Miscalls.Miscall | undefined) => {
    settled.add(keyOf(owed))
    const others = miscall?._tag === "Swapped" ? [] : held.get(owed.service) ?? []
    if (others.length > 0) held.delete(owed.service)
    return Effect.forkChild(Effect.all([act(owed, miscall), ...others], { discard: true }))
  }

  const deliver = Effect.gen(function*() {
    let seen = -1
    let due: ReadonlyArray<Effect.Success<typeof outstanding>[number]> = []
    while (true) {
      const now = yield* Clock.currentTimeMillis
      if (world.revision !== seen) {
        seen = world.revision
        due = (yield* outstanding).toSorted((one, other) => one.dueAt - other.dueAt)
      }
      const later = due.findIndex(({ dueAt }) => now < dueAt)
      const first = due.slice(0, later < 0 ? due.length : later)
      due = due.slice(first.length)
      for (const { miscall, owed } of first) yield* call(owed, miscall)
      yield* Effect.sleep(Math.ceil(Math.min(glance, (due[0]?.dueAt ?? Infinity) - now)))
    }
  })

  return {
    misdeliver: (more: ReadonlyArray<Miscalls.Rule>): void => {
      for (const rule of more) rules.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? Infinity })
    },
    made: (): ReadonlyArray<Made> => [...made],
    deliver
  }
}
