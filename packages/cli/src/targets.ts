/** Which jobs the words of a command name: handles, ids, what ids begin with, keys of submits. */
import * as Handle from "@media-jobs/core/Handle"
import { JobId } from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Configuration from "./configuration.ts"
import type { Known } from "./localLedger.ts"
import type { Session } from "./session.ts"
import * as Shown from "./shown.ts"
import { type Stopped, usage } from "./stopped.ts"

/** A job that a command is about; `handle` where it is known when it was submitted. */
export interface Target {
  readonly provider: string
  readonly id: JobId
  readonly handle: Handle.Handle | undefined
  readonly known: Known | undefined
}

/** What a line of stdin names: the lines that commands print are read too. */
const wordOf = (line: string): string => {
  if (!line.startsWith("{")) return line
  const parsed = Result.try((): unknown => JSON.parse(line))
  const value = Result.isSuccess(parsed) ? parsed.success : undefined
  if (Predicate.hasProperty(value, "handle") && typeof value.handle === "string") return value.handle
  return Predicate.hasProperty(value, "id") && typeof value.id === "string" ? value.id : line
}

const words = Effect.fnUntraced(function*(given: ReadonlyArray<string>) {
  if (!given.includes("-")) return given
  const read = (yield* Configuration.stdin).split("\n").map((line) => wordOf(line.trim())).filter((line) => line !== "")
  return given.flatMap((word) => word === "-" ? read : [word])
})

const ofHandle = (handle: Handle.Handle, known: Known | undefined): Target => ({
  provider: handle.provider,
  id: handle.id,
  handle,
  known
})

const show = (text: string) => `"${Shown.fit(Shown.discreet(text), Math.min(32, text.length)).trim()}"`

const one = Effect.fnUntraced(function*(
  { ledger, providers, shared }: Session,
  given: string
): Effect.fn.Return<ReadonlyArray<Target>, Stopped> {
  if (/^mj\d+\./.test(given)) {
    const handle = yield* Effect.mapError(
      Handle.fromText(given),
      ({ message, reason }) =>
        usage(reason === "version" ? message : "A handle is cut or changed: give all of it, as it was printed.")
    )
    const known = (yield* ledger.find(handle.id)).find((one) => one.handle.provider === handle.provider)
    return [ofHandle(handle, known)]
  }
  // As it stands on the screen, shortened.
  const text = given.split("…")[0] ?? ""
  if (text === "") return yield* usage("An id is empty: give one, or what it begins with.")
  const found = (yield* ledger.find(text)).filter(({ handle }) =>
    shared.provider === undefined || handle.provider === shared.provider
  )
  const [first] = found
  if (first !== undefined) {
    if (found.length === 1 || found.every(({ key }) => key === text)) {
      return found.map((known) => ofHandle(known.handle, known))
    }
    const some = found.slice(0, 4).map(({ handle }) => Shown.id(handle.id, false)).join(", ")
    return yield* usage(
      `${show(text)} is what ${found.length} known jobs begin with, such as ${some}: give more of it.`
    )
  }
  const { faults: [fault], made } = yield* providers
  const owners = shared.provider === undefined ? made.filter((one) => one.owns(JobId.make(text))) : made
  const [owner, ...others] = owners
  if (owner === undefined) {
    // It may be an id of the provider that can't be asked.
    if (fault !== undefined) return yield* fault
    return yield* usage(
      `${
        show(text)
      } is no job that is known here, nor an id of a provider whose token is set: give its handle, or the whole id and --provider.`
    )
  }
  if (others.length > 0) {
    return yield* usage(
      `${show(text)} may be an id of ${owners.map(({ id }) => id).join(" or ")}: say which by --provider.`
    )
  }
  const id = yield* Effect.mapError(Provider.jobId(owner, text), ({ message }) => usage(message))
  return [{ provider: owner.id, id, handle: undefined, known: undefined }]
})

/** All that the words name, each once; `-` is what stdin names, which may be none, as of a list of what runs. */
export const resolve = (session: Session, given: ReadonlyArray<string>) =>
  Effect.flatMap(words(given), (all) => all.length === 0 && given.length > 0 ? Effect.succeed([]) : named(session, all))

export const named = Effect.fnUntraced(function*(session: Session, all: ReadonlyArray<string>) {
  if (all.length === 0) return yield* usage("No job is named: give ids, handles, or - for those on stdin.")
  const targets = (yield* Effect.forEach(all, (word) => one(session, word))).flat()
  return [...new Map(targets.map((target) => [`${target.provider} ${target.id}`, target])).values()]
})
