import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
import { Effect, Fiber, Predicate, type Schema } from "effect"
import { cluster } from "./cluster.ts"
import { answers } from "./postgres.ts"
import { emulator, start } from "./processes.ts"
import { client, folder, Media } from "./support.ts"

const keys = Array.from({ length: 6 }, (_, n) => `job-${n}`)
const SLOTS = "2"
const promptOf = (input: Schema.Json) => Predicate.hasProperty(input, "prompt") ? input.prompt : undefined

/** A service that lets run what comes, and says late that it took a job. */
const services = (life: `${number} seconds`) =>
  emulator({
    services: {
      replicate: ReplicateEmulator.service({ life, creates: 1e6, others: 1e6, echoesWebhook: true }),
      "useapi-luma": UseapiLumaEmulator.service()
    },
    faults: [{ operation: "replicate.model", fault: Faults.slow("500 millis") }]
  })

const submitted = (submits: number) =>
  Effect.flatMap(Emulator.Emulator, ({ count }) =>
    Effect.repeat(Effect.sleep("5 millis"), {
      until: () => Effect.map(count("replicate.model"), (made) => made >= submits)
    }))

/** What was paid for, and how many of it ran at the service at once, at most. */
const paid = Effect.gen(function*() {
  const jobs = yield* (yield* Emulator.Emulator).services.replicate.jobs
  const running = jobs.map(({ createdAt }) =>
    jobs.filter((job) => job.createdAt <= createdAt && createdAt < job.endsAt).length
  )
  return { prompts: jobs.map(({ input }) => promptOf(input)).toSorted(), atOnce: Math.max(...running) }
})

// Where a kill meets a submit on its way, half a minute shows that it never began; and there are two kills.
describe("an account that runs two jobs at once", { timeout: 180_000, concurrent: true }, () => {
  it.live.skipIf(!answers)(
    "runs two on three machines, also as the one that holds the slots dies, before or after the replies",
    () =>
      Effect.gen(function*() {
        const { runners, url, working } = yield* cluster(3, { SLOTS })
        const asking = yield* Effect.forkChild(
          client(url)(
            Media.use(({ replicate }) =>
              Effect.forEach(
                keys,
                (key) => replicate.run({ model: "black-forest-labs/flux-schnell", input: { prompt: key } }, { key }),
                {
                  concurrency: "unbounded"
                }
              )
            )
          )
        )
        yield* submitted(2)
        const first = yield* working()
        yield* first.kill
        const others = runners.filter((one) => one !== first)
        const second = yield* working(others)
        yield* submitted(4)
        yield* second.says("running", 4)
        yield* second.kill
        assert.deepStrictEqual((yield* Fiber.join(asking)).map(({ files }) => files.length), keys.map(() => 1))
        assert.deepStrictEqual(yield* paid, { prompts: keys, atOnce: 2 })
      }).pipe(Effect.provide(services("12 seconds")))
  )

  it.live("runs two on one machine, also as its process dies and the next one goes on", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const machine = start("machine", cwd, { KEYS: keys.join(), SLOTS })
      for (const submits of [2, 4]) {
        yield* Effect.scoped(Effect.flatMap(machine, ({ kill }) => Effect.andThen(submitted(submits), kill)))
      }
      const { code, error } = yield* Effect.scoped(Effect.flatMap(machine, ({ finished }) => finished))
      assert.strictEqual(code, 0, error)
      assert.deepStrictEqual(yield* paid, { prompts: keys, atOnce: 2 })
    }).pipe(Effect.provide(services("5 seconds"))))
})
