/**
 * The way to any service of useapi.net: one token, one rate limit, one meaning for every answer.
 *
 * @since 0.1.0
 */
import * as Adapter from "@media-jobs/adapter/Adapter"
import type * as Answer from "@media-jobs/adapter/Answer"
import * as PathSegment from "@media-jobs/adapter/PathSegment"
import type * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as Wire from "@media-jobs/adapter/Wire"
import type * as JobError from "@media-jobs/core/JobError"
import type * as Provider from "@media-jobs/core/Provider"
import type * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Config from "effect/Config"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as ErrorText from "./ErrorText.ts"
import * as JobIds from "./JobIds.ts"
import * as ReplyFields from "./ReplyFields.ts"

/**
 * How to reach useapi.net: `token` is `user:` and all, and `limit` counts the requests of all adapters together; the vendor
 * publishes none.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Adapter.Options {}

const defaultBaseUrl = "https://api.useapi.net"

const what = "the API token of useapi.net"

/**
 * The variables that every adapter of useapi.net reads.
 *
 * @since 0.1.0
 * @category constants
 */
export const variables = [
  { name: "USEAPI_TOKEN", what },
  { name: "USEAPI_BASE_URL", what: "where the services answer", fallback: defaultBaseUrl }
] as const

/**
 * The options from the environment: `USEAPI_TOKEN`, which must be there, and `USEAPI_BASE_URL`; what is given here is not
 * looked up.
 *
 * @since 0.1.0
 * @category config
 */
export const config = <O extends Options = Options>(
  given: Settings.Given<O> = {}
): Effect.Effect<Partial<O> & Options, Config.ConfigError> =>
  Settings.config(given, { token: "USEAPI_TOKEN", what, baseUrl: "USEAPI_BASE_URL", defaultBaseUrl })

/** A notice that a service has closed, of whatever status; one about a job says that the job has. */
const closed =
  /^(?!.*\bjob\b).*(?:discontinued|no longer (?:available|supported|offered)|shut ?down|(?:has|was|been) (?:closed|retired))/i

/**
 * What the answers of one service mean.
 *
 * **Details**
 *
 * 412 is spent credits and 596 a lost session, with any body. Of one that is `retired`, 404 about an endpoint says that it has
 * closed, as does a notice with any 4xx. A record of failure may hold Google's own error object. `exceptions` are the service's own.
 *
 * @since 0.1.0
 * @category models
 */
export const rules = (service: Pick<Service, "confirms" | "exceptions" | "retired">): Answer.Rules => ({
  confirms: service.confirms,
  errorText: ErrorText.of,
  isError: (body) => {
    const { error } = Wire.object(body)
    return typeof error === "string" || typeof error === "object" && error !== null
  },
  // Google Flow and Google Vids say it in their bodies.
  retryAfter: (body) => [Wire.object(body)["retryAfter"], Wire.object(body)["retryAt"]],
  providerStatus: (text) => /in state '([^']+)'/.exec(text)?.[1],
  exceptions: (refusal) => {
    const { isOwn, status, text } = refusal
    if (status === 412) return "PaymentRequired"
    if (status === 596) return "SessionExpired"
    if (status >= 400 && status <= 499) {
      if (service.retired !== undefined && closed.test(text)) return "Discontinued"
      if (isOwn && status === 404 && /endpoint not found/i.test(text)) {
        return service.retired === undefined ? "UnexpectedResponse" : "Discontinued"
      }
      const isKnown = status === 401 || status === 402 || status === 408 || status === 429
      if (isOwn && !isKnown && /unable to find configuration for (?:e-?mail|account|channel)/i.test(text)) {
        return "AccountNotFound"
      }
    }
    return service.exceptions?.(refusal)
  }
})

/**
 * Of calls whose answer is on no page: any success will do.
 *
 * @since 0.1.0
 * @category models
 */
export const confirming =
  (...operations: ReadonlyArray<Answer.Call["operation"]>): NonNullable<Answer.Rules["confirms"]> => ({ operation }) =>
    operations.includes(operation)

/**
 * The service that an adapter speaks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Pick<Adapter.Service, "objection" | "owns" | "retired"> {
  readonly id: ProviderId.ProviderId
  /** What a status means at this service alone. */
  readonly exceptions?: Answer.Rules["exceptions"]
  readonly confirms?: Answer.Rules["confirms"]
}

/**
 * Where a service takes files, and which.
 *
 * **Details**
 *
 * The account becomes the last segment of `path`, which may differ by media type, or the `query` of that name, behind what `path` asks
 * for itself, and `account` says in a refusal what one looks like.
 * `accepts` is the most megabytes of each media type. `referenceOf` finds the file's name in the answer; `assetRef` unless told.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadTarget {
  readonly path: string | ((mediaType: string) => string)
  readonly query?: string | undefined
  readonly account: string
  readonly accepts: Readonly<Record<string, number>>
  readonly referenceOf?: ((body: Readonly<Record<string, unknown>>) => unknown) | undefined
}

/**
 * Media types that have one limit, as `UploadTarget` takes them; `Infinity` where no page tells it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const within = (megabytes: number, ...mediaTypes: ReadonlyArray<string>): UploadTarget["accepts"] =>
  Object.fromEntries(mediaTypes.map((type) => [type, megabytes]))

/** `imageRef` is its name on Dreamina's page of February 2026. */
const assetRefOf: NonNullable<UploadTarget["referenceOf"]> = ({ assetRef, imageRef }) => Wire.text(assetRef) ?? imageRef

/** A list of 50,000 jobs is about 13 MB; nothing that these services answer in earnest is larger. */
const maxResponseBytes = 20 * 1024 * 1024
/** Users of Dreamina saw uploads take more than a minute, and give them three. */
const uploadTimeout = Duration.minutes(3)

/** Why an id is another service's, in a form that says so. */
const objection = (provider: ProviderId.ProviderId) => (id: string): string | undefined => {
  const owner = JobIds.provider(id)
  return owner === undefined || owner === provider ? undefined : `The id is one of ${owner}`
}

/** The ids in the answer to a create, by whatever name, and nothing of their jobs. */
const accepted = (body: unknown): Adapter.Accepted | undefined => {
  const ids = JobIds.created(body)
  return ids && { ids }
}

/** Why an account can't work. Google's say `health`, of which all but "OK" is a trouble, with an `error` or without. */
const problemOf = (found: unknown): string | undefined => {
  const health = Wire.text(Wire.object(found)["health"])
  return ErrorText.of(found) ?? (health === undefined || /^ok$/i.test(health) ? undefined : health)
}

/** The records in a webhook's body: those of a batch, or the body itself; none of a request that broke before it was a job. */
const recordsOf = (body: unknown): ReadonlyArray<unknown> => {
  const { error, images, jobId, jobid, status } = Wire.object(body)
  if (Array.isArray(images)) return images
  const isBroken = !Predicate.isNullish(error) && (status === "failed" || status === "moderated")
  return isBroken && Predicate.isNullish(jobid ?? jobId) ? [] : [body]
}

/**
 * What `make` gives an adapter.
 *
 * @since 0.1.0
 * @category models
 */
export type Kit = Effect.Success<ReturnType<typeof make>>

/**
 * The kit for one service of useapi.net.
 *
 * **When to use**
 *
 * Use to write an adapter; applications use the adapter's own `make` or layers.
 *
 * **Details**
 *
 * `Adapter.make` with what all services of useapi.net share: the meaning of their answers, their ids in paths and in the
 * answer to a create, their fields about webhooks, accounts and uploads.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*({ id: provider, owns, ...service }: Service, options: Options) {
  const api = yield* Adapter.make({
    id: provider,
    token: what,
    baseUrl: defaultBaseUrl,
    rateLimitKey: "useapi",
    maxResponseBytes,
    owns,
    objection: (id, operation) => objection(provider)(id) ?? service.objection?.(id, operation),
    answer: rules(service),
    reply: ReplyFields.names,
    retired: service.retired
  }, options)

  /** None are configured where the service answers 404 with nothing. */
  const accounts = <const Op extends "accounts" | "capacity", A>(
    operation: Op,
    path: string,
    read: (
      account: string,
      found: Readonly<Record<string, unknown>>,
      problem: string | undefined
    ) => ReadonlyArray<A>
  ): Effect.Effect<ReadonlyArray<A>, JobError.Of<Op>> =>
    api.call(
      operation,
      { method: "GET", path, emptyStatus: 404 },
      (body = {}) =>
        Predicate.isObject(body) && Object.values(body).every(Predicate.isObject)
          ? Result.succeed(
            Object.entries(body).flatMap(([account, found]) => read(account, Wire.object(found), problemOf(found)))
          )
          : Result.fail("The answer holds no accounts")
    )

  return {
    ...api,

    /** Submits by the route of each request; `account` is the field that names the account, `read` is of the answer. */
    submit: <Request extends object>(
      issues: RequestSchema.RequestSchema["issues"],
      route: (request: Request, reply: Adapter.Reply) => Adapter.Route,
      account: string,
      read: (body: unknown, request: Request) => Adapter.Accepted | undefined = accepted
    ) => api.submit(issues, read, route, account),

    /** Reads the jobs in a webhook's body. */
    webhook: <A>(
      schema: Schema.ConstraintDecoder<A>,
      report: (record: A, at: DateTime.Utc, body: unknown) => Adapter.Report,
      own: (body: unknown) => ReadonlyArray<unknown> = recordsOf
    ) => api.webhook(schema, report, own),

    /** The configured accounts, each with the service's words for why it can't work. */
    accounts: (path: string) =>
      accounts("accounts", path, (account, _, problem) => [problem === undefined ? { account } : { account, problem }]),

    /** What `read` makes of each configured account; `isBroken` of one with a problem, which has room for nothing. */
    capacity: <A>(
      path: string,
      read: (account: string, found: Readonly<Record<string, unknown>>, isBroken: boolean) => ReadonlyArray<A>
    ) => accounts("capacity", path, (account, found, problem) => read(account, found, problem !== undefined)),

    /** The account is encoded whole, `:` and `@` included, as the vendor's own scripts do, unlike an id's. */
    upload:
      ({ accepts, account: what, path, query, referenceOf = assetRefOf }: UploadTarget) => (file: Provider.Upload) => {
        const { account = "", length, mediaType } = file
        const megabytes = Object.hasOwn(accepts, mediaType) ? accepts[mediaType] : undefined
        const folder = typeof path === "string" ? path : path(mediaType)
        const types = Object.keys(accepts).map((type) => JSON.stringify(type)).join(" | ")
        return api.upload(file, {
          megabytes,
          issues: [
            ...(PathSegment.encode(account) === undefined ? [{ field: "account", message: `Expected ${what}` }] : []),
            ...(megabytes === undefined ? [{ field: "mediaType", message: `Expected ${types}` }] : [])
          ],
          send: (stream) =>
            api.call(
              "upload",
              {
                method: "POST",
                path: `${folder}${query === undefined ? "/" : `${folder.includes("?") ? "&" : "?"}${query}=`}${
                  encodeURIComponent(account)
                }`,
                account,
                body: HttpBody.stream(stream, mediaType, length),
                timeout: uploadTimeout
              },
              (body) => {
                const reference = Wire.text(referenceOf(Wire.object(body)))
                return reference === undefined
                  ? Result.fail("The answer names no file")
                  : Result.succeed({ reference, account })
              }
            )
        })
      }
  }
})
