/**
 * The same inside a plain fetch framework: Hono answers, one `ManagedRuntime` holds the waits and the webhooks.
 *
 * `USEAPI_TOKEN=… WEBHOOKS_URL=https://…/webhooks WEBHOOKS_KEYS=… node examples/hono.ts`; `PORT` is 8080 unless set.
 */
import { serve } from "@hono/node-server"
import { JobId } from "@media-jobs/core"
import { Poller, Pollers } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Effect, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"
import { Hono } from "hono"

const Hooks = Layer.unwrap(Effect.map(Luma.Luma, (luma) => Webhooks.layer({ sources: [luma] })))

const runtime = ManagedRuntime.make(
  Hooks.pipe(
    Layer.provideMerge(Pollers.layer()),
    Layer.provideMerge(Luma.layerConfig()),
    Layer.provideMerge(Signer.layerConfig()),
    Layer.provide(FetchHttpClient.layer)
  )
)

const submit = (prompt: string) =>
  Effect.gen(function*() {
    const luma = yield* Luma.Luma
    const submission = yield* luma.submit(Luma.video({ prompt }))
    runtime.runFork(
      Poller.await(luma, submission).pipe(
        Effect.match({
          onFailure: ({ message }) => console.error(message),
          onSuccess: ([{ id, state }]) => console.log(`${JobId.fingerprint(id)}  ${state._tag}`)
        })
      )
    )
    return JobId.fingerprint(submission.ids[0])
  })

const handle = await runtime.runPromise(Webhooks.handler)
const app = new Hono()
  .post("/webhooks/*", (c) => handle(c.req.raw))
  .post("/videos", (c) =>
    runtime.runPromise(
      submit(c.req.query("prompt") ?? "a lighthouse in the rain").pipe(
        Effect.match({
          onFailure: ({ _tag }) => c.text(_tag, _tag === "InvalidRequest" ? 400 : 502),
          onSuccess: (job) => c.text(job, 202)
        })
      )
    ))

const port = Number(process.env["PORT"] ?? 8080)
serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => console.log(`Listening on http://127.0.0.1:${port}`))
