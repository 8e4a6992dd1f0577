import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type * as Transport from "@media-jobs/adapter/Transport"
import type * as JobError from "@media-jobs/core/JobError"
import type { JobId } from "@media-jobs/core/JobId"
import * as UseApi from "@media-jobs/useapi/UseApi"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const any = { field: "", kindOf: () => "Any" }

interface Request extends Omit<Transport.Request, "id"> {
  readonly id?: JobId | undefined
}

/** The plainest adapter: a call ends its path with the id, and a submit sends one prompt. */
export const make = (service: Omit<UseApi.Service, "owns">, options: UseApi.Options) =>
  Effect.map(UseApi.make({ ...service, owns: () => true }, options), (api) => ({
    ...api,
    call: <const Op extends "list" | "get" | "cancel" | "remove" | "accounts" | "upload" | "recover" | "capacity", A>(
      operation: Op,
      { id, path, ...rest }: Request,
      decode: Transport.Decode<A>
    ) =>
      (id === undefined
        ? api.call(operation, { ...rest, path }, decode)
        // Only operations about a job are given an id.
        : api.about(
          operation as "get",
          id,
          (segment) => ({ ...rest, path: `${path}/${segment}` }),
          decode
        )) as Effect.Effect<
          A,
          JobError.Of<Op>
        >,
    submit: (
      { body = { prompt: "rain" }, reference, ...known }: Pick<Transport.Known, "kind" | "model" | "reference"> & {
        readonly body?: object
      },
      { path }: { readonly path: string }
    ) =>
      api.submit(
        RequestSchema.make(
          { Any: RequestSchema.kind(Schema.Struct({ replyRef: Schema.optional(Schema.String) })) },
          "",
          any
        ).issues,
        () => ({ ...known, path, body }),
        "account"
      )({
        replyRef: reference
      })
  }))
