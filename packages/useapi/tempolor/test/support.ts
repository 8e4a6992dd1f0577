import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiTempolor from "@media-jobs/testing/useapi-tempolor"
import * as TemPolor from "@media-jobs/useapi-tempolor/TemPolor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const { account } = UseapiTempolor.fixtures.ids
export const id = JobId.make(UseapiTempolor.fixtures.ids.song)
export const other = JobId.make(UseapiTempolor.fixtures.ids.instrumental)

export const temPolor = (options: Omit<TemPolor.Options, "token"> = {}) =>
  Effect.orDie(TemPolor.make({ token: Redacted.make(Emulator.token), requestsPerSecond: 1000, ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiTempolor.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-tempolor": UseapiTempolor.service(options) } })
    )
  )

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(temPolor(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))
