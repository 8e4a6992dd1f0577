import { Emulator, Faults, ReplicateEmulator, UseapiDreaminaEmulator } from "@media-jobs/testing"
import { Clock, Duration, Effect, Layer, Predicate, Random, type Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { emulator, type node } from "../program.ts"
import { speed } from "../speed.ts"

/** All that is done where `pnpm torture` says so, else a tenth of it. */
export const size = (whole: number): number => process.env["TORTURE"] === undefined ? whole / 10 : whole

/** What chance decides: the same seed kills at the same points, as far as two machines are alike. */
const seed = process.env["TORTURE_SEED"] ?? `${Date.now()}`

/** A test whose chance is the seed's, which it names where it is red. */
export const seeded = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.tapCause(Random.withSeed(effect, seed), () => Effect.sync(() => console.error(`TORTURE_SEED=${seed}`)))

const began = Date.now()
const real = Clock.Clock.defaultValue()

/** A clock that is so many times faster, and what has programs that `faster.ts` is loaded before agree with it. */
export const hasten = (times: number) => {
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => began + (Date.now() - began) * times,
    currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe()),
    currentTimeNanosUnsafe: () => BigInt(clock.currentTimeMillisUnsafe()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => clock.currentTimeNanosUnsafe()),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe() * BigInt(times),
    monotonicTimeNanos: Effect.sync(() => clock.monotonicTimeNanosUnsafe()),
    sleep: (duration) => real.sleep(Duration.millis(Duration.toMillis(duration) / times))
  }
  return {
    agreeing: { CLOCK_BEGAN: `${began}`, CLOCK_SPEED: `${times}` },
    /** The clock of the emulator that they talk with. */
    faster: Layer.succeed(Clock.Clock, clock)
  }
}

export const { agreeing, faster } = hasten(speed)

/** How long a job of Dreamina runs unless a test ends it: its list is all that tells of a lost submit. */
export const dreaminaLife = Duration.hours(10)

const submits = ["replicate.model", "useapi-dreamina.video"] as const

/** Services that show where a job reports, and are slow to say that they took one: the time in which a kill loses most. */
export const services = emulator({
  speed: 1,
  services: {
    replicate: ReplicateEmulator.service({
      life: "15 seconds",
      jitter: 0.5,
      creates: 1e6,
      others: 1e6,
      echoesWebhook: true
    }),
    "useapi-dreamina": UseapiDreaminaEmulator.service({
      accounts: [{ account: "US:user@example.com", maxJobs: 1000 }],
      videoLife: dreaminaLife
    })
  },
  faults: [
    // A few requests hang on their way, and leave intents of which nothing began.
    ...[4, 40].flatMap((skip) => submits.map((operation) => ({ operation, skip, times: 1, fault: Faults.hang }))),
    ...submits.map((operation) => ({ operation, fault: Faults.slow("200 millis") }))
  ]
}).pipe(
  Layer.provideMerge(FetchHttpClient.layer),
  Layer.provideMerge(faster)
)

/** What a request asked for, which is its key in these tests. */
export const promptOf = (input: Schema.Json): unknown =>
  Predicate.hasProperty(input, "prompt") ? input.prompt : undefined

/** Kills a process once the emulator has answered so many requests more. */
export const killAfter = Effect.fnUntraced(
  function*(requests: number, { child, finished }: Effect.Success<ReturnType<typeof node>>) {
    const { count } = yield* Emulator.Emulator
    const last = requests + (yield* count())
    yield* Effect.sleep("10 millis").pipe(Effect.repeat({
      until: () => Effect.map(count(), (now) => now >= last || child.exitCode !== null)
    }))
    child.kill("SIGKILL")
    return yield* finished
  }
)

const read = (path: string) => readFileSync(path, "utf8")

/** The texts of a folder's files whose names have a part. */
export const textsOf = (folder: string, part: string): ReadonlyArray<string> =>
  readdirSync(folder).filter((name) => name.includes(part)).map((name) => read(join(folder, name)))

interface SavedFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

/** What a folder's manifests say was saved, and the files that are wrong: not as they say, or of none of them. */
export const savedIn = (folder: string) => {
  const manifests = readdirSync(folder).filter((name) => name.endsWith(".json"))
  const saved = manifests.map((name): { readonly key: string; readonly saved: ReadonlyArray<SavedFile> } =>
    JSON.parse(read(join(folder, name)))
  )
  const files = saved.flatMap(({ saved }) => saved)
  const told = new Map(files.map((one) => [one.file, one]))
  const wrong = readdirSync(folder).filter((name) => {
    if (manifests.includes(name)) return false
    const one = told.get(name)
    const bytes = readFileSync(join(folder, name))
    return one?.bytes !== bytes.length || one.sha256 !== createHash("sha256").update(bytes).digest("hex")
  })
  const missing = files.filter(({ file }) => !readdirSync(folder).includes(file))
  return {
    jobs: new Set(saved.map(({ key }) => key)).size,
    manifests: manifests.length,
    empty: saved.filter(({ saved }) => saved.length === 0).length,
    files: files.length,
    wrong,
    missing
  }
}
