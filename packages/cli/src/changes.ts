/** `cancel`, `untrack` and `remove`. */
import type * as Job from "@media-jobs/core/Job"
import * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import type { Shared } from "./configuration.ts"
import * as Endings from "./endings.ts"
import { one, unable } from "./looks.ts"
import * as Output from "./output.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import * as Targets from "./targets.ts"

export type Change = "cancel" | "untrack" | "remove"

/** What a job is once its service was asked to stop it; `asked` is one that may run on, or of which it can't be seen. */
export type Outcome = "cancelled" | "ended" | "asked"

interface Asked {
  readonly outcome: Outcome
  /** As it stands since, where that can be seen. */
  readonly job?: Job.Job | undefined
}

const outcomeOf = (job: Job.Job): Outcome => job.is("Cancelled") ? "cancelled" : job.isSettled ? "ended" : "asked"

/**
 * Has a service stop a job, and looks once at what came of it: to some that is a wish, and of a job that had ended some say
 * nothing. Only one that is stopped is waited for no more, since what another makes is paid for.
 */
export const cancel = Effect.fnUntraced(function*(
  { ledger }: Session.Session,
  provider: Provider.Any,
  target: Targets.Target
) {
  if (!Provider.supports("cancel")(provider)) return yield* unable(provider, "cancel")
  yield* provider.cancel(target.id)
  const { job, outcome } = yield* Effect.match(one(provider, target), {
    onSuccess: (job): Asked => ({ job, outcome: outcomeOf(job) }),
    // Some services forget what they have stopped.
    onFailure: (error): Asked => ({ outcome: error._tag === "NotFound" ? "cancelled" : "asked" })
  })
  if (job !== undefined) yield* ledger.see([job])
  if (outcome === "cancelled" && target.handle !== undefined) yield* ledger.ledger.done(target.handle, job)
  return { job, outcome }
})

const cancelled = ({ job, outcome }: Asked): string => {
  if (outcome === "cancelled") return "is cancelled"
  if (outcome === "asked" || job === undefined) {
    return "was asked to stop, and may run on: `media-jobs wait` says how it ends"
  }
  return job.is("Succeeded")
    ? "had ended already: `media-jobs save` has what it made"
    : `had ended already: it is ${Shown.state(job)}`
}

const done: Readonly<Record<Exclude<Change, "cancel">, string>> = {
  untrack: "is let go of: it runs on, and is paid",
  remove: "is removed"
}

export const change = (shared: Shared, ids: ReadonlyArray<string>, operation: Change) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const targets = yield* Targets.resolve(session, ids)
      const { failed } = yield* Endings.all(targets.map(Effect.fnUntraced(function*(target) {
        const { handle, id } = target
        const provider = yield* session.provider(target.provider)
        const told = { id, provider: provider.id, operation }
        const say = (more: object, what: string) =>
          Output.objects(
            session.output,
            [{ ...told, ...more }],
            () => `${Shown.id(id, session.shared.fullIds)} ${what}`
          )
        if (operation === "cancel") {
          const stopped = yield* cancel(session, provider, target)
          return yield* say({ outcome: stopped.outcome }, cancelled(stopped))
        }
        if (!Provider.supports(operation)(provider)) return yield* unable(provider, operation)
        yield* provider[operation](id)
        // What is let go of is waited for no more; a submit of several jobs goes on with the others.
        if (handle !== undefined) yield* session.ledger.ledger.done(handle)
        if (operation === "remove") {
          yield* session.ledger.forget({ provider: provider.id, instance: provider.instance, id })
        }
        yield* say({}, done[operation])
      })))
      return yield* failed
    })
  )
