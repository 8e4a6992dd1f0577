import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"

/** Any job that the schema allows. */
export const AnyJob = Schema.toType(Job.Job)

/** A job as generated, folded onto one id, three instants and few words, so that any two of them often tie. */
export const close = (job: Job.Job): Job.Job => {
  const near = (time: DateTime.Utc) => DateTime.makeUnsafe(Math.abs(Math.trunc(time.epochMilliseconds)) % 3)
  const word = (text: string) => text.length % 2 === 0 ? "a" : "b"
  const { account, createdAt, model, providerStatus, raw, reference, state, updatedAt, ...rest } = job
  return new Job.Job({
    ...rest,
    id: JobId.make("j1"),
    provider: ProviderId.make("p"),
    instance: ProviderId.defaultInstance,
    observedAt: near(job.observedAt),
    state: state._tag === "Running" && state.progress !== undefined
      ? { _tag: "Running", progress: Math.round(state.progress) }
      : state,
    ...(account === undefined ? undefined : { account: word(account) }),
    ...(model === undefined ? undefined : { model: word(model) }),
    ...(reference === undefined ? undefined : { reference: word(reference) }),
    ...(providerStatus === undefined ? undefined : { providerStatus: word(providerStatus) }),
    ...(raw === undefined ? undefined : { raw: null }),
    ...(createdAt === undefined ? undefined : { createdAt: near(createdAt) }),
    ...(updatedAt === undefined ? undefined : { updatedAt: near(updatedAt) })
  })
}

/** A job for a test that cares about a few fields only. */
export const job = (fields: Partial<ConstructorParameters<typeof Job.Job>[0]> = {}): Job.Job =>
  new Job.Job({
    id: JobId.make("j1"),
    provider: ProviderId.make("p"),
    instance: ProviderId.defaultInstance,
    state: { _tag: "Running" },
    observedAt: DateTime.makeUnsafe(0),
    ...fields
  })
