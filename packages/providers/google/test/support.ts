import * as Gemini from "@media-jobs/google/Gemini"
import * as Vertex from "@media-jobs/google/Vertex"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"

export const token = Redacted.make(Emulator.token)
export const id = "v1_ChdtZWRpYS1qb2JzLWxpZ2h0aG91c2UtMQ"
export const oldId = "models/veo-3.1-generate-preview/operations/abc123def456"
export const vertexId =
  "projects/emulator/locations/global/publishers/google/models/veo-3.1-generate-001/operations/0c3364c4-1f0b-4b7e-9a52-7a2d5e0f8c11"
export const fileUrl = "https://generativelanguage.googleapis.com/v1beta/files/a1b2c3d4e5f6:download?alt=media"
export const rain = Gemini.video({ input: "rain" })

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

/** The Gemini API before the emulator in memory. */
export const emulated = (options?: Partial<Gemini.Options>) =>
  Effect.orDie(Gemini.make({ token, requestsPerSecond: 1000, ...options }))

/** Vertex AI before the emulator in memory. */
export const vertex = (options?: Partial<Vertex.Options>) =>
  Effect.orDie(Vertex.make({ token, project: "emulator", requestsPerSecond: 1000, ...options }))

/** An effect with all the time that it wants. */
export const passing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
}

export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** A provider before a service that answers as told, by the request's place in the row, and what was sent to it. */
export const answered = <P>(
  make: Effect.Effect<P, never, HttpClient.HttpClient>,
  answer: (sent: Sent, n: number) => Answer
) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const body = request.body._tag === "Uint8Array"
        ? JSON.parse(new TextDecoder().decode(request.body.body))
        : undefined
      const one = { method: request.method, url, headers: request.headers, body }
      sent.push(one)
      const [status, json, headers] = answer(one, sent.length - 1)
      const text = typeof json === "string" ? json : JSON.stringify(json)
      return HttpClientResponse.fromWeb(request, new Response(text, { status, headers: { ...headers } }))
    })
  )
  return Effect.map(Effect.provideService(make, HttpClient.HttpClient, client), (provider) => ({ provider, sent }))
}

export const gemini = (answer: (sent: Sent, n: number) => Answer, options?: Partial<Gemini.Options>) =>
  answered(emulated({ retries: 0, ...options }), answer)

export const veo = (answer: (sent: Sent, n: number) => Answer, options?: Partial<Vertex.Options>) =>
  answered(vertex({ retries: 0, ...options }), answer)

/** An interaction as the facts have one, but for what is told. */
export const interaction = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  object: "interaction",
  status: "in_progress",
  model: "gemini-omni-1.1-flash",
  created: "2026-09-26T14:05:30Z",
  updated: "2026-09-26T14:06:30Z",
  ...more
})

/** One that is completed, with these parts in what its model made. */
export const made = (content: ReadonlyArray<unknown>, more: Record<string, unknown> = {}) =>
  interaction({ status: "completed", steps: [{ type: "model_output", content }], ...more })

/** An operation that has ended with this response. */
export const done = (response: unknown, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: vertexId,
  done: true,
  response,
  ...more
})
