/**
 * What every adapter would write again: how a record becomes a job, and the calls that most services have.
 *
 * **Details**
 *
 * Path, schema, meaning and what is sent stay with the adapter. Provider, instance and time of a snapshot, the raw record,
 * the caller's part of an echo, unknown status words, refusals before sending and the ledger are the kit's.
 *
 * @since 0.1.0
 */
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import type * as JobId from "@media-jobs/core/JobId"
import type { JobState, Of } from "@media-jobs/core/JobState"
import * as Ledger from "@media-jobs/core/Ledger"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Submission from "@media-jobs/core/Submission"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Answer from "./Answer.ts"
import * as Failure from "./Failure.ts"
import * as Content from "./internal/content.ts"
import * as StatusWords from "./internal/statusWords.ts"
import * as PathSegment from "./PathSegment.ts"
import type * as RequestSchema from "./RequestSchema.ts"
import * as Transport from "./Transport.ts"
import * as Wire from "./Wire.ts"

/**
 * @since 0.1.0
 * @category options
 */
export interface Options extends Transport.Options {
  /** Whether each job keeps the service's own record as `raw`; it does not unless asked to. */
  readonly raw?: boolean | undefined
}

/**
 * A service, as far as its adapter must tell.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Omit<Transport.Service, "classify" | "errorText"> {
  /** What its answers mean where they differ from the table of `Answer.classify`. */
  readonly answer: Answer.Rules
  /** Whether an id looks like one of this service's. */
  readonly owns: (id: string) => boolean
  /** Why an id can't be one of this service's, or can't be in this operation; with a reason, it is refused unsent. */
  readonly objection?: ((id: string, operation: AboutJob) => string | undefined) | undefined
  /** An id as a part of a path; `PathSegment.encode` unless told otherwise. */
  readonly segment?: ((id: string) => string | undefined) | undefined
  /**
   * The names of a request's fields about webhooks; absent for a service that calls none. `maxEcho` is the longest reference
   * that it gives back with a job, in characters; absent where it gives none back, and then the reference is not sent.
   */
  readonly reply?: {
    readonly url: string
    readonly reference: string
    readonly maxEcho?: number | undefined
  } | undefined
  /** What the one account that a token is of is called in `accounts` and `capacity`: a submit that names it may go. */
  readonly account?: string | undefined
  /** Whether `recover` finds jobs that have ended too. */
  readonly recoversEnded?: boolean | undefined
  /** How long what a job made is kept, at the least, where that is minutes. */
  readonly keeps?: Provider.Identity["keeps"]
  /** When the service closed. */
  readonly retired?: DateTime.Utc | undefined
}

/**
 * Where a service reports about one submit, and what it gives back with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly url: string | undefined
  readonly reference: string | undefined
}

/**
 * What a record says of its job, and nothing else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report
  extends Omit<Job.Fields, "provider" | "instance" | "observedAt" | "raw" | "reference" | "state">
{
  /**
   * `Unknown` for a status word that the mapping does not know, which is counted: the job reads as `Running`, or, where the
   * record says all the same that it has `ended`, as failed with that word. `Failure.withoutFile` is asked for once more.
   */
  readonly state: JobState | {
    readonly _tag: "Unknown"
    readonly progress?: number | undefined
    readonly ended?: boolean | undefined
  }
  /** What the service gives back of the submit's reference, whole. */
  readonly echo?: string | undefined
}

/**
 * A record's report, and the record as it came.
 *
 * @since 0.1.0
 * @category models
 */
export type Seen = readonly [report: Report, record: unknown]

/**
 * The entries of a list as they came, and whether the service says that nothing is missing.
 *
 * **Details**
 *
 * `account` is the one that an entry stands under, where the list has its entries by account.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rows {
  readonly rows: ReadonlyArray<{ readonly record: unknown; readonly account?: string | undefined }>
  readonly complete: boolean
}

/**
 * Where a request goes, and what it is known by.
 *
 * **Details**
 *
 * `body` is JSON: the request's own fields, what goes along as `more`, and those about webhooks, unless given. `inputDigest` is there
 * where `recover` can read the like from what the service shows. `timeout` is what a try may take where the
 * options allow less: a service that answers with what it made may take minutes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Route extends Pick<Transport.Known, "kind" | "model" | "account" | "inputDigest"> {
  readonly path: string
  readonly method?: Transport.Request["method"] | undefined
  readonly headers?: Transport.Request["headers"] | undefined
  readonly body?: object | undefined
  readonly more?: object | undefined
  readonly timeout?: Transport.Request["timeout"]
}

/**
 * What the answer to a submit holds: the ids, and what it says of their jobs, if anything.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accepted extends Pick<Submission.Accepted, "ids"> {
  readonly seen?: ReadonlyArray<Seen> | undefined
}

/** From JavaScript anything may come; what is wrong with it, the request's schema says. */
const fieldsOf = (request: unknown): RequestSchema.Fields => Wire.object(request)

type Decoder<A> = Schema.ConstraintDecoder<A>

/**
 * The operations that are about one job.
 *
 * @since 0.1.0
 * @category models
 */
export type AboutJob = "get" | "cancel" | "untrack" | "remove" | "link"

type ToRequest = (segment: string, id: JobId.JobId) => string | Transport.Request

const running: Of<"Running"> = { _tag: "Running" }

const none: ReadonlySet<JobId.JobId> = /* @__PURE__ */ new Set()

/**
 * What is recovered, less the jobs that the application's ledger has under another submit, and less those that were asked for something
 * else where one was asked for the very same. Another input alone speaks against none: a service may show it otherwise than it was sent.
 */
const unclaimed = (recover: Provider.Operations["recover"]): Provider.Operations["recover"] => (lost) =>
  Effect.flatMap(recover(lost), (jobs) =>
    Effect.flatMap(Ledger.Ledger, (ledger) => {
      const { inputDigest: asked } = lost
      const known = ledger === undefined ? Effect.succeed(none) : ledger.known(jobs.map(({ id }) => id))
      const likeliest = Effect.map(known, (known) => {
        const free = jobs.filter(({ id }) => !known.has(id))
        return asked !== undefined && free.some(({ inputDigest }) => inputDigest === asked)
          ? free.filter(({ inputDigest = asked }) => inputDigest === asked)
          : free
      })
      // Where this can't be told, all may be another's, and none speaks against the others.
      return Effect.orElseSucceed(likeliest, () => jobs)
    }))

/** The state that a report means: an unknown word is a job that runs, unless the record says that it has ended. */
const stateOf = ({ providerStatus, state }: Report): JobState =>
  state._tag !== "Unknown"
    ? state
    : state.ended === true
    ? Failure.fromText(providerStatus)
    : state.progress === undefined
    ? running
    : { ...running, progress: state.progress }

/** Some services show a job as done a moment before its files. */
const filesFollowWithin = "2 seconds"

/**
 * What `make` gives an adapter.
 *
 * @since 0.1.0
 * @category models
 */
export type Kit = Effect.Success<ReturnType<typeof make>>

/**
 * The kit for one service and one token.
 *
 * **When to use**
 *
 * Use in an adapter's `make`; `examples/own-adapter.ts` is a whole one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(service: Service, options: Options) {
  const { account: only, answer, objection, owns, recoversEnded, reply: names, retired, segment = PathSegment.encode } =
    service
  const transport = yield* Transport.make({
    ...service,
    classify: (call, found) => Answer.classify(answer, call, found),
    errorText: answer.errorText
  }, options)
  const { instance, provider } = transport
  const countUnknown = StatusWords.make({ provider, instance })

  /** Gives reports what the kit knows of them, and counts the status words that none of them knew. */
  const reading = <A, E>(use: (job: (seen: Seen, at: DateTime.Utc) => Job.Job) => Effect.Effect<A, E>) =>
    Effect.flatMap(ReplyTo.ReplyTo, (replyTo) => {
      const unknown: Array<readonly [word: string, id: string]> = []
      const job = ([report, record]: Seen, observedAt: DateTime.Utc) => {
        const { echo, state } = report
        if (state._tag === "Unknown") unknown.push([report.providerStatus ?? "", report.id])
        return Job.fromValid({
          ...report,
          provider,
          instance,
          observedAt,
          state: stateOf(report),
          // Where there is a `ReplyTo`, an echo that it did not make is not the caller's.
          reference: echo === undefined || replyTo === undefined ? echo : replyTo.callerReference(echo),
          raw: options.raw === true ? record as Schema.Json : undefined // as it was parsed from the wire
        })
      }
      const jobs = use(job)
      return Effect.flatMap(jobs, (found) =>
        unknown.length === 0
          ? Effect.succeed(found)
          : Effect.as(Effect.forEach(unknown, ([word, id]) => countUnknown(word, id), { discard: true }), found))
    })

  const refuse = (operation: "submit" | "upload", issues: ReadonlyArray<JobError.Issue>) =>
    Effect.fail(new JobError.InvalidRequest({ provider, instance, operation, issues }))

  /** Nothing is recovered by a list that is not complete, which may lack the very job. */
  const incomplete = Effect.suspend(() =>
    Effect.fail(
      new JobError.UnexpectedResponse({
        provider,
        instance,
        operation: "recover",
        detail: "The list is not complete"
      })
    )
  )

  /**
   * A call about one job; an id that can't be one of this service's, or that no path can hold, is refused unsent. Of a request that
   * is its path alone, the method is DELETE where the operation lets go of the job, else GET.
   */
  const about = <const Op extends AboutJob, A>(
    operation: Op,
    id: JobId.JobId,
    request: ToRequest,
    decode: Transport.Decode<A>
  ): Effect.Effect<A, JobError.Of<Op>> => {
    const found = id === "" ? undefined : segment(id)
    const detail = id === ""
      ? "The id is empty"
      : objection?.(id, operation) ?? (found === undefined ? "No path can hold this id" : undefined)
    const method = operation === "get" || operation === "link" ? "GET" : "DELETE"
    const asked = found !== undefined && detail === undefined ? request(found, id) : undefined
    return asked !== undefined
      ? transport.call(operation, { ...(typeof asked === "string" ? { method, path: asked } : asked), id }, decode)
      : Effect.fail(
        JobError.narrow(
          operation,
          new JobError.InvalidJobId({ provider, instance, operation, id, detail: detail ?? "" })
        )
      )
  }

  /** Where one submit reports: as its request says, else as the application's `ReplyTo` does. */
  const replyOf = Effect.fnUntraced(function*(
    fields: RequestSchema.Fields,
    { maxEcho, reference: referenceName, url: urlName }: NonNullable<Service["reply"]>
  ): Effect.fn.Return<Reply & { readonly own: string | undefined }, JobError.InvalidRequest> {
    // The request's schema has checked both.
    const own = fields[referenceName] as string | undefined
    const url = fields[urlName] as string | undefined
    const replyTo = url === undefined ? yield* ReplyTo.ReplyTo : undefined
    if (replyTo === undefined) return { own, url, reference: maxEcho === undefined ? undefined : own }
    const address = yield* replyTo.address({ provider, instance, reference: own })
    if (maxEcho === undefined) return { own, url: address.url, reference: undefined }
    return (address.reference?.length ?? 0) <= maxEcho
      ? { own, url: address.url, reference: address.reference }
      : yield* refuse("submit", [{
        field: referenceName,
        message: `Expected less: with what is added to it, at most ${maxEcho} characters`
      }])
  })

  /**
   * One job, with the report that it was made of; a job that is done without a file is asked for once more. `further` asks what a
   * report depends on beside its record, as a file that is ready later than its job.
   */
  const look = <A>(
    path: ToRequest,
    schema: Decoder<A>,
    report: (record: A, at: DateTime.Utc, id: JobId.JobId) => Report,
    further: (report: Report, id: JobId.JobId) => Effect.Effect<Report, JobError.Of<"get">> = Effect.succeed
  ) => {
    const decode = Schema.decodeUnknownResult(schema)
    return (id: JobId.JobId) => {
      const ask = reading((job) =>
        about(
          "get",
          id,
          path,
          (body, at) => Result.map(decode(body), (record) => ({ at, body, report: report(record, at, id) }))
        ).pipe(
          Effect.flatMap(({ at, body, report }) =>
            Effect.map(further(report, id), (report) => ({ report, job: job([report, body], at) }))
          )
        )
      )
      return Effect.flatMap(ask, (found) =>
        found.report.state === Failure.withoutFile
          ? Effect.orElseSucceed(Effect.andThen(Effect.sleep(filesFollowWithin), ask), () => found)
          : Effect.succeed(found))
    }
  }

  return {
    ...transport,
    about,
    incomplete,
    reading,

    /** The provider of these operations. */
    provide: <const O extends Partial<Provider.Operations>>(
      operations: O & { readonly [K in Exclude<keyof O, Provider.Capability>]: never }
    ) =>
      Provider.make(
        { id: provider, instance, owns, retired, recoversEnded, keeps: service.keeps },
        // The same operations, of the same types.
        operations.recover === undefined
          ? operations
          : { ...operations, recover: unclaimed(operations.recover) } as typeof operations
      ),

    /** What executes, by its list, of which `rowsOf` gives the entries or says why it is none; an odd entry costs no other. */
    listing: <A>(
      path: string,
      rowsOf: (body: unknown) => Result.Result<Rows, string>,
      schema: Decoder<A>,
      report: (record: A, at: DateTime.Utc, account: string | undefined) => Report
    ) => {
      const decode = Schema.decodeUnknownResult(schema)
      const decodeAll = Schema.decodeUnknownResult(Schema.Array(schema))
      /** At once, which takes two thirds of the time; one by one where an entry is odd, which costs no other. */
      const decoded = (
        { complete, rows }: Rows
      ): readonly [records: ReadonlyArray<A | undefined>, complete: boolean] => {
        const all = decodeAll(rows.map(({ record }) => record))
        if (Result.isSuccess(all)) return [all.success, complete]
        return [rows.map(({ record }) => Result.getOrUndefined(decode(record))), false]
      }
      const ask = <const Op extends "list" | "recover", B>(operation: Op, take: (job: Job.Job, record: A) => B) =>
        reading((job) =>
          transport.call(operation, { method: "GET", path }, (body, at) =>
            Result.map(rowsOf(body), (found) => {
              const [records, complete] = decoded(found)
              const jobs: Array<B> = []
              found.rows.forEach(({ account, record: raw }, i) => {
                const record = records[i]
                if (record !== undefined) jobs.push(take(job([report(record, at, account), raw], at), record))
              })
              return { jobs, complete }
            }))
        )
      return {
        list: ask("list", (job) => job),
        /** For `recover`: every job of the list with its record, which may echo more than the job shows. */
        whole: Effect.flatMap(
          ask("recover", (job, record) => ({ job, record })),
          ({ complete, jobs }) => complete ? Effect.succeed(jobs) : incomplete
        )
      }
    },

    look,

    /** One job as it stands; a record that holds a part of an id reports the one that was asked for, where they agree. */
    get: <A>(
      path: ToRequest,
      schema: Decoder<A>,
      report: (record: A, at: DateTime.Utc, id: JobId.JobId) => Report,
      further?: (report: Report, id: JobId.JobId) => Effect.Effect<Report, JobError.Of<"get">>
    ) => {
      const ask = look(path, schema, report, further)
      return (id: JobId.JobId) => Effect.map(ask(id), ({ job }) => job)
    },

    /** A call that changes a job; `schema` is of an answer that has a body. */
    command: <const Op extends "cancel" | "untrack" | "remove">(
      operation: Op,
      request: ToRequest,
      schema: Decoder<unknown> = Schema.Unknown
    ) => {
      const decode = Schema.decodeUnknownResult(schema)
      return (id: JobId.JobId): Effect.Effect<void, JobError.Of<Op>> =>
        about(
          operation,
          id,
          request,
          (body) =>
            body === undefined
              ? Result.void
              : answer.isError?.(body) ?? answer.errorText(body) !== undefined
              ? Result.fail("A success that holds an error")
              : Result.map(decode(body), () => undefined)
        )
    },

    /** Checks, addresses, writes down and sends a request, once; `account` is the field that names the account, if any. */
    submit: <Request extends object>(
      issues: RequestSchema.RequestSchema["issues"],
      accepted: (body: unknown, request: Request) => Accepted | undefined,
      route: (request: Request, reply: Reply) => Route,
      account?: string | undefined
    ) =>
      Effect.fnUntraced(function*(
        asked: Request,
        options?: Provider.SubmitOptions
      ): Effect.fn.Return<Submission.Submission, JobError.Of<"submit">> {
        const wanted = only !== undefined && options?.account === only ? undefined : options?.account
        const request = wanted === undefined || account === undefined
          ? asked
          : { ...asked, [account]: wanted }
        const named = account === undefined ? undefined : fieldsOf(asked)[account]
        const found = wanted !== undefined && (account === undefined || named !== undefined && named !== wanted)
          ? [{
            field: account ?? "account",
            message: account === undefined
              ? "Expected none: the service has no accounts to choose from"
              : "Expected the account that the submit's options name, or none"
          }]
          : issues(request)
        if (found.length > 0) return yield* refuse("submit", found)
        const fields = fieldsOf(request)
        const { own, ...reply } = names === undefined
          ? { own: undefined, url: undefined, reference: undefined }
          : yield* replyOf(fields, names)
        const { body, headers, method = "POST", more, path, timeout, ...known } = route(request, reply)
        const { _tag, ...bare } = fields
        const sent = body ?? {
          ...bare,
          ...more,
          ...(names === undefined ? undefined : { [names.url]: reply.url, [names.reference]: reply.reference })
        }
        return yield* reading((job) =>
          transport.submit(
            { ...known, reference: own, replyUrl: reply.url, replyRef: reply.reference },
            { method, path, headers, timeout, account: known.account, body: HttpBody.jsonUnsafe(sent) },
            (body, at) => {
              const found = accepted(body, request)
              if (found === undefined) return Result.fail("The answer holds no job id")
              const seen = found.seen?.filter(([{ state }]) => state !== Failure.withoutFile)
              return Result.succeed({ ids: found.ids, snapshots: seen?.map((one) => job(one, at)) })
            }
          )
        )
      }),

    /**
     * Sends a file once, as it streams, by the calls of `send`; content that turns out otherwise than it was described breaks the
     * upload off.
     */
    upload: (
      file: Provider.Upload,
      { issues = [], megabytes, send }: {
        readonly issues?: ReadonlyArray<JobError.Issue> | undefined
        readonly megabytes?: number | undefined
        readonly send: (stream: Content.Content["stream"]) => Effect.Effect<Provider.Uploaded, JobError.Of<"upload">>
      }
    ): Effect.Effect<Provider.Uploaded, JobError.Of<"upload">> =>
      Effect.suspend(() => {
        const own = new Set(issues.map(({ field }) => field))
        const found = [...issues, ...Content.issues(file, megabytes).filter(({ field }) => !own.has(field))]
        if (found.length > 0) return refuse("upload", found)
        const content = Content.make(file, transport.timeout, megabytes)
        return Effect.flatMap(Effect.exit(send(content.stream)), (exit) => {
          const issue = content.issue()
          return issue === undefined ? exit : refuse("upload", [issue])
        })
      }),

    /** Reads the jobs in a webhook's body, by its records; an odd one costs no other. */
    webhook: <A>(
      schema: Decoder<A>,
      report: (record: A, at: DateTime.Utc, body: unknown) => Report,
      recordsOf: (body: unknown) => ReadonlyArray<unknown> = (body) => [body]
    ) => {
      const decode = Schema.decodeUnknownResult(schema)
      return (body: unknown) =>
        reading((job) =>
          transport.decodeWebhook(body, (body, at): Result.Result<ReadonlyArray<Job.Job>, Schema.SchemaError> => {
            const records = recordsOf(body).map((record) =>
              Result.map(decode(record), (read) => job([report(read, at, body), record], at))
            )
            const jobs = records.filter(Result.isSuccess).map(({ success }) => success)
            const [first] = records
            return jobs.length > 0 || first === undefined ? Result.succeed(jobs) : Result.map(first, () => jobs)
          })
        )
    }
  }
})
