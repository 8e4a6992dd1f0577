import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiGoogleFlow from "@media-jobs/testing/useapi-google-flow"
import * as GoogleFlow from "@media-jobs/useapi-google-flow/GoogleFlow"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const account = "user@example.com"
const hex = "75736572406578616d706c652e636f6d"

export const idOf = (letter = "v"): JobId.JobId =>
  JobId.make(`j0903180709650836584${letter}-u12345-email:${account}-bot:google-flow`)

/** A reference of the account, as uploads give them. */
export const ref = (type = "image"): string => `user:12345-email:${hex}-${type}:ff9aa5cc-0000-4000-8000-000000000001`

export const flow = (options: Omit<GoogleFlow.Options, "token"> = {}) =>
  Effect.orDie(GoogleFlow.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiGoogleFlow.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-google-flow": UseapiGoogleFlow.service(options) } })
    )
  )

/** What `get` makes of a record. */
export const got = (record: Schema.Json, id = idOf()) => Answers.to(flow(), ({ get }) => get(id), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(flow(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** What a submit makes of an answer. */
export const submitted = (
  status: number,
  body: Schema.Json,
  request: Parameters<GoogleFlow.GoogleFlow["Service"]["submit"]>[0] = GoogleFlow.video({ prompt: "rain" })
) => Answers.to(flow(), ({ submit }) => submit(request), status, body)
