/**
 * Submits, and lives no longer: the first of two functions that hold nothing between calls. What it answers with, the job's
 * handle, is all that anybody needs to go on; the job itself reports to `report.ts`.
 *
 * A `fetch` handler as Workers, Deno, Bun and most platforms take one. It wants USEAPI_TOKEN, WEBHOOKS_URL (where `report.ts`
 * is reached) and WEBHOOKS_KEYS.
 */
import { Handle } from "@media-jobs/core"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer } from "@media-jobs/webhooks"
import { Effect, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"

const runtime = ManagedRuntime.make(
  Luma.layerConfig().pipe(Layer.provideMerge(Signer.layerConfig()), Layer.provide(FetchHttpClient.layer))
)

const submit = (prompt: string) =>
  Effect.gen(function*() {
    const luma = yield* Luma.Luma
    const submission = yield* luma.submit(Luma.video({ prompt }))
    return new Response(Handle.toText(submission.handles[0]), { status: 202 })
  }).pipe(
    Effect.catch(({ _tag, message }) =>
      Effect.succeed(new Response(message, { status: _tag === "InvalidRequest" ? 400 : 502 }))
    )
  )

export default {
  fetch: (request: Request): Promise<Response> =>
    runtime.runPromise(submit(new URL(request.url).searchParams.get("prompt") ?? "a lighthouse in the rain"))
}
