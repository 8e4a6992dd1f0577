import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Kling from "@media-jobs/useapi-kling/Kling"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const account = "user@example.com"
export const task = "123456789"
export const id = Kling.jobId(task, account)

export const kling = (options: Omit<Kling.Options, "token"> = {}) =>
  Effect.orDie(Kling.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** What `get` makes of a record. */
export const got = (record: Schema.Json, asked = id) => Answers.to(kling(), ({ get }) => get(asked), 200, record)
