import { assert, describe, it } from "@effect/vitest"
import type { MediaKind } from "@media-jobs/core/Artifact"
import * as Handle from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import { Submission } from "@media-jobs/core/Submission"
import * as Slots from "@media-jobs/poller/Slots"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import { instance, limited, provider, warnings } from "./service.ts"

interface Account {
  readonly account: string
  readonly limit: number
  readonly kind?: MediaKind
}

const lost = new JobError.SubmissionUncertain({
  provider,
  instance,
  operation: "submit",
  submittedAt: DateTime.makeUnsafe(0)
})
const invalid = new JobError.InvalidRequest({ provider, instance, operation: "submit", issues: [] })
const missing = new JobError.AccountNotFound({ provider, instance, operation: "submit" })

/**
 * A service with accounts that run so many submissions at once, each of two jobs that take a minute. One that does not
 * refuse runs what comes, and remembers where that was too much.
 */
const make = (
  accounts: ReadonlyArray<Account>,
  options: { tells?: boolean | "limits"; others?: number; refuses?: boolean } = {}
) => {
  const running = new Map<string, number>()
  const over: Array<string> = []
  let [ids, refusals, submits] = [0, 0, 0]
  let others = options.others ?? 0
  const key = (account: string, kind: MediaKind | undefined) => `${account}/${kind ?? ""}`
  const limitOf = (account: string, kind: MediaKind | undefined) =>
    accounts.find((one) => one.account === account && (one.kind === undefined || one.kind === kind))?.limit ?? 0

  const submit = (kind?: MediaKind) => (account = accounts[0]?.account ?? "") =>
    Effect.suspend(() => {
      submits++
      const at = key(account, kind)
      if ((running.get(at) ?? 0) + others >= limitOf(account, kind)) {
        over.push(at)
        if (options.refuses !== false) {
          refusals++
          return Effect.fail(limited(Duration.seconds(20), "submit"))
        }
      }
      running.set(at, (running.get(at) ?? 0) + 1)
      const base = ++ids
      return Effect.succeed(
        new Submission({
          provider,
          instance,
          account,
          ...(kind === undefined ? undefined : { kind }),
          submittedAt: DateTime.makeUnsafe(0),
          ids: [JobId.make(`${base}-first`), JobId.make(`${base}-last`)]
        })
      )
    })
  /** Starts, and ends in its time, but the reply never comes. */
  const lose = (account = accounts[0]?.account ?? "") =>
    submit()(account).pipe(
      Effect.tap((submission) =>
        Effect.forkDetach(Effect.all(submission.ids.map((id) => ended(id, submission)), { concurrency: "unbounded" }))
      ),
      Effect.andThen(Effect.delay(Effect.fail(lost), "5 seconds"))
    )
  const ended = (id: JobId.JobId, { account = "", kind }: Submission) =>
    Effect.delay(
      Effect.sync(() => {
        if (id.endsWith("last")) running.set(key(account, kind), (running.get(key(account, kind)) ?? 0) - 1)
      }),
      id.endsWith("last") ? "60 seconds" : "30 seconds"
    )
  const capacity = Effect.sync(() =>
    accounts.map(({ account, kind, limit }) => ({
      account,
      limit,
      executing: options.tells === "limits" ? undefined : (running.get(key(account, kind)) ?? 0) + others,
      ...(kind === undefined ? undefined : { kind })
    }))
  )
  return {
    running,
    over,
    submit,
    lose,
    ended,
    count: () => ({ submits, refusals }),
    leave: () => others = 0,
    capacity,
    provider: Provider.make({ id: provider, instance, owns: () => true }, options.tells === false ? {} : { capacity })
  }
}

describe("Slots", () => {
  it.effect("holds a slot from the submit to the end of the last of its jobs", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }])
      const slots = yield* Slots.make(service.provider)
      const run = slots.submit({ submit: service.submit(), ended: service.ended })
      yield* run
      const second = yield* Effect.forkChild(run)
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(second.pollUnsafe())
      assert.strictEqual(yield* slots.waiting, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(second)).account, "a")
      assert.deepStrictEqual(service.count(), { submits: 2, refusals: 0 })
    }))

  it.effect("never has more at work than there is room for, and leaks none: random submits, failures and interruptions", () =>
    Effect.gen(function*() {
      for (const seed of ["a", "b", "c", "d"]) {
        yield* Effect.gen(function*() {
          const service = make([{ account: "a", limit: 3 }, { account: "b", limit: 1 }], { refuses: false })
          const slots = yield* Slots.make(service.provider)
          const random = yield* Random.withSeed(Effect.service(Random.Random), seed)
          const fibers = []
          for (let i = 0; i < 120; i++) {
            const chance = random.nextDoubleUnsafe()
            const submit: (account?: string) => Effect.Effect<Submission, JobError.Of<"submit">> = chance < 0.15
              ? service.lose
              : chance < 0.2
              ? () => Effect.die("bug")
              : chance < 0.4
              ? () => Effect.fail(invalid)
              : service.submit()
            fibers.push(
              yield* Effect.forkChild(slots.submit({
                submit,
                ended: service.ended,
                account: random.nextDoubleUnsafe() < 0.3 ? "a" : undefined
              }))
            )
            yield* TestClock.adjust(Duration.millis(random.nextDoubleUnsafe() * 3000))
            if (random.nextDoubleUnsafe() < 0.3) {
              const victim = fibers[Math.floor(random.nextDoubleUnsafe() * fibers.length)]
              if (victim !== undefined) yield* Fiber.interrupt(victim)
            }
          }
          yield* TestClock.adjust("1 hour")
          for (const fiber of fibers) yield* Fiber.await(fiber)
          assert.deepStrictEqual(service.over, [])
          assert.strictEqual(yield* slots.waiting, 0)
          // Every slot is free again, once the service has been asked: four more go out, though none of them ends.
          const before = service.count().submits
          const last = yield* Effect.forkChild(Effect.all(
            Array.from({ length: 4 }, () => slots.submit({ submit: service.submit(), ended: () => Effect.never })),
            { concurrency: "unbounded" }
          ))
          yield* TestClock.adjust("1 minute")
          yield* Fiber.join(last)
          assert.strictEqual(service.count().submits, before + 4)
          assert.deepStrictEqual(service.over, [])
        }).pipe(Effect.scoped)
      }
    }))

  it.effect("counts as the service counts: by kind where it does, in all where it does", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1, kind: "video" }, { account: "a", limit: 2, kind: "image" }])
      const slots = yield* Slots.make(service.provider)
      const run = (kind: MediaKind) => slots.submit({ kind, submit: service.submit(kind), ended: service.ended })
      const all = yield* Effect.forkChild(Effect.all(
        [run("video"), run("video"), run("image"), run("image"), run("image")],
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([...service.running], [["a/video", 1], ["a/image", 2]])
      yield* TestClock.adjust("3 minutes")
      yield* Fiber.join(all)
      assert.deepStrictEqual(service.count(), { submits: 5, refusals: 0 })
    }))

  it.effect("serves in order, and who waits for a full account holds up nobody else", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }, { account: "b", limit: 1 }])
      const slots = yield* Slots.make(service.provider)
      const order: Array<string> = []
      const run = (name: string, account: string) =>
        Effect.tap(
          slots.submit({ account, submit: service.submit(), ended: service.ended }),
          () => Effect.sync(() => void order.push(name))
        )
      yield* run("first", "a")
      const rest = yield* Effect.forkChild(
        Effect.all([run("second", "a"), run("third", "a"), run("other", "b")], { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(rest)
      assert.deepStrictEqual(order, ["first", "other", "second", "third"])
    }))

  it.effect("learns from 429 where nobody told the limit, and does not storm", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 2 }], { tells: false })
      const slots = yield* Slots.make(service.provider)
      const all = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 10 }, () => slots.submit({ submit: service.submit(), ended: service.ended })),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("20 minutes")
      yield* Fiber.join(all)
      assert.isAtMost(service.count().refusals, 25)
    }))

  it.effect("the application's own limits hold where the service tells none", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 2 }], { tells: false })
      const slots = yield* Slots.make(service.provider, { limits: [{ account: "a", limit: 2 }] })
      const all = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 6 }, () => slots.submit({ submit: service.submit(), ended: service.ended })),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(all)
      assert.deepStrictEqual(service.count(), { submits: 6, refusals: 0 })
    }))

  it.effect("waits while others use the account, and gives up when patience ends", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { tells: false, others: 1 })
      const slots = yield* Slots.make(service.provider, { maxWait: "5 minutes" })
      const run = slots.submit({ submit: service.submit(), ended: service.ended })
      const gives = yield* Effect.forkChild(Effect.flip(run))
      yield* TestClock.adjust("6 minutes")
      assert.strictEqual((yield* Fiber.join(gives))._tag, "RateLimited")
      const waits = yield* Effect.forkChild(run)
      yield* TestClock.adjust("1 minute")
      service.leave()
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(waits)
    }))

  it.effect("an account that nobody told of takes no submit but its own", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 4 }])
      const slots = yield* Slots.make(service.provider)
      yield* Effect.flip(slots.submit({ account: "typo", submit: () => Effect.fail(missing), ended: service.ended }))
      const submissions = yield* Effect.all(
        Array.from({ length: 4 }, () => slots.submit({ submit: service.submit(), ended: service.ended }))
      )
      assert.deepStrictEqual(submissions.map(({ account }) => account), ["a", "a", "a", "a"])
    }))

  it.effect("limits that could not be had at the start hold once they are", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }])
      let down = true
      const slots = yield* Slots.make({
        ...service.provider,
        capacity: Effect.suspend(() =>
          down ? Effect.fail(new JobError.Unavailable({ provider, instance, operation: "capacity" })) : service.capacity
        )
      })
      down = false
      yield* TestClock.adjust("1 minute")
      const all = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 3 }, () => slots.submit({ submit: service.submit(), ended: service.ended })),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(all)
      assert.deepStrictEqual(service.count(), { submits: 3, refusals: 0 })
    }))

  it.effect("one odd answer at the start leaves no submit without an account", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }])
      let asked = 0
      const making = yield* Effect.forkChild(Slots.make({
        ...service.provider,
        capacity: Effect.suspend(() =>
          ++asked === 1
            ? Effect.fail(new JobError.UnexpectedResponse({ provider, instance, operation: "capacity" }))
            : service.capacity
        )
      }))
      yield* TestClock.adjust("1 second")
      const slots = yield* Fiber.join(making)
      const { account } = yield* slots.submit({ submit: service.submit(), ended: service.ended })
      assert.deepStrictEqual([account, asked], ["a", 2])
    }))

  it.effect("seats nobody twice where a submit fails at once while others wait", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 3 }], { others: 3 })
      const slots = yield* Slots.make(service.provider)
      yield* Effect.forkChild(Effect.exit(slots.submit({ submit: () => Effect.fail(invalid), ended: service.ended })))
      yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      yield* TestClock.adjust("1 second")
      service.leave()
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual(service.count().submits, 1)
      yield* Effect.all(
        Array.from({ length: 3 }, () => slots.submit({ submit: service.submit(), ended: service.ended }))
      )
      assert.deepStrictEqual(service.count(), { submits: 4, refusals: 0 })
    }))

  it.effect("any number of submits that fail at once", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }])
      const slots = yield* Slots.make(service.provider)
      yield* slots.submit({ submit: service.submit(), ended: service.ended })
      const fails = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 5000 }, () =>
          Effect.flip(slots.submit({ submit: () => Effect.fail(invalid), ended: service.ended }))),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fails)).length, 5000)
    }))

  it.effect("counts patience from the first refusal, not from the queue", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { tells: false })
      const slots = yield* Slots.make(service.provider, {
        limits: [{ account: "a", limit: 1 }],
        maxWait: "5 minutes"
      })
      yield* slots.submit({ submit: service.submit(), ended: () => Effect.sleep("6 minutes") })
      const refused = yield* Effect.forkChild(
        Effect.exit(slots.submit({ submit: service.submit(), ended: service.ended }))
      )
      yield* TestClock.adjust("6 minutes")
      assert.deepStrictEqual(service.count(), { submits: 2, refusals: 1 })
      yield* TestClock.adjust("4 minutes")
      assert.isUndefined(refused.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      assert.isDefined(refused.pollUnsafe())
    }))

  it.effect.each([[undefined, 13], [[{ account: "a", limit: 10 }], 1]] as const)(
    "gets over a 429 where nobody tells: limits %j, in five minutes",
    ([limits, refusals]) =>
      Effect.gen(function*() {
        const service = make([{ account: "a", limit: 10 }], { tells: false, others: 10 })
        const slots = yield* Slots.make(service.provider, { limits })
        const run = slots.submit({ submit: service.submit(), ended: service.ended })
        const first = yield* Effect.forkChild(run)
        yield* TestClock.adjust("1 second")
        service.leave()
        const rest = yield* Effect.forkChild(
          Effect.all(Array.from({ length: 39 }, () => run), { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("5 minutes")
        yield* Fiber.join(first)
        yield* Fiber.join(rest)
        // One each 20 seconds, which the service asks for, where no limit is known.
        assert.isAtMost(service.count().refusals, refusals)
      })
  )

  it.effect("believes a service that tells", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { others: 1 })
      const slots = yield* Slots.make(service.provider)
      const waits = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(service.count().submits, 0)
      yield* Fiber.interrupt(waits)
    }))

  it.effect("does not ask more often, the longer a service has no room", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 10 }], { tells: false, others: 10 })
      const slots = yield* Slots.make(service.provider, { limits: [{ account: "a", limit: 10 }] })
      const run = slots.submit({ submit: service.submit(), ended: service.ended })
      const all = yield* Effect.forkChild(
        Effect.all(Array.from({ length: 40 }, () => run), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("20 minutes")
      // Ten at first, and each again after the 20 seconds that the service asks for.
      assert.isAtMost(service.count().refusals, 10 * 61)
      yield* Fiber.interrupt(all)
    }))

  it.effect.each(["lost", "interrupted"] as const)(
    "a submit that was %s keeps its slot while it may run",
    (how) =>
      Effect.gen(function*() {
        for (const options of [{}, { tells: false }, { tells: "limits" }] as const) {
          const service = make([{ account: "a", limit: 1 }], { ...options, refuses: false })
          const slots = yield* Slots.make(service.provider, { limits: [{ account: "a", limit: 1 }] })
          const uncertain = yield* Effect.forkChild(slots.submit({ submit: service.lose, ended: service.ended }))
          const next = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
          yield* TestClock.adjust("1 second")
          if (how === "interrupted") yield* Fiber.interrupt(uncertain)
          yield* TestClock.adjust("49 seconds")
          assert.isDefined(uncertain.pollUnsafe())
          assert.strictEqual(service.count().submits, 1)
          yield* TestClock.adjust("80 seconds")
          yield* Fiber.join(next)
          assert.deepStrictEqual(service.over, [])
        }
      })
  )

  it.effect("a lost submit keeps its slot for as long as it is known to run", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { tells: false })
      const slots = yield* Slots.make(service.provider, { limits: [{ account: "a", limit: 1 }] })
      const over = Effect.sleep("2 minutes")
      yield* Effect.flip(slots.submit({ submit: () => Effect.fail(lost), ended: service.ended, over }))
      const next = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      yield* TestClock.adjust("119 seconds")
      assert.isUndefined(next.pollUnsafe())
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(next)
    }))

  it.effect("a lost submit that never began gives its slot back as soon as the service tells", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }])
      const slots = yield* Slots.make(service.provider)
      yield* Effect.flip(slots.submit({ submit: () => Effect.fail(lost), ended: service.ended }))
      const next = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(next)
    }))

  it.effect("gauges tell who waits and what is held, always", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { others: 1 })
      const slots = yield* Slots.make(service.provider)
      const gauges = Effect.map(Metric.snapshot, (all) =>
        all.flatMap(({ id, state }) =>
          id.startsWith("media_jobs_slots") && "value" in state ? [[id, state.value]] : []
        ))
      const are = (held: number, waiting: number) =>
        Effect.map(gauges, (found) =>
          assert.sameDeepMembers(found, [["media_jobs_slots_held", held], ["media_jobs_slots_waiting", waiting]]))
      const run = Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      const [first] = yield* Effect.all([run, run, run])
      yield* TestClock.adjust("1 second")
      yield* are(0, 3)
      yield* Fiber.interrupt(first)
      yield* are(0, 2)
      service.leave()
      yield* TestClock.adjust("1 minute")
      yield* are(1, 1)
      yield* TestClock.adjust("1 minute")
      yield* are(1, 0)
      yield* TestClock.adjust("1 minute")
      yield* are(0, 0)
      const full = make([{ account: "a", limit: 1 }], { tells: false, others: 1 })
      const others = yield* Slots.make(full.provider)
      yield* Effect.forkChild(others.submit({ submit: full.submit(), ended: full.ended }))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(full.count().refusals, 1)
      yield* are(0, 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("an account that the service no longer tells of attracts no submit", () =>
    Effect.gen(function*() {
      const accounts = [{ account: "a", limit: 2 }, { account: "b", limit: 5 }, { account: "c", limit: 9 }]
      const service = make(accounts)
      const slots = yield* Slots.make(service.provider)
      const asked: Array<string | undefined> = []
      const run = (named?: string) =>
        Effect.andThen(
          Effect.exit(slots.submit({
            account: named,
            submit: (account): Effect.Effect<Submission, JobError.Of<"submit">> => {
              asked.push(account)
              return accounts.some((one) => one.account === account) ? service.submit()(account) : Effect.fail(missing)
            },
            ended: service.ended
          })),
          TestClock.adjust("1 second")
        )
      yield* run("b")
      const gone = accounts.splice(1, 2)
      yield* run()
      yield* run()
      yield* run()
      assert.deepStrictEqual(asked, ["b", "c", "a", "a"])
      // Back again, with what is held there.
      accounts.push({ ...gone[0]!, limit: 1 })
      yield* run("typo")
      yield* TestClock.adjust("59 seconds")
      yield* run("b")
    }))

  it.effect("who waits for an account that the service no longer tells of hears so", () =>
    Effect.gen(function*() {
      const accounts = [{ account: "a", limit: 1 }, { account: "b", limit: 1 }]
      const service = make(accounts, { others: 3 })
      const slots = yield* Slots.make(service.provider)
      const waits = yield* Effect.forkChild(
        Effect.flip(slots.submit({ account: "b", submit: () => Effect.fail(missing), ended: service.ended }))
      )
      yield* TestClock.adjust("1 second")
      assert.isUndefined(waits.pollUnsafe())
      accounts.pop()
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(waits), missing)
    }))
})

describe("what an earlier process left running", () => {
  /** Six submissions of two jobs each, as a ledger has them; they end a minute after the epoch. */
  const left = Array.from({ length: 6 }, (_, i) =>
    ["first", "last"].map((name) =>
      new Handle.Handle({
        provider,
        instance,
        id: JobId.make(`left-${i}-${name}`),
        submittedAt: DateTime.makeUnsafe(-1000 * (i + 1))
      })
    )).flat()
  const foreign = new Handle.Handle({
    provider: ProviderId.make("other"),
    instance,
    id: left[0]!.id,
    submittedAt: DateTime.makeUnsafe(0)
  })
  const handles = [...left, foreign]
  const ended = (handle: Handle.Handle) =>
    handle.provider !== provider
      ? Effect.never
      : handle.id.endsWith("last")
      ? Effect.sleep("60 seconds")
      : Effect.fail(lost)

  for (const tells of [true, false, "limits"] as const) {
    it.effect(`leaves no room for as many again where the service tells ${tells}`, () =>
      Effect.gen(function*() {
        const service = make([{ account: "a", limit: 6 }], { tells, others: 6, refuses: false })
        yield* Effect.forkChild(Effect.delay(Effect.sync(service.leave), "60 seconds"), { startImmediately: true })
        const slots = yield* Slots.make(service.provider, {
          limits: [{ account: "a", limit: 6 }],
          resumed: { handles, ended }
        })
        for (let i = 0; i < 7; i++) {
          yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
        }
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(service.count().submits, 0)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(service.count().submits, 6)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(service.count().submits, 7)
        assert.deepStrictEqual(service.over, [])
      }))
  }

  it.effect("leaves the room that there is, and frees what ends first", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 3 }], { tells: false })
      const [one, two] = [left.slice(0, 2), left.slice(2, 4)]
      const slots = yield* Slots.make(service.provider, {
        limits: [{ account: "a", limit: 3 }],
        resumed: {
          handles: [...one, ...two],
          ended: ({ submittedAt }) =>
            Effect.sleep(submittedAt.epochMilliseconds === -1000 ? "10 seconds" : "20 seconds")
        }
      })
      for (let i = 0; i < 4; i++) {
        yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      }
      const submits: Array<number> = []
      for (let i = 0; i < 3; i++) {
        yield* TestClock.adjust(i === 0 ? "1 millis" : "10 seconds")
        submits.push(service.count().submits)
      }
      assert.deepStrictEqual(submits, [1, 2, 3])
    }))

  it.effect("leaves the room of a submit whose outcome was never written, until it is over", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 1 }], { tells: false })
      const intent = (provider: ProviderId.ProviderId) =>
        new Ledger.Intent({ key: "k", provider, instance, submittedAt: DateTime.makeUnsafe(0) })
      const slots = yield* Slots.make(service.provider, {
        limits: [{ account: "a", limit: 1 }],
        resumed: {
          handles: [],
          ended,
          uncertain: [intent(provider), intent(ProviderId.make("other"))],
          over: (intent) => intent.provider === provider ? Effect.sleep("2 minutes") : Effect.never
        }
      })
      const next = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
      yield* TestClock.adjust("119 seconds")
      assert.isUndefined(next.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.isDefined(next.pollUnsafe())
    }))

  it.effect("of which no account is known, learns by a 429 what there is room for", () =>
    Effect.gen(function*() {
      const service = make([{ account: "a", limit: 7 }], { tells: false, others: 6 })
      yield* Effect.forkChild(Effect.delay(Effect.sync(service.leave), "60 seconds"), { startImmediately: true })
      const slots = yield* Slots.make(service.provider, { resumed: { handles, ended } })
      const fibers = []
      for (let i = 0; i < 7; i++) {
        fibers.push(yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended })))
      }
      yield* TestClock.adjust("5 minutes")
      for (const fiber of fibers) assert.isDefined(fiber.pollUnsafe())
    }))
})

it.effect("options that can't work are refused when they are made, by their field", () =>
  Effect.gen(function*() {
    const { provider } = make([], { tells: false })
    // As from JavaScript.
    const refused: ReadonlyArray<readonly [string, object]> = [
      ...[0, -1, 0.5, NaN, undefined, "many"].map((limit) =>
        ["limits.1.limit", { limits: [{ account: "a", limit: 1 }, { account: "b", limit }] }] as const
      ),
      ["limits.0.account", { limits: [{ limit: 1 }] }],
      ["maxWait", { maxWait: "soon" }],
      ["maxWait", { maxWait: true }]
    ]
    for (const [field, options] of refused) {
      const error = yield* Effect.flip(Slots.make(provider, options))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.deepStrictEqual(error.issues.map(({ field }) => field), [field])
      assert.strictEqual(error.remedy._tag, "Fix")
    }
  }))

it.effect("a submit that throws gives its slot back, and one whose end can't be awaited too", () =>
  Effect.gen(function*() {
    const service = make([{ account: "a", limit: 2 }], { tells: false })
    const slots = yield* Slots.make(service.provider, { limits: [{ account: "a", limit: 1 }] })
    const bug = (): Effect.Effect<never> => {
      throw new Error("bug")
    }
    assert.isTrue(Exit.hasDies(yield* Effect.exit(slots.submit({ submit: bug, ended: service.ended }))))
    const next = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: bug }))
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(next)
    yield* TestClock.adjust("1 minute")
    const last = yield* Effect.forkChild(slots.submit({ submit: service.submit(), ended: service.ended }))
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(last)
  }))

it.effect("a service that asks for decades is tried again within minutes, which is said once", () =>
  Effect.gen(function*() {
    const service = make([{ account: "a", limit: 1 }], { tells: false })
    let refusals = 2
    const { layer, said } = warnings()
    const slots = yield* Slots.make(service.provider)
    const fiber = yield* Effect.forkChild(
      Effect.provide(
        slots.submit({
          submit: (account) =>
            refusals-- > 0 ? Effect.fail(limited(Duration.days(20_000), "submit")) : service.submit()(account),
          ended: service.ended
        }),
        layer
      )
    )
    yield* TestClock.adjust("10 minutes")
    assert.strictEqual((yield* Fiber.join(fiber)).ids.length, 2)
    assert.strictEqual(said.length, 1)
    assert.match(said[0] ?? "", /5 minutes/)
  }))

describe("a service that announces when there is room again", () => {
  /** Takes one submit, then another once `rest` seconds have passed; says so in its 429, in what is left of these. */
  const paced = (rest: number, latency = 200) => {
    const sent: Array<number> = []
    const taken: Array<number> = []
    let [free, announced, early] = [0, 0, 0]
    const submit = () =>
      Effect.gen(function*() {
        const at = yield* Clock.currentTimeMillis
        sent.push(at)
        if (at < announced) early++
        yield* Effect.sleep(latency)
        if (at < free) {
          announced = Math.max(announced, free)
          return yield* limited(Duration.millis(free - at), "submit")
        }
        free = at + rest * 1000
        taken.push(at)
        return new Submission({
          provider,
          instance,
          submittedAt: DateTime.makeUnsafe(at),
          ids: [JobId.make(`paced-${taken.length}`)]
        })
      })
    return { submit, sent, taken, early: () => early }
  }

  for (
    const { jobs, limits, name, rest } of [
      { name: "low on credit: one each ten seconds", rest: 10, jobs: 8, limits: undefined },
      { name: "with jobs that end within the time", rest: 25, jobs: 6, limits: undefined },
      { name: "with the application's own limits", rest: 15, jobs: 8, limits: [{ account: "a", limit: 3 }] }
    ]
  ) {
    it.effect(`takes all submits one after another, none within the time (${name})`, () =>
      Effect.gen(function*() {
        const service = paced(rest)
        const slots = yield* Slots.make(make([], { tells: false }).provider, { limits })
        const order: Array<number> = []
        const all = yield* Effect.forkChild(Effect.all(
          Array.from({ length: jobs }, (_, i) =>
            Effect.tap(
              slots.submit({ submit: service.submit, ended: () => Effect.sleep("12 seconds") }),
              () => Effect.sync(() => order.push(i))
            )),
          { concurrency: "unbounded" }
        ))
        yield* TestClock.adjust(Duration.seconds((jobs + 1) * (rest + 2)))
        assert.strictEqual((yield* Fiber.join(all)).length, jobs)
        assert.strictEqual(service.early(), 0)
        assert.deepStrictEqual(order, order.toSorted((a, b) => a - b))
        // The first ones left before anything was announced; then each that is taken costs one that is not, at most.
        assert.isAtMost(service.sent.length, jobs + 2 * (jobs - 1))
      }))
  }

  it.effect("is not asked by those that come meanwhile either, nor where a slot comes free", () =>
    Effect.gen(function*() {
      const service = paced(40)
      const slots = yield* Slots.make(make([], { tells: false }).provider)
      const run = Effect.forkChild(slots.submit({ submit: service.submit, ended: () => Effect.sleep("5 seconds") }))
      yield* run
      yield* run
      yield* TestClock.adjust("20 seconds")
      yield* run
      yield* TestClock.adjust("19 seconds")
      assert.deepStrictEqual([service.sent.length, service.early()], [2, 0])
      yield* TestClock.adjust("50 seconds")
      assert.deepStrictEqual([service.taken.length, service.early()], [3, 0])
    }))

  it.effect("of one account leaves the others in use", () =>
    Effect.gen(function*() {
      const services = { a: paced(60), b: paced(0) }
      const slots = yield* Slots.make(make([], { tells: false }).provider, {
        limits: [{ account: "a", limit: 4 }, { account: "b", limit: 4 }]
      })
      const all = yield* Effect.forkChild(Effect.all(
        Array.from({ length: 8 }, () =>
          slots.submit({
            submit: (account) => services[account === "a" ? "a" : "b"].submit(),
            ended: () => Effect.sleep("5 seconds")
          })),
        { concurrency: "unbounded" }
      ))
      yield* TestClock.adjust("12 seconds")
      yield* Fiber.join(all)
      assert.strictEqual(services.a.early(), 0)
      assert.strictEqual(services.b.taken.length, 7)
    }))
})
