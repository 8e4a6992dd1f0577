import { assert, describe, it } from "@effect/vitest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { adapters, ledger, machine, Media, passing, process, unfinished } from "./support.ts"

const video = Luma.video({ prompt: "a lighthouse in the rain" })
const run = Media.use(({ luma }) => luma.run(video, { key: "k" }))

class Full extends Data.TaggedError("Full")<{}> {}
class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}
class Target extends Context.Service<Target, { readonly name: string }>()("test/Target") {}

describe("finish", () => {
  it.effect("is the application's own, with what it needs, for each job once", () =>
    Effect.gen(function*() {
      const here = machine()
      const finished: Array<string> = []
      const finish = (job: { readonly id: string }, key: string) =>
        Target.use(({ name }) => Effect.sync(() => void finished.push(`${name} ${key} ${job.id}`)))
      const { files, jobs } = yield* process(here, { finish })(passing(run)).pipe(
        Effect.provideService(Target, { name: "bucket" })
      )
      assert.deepStrictEqual(files, [])
      assert.deepStrictEqual(finished, [`bucket k ${jobs[0]?.id}`])
      yield* process(here, { finish })(passing(run)).pipe(Effect.provideService(Target, { name: "bucket" }))
      assert.strictEqual(finished.length, 1)
      assert.strictEqual(here.files.size, 0)
    }).pipe(Effect.provide(adapters)))

  it.effect("that fails leaves the job to the same key, or the next start, which submits nothing", () =>
    Effect.gen(function*() {
      const here = machine()
      let times = 0
      const finish = () => Effect.suspend(() => ++times < 3 ? Effect.fail(new Full()) : Effect.void)
      yield* process(here, { finish })(Effect.gen(function*() {
        const error = yield* passing(Effect.flip(run))
        assert.strictEqual(error._tag, "FinishFailed")
        if (error._tag !== "FinishFailed") return
        assert.strictEqual(error.key, "k")
        assert.deepStrictEqual(error.jobs.map(({ state }) => state._tag), ["Succeeded"])
        assert.strictEqual(error.remedy._tag, "Retry")
        for (const shown of [JSON.stringify(error), inspect(error), String(error)]) {
          for (const { id } of error.jobs) assert.notInclude(shown, id)
        }
        assert.strictEqual((yield* passing(Effect.flip(run)))._tag, "FinishFailed")
      }))
      assert.notDeepEqual(unfinished(here), [])
      yield* process(here, { finish })(passing(run))
      assert.deepStrictEqual(unfinished(here), [])
      const emulator = yield* Emulator.Emulator
      assert.strictEqual(yield* emulator.count("useapi-luma.video"), 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("that failed beside a failed job, or died, is tried again under the same key", () =>
    Effect.gen(function*() {
      const service = (yield* Emulator.Emulator).services["useapi-luma"]
      for (const broken of [Effect.fail(new Full()), Effect.die("broken")]) {
        const here = machine()
        const finished: Array<string> = []
        let isBroken = true
        const finish = (job: { readonly id: string }) =>
          Effect.suspend(() => isBroken ? broken : Effect.sync(() => void finished.push(job.id)))
        yield* process(here, { finish })(Effect.gen(function*() {
          const { luma } = yield* Media
          const images = Luma.image({ prompt: "x" })
          const { handles } = yield* luma.submit(images, { key: "k" })
          yield* service.change(handles[0].id, { outcome: "failed" })
          yield* passing(Effect.exit(luma.run(images, { key: "k" })))
          isBroken = false
          assert.strictEqual((yield* passing(Effect.flip(luma.run(images, { key: "k" }))))._tag, "JobFailed")
          assert.deepStrictEqual(finished.toSorted(), handles.slice(1).map(({ id }) => id as string).toSorted())
        }))
        assert.deepStrictEqual(unfinished(here), [])
      }
    }).pipe(Effect.provide(adapters)))

  it.effect("that failed is not tried again by a look at the run", () =>
    Effect.gen(function*() {
      let times = 0
      const finish = () => Effect.andThen(Effect.sync(() => times++), Effect.fail(new Full()))
      yield* process(machine(), { finish })(Effect.gen(function*() {
        const { luma } = yield* Media
        yield* passing(Effect.flip(run))
        for (const _ of [1, 2]) {
          const seen = yield* passing(Stream.runCollect(luma.watch("k")))
          assert.deepStrictEqual(seen.map(({ error, phase }) => [phase, error?._tag]), [["failed", "FinishFailed"]])
        }
        assert.strictEqual(times, 1)
      }))
    }).pipe(Effect.provide(adapters)))

  it.effect("is not done again for a handle of which the ledger says that it was", () =>
    Effect.gen(function*() {
      const here = machine()
      let times = 0
      const finish = () => Effect.sync(() => void times++)
      const { handles } = yield* process(here, { finish })(passing(Effect.gen(function*() {
        const { luma } = yield* Media
        const submitted = yield* luma.submit(video)
        yield* luma.wait(submitted.key)
        return submitted
      })))
      yield* process(here, { finish })(passing(Media.use(({ luma }) => {
        const wait = luma.wait(handles[0])
        return Effect.all([wait, wait], { concurrency: 2 })
      })))
      assert.strictEqual(times, 1)
    }).pipe(Effect.provide(adapters)))

  it.effect("whose reason holds a secret is told without it", () =>
    Effect.gen(function*() {
      for (
        const [secret, reason] of [
          ["5f2c9ab1c0", "PUT https://bucket.example/a.mp4?X-Amz-Signature=5f2c9ab1c0 failed"],
          ["jane@example.com", "no bucket of jane@example.com"],
          ["sk-hunter2hunter2", "Bearer sk-hunter2hunter2 was refused"]
        ] as const
      ) {
        const finish = () => Effect.fail(new Refused({ message: reason }))
        const { message } = yield* process(machine(), { finish })(passing(Effect.flip(run)))
        assert.notInclude(message, secret)
        assert.match(message, /could not be finished.* (failed|bucket|refused)/)
      }
    }).pipe(Effect.provide(adapters)))

  it.effect("says once at the start that nothing is saved, where there is neither a store nor a word", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      const start = (options?: { readonly finish: () => Effect.Effect<void> }) =>
        Effect.provide(run, Layer.provide(Media.layer(options), Layer.merge(ledger(machine()), logger)))
      yield* passing(start())
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], "provide an ArtifactStore")
      yield* passing(start({ finish: () => Effect.void }))
      assert.strictEqual(lines.length, 1)
    }).pipe(Effect.provide(adapters)))
})

describe("telemetry", () => {
  it.effect("a run is one span from submit to saved, below that of its caller, without an id", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const { jobs } = yield* passing(
        process(machine())(Effect.withSpan(run, "the caller")).pipe(
          Effect.withSpan("the layer"),
          Effect.provideService(Tracer.Tracer, tracer)
        )
      )
      const nameOf = (span: Tracer.AnySpan | undefined) => span instanceof Tracer.NativeSpan ? span.name : undefined
      const named = (name: string) => spans.filter((span) => span.name === name)
      const [whole, ...more] = named("MediaJobs.run")
      assert.deepStrictEqual(more, [])
      assert.strictEqual(nameOf(whole?.parent._tag === "Some" ? whole.parent.value : undefined), "the caller")
      assert.strictEqual(whole?.status._tag, "Ended")
      const parentOf = (name: string) => {
        let span: Tracer.AnySpan | undefined = named(name)[0]
        while (span instanceof Tracer.NativeSpan && span !== whole && span.parent._tag === "Some") {
          span = span.parent.value
        }
        return span
      }
      for (const name of ["useapi-luma.submit", "ArtifactStore.save"]) assert.strictEqual(parentOf(name), whole, name)
      const told = spans.flatMap((span) => [span.name, ...Array.from(span.attributes.values(), String)]).join(" ")
      for (const { id } of jobs) assert.notInclude(told, id)
    }).pipe(Effect.provide(adapters)))

  it.effect("counts submits by outcome, saves and their bytes", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject(
        { operation: "useapi-luma.video", fault: Faults.status(402), times: 1 },
        { operation: "useapi-luma.video", fault: Faults.dropReply, times: 1 }
      )
      yield* process(machine())(Effect.gen(function*() {
        const { luma } = yield* Media
        yield* passing(Effect.ignore(luma.run(video)))
        yield* passing(luma.run(video))
        yield* passing(luma.run(video))
      }))
      const counts = (yield* Metric.snapshot).flatMap(({ attributes, id, state }) =>
        /^media_jobs_(submits|finished|saved)/.test(id) && "count" in state
          ? [`${id} ${attributes?.["outcome"] ?? ""} ${state.count}`]
          : []
      ).toSorted()
      assert.deepStrictEqual(counts.filter((line) => line.includes("submits")), [
        "media_jobs_submits accepted 1",
        "media_jobs_submits refused 1",
        "media_jobs_submits uncertain 1"
      ])
      assert.deepStrictEqual(counts.filter((line) => line.includes("finished")), ["media_jobs_finished done 2"])
      assert.isTrue(counts.some((line) => /saved_bytes {2}[1-9]\d+/.test(line)), counts.join("\n"))
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()), Effect.provide(adapters)))
})
