/** `cancel`, `untrack` and `remove`. */
import * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import type { Shared } from "./configuration.ts"
import * as Endings from "./endings.ts"
import { unable } from "./looks.ts"
import * as Output from "./output.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import * as Targets from "./targets.ts"

export type Change = "cancel" | "untrack" | "remove"

const done: Readonly<Record<Change, string>> = {
  cancel: "is cancelled",
  untrack: "is let go of: it runs on, and is paid",
  remove: "is removed"
}

export const change = (shared: Shared, ids: ReadonlyArray<string>, operation: Change) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const targets = yield* Targets.resolve(session, ids)
      const { failed } = yield* Endings.all(targets.map(Effect.fnUntraced(function*({ handle, id, provider: name }) {
        const provider = yield* session.provider(name)
        if (!Provider.supports(operation)(provider)) return yield* unable(provider, operation)
        yield* provider[operation](id)
        // What is let go of is waited for no more; a submit of several jobs goes on with the others.
        if (handle !== undefined) yield* session.ledger.ledger.done(handle)
        if (operation === "remove") {
          yield* session.ledger.forget({ provider: provider.id, instance: provider.instance, id })
        }
        yield* Output.objects(
          session.output,
          [{ id, provider: provider.id, operation }],
          () => `${Shown.id(id, session.shared.fullIds)} ${done[operation]}`
        )
      })))
      return yield* failed
    })
  )
