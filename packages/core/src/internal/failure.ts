import type * as Cause from "effect/Cause"
import * as Formatter from "effect/Formatter"
import { NodeInspectSymbol } from "effect/Inspectable"
import { symbolRedactable } from "effect/Redactable"
import * as Schema from "effect/Schema"
import type { Job } from "../Job.ts"
import * as JobId from "../JobId.ts"
import type { Remedy } from "../Remedy.ts"
import { defined } from "./defined.ts"
import { scrub } from "./scrub.ts"

/** What every error of this package can hold, as far as it bears on what a person may see of it. */
export interface Shown {
  readonly _tag: string
  readonly provider: string
  readonly instance: string
  readonly operation: string
  readonly status?: number
  readonly detail?: string
  readonly id?: JobId.JobId
  readonly account?: string
  readonly job?: Job
  readonly jobs?: ReadonlyArray<Job>
  readonly cause?: unknown
}

type Secrets = ReadonlyArray<readonly [secret: string, shown: string]>

/** Services quote an id of several parts by one of them, which may be too short for its runs to tell. One with few digits is a name. */
const partsOf = (id: JobId.JobId): ReadonlyArray<string> =>
  id.split(/[/:?&=,]/).filter((part) =>
    part.length >= 8 && part.length < id.length && part.replace(/\D/g, "").length * 3 > part.length
  )

const secretsOf = (self: Shown): Secrets => {
  const all = [self, self.job, ...(self.jobs ?? [])]
  const ids = new Set(all.flatMap((one) => one?.id ?? []))
  const accounts = new Set(all.flatMap((one) => one?.account ?? []))
  return [
    ...Array.from(ids, (id) => [id, JobId.fingerprint(id)] as const),
    ...Array.from(ids, (id) => partsOf(id).map((part) => [part, JobId.fingerprint(id)] as const)).flat(),
    ...Array.from(accounts, (account) => [account, "[account]"] as const)
  ]
}

/** A copy of what went wrong that holds no id, address or token, and no stack: ids stand in the messages and URLs of both. */
export const shield = (cause: unknown, secrets: Secrets = [], depth = 3): Error => {
  const { cause: inner, message, name } = cause instanceof Error
    ? cause
    : new Error(typeof cause === "string" ? cause : Formatter.format(cause))
  const nested = inner !== undefined && depth > 0 ? { cause: shield(inner, secrets, depth - 1) } : undefined
  const copy = new Error(scrub(message, secrets), nested)
  Object.defineProperty(copy, "name", { value: scrub(name, secrets) })
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}

const made = (jobs: ReadonlyArray<Job>): number => jobs.filter((job) => job.is("Succeeded")).length

/** Our own words first, whole; then the service's, as far as they are worth reading. */
const describe = (self: Shown, advice: string, said = self.detail): string => {
  const secrets = secretsOf(self)
  const subject = self.id ?? self.job?.id
  const where = self.instance === "default" ? self.provider : `${self.provider} (${self.instance})`
  const facts = [
    ...(self.status === undefined ? [] : [`status ${self.status}`]),
    ...(subject === undefined ? [] : [JobId.fingerprint(subject)]),
    ...(self.jobs === undefined ? [] : [`${made(self.jobs)} of ${self.jobs.length} jobs succeeded`])
  ]
  const words = scrub(said ?? "", secrets)
  return `${
    scrub(`${where} ${self.operation}: ${self._tag}${facts.length === 0 ? "" : ` [${facts.join(", ")}]`}`, secrets)
  }. ${advice}${words === "" ? "" : ` Detail: ${words}`}`
}

/**
 * The base of one tagged error: a schema class whose message, stack, cause, JSON and inspection can be shown to anyone,
 * while its fields stay as they were given and survive the schema's encoding.
 */
export const failure = <Self>() =>
<const Tag extends string, const Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields,
  does: {
    readonly remedy: Remedy | ((self: Schema.Struct.Type<Fields>) => Remedy)
    /** What to do, in our own words alone: it is never cut. */
    readonly advice: string | ((self: Schema.Struct.Type<Fields>) => string)
    /** The service's words, where they are more than the detail. */
    readonly said?: (self: Schema.Struct.Type<Fields>) => string | undefined
  }
) => {
  // TypeScript can't extend a class of generic fields; the instance type is restored on return.
  const Base = Schema.TaggedError<Shown>(`@media-jobs/core/${tag}`)(tag, fields) as unknown as new(
    ...args: ReadonlyArray<unknown>
  ) => Error & Shown

  class Failure extends Base {
    constructor(...args: ReadonlyArray<unknown>) {
      super(...args)
      const secrets = secretsOf(this)
      const self = this as unknown as Schema.Struct.Type<Fields> // just constructed from them
      if (this.detail !== undefined) Object.assign(this, { detail: scrub(this.detail, secrets) })
      const advice = typeof does.advice === "string" ? does.advice : does.advice(self)
      const message = describe(this, advice, does.said?.(self))
      Object.defineProperty(this, "message", { value: message, configurable: true, writable: true })
      if (this.cause !== undefined) {
        Object.defineProperty(this, "cause", {
          value: shield(this.cause, secrets),
          configurable: true,
          writable: true
        })
      }
      if (this.stack !== undefined) {
        const frames = this.stack.indexOf("\n    at ")
        this.stack = `${tag}: ${message}${frames === -1 ? "" : this.stack.slice(frames)}`
      }
    }

    get remedy(): Remedy {
      const { remedy } = does
      return typeof remedy === "function" ? remedy(this as unknown as Schema.Struct.Type<Fields>) : remedy // as above
    }

    toJSON(): unknown {
      const { cause, detail, id, instance, job, jobs, message, operation, provider, remedy, status } = this
      return defined({
        _tag: tag,
        message,
        provider,
        instance,
        operation,
        status,
        detail,
        id: id === undefined ? id : JobId.fingerprint(id),
        job: job?.[symbolRedactable](),
        jobs: jobs?.map((one) => one[symbolRedactable]()),
        remedy,
        cause: cause instanceof Error ? { name: cause.name, message: cause.message } : undefined
      })
    }

    [NodeInspectSymbol](): unknown {
      return this.stack ?? this.message
    }
  }
  Object.defineProperty(Failure.prototype, "name", { value: tag, configurable: true, writable: true })

  // What the two casts above took away.
  return Failure as unknown as Schema.Class<
    Self,
    Schema.TaggedStruct<Tag, Fields>,
    Cause.YieldableError & { readonly remedy: Remedy }
  >
}
