import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiMinimax from "@media-jobs/testing/useapi-minimax"
import * as MiniMax from "@media-jobs/useapi-minimax/MiniMax"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const account = "923847293472394000"

export const idOf = (family: "video" | "image" | "music" | "audio" | "agent" = "video"): JobId.JobId =>
  JobId.make(
    family === "agent"
      ? `p1126164840872159341-u12345-a${account}-bot:minimax`
      : `user:12345-minimax:${account}-${family}:998877665544332211`
  )

/** A file, as uploads give them. */
export const file = (of = account): string => `user:12345-minimax:${of}-file:998877665544332200`

export const miniMax = (options: Omit<MiniMax.Options, "token"> = {}) =>
  Effect.orDie(MiniMax.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: UseapiMinimax.Options, more?: Emulator.Options) =>
  Emulator.layerClient.pipe(
    Layer.provideMerge(
      Emulator.layer({ ...more, services: options && { "useapi-minimax": UseapiMinimax.service(options) } })
    )
  )

/** What `get` makes of a record. */
export const got = (record: Schema.Json, id = idOf()) => Answers.to(miniMax(), ({ get }) => get(id), 200, record)

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(miniMax(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** What a submit makes of an answer. */
export const submitted = (
  status: number,
  body: Schema.Json,
  request: Parameters<MiniMax.MiniMax["Service"]["submit"]>[0] = MiniMax.video({ prompt: "rain" })
) => Answers.to(miniMax(), ({ submit }) => submit(request), status, body)
