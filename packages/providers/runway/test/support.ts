import * as Runway from "@media-jobs/runway/Runway"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const token = Redacted.make(Emulator.token)
export const id = "3086d332-1963-4c9d-8103-0f90efa72e20"
export const rain = Runway.textToVideo({ model: "gen4.5", promptText: "rain", ratio: "1280:720", duration: 5 })

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

/** Runway before the emulator in memory. */
export const emulated = (options?: Partial<Runway.Options>) =>
  Effect.orDie(Runway.make({ token, requestsPerSecond: 1000, ...options }))

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string | undefined>>
}

export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** Runway before a service that answers as told, by the request's place in the row, and what was sent to it. */
export const answered = (answer: (sent: Sent, n: number) => Answer, options?: Partial<Runway.Options>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
      const one = { method: request.method, url, body, headers: { ...request.headers } }
      sent.push(one)
      const [status, json, headers] = answer(one, sent.length - 1)
      const text = typeof json === "string" ? json : JSON.stringify(json)
      const bodiless = status === 204 || text === ""
      return HttpClientResponse.fromWeb(
        request,
        new Response(bodiless ? null : text, { status, headers: { ...headers } })
      )
    })
  )
  return Effect.map(
    Effect.provideService(emulated({ retries: 0, ...options }), HttpClient.HttpClient, client),
    (runway) => ({ runway, sent })
  )
}

/** A task as the pages print one, but for what is told. */
export const task = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  createdAt: "2026-08-11T06:12:01.171Z",
  status: "SUCCEEDED",
  output: ["https://dnznrvs05pmza.cloudfront.net/abc/lighthouse.mp4?_jwt=abc"],
  cost: { credits: 25 },
  ...more
})
