import { assert } from "@effect/vitest"
import { Emulator, type Fixtures } from "@media-jobs/testing"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

export const inMemory = (options?: Emulator.Options) =>
  Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options))))

export interface Asked {
  readonly token?: string
  readonly origin?: string
  readonly body?: Schema.Json
  readonly file?: { readonly type: string; readonly chunks: ReadonlyArray<Uint8Array> }
}

/** One request as a client would make it; `path` is sent as it stands. */
export const ask = Effect.fnUntraced(function*(
  method: "GET" | "HEAD" | "POST" | "DELETE",
  path: string,
  { body, file, origin = "https://api.useapi.net", token = Emulator.token }: Asked = {}
) {
  const request = HttpClientRequest.make(method)(origin + path).pipe(HttpClientRequest.bearerToken(token))
  const response = yield* HttpClient.execute(
    file !== undefined
      ? HttpClientRequest.bodyStream(request, Stream.fromIterable(file.chunks), { contentType: file.type })
      : body !== undefined
      ? HttpClientRequest.bodyJsonUnsafe(request, body)
      : request
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

interface Answer {
  readonly status: number
  readonly json: Schema.Json
}

/** Keys in order and types of values, for comparing an answer with a document field for field. */
export const shape = (json: Schema.Json): unknown => {
  if (json === null || typeof json !== "object") return json === null ? "null" : typeof json
  return Array.isArray(json) ? json.map(shape) : Object.entries(json).map(([key, value]) => [key, shape(value)])
}

export const like = (answer: Answer, fixture: Fixtures.Fixture) => {
  assert.strictEqual(answer.status, fixture.status)
  assert.deepStrictEqual(shape(answer.json), shape(fixture.json))
}

export const same = (answer: Answer, fixture: Fixtures.Fixture) =>
  assert.deepStrictEqual(answer, { status: fixture.status, json: fixture.json })

/** An id as it travels: RFC 3986, with `:` and `@` left alone. */
export const encodeId = (id: string): string => encodeURIComponent(id).replaceAll("%3A", ":").replaceAll("%40", "@")

export const jobPath = (id: string): string => `/v1/luma/jobs/${encodeId(id)}`
