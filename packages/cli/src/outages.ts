/** Services that give no answer while their jobs are waited for: the wait outlasts that, and a person wants to know. */
import type { JobId } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import { type Output, say } from "./output.ts"

export interface Outages {
  /** The same provider, whose looks notice that its service gives no answer. */
  readonly observe: (provider: Provider.Any) => Provider.Any
  /** A sentence for each service that gives no answer now. */
  readonly now: () => ReadonlyArray<string>
}

interface Failure {
  readonly _tag: string
  readonly message: string
}

/** What a table does not show, as it is drawn, is said: once as the answers stop, and as they come again. */
export const make = ({ isLive }: Output): Outages => {
  const away = new Map<string, string>()
  /** Each once: whoever waits for the jobs of one provider shares its looks. */
  const observed = new Map<Provider.Any, Provider.Any>()
  const tell = (sentence: string) => isLive ? Effect.void : say(sentence)

  const observing = (provider: Provider.Any): Provider.Any => {
    const { id } = provider
    const answered = Effect.suspend(() => away.delete(id) ? tell(`${id} answers again.`) : Effect.void)
    const failed = ({ _tag, message }: Failure) =>
      Effect.suspend(() => {
        // Whatever else it says is an answer.
        if (_tag !== "Unavailable") return answered
        if (away.has(id)) return Effect.void
        const sentence = `The wait goes on, but ${id} gives no answer now. ${message}`
        away.set(id, sentence)
        return tell(sentence)
      })
    const look = <A, E extends Failure>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.tap(Effect.tapError(effect, failed), answered)
    return {
      ...provider,
      ...(Provider.supports("get")(provider) ? { get: (job: JobId) => look(provider.get(job)) } : undefined),
      ...(Provider.supports("list")(provider) ? { list: look(provider.list) } : undefined)
    }
  }

  return {
    observe: (provider) => {
      const known = observed.get(provider) ?? observing(provider)
      observed.set(provider, known)
      return known
    },
    now: () => [...away.values()]
  }
}
