import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const token = Redacted.make(Emulator.token)
export const version = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"
export const id = "gm3qorzdhgbfurvjtvhg6dckhu"
export const rain = { model: "media-jobs/lighthouse", input: { prompt: "rain" } } as const

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

/** Replicate before the emulator in memory. */
export const emulated = (options?: Partial<Replicate.Options>) =>
  Effect.orDie(Replicate.make({ token, requestsPerSecond: 1000, ...options }))

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly body: string | undefined
}

export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** Replicate before a service that answers as told, by the request's place in the row, and what was sent to it. */
export const answered = (answer: (sent: Sent, n: number) => Answer, options?: Partial<Replicate.Options>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
      const one = { method: request.method, url, body }
      sent.push(one)
      const [status, json, headers] = answer(one, sent.length - 1)
      const text = typeof json === "string" ? json : JSON.stringify(json)
      return HttpClientResponse.fromWeb(request, new Response(text, { status, headers: { ...headers } }))
    })
  )
  return Effect.map(
    Effect.provideService(emulated({ retries: 0, ...options }), HttpClient.HttpClient, client),
    (replicate) => ({ replicate, sent })
  )
}

const ends = ["succeeded", "failed", "canceled", "aborted", undefined]

/** A prediction as the pages print one, but for what is told; only one that has ended says when. */
export const prediction = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  model: "replicate/hello-world",
  version,
  input: { text: "Alice" },
  logs: "",
  output: "hello Alice",
  error: null,
  source: "api",
  status: "succeeded",
  created_at: "2023-09-08T16:19:34.765994Z",
  data_removed: false,
  started_at: "2023-09-08T16:19:34.779176Z",
  completed_at: ends.some((end) => end === more["status"]) ? "2023-09-08T16:19:34.791859Z" : null,
  metrics: { predict_time: 0.012683 },
  urls: {
    cancel: `https://api.replicate.com/v1/predictions/${id}/cancel`,
    get: `https://api.replicate.com/v1/predictions/${id}`
  },
  ...more
})
