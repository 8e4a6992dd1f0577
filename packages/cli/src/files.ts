/** What jobs made, in folders. */
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import type * as Progress from "@media-jobs/artifacts/Progress"
import type * as Job from "@media-jobs/core/Job"
import type * as Provider from "@media-jobs/core/Provider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Session } from "./session.ts"
import { Surface } from "./surface.ts"

/** Saves into any folder, each with a store of its own for the time of the scope. */
export const make = Effect.fnUntraced(function*({ configuration: { variables } }: Session) {
  const path = yield* Path.Path
  const { cwd } = yield* Surface
  let told: (progress: Progress.Progress) => Effect.Effect<void> = () => Effect.void
  const stores = new Map<string, ArtifactStore.ArtifactStore["Service"]>()
  const context = yield* Effect.context<
    FileSystem.FileSystem | HttpClient.HttpClient | Path.Path | Scope.Scope
  >()
  const scope = yield* Effect.scope
  const storeIn = Effect.fnUntraced(function*(folder: string) {
    const directory = path.resolve(cwd, folder)
    const known = stores.get(directory)
    if (known !== undefined) return known
    const allowPrivate = variables["ARTIFACTS_ALLOW_PRIVATE"] === "true"
    const built = yield* Effect.provideContext(Layer.build(ArtifactStore.layer({ directory, allowPrivate })), context)
    const store = Context.get(built, ArtifactStore.ArtifactStore)
    stores.set(directory, store)
    yield* Scope.provide(Effect.forkScoped(Stream.runForEach(store.progress, (one) => told(one))), scope)
    return store
  })
  return {
    /** Who is told how far files are. */
    tell: (to: (progress: Progress.Progress) => Effect.Effect<void>) => Effect.sync(() => void (told = to)),
    /** Finds out whether a folder can be written, before anything is paid for that is to be saved there. */
    open: (folder: string) => Effect.asVoid(storeIn(folder)),
    /** What is saved of a job already. */
    saved: (job: Job.Job, folder: string) => Effect.flatMap(storeIn(folder), (store) => store.saved(job)),
    save: (job: Job.Succeeded, folder: string, provider: Provider.Any) =>
      Effect.flatMap(storeIn(folder), (store) => store.save(job, { providers: [provider] }))
  }
})

export type Files = Effect.Success<ReturnType<typeof make>>
