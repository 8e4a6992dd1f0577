import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiMureka from "@media-jobs/testing/useapi-mureka"
import * as Mureka from "@media-jobs/useapi-mureka/Mureka"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const { account, music, speech } = UseapiMureka.fixtures.ids
export const id = JobId.make(music)

export const mureka = (options: Omit<Mureka.Options, "token"> = {}) =>
  Effect.orDie(Mureka.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiMureka.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-mureka": UseapiMureka.service(options) } })
    )
  )

/** What `get` makes of a record. */
export const got = (record: Schema.Json, asked = id) => Answers.to(mureka(), ({ get }) => get(asked), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(mureka(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** What a submit makes of an answer. */
export const submitted = (
  status: number,
  body: Schema.Json,
  request: Parameters<Mureka.Mureka["Service"]["submit"]>[0] = Mureka.create({ prompt: "rain" })
) => Answers.to(mureka(), ({ submit }) => submit(request), status, body)
