import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import type { Remedy } from "@media-jobs/core/Remedy"
import type * as Cause from "effect/Cause"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Schema from "effect/Schema"

/** What the errors of a save can hold, as far as it bears on what a person may see of it. */
interface Shown {
  readonly provider?: ProviderId
  readonly instance?: Instance
  readonly id?: JobId.JobId
  readonly artifact?: string
  readonly host?: string
  readonly file?: string
  readonly status?: number
  readonly detail?: string
  readonly cause?: unknown
}

const describe = (tag: string, self: Shown, advice: string): string => {
  const { artifact, detail, file, host, id, instance, provider, status } = self
  const where = instance === undefined || instance === "default" ? provider : `${provider} (${instance})`
  const facts = [
    status === undefined ? undefined : `status ${status}`,
    id === undefined ? undefined : JobId.fingerprint(id),
    artifact,
    host,
    file
  ].filter((fact) => fact !== undefined && fact !== "").join(", ")
  return `${where === undefined ? "" : `${where} save: `}${tag} [${facts}]${
    detail === undefined ? "" : `: ${detail}`
  }. ${advice}`
}

/**
 * The base of one tagged error of a save: a schema class whose message, JSON and inspection show the job's fingerprint, while
 * its `id` stays whole and survives the schema's encoding, and whose cause is a scrubbed copy: a sink's own may hold a signed URL.
 */
export const failure = <Self>() =>
<const Tag extends string, const Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields,
  does: {
    readonly remedy: (self: Schema.Struct.Type<Fields>) => Remedy
    readonly advice: (self: Schema.Struct.Type<Fields>) => string
  }
) => {
  // TypeScript can't extend a class of generic fields; the instance type is restored on return.
  const Base = Schema.TaggedError<Shown>(`@media-jobs/artifacts/${tag}`)(tag, fields) as unknown as new(
    ...args: ReadonlyArray<unknown>
  ) => Error & Shown

  class Failure extends Base {
    constructor(...args: ReadonlyArray<unknown>) {
      super(...args)
      if (this.cause !== undefined) {
        const value = JobError.scrubCause(this.cause, this.id === undefined ? [] : [this.id])
        Object.defineProperty(this, "cause", { value, configurable: true, writable: true })
      }
    }

    override get message(): string {
      return describe(tag, this, does.advice(this as unknown as Schema.Struct.Type<Fields>)) // as it was constructed
    }

    get remedy(): Remedy {
      return does.remedy(this as unknown as Schema.Struct.Type<Fields>) // as above
    }

    toJSON(): unknown {
      const { cause, message, remedy } = this
      const { id, name: _, stack: __, ...rest } = { ...this }
      return {
        _tag: tag,
        ...rest,
        ...(id === undefined ? undefined : { id: JobId.fingerprint(id) }),
        message,
        remedy,
        ...(cause instanceof Error ? { cause: { name: cause.name, message: cause.message } } : undefined)
      }
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
