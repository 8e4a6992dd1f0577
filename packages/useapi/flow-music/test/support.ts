import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiFlowMusic from "@media-jobs/testing/useapi-flow-music"
import * as FlowMusic from "@media-jobs/useapi-flow-music/FlowMusic"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export const { account, clip } = UseapiFlowMusic.fixtures.ids
export const id = JobId.make(UseapiFlowMusic.fixtures.ids.job)

export const flowMusic = (options: Omit<FlowMusic.Options, "token"> = {}) =>
  Effect.orDie(FlowMusic.make({ token: Redacted.make(Emulator.token), requestsPerSecond: 1000, ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiFlowMusic.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-flow-music": UseapiFlowMusic.service(options) } })
    )
  )

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(flowMusic(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))
