/** How much memory a file takes on its way from a link to the disk. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ArtifactStore from "@media-jobs/artifacts/ArtifactStore"
import * as Artifact from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Measured } from "../measured.ts"
import * as Memory from "../memory.ts"
import * as Workload from "../workload.ts"

const gigabyte = 1e9

const jobOf = (index: number, url: string): Job.Succeeded =>
  new Job.Job({
    id: JobId.make(Workload.idOf(index)),
    provider: ProviderId.make("useapi-luma"),
    instance: ProviderId.defaultInstance,
    observedAt: DateTime.makeUnsafe(0),
    state: { _tag: "Succeeded", artifacts: [new Artifact.Artifact({ kind: "video", role: "primary", url })] }
  }) as Job.Succeeded // by its state

export const measure = async (base: string): Promise<ReadonlyArray<Measured>> => {
  const runtime = ManagedRuntime.make(
    Layer.unwrap(Effect.gen(function*() {
      const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      return ArtifactStore.layer({ directory, allowPrivate: true })
    })).pipe(Layer.provideMerge(FetchHttpClient.layer), Layer.provideMerge(NodeServices.layer))
  )
  const save = async (index: number, bytes: number) => {
    const [saved] = await runtime.runPromise(ArtifactStore.save(jobOf(index, `${base}/${bytes}`)))
    if (saved?.bytes !== bytes) throw new Error("The file is not whole")
  }
  // What the code itself takes, the program has once.
  await save(0, 16e6)
  const startedAt = performance.now()
  const value = await Memory.growth(() => save(1, gigabyte))
  const seconds = (performance.now() - startedAt) / 1000
  await runtime.dispose()
  return [{ key: "save_growth", value, note: `hashed, on the disk and renamed in ${seconds.toFixed(1)} s` }]
}
