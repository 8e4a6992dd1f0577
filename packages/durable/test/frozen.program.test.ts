import { assert, describe, it } from "@effect/vitest"
import { Emulator, Faults, ReplicateEmulator, UseapiLumaEmulator } from "@media-jobs/testing"
import { Effect, Fiber, Schedule } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { cluster } from "./cluster.ts"
import { answers } from "./postgres.ts"
import { emulator } from "./processes.ts"
import { client, Media } from "./support.ts"

const services = (...faults: ReadonlyArray<Faults.Rule<"replicate.model">>) =>
  emulator({
    services: {
      replicate: ReplicateEmulator.service({ life: "6 seconds", creates: 1e6, others: 1e6, echoesWebhook: true }),
      "useapi-luma": UseapiLumaEmulator.service()
    },
    faults
  })

type Cluster = Effect.Success<ReturnType<typeof cluster>>

/** Has the database keep a runner waiting over an intent, by a trigger, until it is told to let go. */
const keeping = Effect.fnUntraced(function*({ ask }: Cluster, by: string) {
  yield* ask("CREATE TABLE let_go (at TIMESTAMPTZ)")
  yield* ask(`CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS '
    BEGIN WHILE NOT EXISTS (SELECT FROM let_go) LOOP PERFORM pg_sleep(0.2); END LOOP; RETURN NEW; END'`)
  yield* ask(`CREATE ${by} FOR EACH ROW EXECUTE FUNCTION slowly()`)
})

/** Freezes the runner that waits so, and has the database let go of all. */
const freezeKept = Effect.fnUntraced(function*({ ask, runners }: Cluster) {
  const waiting = `SELECT application_name AS name FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'`
  const [found] = yield* Effect.repeat(ask(waiting), { until: ([first]) => first !== undefined })
  const runner = runners.find(({ name }) => name === found?.["name"])
  if (runner === undefined) return yield* Effect.die("none waits")
  yield* runner.freeze
  yield* ask("INSERT INTO let_go VALUES (now())")
  return runner
})

const run = ({ url }: Cluster, key: string) =>
  client(url)(Media.use(({ replicate }) => replicate.run({ model: "a/b", input: { prompt: key } }, { key })))

/** Has a job run on two runners, of which the one that works on it is frozen until the other is done with it. */
const taken = Effect.fnUntraced(function*(
  two: Cluster,
  freeze: Effect.Effect<Cluster["runners"][number], SqlError>
) {
  const { count, services } = yield* Emulator.Emulator
  const before = yield* count("replicate.model")
  const asking = yield* Effect.forkChild(run(two, "order"))
  const frozen = yield* freeze
  const { files } = yield* Fiber.join(asking)
  yield* frozen.thaw
  // What it would send, it sends before it is told, within two seconds, that its locks are lost.
  yield* Effect.sleep("5 seconds")
  const jobs = yield* services.replicate.jobs
  const sent = (yield* count("replicate.model")) - before
  assert.deepStrictEqual([files.length, jobs.length - before, sent], [1, 1, 1], frozen.printed.out)
})

describe.skipIf(!answers)(
  "a runner that stands still while another takes its job over, and goes on, pays nothing twice",
  {
    timeout: 120_000,
    concurrent: true
  },
  () => {
    for (
      const [when, by] of [
        [
          "in the middle of writing its intent: others do not wait for it",
          "TRIGGER slowly AFTER INSERT ON media_jobs_submits"
        ],
        [
          "between its intent and its request",
          "CONSTRAINT TRIGGER slowly AFTER INSERT ON media_jobs_submits DEFERRABLE INITIALLY DEFERRED"
        ]
      ] as const
    ) {
      it.live(when, () =>
        Effect.gen(function*() {
          const two = yield* cluster(2)
          yield* keeping(two, by)
          yield* taken(two, freezeKept(two))
        }).pipe(Effect.provide(services())))
    }

    it.live("between its request and the reply", () =>
      Effect.gen(function*() {
        const { count } = yield* Emulator.Emulator
        const two = yield* cluster(2)
        // Who works on one job works on the next.
        yield* run(two, "first")
        const runner = yield* two.working()
        const sent = Effect.repeat(count("replicate.model"), {
          until: (n) => n === 2,
          schedule: Schedule.spaced("5 millis")
        })
        yield* taken(two, Effect.as(Effect.andThen(sent, runner.freeze), runner))
      }).pipe(
        Effect.provide(services({ operation: "replicate.model", fault: Faults.slow("3 seconds"), skip: 1, times: 1 }))
      ))
  }
)
