/**
 * An answer of the emulator, before it becomes bytes.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * Status, headers and body text; of a file, its `bytes`; of an answer that goes on, its `tail`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly bytes?: Uint8Array | undefined
  readonly tail?: Stream.Stream<string> | undefined
}

/**
 * A JSON answer.
 *
 * @since 0.1.0
 * @category constructors
 */
export const json = (status: number, body: Schema.Json, headers?: Reply["headers"]): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body)
})

/**
 * The plainest form of an error, `{ "error": message }`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const error = (status: number, message: string, headers?: Reply["headers"]): Reply =>
  json(status, { error: message }, headers)

/**
 * A page as proxies and load balancers make it, which is not the service speaking.
 *
 * @since 0.1.0
 * @category constructors
 */
export const html = (status: number, title: string): Reply => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<html>\n<head><title>${status} ${title}</title></head>\n<body><h1>${status} ${title}</h1></body>\n</html>\n`
})

/**
 * An answer without a body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const empty = (status: number, headers?: Reply["headers"]): Reply => ({
  status,
  headers: { ...headers },
  body: ""
})
