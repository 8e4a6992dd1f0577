/**
 * Takes reports, and looks by itself where none came: the second of two functions that hold nothing between calls.
 *
 * A POST is a webhook: it is verified, and the service asked with the token for the job that it names. A GET with a sealed `handle`
 * is one look, for a queue or a timer that calls again after `again` milliseconds, with what the look before has `known`:
 * webhooks get lost.
 */
import { type Job, JobId } from "@media-jobs/core"
import { Poller } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer, Webhooks } from "@media-jobs/webhooks"
import { Console, Duration, Effect, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"
import { Sealing } from "./sealing.ts"

const Hooks = Layer.unwrap(Effect.map(Luma.Luma, (luma) => Webhooks.layer({ sources: [luma] })))
const runtime = ManagedRuntime.make(
  Hooks.pipe(
    Layer.provideMerge(Luma.layerConfig()),
    Layer.provideMerge(Layer.merge(Signer.layerConfig(), Sealing.layer)),
    Layer.provide(FetchHttpClient.layer)
  )
)

/** What the holder of a job's handle may see of it. */
const view = (job: Job.Job) => ({
  state: job.state._tag,
  links: job.is("Succeeded") ? job.state.artifacts.map(({ url }) => url) : []
})

/** The caller learns nothing: what the service told of the jobs is for the application alone, here its log. */
const report = (request: Request) =>
  Webhooks.receive(request).pipe(
    Effect.tap(({ jobs }) =>
      Effect.forEach(jobs, ({ id, state }) => Console.log(`${JobId.fingerprint(id)}  ${state._tag}`))
    ),
    Effect.as(new Response(null, { status: 200 })),
    Effect.catch(({ status }) => Effect.succeed(new Response(null, { status })))
  )

const look = ({ searchParams }: URL) =>
  Effect.gen(function*() {
    const luma = yield* Luma.Luma
    const { open, openText, sealText } = yield* Sealing
    const known = searchParams.get("known")
    const { again, job, state } = yield* Poller.step(luma, yield* open(searchParams.get("handle") ?? ""), {
      state: known === null ? undefined : yield* openText(known),
      // A little less than such a function may run.
      within: "8 seconds"
    })
    return Response.json({
      ...view(job),
      again: again === undefined ? null : Duration.toMillis(again),
      known: yield* sealText(state)
    })
  }).pipe(
    Effect.catch(({ _tag, message }) =>
      Effect.succeed(new Response(message, { status: _tag === "InvalidHandle" ? 400 : 502 }))
    )
  )

export default {
  fetch: (request: Request): Promise<Response> =>
    runtime.runPromise(
      request.method === "POST" ? report(request) : look(new URL(request.url))
    )
}
