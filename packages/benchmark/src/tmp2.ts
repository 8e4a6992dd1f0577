import * as Job from "@media-jobs/core/Job"
import { JobId } from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Submission from "@media-jobs/core/Submission"
import * as StoredLedger from "@media-jobs/ledger/StoredLedger"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { Feed } from "../../media-jobs/src/internal/feed.ts"
import { LiveRun } from "../../media-jobs/src/internal/liveRun.ts"
import * as RunKey from "../../media-jobs/src/internal/runKey.ts"

const N = 3000
const provider = ProviderId.make("useapi-luma"), instance = ProviderId.defaultInstance
const at = DateTime.makeUnsafe(1795701290603)
const sent = { provider, instance, submittedAt: at, kind: "video", account: "user@example.com" } as const
const link = (
  r: string
) => ({
  kind: "video",
  role: r,
  url: "https://cdn.example.com/00000000-0000-4000-8000-000000000000/video.mp4",
  width: 1280,
  height: 720,
  label: r
} as any)
const job = (id: JobId) =>
  new Job.Job({
    id,
    provider,
    instance,
    kind: "video",
    account: "user@example.com",
    state: { _tag: "Succeeded", artifacts: ["primary", "thumbnail", "last-frame"].map(link) },
    observedAt: at,
    createdAt: at,
    updatedAt: at,
    providerStatus: "completed"
  })
const ids = Array.from({ length: N }, (_, i) => JobId.make(`j${i}-user@example.com`))
const jobs = ids.map(job)
const t = async (name: string, f: (i: number) => Effect.Effect<unknown, unknown, never> | unknown) => {
  for (let round = 0; round < 2; round++) {
    const before = process.cpuUsage()
    const from = performance.now()
    await Effect.runPromise(Effect.gen(function*() {
      for (let i = 0; i < N; i++) {
        const e = f(i)
        if (Effect.isEffect(e)) yield* e as any
      }
    }) as any)
    const cpu = process.cpuUsage(before)
    if (round === 1) {
      console.log(
        name.padEnd(30),
        ((performance.now() - from) / N * 1000).toFixed(1),
        "µs",
        ((cpu.user + cpu.system) / N).toFixed(1)
      )
    }
  }
}
const ledger = await Effect.runPromise(Effect.provide(Ledger.Ledger as any, StoredLedger.layerMemory)) as Ledger.Ledger
const intents = ids.map((_, i) => new Ledger.Intent({ ...sent, key: `k${i}`, digest: "0123456789012345678901" }))
const { handles } = { handles: ids.map((id) => new Submission.Submission({ ...sent, ids: [id] }).handles[0]) }
await t("new Intent", (i) => new Ledger.Intent({ ...sent, key: `k${i}`, digest: "d" }))
await t("find miss", (i) => ledger.find(`x${i}`))
await t("intend", (i) => ledger.intend(intents[i]!))
await t("submitted", (i) => ledger.submitted(intents[i]!, [ids[i]!]))
await t("find hit", (i) => ledger.find(`k${i}`))
for (let i = 0; i < N; i++) await Effect.runPromise(ledger.submitted(intents[i]!, [ids[i]!]))
{
  const before = process.cpuUsage()
  await Effect.runPromise(Effect.forEach(handles, (h, i) => ledger.done(h, jobs[i])))
  const cpu = process.cpuUsage(before)
  console.log("done", (cpu.user + cpu.system) / N)
}
await t(
  "digest",
  (i) => RunKey.digest({ id: provider, instance } as any, { _tag: "video", prompt: `a lighthouse ${i}` }, undefined)
)
await t("key", () => RunKey.make({ id: provider, instance } as any, undefined))
await t("alone", (i) => new Submission.Submission({ ...sent, ids: [ids[i]!] }))
await t("LiveRun", (i) => new LiveRun(`k${i}`, "luma", "d", new Feed()))
await t("span", () => Effect.withSpan(Effect.void, "MediaJobs.run", { attributes: { a: 1 } }))
