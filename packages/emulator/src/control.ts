/**
 * The emulator's own endpoint beside the services, for tests in any language.
 *
 * - `POST /-/faults` and `POST /-/webhook-faults`: one rule, or a list of them; 204, or 400 with why not.
 * - `DELETE /-/faults`: lifts all faults of requests.
 * - `GET /-/requests`: what was asked, without headers. `GET /-/calls`: which webhooks were called.
 */
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Rules from "./rules.ts"

const many = <S extends Schema.Constraint>(rule: S) => Schema.Union([rule, Schema.Array(rule)])
const decoder = <S extends Schema.ConstraintDecoder<unknown>>(rule: S) =>
  Schema.decodeUnknownEffect(many(rule), { onExcessProperty: "error" })
const faults = decoder(Rules.Fault)
const webhookFaults = decoder(Rules.WebhookFault)

const done = Effect.succeed(HttpServerResponse.empty({ status: 204 }))

/** Without headers, which hold tokens. */
const requested = ({ at, body, bytes, host, method, operation, status, url }: Emulator.Entry) => ({
  at,
  method,
  host,
  url,
  operation,
  status,
  body,
  bytes
})

const answer = (
  request: HttpServerRequest.HttpServerRequest,
  emulator: Emulator.Kernel["Service"]
) => {
  switch (`${request.method} ${request.url}`) {
    case "POST /-/faults":
      return request.json.pipe(
        Effect.flatMap(faults),
        Effect.flatMap((rules) => emulator.inject(...[rules].flat().map(Rules.ofFault))),
        Effect.andThen(done)
      )
    case "DELETE /-/faults":
      return Effect.andThen(emulator.heal, done)
    case "POST /-/webhook-faults":
      return request.json.pipe(
        Effect.flatMap(webhookFaults),
        Effect.flatMap((rules) => emulator.injectWebhook(...[rules].flat().map(Rules.ofWebhookFault))),
        Effect.andThen(done)
      )
    case "GET /-/requests":
      return Effect.map(emulator.journal, (journal) => HttpServerResponse.jsonUnsafe(journal.map(requested)))
    case "GET /-/calls":
      return Effect.map(emulator.called, (called) => HttpServerResponse.jsonUnsafe(called))
    default:
      return Effect.succeed(HttpServerResponse.jsonUnsafe({ error: "No such control" }, { status: 404 }))
  }
}

/** A server of the program's that answers at `/-/` itself. */
export const layer: Layer.Layer<HttpServer.HttpServer, never, HttpServer.HttpServer | Emulator.Kernel> = Layer.effect(
  HttpServer.HttpServer,
  Effect.gen(function*() {
    const server = yield* HttpServer.HttpServer
    const emulator = yield* Emulator.Kernel
    return HttpServer.make({
      address: server.address,
      serve: (services, middleware) => {
        const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
          request.url.startsWith("/-/")
            ? Effect.catch(answer(request, emulator), ({ message }) =>
              Effect.succeed(HttpServerResponse.jsonUnsafe({ error: message }, { status: 400 })))
            : services)
        return middleware === undefined ? server.serve(app) : server.serve(app, middleware)
      }
    })
  })
)
