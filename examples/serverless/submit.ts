/**
 * Submits, and lives no longer: the first of two functions that hold nothing between calls. What it answers with, the job's
 * sealed handle, is all that its holder needs to go on, and tells nothing of the job; the job itself reports to `report.ts`.
 *
 * A `fetch` handler as Workers, Deno, Bun and most platforms take one. It wants USEAPI_TOKEN, WEBHOOKS_URL (where `report.ts`
 * is reached), WEBHOOKS_KEYS, and MEDIA_JOBS_SECRET of `openssl rand -base64 32`.
 */
import { Luma } from "@media-jobs/useapi-luma"
import { Signer } from "@media-jobs/webhooks"
import { Effect, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"
import { Sealing } from "./sealing.ts"

const runtime = ManagedRuntime.make(
  Luma.layerConfig().pipe(
    Layer.provideMerge(Layer.merge(Signer.layerConfig(), Sealing.layer)),
    Layer.provide(FetchHttpClient.layer)
  )
)

const submit = (prompt: string) =>
  Effect.gen(function*() {
    const luma = yield* Luma.Luma
    const submission = yield* luma.submit(Luma.video({ prompt }))
    const sealing = yield* Sealing
    return new Response(yield* sealing.seal(submission.handles[0]), { status: 202 })
  }).pipe(
    Effect.catch(({ _tag, message }) =>
      Effect.succeed(new Response(message, { status: _tag === "InvalidRequest" ? 400 : 502 }))
    )
  )

export default {
  fetch: (request: Request): Promise<Response> =>
    runtime.runPromise(submit(new URL(request.url).searchParams.get("prompt") ?? "a lighthouse in the rain"))
}
