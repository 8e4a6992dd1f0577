import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schedule from "effect/Schedule"
import type { DueCallback, EmulatedService } from "../EmulatedService.ts"
import type * as WebhookFaults from "../WebhookFaults.ts"
import * as Rules from "./rules.ts"
import { trickle } from "./trickle.ts"

interface Callback extends DueCallback {
  readonly service: string
}

/** A call that was made, or was not; `url` and `body` as they went out. */
export interface Made {
  readonly at: number
  readonly service: string
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

const keyOf = (service: string, { job, part }: DueCallback): string => `${service} ${job} ${part}`

interface Caller {
  readonly service: EmulatedService
  readonly callbacks?: (() => ReadonlyArray<DueCallback>) | undefined
}

/** Makes the callbacks of all services as they come due; `revision` tells whether any of their jobs began or changed. */
export const make = (services: ReadonlyArray<Caller>, revision: () => number) => {
  const made: Array<Made> = []
  const rules = Rules.make((rule: WebhookFaults.Rule, { event, service }: Callback) =>
    (rule.service ?? service) === service && (rule.event ?? event) === event
  )
  const fates = new Map<string, WebhookFaults.WebhookFault | undefined>()
  const settled = new Set<string>()
  const held = new Map<string, Array<Effect.Effect<void, never, HttpClient.HttpClient>>>()

  interface Sent {
    readonly url: string
    readonly body: string
    readonly forged?: boolean
  }

  const note = ({ event, job, service }: Callback, { body, forged = false, url }: Sent, outcome: Made["outcome"]) =>
    Effect.map(Clock.currentTimeMillis, (at) => void made.push({ at, service, job, event, url, body, forged, outcome }))

  const post = (
    callback: Callback,
    sent: Sent,
    request: (body: string) => HttpBody.HttpBody = (body) => HttpBody.text(body, "application/json")
  ): Effect.Effect<void, never, HttpClient.HttpClient> => {
    const { body, forged = false, url } = sent
    if (!isLoopback(url)) return note(callback, sent, "refused")
    return Effect.suspend(() => forged || callback.headers === undefined ? Effect.succeed({}) : callback.headers(body))
      .pipe(
        Effect.flatMap((headers) =>
          HttpClient.execute(HttpClientRequest.post(url, { headers }).pipe(HttpClientRequest.setBody(request(body))))
        ),
        // An answer may redirect to another machine.
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
        Effect.flatMap(({ status }) => status < 400 || forged ? Effect.succeed(status) : Effect.fail(status)),
        Effect.timeoutOrElse({ duration: "1 minute", orElse: () => Effect.fail("failed" as const) }),
        Effect.retry({ times: forged ? 0 : callback.retries, schedule: Schedule.exponential("1 second") }),
        Effect.match({
          onFailure: (error) => typeof error === "number" ? error : "failed",
          onSuccess: (status) => status
        }),
        Effect.flatMap((outcome) => note(callback, sent, outcome))
      )
  }

  /** What is not so, sent to the address by another than the service. */
  const forge = (callback: Callback) => {
    const truth = callback.body()
    const lie = /^(?:completed|succeeded)$/.test(String(truth["status"])) ? "failed" : "completed"
    const body = JSON.stringify({ ...truth, status: lie })
    const { url } = callback
    const changed = url.slice(0, -2) + (url.endsWith("AA") ? "BB" : "AA")
    return Effect.all([
      post(callback, { url, body, forged: true }),
      post(callback, { url, body: JSON.stringify({ ...truth, status: lie, replyRef: "made-up" }), forged: true }),
      post(callback, { url: changed, body, forged: true })
    ], { discard: true })
  }

  const act = (
    callback: Callback,
    fault: WebhookFaults.WebhookFault | undefined
  ): Effect.Effect<void, never, HttpClient.HttpClient> => {
    const body = JSON.stringify(callback.body())
    const { url } = callback
    const plain = post(callback, { url, body })
    switch (fault?._tag) {
      case "Lost":
        return note(callback, { url, body }, "lost")
      case "Repeated":
        return Effect.asVoid(
          Effect.repeat(plain, { times: (fault.times ?? 2) - 1, schedule: Schedule.spaced("1 second") })
        )
      case "Swapped":
        return Effect.sync(() => {
          held.set(callback.service, [...held.get(callback.service) ?? [], plain])
        })
      case "Huge":
        return post(callback, { url, body: body.padStart(fault.bytes ?? 10_000_000) })
      case "Slow":
        return post(callback, { url, body }, (text) => {
          const bytes = new TextEncoder().encode(text)
          return HttpBody.stream(trickle(bytes, fault.over), "application/json", bytes.length)
        })
      case "Typed":
        return post(callback, { url, body }, (text) => HttpBody.text(text, fault.contentType ?? "text/plain"))
      case "Broken":
        return post(callback, { url, body: JSON.stringify((callback.broken ?? callback.body)()) })
      case undefined:
      case "Late":
      case "Early":
      case "Forged":
        return plain
    }
  }

  const shift = (fault: WebhookFaults.WebhookFault | undefined): number =>
    fault?._tag === "Late"
      ? Duration.toMillis(fault.by)
      : fault?._tag === "Early"
      ? -Duration.toMillis(fault.by)
      : 0

  /** What is due from now on, with what shall go wrong with it: each change of any job asks for it. */
  const outstanding = Effect.suspend(() => {
    const due: Array<{
      readonly callback: Callback
      readonly fault: WebhookFaults.WebhookFault | undefined
      readonly dueAt: number
    }> = []
    const forged: Array<Callback> = []
    for (const { callbacks, service: { id } } of services) {
      for (const one of callbacks?.() ?? []) {
        const key = keyOf(id, one)
        if (settled.has(key)) continue
        const callback = { ...one, service: id }
        const known = fates.has(key)
        const fault = known ? fates.get(key) : rules.next(callback, 0)?.fault
        fates.set(key, fault)
        due.push({ callback, fault, dueAt: callback.at + shift(fault) })
        if (!known && fault?._tag === "Forged") forged.push(callback)
      }
    }
    return Effect.as(Effect.forEach(forged, (callback) => Effect.forkChild(forge(callback)), { discard: true }), due)
  })

  const call = (callback: Callback, fault: WebhookFaults.WebhookFault | undefined) => {
    settled.add(keyOf(callback.service, callback))
    const others = fault?._tag === "Swapped" ? [] : held.get(callback.service) ?? []
    if (others.length > 0) held.delete(callback.service)
    return Effect.forkChild(Effect.all([act(callback, fault), ...others], { discard: true }))
  }

  const deliver = Effect.gen(function*() {
    let seen = -1
    let due: ReadonlyArray<Effect.Success<typeof outstanding>[number]> = []
    while (true) {
      const now = yield* Clock.currentTimeMillis
      if (revision() !== seen) {
        seen = revision()
        due = (yield* outstanding).toSorted((one, other) => one.dueAt - other.dueAt)
      }
      const later = due.findIndex(({ dueAt }) => now < dueAt)
      const first = due.slice(0, later < 0 ? due.length : later)
      due = due.slice(first.length)
      for (const { callback, fault } of first) yield* call(callback, fault)
      yield* Effect.sleep(Math.ceil(Math.min(glance, (due[0]?.dueAt ?? Infinity) - now)))
    }
  })

  return {
    inject: (more: ReadonlyArray<WebhookFaults.Rule>): void => rules.add(more, 0),
    made: (): ReadonlyArray<Made> => [...made],
    deliver
  }
}
