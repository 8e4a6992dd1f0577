import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const account = "US:user@example.com"

export const idOf = (letter = "v"): JobId.JobId =>
  JobId.make(`j0223140530123456789${letter}-u12345-${account}-bot:dreamina`)

export const dreamina = (options: Omit<Dreamina.Options, "token"> = {}) =>
  Effect.orDie(Dreamina.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** What `get` makes of a record. */
export const got = (record: Schema.Json, id = idOf(), options?: Omit<Dreamina.Options, "token">) =>
  Answers.to(dreamina(options), ({ get }) => get(id), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(dreamina(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** Whatever JavaScript passes. */
export const any = <A>(value: unknown): A => value as A
