/**
 * The way to any service of useapi.net: one token, one pace, one meaning for every answer.
 *
 * @since 0.1.0
 */
import * as Transport from "@media-jobs/adapter/Transport"
import type * as Draft from "@media-jobs/core/Draft"
import * as JobError from "@media-jobs/core/JobError"
import type * as ProviderId from "@media-jobs/core/ProviderId"
import * as Settings from "@media-jobs/core/Settings"
import type * as Submission from "@media-jobs/core/Submission"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Result from "effect/Result"
import * as Classify from "./Classify.ts"
import * as JobIds from "./JobIds.ts"
import * as PathSegment from "./PathSegment.ts"

/**
 * How to reach useapi.net: `token` is `user:` and all, and `limit` counts the requests of all adapters together; the vendor
 * publishes none.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Transport.Options {}

/**
 * The base of the live services.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultBaseUrl = "https://api.useapi.net"

const what = "the API token of useapi.net"

/**
 * The options from the environment: `USEAPI_TOKEN`, which must be there, and `USEAPI_BASE_URL`; what is given here is not
 * looked up.
 *
 * @since 0.1.0
 * @category config
 */
export const config = <O extends Options = Options>(
  given: Settings.Given<O> = {}
): Config.Config<Partial<O> & Options> =>
  Settings.config(given, { token: "USEAPI_TOKEN", what, baseUrl: "USEAPI_BASE_URL", defaultBaseUrl })

/**
 * The service that an adapter speaks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly id: ProviderId.ProviderId
  /** True once the service has closed. */
  readonly retired?: boolean | undefined
}

/**
 * One request to a service.
 *
 * **Details**
 *
 * `path` is sent as it stands. `id` becomes its last segment, encoded by `PathSegment.encode`; one that names another
 * service is refused unsent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request extends Transport.Request {}

/**
 * One adapter's way to its service.
 *
 * @since 0.1.0
 * @category models
 */
export interface UseApi extends Omit<Transport.Transport, "run" | "submit"> {
  /** Sends once what costs money, and again only while it is certain that nothing was begun. */
  readonly submit: (
    draft: Draft.Draft,
    request: Request
  ) => Effect.Effect<Submission.Submission, JobError.SubmitError>
}

/** A list of 50,000 jobs is about 13 MB; nothing that these services answer in earnest is larger. */
const longest = 20 * 1024 * 1024

/** What is wrong with an id that no path can hold, or that is another service's. */
const objection = (id: string, provider: ProviderId.ProviderId): string | undefined => {
  if (id === "") return "The id is empty"
  if (PathSegment.encode(id) === undefined) return "No path can hold this id"
  const owner = JobIds.provider(id)
  return owner === undefined || owner === provider ? undefined : `The id is one of ${owner}`
}

/**
 * A way to one service.
 *
 * **When to use**
 *
 * Use to write an adapter; applications use the adapter's own `make` or layers.
 *
 * **Details**
 *
 * `Transport.make` with what all services of useapi.net share: the meaning of their answers, their ids in paths, and the ids
 * in the answer to a create.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(
  { id: provider, retired }: Service,
  options: Options
): Effect.fn.Return<UseApi, Config.ConfigError, HttpClient.HttpClient> {
  const transport = yield* Transport.make({
    id: provider,
    token: what,
    baseUrl: defaultBaseUrl,
    pace: "useapi",
    longest,
    classify: (call, answer) => Classify.classify({ ...call, retired }, answer),
    words: Classify.words
  }, options)
  const { instance } = transport
  return {
    ...transport,
    call: (operation, request, decode) => {
      const { id, path } = request
      if (id === undefined) return transport.call(operation, request, decode)
      const detail = objection(id, provider)
      return detail === undefined
        ? transport.call(operation, { ...request, path: `${path}/${PathSegment.encode(id)}` }, decode)
        : Effect.fail(
          JobError.narrow(operation, new JobError.InvalidJobId({ provider, instance, operation, id, detail }))
        )
    },
    submit: (draft, request) =>
      transport.submit(
        draft,
        request,
        (body) => Result.fromNullishOr(JobIds.created(body), () => "The answer holds no job id")
      )
  }
})
