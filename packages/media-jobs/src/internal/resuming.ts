import type { Handle } from "@media-jobs/core/Handle"
import * as JobError from "@media-jobs/core/JobError"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Log from "@media-jobs/core/Log"
import * as LostSubmits from "@media-jobs/core/LostSubmits"
import * as Provider from "@media-jobs/core/Provider"
import * as Slots from "@media-jobs/poller/Slots"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Gate } from "./gate.ts"
import type { Runner } from "./runner.ts"
import type { Runs } from "./runs.ts"

/** One provider of the application, and what goes on with its runs. */
export interface Member {
  readonly name: string
  readonly provider: Provider.Any
  readonly gate: Gate
  readonly runner: Runner
}

export interface Resumed {
  readonly keys: ReadonlyArray<string>
  readonly undecided: ReadonlyArray<LostSubmits.Undecided>
}

/** Takes up what the ledger holds, for the members that are added before it begins. */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  ledger: Ledger.Ledger | undefined,
  runs: Runs,
  fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
) {
  const scope = yield* Effect.scope
  const members: Array<Member> = []
  const first = yield* Deferred.make<Ledger.Unfinished>()
  /** The jobs of what was uncertain at first, once it is known which. */
  const became = new Map<string, Deferred.Deferred<ReadonlyArray<Handle>>>()
  const turn = yield* Semaphore.make(1)

  const read = Effect.catch(
    ledger?.resume ?? Effect.succeed(Ledger.unfinished([])),
    (error) => Effect.as(Log.warning(`Nothing is taken up again. ${error.message}`), Ledger.unfinished([]))
  )

  const memberOf = ({ instance, provider }: Pick<Handle, "provider" | "instance">): Member | undefined =>
    members.find((member) => member.provider.id === provider && member.provider.instance === instance)

  const adopt = (entry: Ledger.Entry): string | undefined => {
    const member = memberOf(entry.intent)
    if (member === undefined || entry.handles === undefined || runs.get(entry.intent.key) !== undefined) {
      return undefined
    }
    return member.runner.adopt(entry).key
  }

  /**
   * A list taken while submits are under way holds jobs that no ledger has yet; and one taken after another was lost, a job that
   * may be that one's: it settles in the next pass, with all that are lost by then.
   */
  const gated = (asked: ReadonlyArray<Ledger.Intent>) => ({ gate, name, provider }: Member): Provider.Any => {
    if (!Provider.supports("recover")(provider)) return provider
    const { id, instance } = provider
    const isAnotherLost = () =>
      runs.all.some((run) =>
        run.name === name && run.phase === "uncertain" && !asked.some(({ key }) => key === run.key)
      )
    const recover: Provider.Operations["recover"] = (lost) =>
      gate.exclude(Effect.flatMap(provider.recover(lost), (jobs) =>
        isAnotherLost()
          ? Effect.fail(
            new JobError.Unavailable({
              provider: id,
              instance,
              operation: "recover",
              detail: "Another was lost meanwhile"
            })
          )
          : Effect.succeed(jobs)))
    return { ...provider, recover }
  }

  const pass = Effect.gen(function*() {
    const unfinished = yield* read
    const { entries, uncertain } = unfinished
    const keys = entries.flatMap((entry) => adopt(entry) ?? [])
    if (!Deferred.isDoneUnsafe(first)) { for (const { key } of uncertain) became.set(key, Deferred.makeUnsafe()) }
    yield* Deferred.succeed(first, unfinished)
    // What this process has sent itself it knows better than what was read a moment ago.
    const asked = uncertain.filter(({ key }) => {
      const run = runs.get(key)
      return run === undefined || run.handles.length === 0 && !run.isUnderWay
    })
    const { found, undecided } = yield* LostSubmits.settle(members.map(gated(asked)), { uncertain: asked })
    const known = new Map(entries.map((entry) => [entry.intent.key, entry]))
    for (const { intent: { key } } of found) {
      const entry = yield* Effect.orElseSucceed(ledger?.find(key) ?? Effect.undefined, () => undefined)
      const adopted = entry && adopt(entry)
      if (adopted !== undefined) keys.push(adopted)
      if (entry !== undefined) known.set(key, entry)
    }
    for (const [key, jobs] of became) {
      if (undecided.some(({ intent }) => intent.key === key)) continue
      yield* Deferred.succeed(jobs, known.get(key)?.handles ?? [])
    }
    if (undecided.length > 0) {
      yield* Log.warning(
        `It can't be told what became of submits (${undecided.length}): look at the service, and tell the ledger (Ledger.settle)`
      )
    }
    return { keys, undecided }
  })

  let next: Deferred.Deferred<Resumed> | undefined
  /** A pass that has begun may have missed what came since: all calls that come meanwhile share the one after it. */
  const resume: Effect.Effect<Resumed> = Effect.suspend(() => {
    if (next !== undefined) return Deferred.await(next)
    const mine = Deferred.makeUnsafe<Resumed>()
    next = mine
    fork(turn.withPermit(Effect.suspend(() => {
      next = undefined
      return Deferred.into(pass, mine)
    })))
    return Deferred.await(mine)
  })

  return {
    memberOf,
    add: (member: Member) => void members.push(member),
    resume,
    /** Comes true once what the ledger holds has been taken up. */
    isRead: Effect.asVoid(Deferred.await(first)),
    /** Slots in which what an earlier process left running counts; made on first use, and options that can't work are refused at once. */
    slots: Effect.fnUntraced(function*(
      name: string,
      provider: Provider.Identity & Partial<Pick<Provider.Operations, "capacity">>,
      options: Slots.Options | undefined
    ) {
      const { id, instance, owns } = provider
      yield* Effect.scoped(Slots.make({ id, instance, owns, capabilities: [] }, options))
      const ended = ({ id }: Handle) =>
        Effect.suspend(() => {
          const run = runs.ofJob(name, id)
          return run === undefined ? Effect.void : Deferred.await(run.endOf(id))
        })
      const over = ({ key }: Ledger.Intent) =>
        Effect.gen(function*() {
          const jobs = became.get(key)
          const handles = jobs === undefined ? [] : yield* Effect.timeout(Deferred.await(jobs), "1 minute")
          // By its key: it may not have taken them yet.
          const run = runs.get(key)
          if (run === undefined) return
          for (const { id } of handles) yield* Deferred.await(run.endOf(id))
        })
      return yield* Effect.cached(Scope.provide(
        Effect.flatMap(
          Deferred.await(first),
          ({ handles, uncertain }) => Slots.make(provider, { ...options, resumed: { handles, ended, uncertain, over } })
        ),
        scope
      ))
    })
  }
})
