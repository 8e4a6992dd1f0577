import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const channel = "1234567890123456789"

export const idOf = (letter = "i"): JobId.JobId =>
  JobId.make(`j1023141520123456789${letter}-u12345-c${channel}-bot:midjourney`)

export const midjourney = (options: Omit<Midjourney.Options, "token"> = {}) =>
  Midjourney.make({ token: Redacted.make(Emulator.token), ...options })

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** What `get` makes of a record. */
export const got = (record: Schema.Json, options?: Omit<Midjourney.Options, "token">, id = idOf()) =>
  Answers.to(midjourney(options), ({ get }) => get(id), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(midjourney(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))
