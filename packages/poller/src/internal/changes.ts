import type * as Job from "@media-jobs/core/Job"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Engine } from "./engine.ts"

const mostUnread = 1024

interface Reader {
  readonly unread: Array<Job.Job>
  closed: boolean
  resume: (() => void) | undefined
}

/** The visible changes of all watched jobs, until the engine closes. */
export const changes = (engine: Engine): Stream.Stream<Job.Job> =>
  Stream.fromChannel(Channel.fromTransform((_upstream, scope) =>
    Effect.suspend(() => {
      const reader: Reader = { unread: [], closed: false, resume: undefined }
      const unsubscribe = engine.subscribe({
        change: (job) => {
          if (reader.unread.push(job) > mostUnread) reader.unread.shift()
          reader.resume?.()
        },
        close: () => {
          reader.closed = true
          reader.resume?.()
        }
      })
      return Effect.as(Scope.addFinalizer(scope, Effect.sync(unsubscribe)), read(reader))
    })
  ))

const read = (reader: Reader): Effect.Effect<readonly [Job.Job, ...Array<Job.Job>], Cause.Done> =>
  Effect.callback((resume) => {
    reader.resume = () => {
      const [first, ...rest] = reader.unread.splice(0)
      if (first === undefined && !reader.closed) return
      reader.resume = undefined
      resume(first === undefined ? Cause.done() : Effect.succeed([first, ...rest]))
    }
    reader.resume()
    // A wait that is over takes nothing that another wait is for.
    return Effect.sync(() => {
      reader.resume = undefined
    })
  })
