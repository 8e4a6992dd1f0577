import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Emulator, emulator, eventually, folder, linesOf, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000

/** Has the replies to submits get lost, and nothing be found out about them, meanwhile. */
const losing = <A>({ fault, heal }: Emulator, submits: Effect.Effect<A>, list: string) =>
  Effect.gen(function*() {
    yield* fault({ fault: "dropReply", method: "POST" }, { fault: "status", status: 401, operation: list })
    const result = yield* submits
    yield* heal
    return result
  })

describe("what is said of a job", () => {
  it.live("is that it is cancelled once it is, and what is not stays in the ledger", () =>
    Effect.gen(function*() {
      const service = yield* emulator(0.01)
      const cwd = yield* folder
      const { env } = service
      const options = {
        cwd,
        env: { ...env, RUNWAYML_API_SECRET: env["USEAPI_TOKEN"], RUNWAYML_BASE_URL: `${service.url}/runway` }
      }
      const image = ["replicate", "acme/image-1", "--prompt", "x"]
      /** What is said to a person, and to a program. */
      const cancel = Effect.fnUntraced(function*(
        key: string,
        faults: ReadonlyArray<object> = [],
        request: ReadonlyArray<string> = image
      ) {
        yield* within(["submit", ...request, "--key", key], options)
        yield* service.fault(...faults)
        const person = yield* within(["cancel", key, "--full-ids"], options, { isTerminal: true })
        yield* service.heal
        yield* within(["submit", ...request, "--key", `${key}-2`], options)
        yield* service.fault(...faults)
        const program = yield* within(["cancel", `${key}-2`], options)
        yield* service.heal
        assert.deepStrictEqual([person.code, program.code, person.stderr, program.stderr], [0, 0, "", ""])
        const { id, operation, outcome, provider } = JSON.parse(program.stdout)
        assert.deepStrictEqual([typeof id, operation, provider], ["string", "cancel", request[0]])
        return [person.stdout.replace(/^\S+/, "It").trim(), outcome]
      })
      const wish = { fault: "status", status: 200, operation: "replicate.cancel" }
      const failed = { fault: "withField", name: "status", value: "failed", operation: "replicate.get" }
      const away = { fault: "status", status: 503, operation: "replicate.get" }
      const asked = ["It was asked to stop, and may run on: `media-jobs wait` says how it ends", "asked"]
      assert.deepStrictEqual(yield* cancel("stopped"), ["It is cancelled", "cancelled"])
      // Runway forgets what it has stopped.
      const runway = "runway text-to-image --model gen4_image --prompt x --ratio 1280:720".split(" ")
      assert.deepStrictEqual(yield* cancel("forgotten", [], runway), ["It is cancelled", "cancelled"])
      assert.deepStrictEqual(yield* cancel("running", [wish]), asked)
      assert.deepStrictEqual(yield* cancel("unseen", [away]), asked)
      assert.deepStrictEqual(yield* cancel("broken", [wish, failed]), [
        "It had ended already: it is Failed (unknown)",
        "ended"
      ])
      const open = linesOf(yield* within(["list"], options)).flatMap(({ key = "" }) => key.endsWith("-2") ? [] : [key])
      assert.deepStrictEqual(open.toSorted(), ["broken", "running", "unseen"])
    }), limit)

  it.live("is that it had ended where it had, and what it made is saved", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const { env } = service
      // To fal it is no error that there is nothing to cancel any more.
      const options = { cwd, env: { ...env, FAL_KEY: env["USEAPI_TOKEN"], FAL_BASE_URL: `${service.url}/fal` } }
      const submit = ["submit", "fal", "acme/image-1", "--prompt", "x", "--key", "made", "--save", "out"]
      yield* within([...submit, "--deadline", "100 millis"], options)
      const job = Effect.map(within(["get", "made"], options), (got) => linesOf(got)[0])
      yield* eventually(Effect.map(job, (line) => line?.state._tag === "Succeeded"))
      const cancelled = yield* within(["cancel", "made"], options, { isTerminal: true })
      assert.match(cancelled.stdout, /^\S+ had ended already: `media-jobs save` has what it made\n$/)
      const resumed = yield* within(["resume"], options)
      assert.deepStrictEqual([resumed.code, linesOf(resumed)[0]?.files.length], [0, 1], resumed.stderr)
    }), limit)

  it.live(
    "is told by a person of a lost submit, and written once its service has shown the job",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator(0.01)
        const cwd = yield* folder
        // By when they were made, jobs are candidates: the service has this machine's time.
        const options = { cwd, env: service.env, faster: false }
        const submit = (key: string) =>
          within(
            ["submit", "useapi-luma", "video", "--email", "user@example.com", "--prompt", key, "--key", key],
            options
          )
        const lost = yield* losing(service, Effect.forEach(["one", "two"], submit), "useapi-luma.list")
        assert.deepStrictEqual(lost.map(({ code }) => code), [4, 4], lost[0]?.stderr)
        yield* submit("known")
        const [known] = linesOf(yield* within(["get", "known"], options))
        const [other] = linesOf(
          yield* within(["submit", "replicate", "acme/image-1", "--prompt", "x", "--key", "other"], options)
        )

        const settle = (...said: ReadonlyArray<string>) =>
          within(["resume", "--deadline", "1 second", ...said.flatMap((one) => ["--settle", one])], options, {
            isTerminal: true
          })
        const nobodys = known!.id.replace(/\d{4}/, "1111")
        const wrong = [crypto.randomUUID(), other!.id, other!.handle, known!.id, "known", nobodys]
        const refused = yield* Effect.forEach(wrong, (id) => settle(`one=${id}`))
        yield* service.fault({ fault: "status", status: 503, operation: "useapi-luma.get" })
        const away = yield* settle(`one=${nobodys}`)
        yield* service.heal
        for (const { code, stderr } of refused) {
          assert.match(stderr, /^media-jobs: .*one.*\n$/)
          assert.strictEqual(code, 2)
        }
        assert.strictEqual(away.code, 4, away.stderr)

        // Which of the two is which is not known: what the screen shows of them names them.
        const shown = yield* settle()
        assert.notInclude(shown.stdout, "example.com")
        const candidates = [...new Set(Array.from(shown.stdout.matchAll(/it may be (\S+),/g), ([, id]) => id ?? ""))]
        assert.lengthOf(candidates, 2, shown.stdout)
        const settled = yield* settle(`one=${candidates[0]}`, `two=${candidates[1]}`)
        assert.strictEqual(settled.code, 1, settled.stderr)
        const keys = linesOf(yield* within(["list"], options)).map(({ key }) => key)
        assert.deepStrictEqual(keys.toSorted(), ["known", "one", "other", "two"])
      }),
    limit
  )
})
