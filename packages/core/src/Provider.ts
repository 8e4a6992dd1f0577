/**
 * What a service can do: an adapter is an object with just its operations.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { Artifact, MediaKind } from "./Artifact.ts"
import type { Job } from "./Job.ts"
import * as JobError from "./JobError.ts"
import { JobId } from "./JobId.ts"
import type { Instance, ProviderId } from "./ProviderId.ts"
import type { LostSubmission, Submission } from "./Submission.ts"

/**
 * What a service executes now.
 *
 * **Details**
 *
 * `complete` is false where something is missing, by the service's word or for an entry that can't be read: absence from such a
 * list means nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listing {
  readonly jobs: ReadonlyArray<Job>
  readonly complete: boolean
}

/**
 * An account that a service works with on the caller's behalf.
 *
 * **Details**
 *
 * `problem` is the service's own words for why the account can't work; absent where it can.
 *
 * @since 0.1.0
 * @category models
 */
export interface Account {
  readonly account: string
  readonly problem?: string | undefined
}

/**
 * How many jobs an account may run at once, and how many it runs, where the service tells; of one kind, or of all where `kind` is
 * absent. A limit of `Infinity` is none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Capacity {
  readonly account: string
  readonly kind?: MediaKind | undefined
  readonly limit: number
  readonly executing?: number | undefined
}

/**
 * A file for a later request.
 *
 * **Details**
 *
 * `mediaType` as in `image/png`; `content` is read once and never held whole; `length` in bytes, where it is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Upload {
  readonly mediaType: string
  readonly content: Stream.Stream<Uint8Array, unknown>
  readonly length?: number | undefined
  readonly account?: string | undefined
}

/**
 * A file that the service has, under the name that requests refer to it by.
 *
 * @since 0.1.0
 * @category models
 */
export interface Uploaded {
  readonly reference: string
  readonly account?: string | undefined
}

/**
 * How one submit goes.
 *
 * **Details**
 *
 * `account` is the account at the service to run on, for services that have several; a request that names another is refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitOptions {
  readonly account?: string | undefined
}

/**
 * Where the bytes of an artifact are now.
 *
 * **Details**
 *
 * `headers` go to the origin of `url` alone, and never along a redirect.
 *
 * @since 0.1.0
 * @category models
 */
export interface Link {
  readonly url: string
  readonly headers?: Readonly<Record<string, Redacted.Redacted>> | undefined
  readonly expiresAt?: DateTime.Utc | undefined
}

/**
 * Everything that an adapter could do; each does some of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operations<in Request = never> {
  /** What executes now. */
  readonly list: Effect.Effect<Listing, JobError.Of<"list">>
  /** One job as it stands, ended or not. */
  readonly get: (id: JobId) => Effect.Effect<Job, JobError.Of<"get">>
  /** Starts jobs; sent once. */
  readonly submit: (request: Request, options?: SubmitOptions) => Effect.Effect<Submission, JobError.Of<"submit">>
  /** The jobs that a lost submit may have become; all of them, never a guess. */
  readonly recover: (lost: LostSubmission) => Effect.Effect<ReadonlyArray<Job>, JobError.Of<"recover">>
  /** Stops a job that runs. */
  readonly cancel: (id: JobId) => Effect.Effect<void, JobError.Of<"cancel">>
  /** Has a reseller forget a job that runs, which frees its slot there; the job runs on, and is paid. */
  readonly untrack: (id: JobId) => Effect.Effect<void, JobError.Of<"untrack">>
  /** Forgets a job that has ended. */
  readonly remove: (id: JobId) => Effect.Effect<void, JobError.Of<"remove">>
  /** Where an artifact's bytes are now, fresh at each call; for links that died, need a credential, or come from a second call. */
  readonly link: (job: Job, artifact: Artifact) => Effect.Effect<Link, JobError.Of<"link">>
  /** Gives the service a file for later requests. */
  readonly upload: (file: Upload) => Effect.Effect<Uploaded, JobError.Of<"upload">>
  /** The accounts at the service. */
  readonly accounts: Effect.Effect<ReadonlyArray<Account>, JobError.Of<"accounts">>
  /** How many jobs the accounts may run at once. */
  readonly capacity: Effect.Effect<ReadonlyArray<Capacity>, JobError.Of<"capacity">>
  /** The snapshots in a webhook's body, whose sender is not known. */
  readonly webhook: (body: unknown) => Effect.Effect<ReadonlyArray<Job>, JobError.Of<"webhook">>
}

/**
 * @since 0.1.0
 * @category models
 */
export type Capability = keyof Operations

/**
 * The service and the token that an adapter speaks for.
 *
 * **Details**
 *
 * `owns` tells whether an id looks like one of this service's. `retired` is when the service closed. `recoversEnded` is true where
 * `recover` finds jobs that have ended too, so that finding none means that nothing began. `keeps` is how long the service keeps what
 * a job made, at the least, where that is so short that looks must not be further apart.
 *
 * @since 0.1.0
 * @category models
 */
export interface Identity {
  readonly id: ProviderId
  readonly instance: Instance
  readonly capabilities: ReadonlyArray<Capability>
  readonly owns: (id: JobId) => boolean
  readonly retired?: DateTime.Utc | undefined
  readonly recoversEnded?: boolean | undefined
  readonly keeps?: Duration.Duration | undefined
}

/**
 * A provider that can do `C`; one that can do more is one too.
 *
 * @since 0.1.0
 * @category models
 */
export type Provider<C extends Capability = never, Request = never> = Identity & Pick<Operations<Request>, C>

/**
 * A provider of which nothing is known but that some operations may be there.
 *
 * @since 0.1.0
 * @category models
 */
export type Any = Identity & Partial<Operations>

type RequestOf<O> = O extends { readonly submit: (request: infer Request) => unknown } ? Request : never

/**
 * A provider of its identity and its operations; its capabilities are read off the operations.
 *
 * **Details**
 *
 * A record of another job than the one that was asked for is no answer to `get`: it fails as an `UnexpectedResponse`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const O extends Partial<Operations>>(
  identity: Omit<Identity, "capabilities">,
  operations: O & { readonly [K in Exclude<keyof O, Capability>]: never }
): Provider<Extract<keyof O, Capability>, RequestOf<O>> => {
  const { get } = operations
  const provider = {
    ...identity,
    capabilities: Object.keys(operations),
    ...operations,
    ...(get &&
      {
        get: (id: JobId) => Effect.flatMap(get(id), (job) => job.id === id ? Effect.succeed(job) : other(identity, id))
      })
  }
  // The keys of `operations` are capabilities by its type, which `Object.keys` forgets, and with it that O is a Pick.
  return provider as unknown as Provider<Extract<keyof O, Capability>, RequestOf<O>>
}

const other = ({ id: provider, instance }: Pick<Identity, "id" | "instance">, id: JobId) =>
  Effect.fail(
    new JobError.UnexpectedResponse({
      provider,
      instance,
      operation: "get",
      id,
      detail: "The record is of another job than the one asked for"
    })
  )

/**
 * Whether a provider can do all that is named.
 *
 * @since 0.1.0
 * @category guards
 */
export const supports =
  <const C extends Capability>(...needed: ReadonlyArray<C>) => <P extends Identity>(self: P): self is P & Provider<C> =>
    needed.every((one) => self.capabilities.includes(one))

/**
 * A text as an id of this provider; `InvalidJobId` where it is empty or plainly another service's.
 *
 * @since 0.1.0
 * @category conversions
 */
export const jobId = (self: Identity, text: string): Effect.Effect<JobId, JobError.InvalidJobId> => {
  if (text !== "") {
    const id = JobId.make(text)
    if (self.owns(id)) return Effect.succeed(id)
  }
  return Effect.fail(
    new JobError.InvalidJobId({
      provider: self.id,
      instance: self.instance,
      operation: "get",
      id: text,
      detail: text === "" ? "The id is empty" : "The id is another service's"
    })
  )
}
