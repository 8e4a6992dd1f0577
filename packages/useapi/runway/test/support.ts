import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiRunway from "@media-jobs/testing/useapi-runway"
import * as Runway from "@media-jobs/useapi-runway/Runway"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const { account, asset, task } = UseapiRunway.fixtures.ids
export const id = JobId.make(task)

export const runway = (options: Omit<Runway.Options, "token"> = {}) =>
  Effect.orDie(Runway.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiRunway.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-runway": UseapiRunway.service(options) } })
    )
  )

/** What `get` makes of a record. */
export const got = (record: Schema.Json, asked = id) => Answers.to(runway(), ({ get }) => get(asked), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(runway(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** What a submit makes of an answer. */
export const submitted = (
  status: number,
  body: Schema.Json,
  request: Parameters<Runway.Runway["Service"]["submit"]>[0] = Runway.video({ model: "gen4.5", text_prompt: "rain" })
) => Answers.to(runway(), ({ submit }) => submit(request), status, body)
