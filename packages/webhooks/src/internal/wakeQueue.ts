import * as JobError from "@media-jobs/core/JobError"
import * as Log from "@media-jobs/core/Log"
import * as Runtime from "@media-jobs/core/Runtime"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as ExpiringMap from "./expiringMap.ts"

export interface Options {
  readonly capacity: number
  readonly concurrency: number
  readonly window: Duration.Duration
}

/** What is done, and for which job or submit; no log shows its `secret`. */
export interface Task {
  readonly key: string
  readonly secret: string
  readonly run: () => Effect.Effect<void>
}

export type Outcome = "woken" | "duplicate" | "dropped"

/** What became of each of the tasks of a call. */
export type WakeQueue = (tasks: ReadonlyArray<Task>) => Effect.Effect<ReadonlyArray<Outcome>>

/**
 * Work done beside the calls that ask for it: at most `concurrency` at a time, with `capacity` waiting, and for one key once
 * in a window.
 *
 * What is asked for again within the window is done again after it, so that no call goes unheard: the first may have come
 * before the service's own state had changed.
 *
 * Where requests are isolated nothing goes on beside a call, or after its answer: its tasks are done before that, each time.
 */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  { capacity, concurrency, window }: Options
): Effect.fn.Return<WakeQueue, never, Scope.Scope> {
  const work = ({ run, secret }: Task) =>
    Effect.catchCause(
      Effect.suspend(run),
      (cause) => Log.warning("A wake failed", JobError.scrub(Cause.pretty(cause), [secret]))
    )
  if (Runtime.isolatesRequests()) {
    return (tasks) => Effect.forEach(tasks, (task) => Effect.as(work(task), "woken"), { concurrency })
  }

  const queue = yield* Queue.dropping<Task>(capacity)
  const recent = yield* ExpiringMap.make<string, { readonly task: Task; again: boolean }>(
    window,
    (key, seen, recent) => {
      if (!seen.again) return
      seen.again = !Queue.offerUnsafe(queue, seen.task)
      recent.set(key, seen)
    }
  )
  yield* Effect.forEach(
    Array.from({ length: concurrency }),
    () => Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(queue), work))),
    { discard: true }
  )

  const offer = (task: Task): Outcome => {
    const seen = recent.get(task.key)
    if (seen !== undefined) {
      seen.again = true
      return "duplicate"
    }
    if (!Queue.offerUnsafe(queue, task)) return "dropped"
    // With no room left to remember, a call is done each time it comes, which the queue bounds.
    if (recent.size() < capacity) recent.set(task.key, { task, again: false })
    return "woken"
  }
  return (tasks) => Effect.sync(() => tasks.map(offer))
})
