import * as DreamMachine from "@media-jobs/luma/DreamMachine"
import * as Luma from "@media-jobs/luma/Luma"
import * as Emulator from "@media-jobs/testing/Emulator"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const token = Redacted.make(Emulator.token)
export const id = "d290f1ee-6c54-4b01-90e6-d701748f0851"
export const rain = Luma.video({ prompt: "a lighthouse in the rain" })
export const dream = DreamMachine.video({ model: "ray-2", prompt: "a lighthouse in the rain" })

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

/** Luma before the emulator in memory. */
export const luma = (options?: Partial<Luma.Options>) =>
  Effect.orDie(Luma.make({ token, requestsPerSecond: 1000, ...options }))

/** Dream Machine before the emulator in memory. */
export const dreamMachine = (options?: Partial<DreamMachine.Options>) =>
  Effect.orDie(DreamMachine.make({ token, requestsPerSecond: 1000, ...options }))

export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | undefined
}

export type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** A provider before a service that answers as told, by the request's place in the row, and what was sent to it. */
const before =
  <O, P>(make: (options: O) => Effect.Effect<P, Config.ConfigError, HttpClient.HttpClient>) =>
  (answer: (sent: Sent, n: number) => Answer, options?: Partial<O>) => {
    const sent: Array<Sent> = []
    const client = HttpClient.make((request, url) =>
      Effect.sync(() => {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : undefined
        const one = { method: request.method, url, headers: request.headers, body }
        sent.push(one)
        const [status, json, headers] = answer(one, sent.length - 1)
        const text = typeof json === "string" ? json : JSON.stringify(json)
        return HttpClientResponse.fromWeb(
          request,
          new Response(status === 204 ? null : text, { status, headers: { ...headers } })
        )
      })
    )
    const made = make({ token, requestsPerSecond: 1000, retries: 0, ...options } as O) // a token is all that either wants
    return Effect.map(
      Effect.provideService(Effect.orDie(made), HttpClient.HttpClient, client),
      (provider) => ({ provider, sent })
    )
  }

export const lumaBefore = before<Luma.Options, Luma.Luma["Service"]>(Luma.make)
export const dreamMachineBefore = before<DreamMachine.Options, DreamMachine.DreamMachine["Service"]>(DreamMachine.make)

/** A generation as the guides print one, but for what is told. */
export const generation = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  type: "video",
  state: "queued",
  model: "ray-3.2",
  created_at: "2026-04-08T12:00:00Z",
  output: [],
  failure_reason: null,
  failure_code: null,
  ...more
})

/** A generation of Dream Machine as its document prints one, but for what is told. */
export const dreamt = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  generation_type: "video",
  state: "queued",
  failure_reason: null,
  created_at: "2023-06-01T12:00:00Z",
  assets: null,
  model: "ray-2",
  request: { prompt: "A serene lake", aspect_ratio: "16:9", loop: true },
  ...more
})
