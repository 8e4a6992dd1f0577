import { Emulator } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

export interface Asked {
  readonly token?: string
  readonly origin?: string
  readonly body?: Schema.Json
}

/** One request as a client would make it; `path` is sent as it stands. */
export const ask = Effect.fnUntraced(function*(
  method: "GET" | "POST" | "DELETE",
  path: string,
  { body, origin = "https://api.useapi.net", token = Emulator.token }: Asked = {}
) {
  const request = HttpClientRequest.make(method)(origin + path).pipe(HttpClientRequest.bearerToken(token))
  const response = yield* HttpClient.execute(
    body === undefined ? request : HttpClientRequest.bodyJsonUnsafe(request, body)
  )
  const text = yield* response.text
  return { status: response.status, headers: response.headers, text }
})

/** As `ask`, where the answer is JSON. */
export const askJson = Effect.fnUntraced(function*(...asked: Parameters<typeof ask>) {
  const { status, text } = yield* ask(...asked)
  const json: Schema.Json = JSON.parse(text)
  return { status, json }
})

/** An id as it travels: RFC 3986, with `:` and `@` left alone. */
export const encodeId = (id: string): string => encodeURIComponent(id).replaceAll("%3A", ":").replaceAll("%40", "@")

export const jobPath = (id: string): string => `/v1/luma/jobs/${encodeId(id)}`
