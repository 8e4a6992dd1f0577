import * as Fal from "@media-jobs/fal/Fal"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as FalEmulator from "@media-jobs/testing/fal"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"

export const token = Redacted.make(Emulator.token)
export const request = "764cabcf-b745-4b3e-ae38-1200304cf45b"
export const id = Fal.jobId("fal-ai/flux/dev", request)
export const rain = Fal.image("fal-ai/flux/dev", { prompt: "rain" })

export const inMemory = (options?: FalEmulator.Options) =>
  Effect.provide(
    Emulator.layerClient.pipe(
      Layer.provideMerge(Emulator.layer({ services: { fal: FalEmulator.service(options) } }))
    )
  )

/** fal before the emulator in memory. */
export const emulated = (options?: Partial<Fal.Options>) =>
  Effect.orDie(Fal.make({ token, requestsPerSecond: 1000, ...options }))

/** The id of a job of the emulator's. */
export const idOf = ({ app, id }: FalEmulator.Job) => Fal.jobId(app, id)

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** fal before a service that answers as told, and what was sent to it. */
export const answered = (answer: (sent: Sent, n: number) => Answer, options?: Partial<Fal.Options>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
      const one = { method: request.method, url, headers: request.headers, body }
      sent.push(one)
      const [status, json, headers] = answer(one, sent.length - 1)
      const text = typeof json === "string" ? json : JSON.stringify(json)
      return HttpClientResponse.fromWeb(request, new Response(text, { status, headers: { ...headers } }))
    })
  )
  return Effect.map(
    Effect.provideService(emulated({ retries: 0, ...options }), HttpClient.HttpClient, client),
    (fal) => ({ fal, sent })
  )
}

/** A status as the queue answers it. */
export const status = (word: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  status: word,
  request_id: request,
  response_url: `https://queue.fal.run/fal-ai/flux/requests/${request}`,
  logs: null,
  ...more
})

/** One job, by what its status and its result answer. */
export const got = (of: Answer, result: Answer = [200, {}], options?: Partial<Fal.Options>) =>
  Effect.gen(function*() {
    const { fal, sent } = yield* answered(({ url }) => url.pathname.endsWith("/status") ? of : result, options)
    const fiber = yield* Effect.forkChild(Effect.result(fal.get(id)))
    yield* TestClock.adjust("1 minute")
    return { found: yield* Fiber.join(fiber), sent }
  })
