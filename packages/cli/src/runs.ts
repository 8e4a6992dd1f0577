/** The front door, for providers that are already made. */
import type * as Job from "@media-jobs/core/Job"
import type * as Provider from "@media-jobs/core/Provider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as MediaJobs from "media-jobs/MediaJobs"
import type * as Files from "./files.ts"
import type * as Session from "./session.ts"

/** The runs of providers that are already made, which finish jobs as their submits asked. */
export const make = Effect.fnUntraced(function*(
  { ledger, outages }: Session.Session,
  files: Files.Files,
  providers: ReadonlyArray<Provider.Any>
) {
  const keyOf = ({ id }: Provider.Any) => Context.Service<never, MediaJobs.Runnable>(`media-jobs/${id}`)
  const tags = Object.fromEntries(providers.map((provider) => [provider.id, keyOf(provider)]))
  const context = Context.mergeAll(
    // Whatever submits can be waited for as well.
    ...providers.map((provider) =>
      Context.make(keyOf(provider), outages.observe(provider) as Provider.Any & MediaJobs.Runnable)
    )
  )
  return yield* Effect.provideContext(
    MediaJobs.make(tags, {
      finish: Effect.fnUntraced(function*(job: Job.Succeeded, key: string) {
        const folder = yield* ledger.folderOf(key)
        const provider = providers.find(({ id }) => id === job.provider)
        return folder === undefined || provider === undefined ? [] : yield* files.save(job, folder, provider)
      })
    }),
    context
  )
})
