/** Asks the service for as many jobs as its argument says, and says when they are submitted and how each ended. */
import { NodeRuntime } from "@effect/platform-node"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { Luma } from "@media-jobs/useapi-luma"
import { Console, Effect } from "effect"
import { Media, MediaLive } from "./service.ts"

const jobs = Number(process.argv[2] ?? 12)

const program = Effect.gen(function*() {
  const { dreamina, luma, replicate } = yield* Media
  const submits = Array.from({ length: jobs }, (_, index) => {
    const [key, prompt] = [`job-${index}`, `lighthouse ${index}`]
    const ended = Effect.andThen(({ files }: { readonly files: ReadonlyArray<unknown> }) =>
      Console.log(`ended ${key}, files: ${files.length}`)
    )
    switch (index % 3) {
      case 0: {
        const request = { model: "black-forest-labs/flux-schnell", input: { prompt } }
        return Effect.as(replicate.submit(request, { key }), ended(replicate.wait(key)))
      }
      case 1:
        return Effect.as(luma.submit(Luma.video({ prompt }), { key }), ended(luma.wait(key)))
      default:
        return Effect.as(dreamina.submit(Dreamina.video({ prompt }), { key }), ended(dreamina.wait(key)))
    }
  })
  const waits = yield* Effect.all(submits, { concurrency: "unbounded" })
  yield* Console.log("submitted")
  yield* Effect.all(waits, { concurrency: "unbounded", discard: true })
})

program.pipe(Effect.provide(MediaLive), NodeRuntime.runMain)
