import * as JobId from "@media-jobs/core/JobId"
import * as Answers from "@media-jobs/testing/Answers"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as PixVerse from "@media-jobs/useapi-pixverse/PixVerse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"

export const account = "user@example.com"
export const idOf = (sort = "video", n = 3456789012) => JobId.make(`user:12345-pixverse:${account}-${sort}:${n}`)
export const id = idOf()

export const pixverse = (options: Omit<PixVerse.Options, "token"> = {}) =>
  Effect.orDie(PixVerse.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** What `get` makes of a record. */
export const got = (record: Schema.Json, asked = id) => Answers.to(pixverse(), ({ get }) => get(asked), 200, record)
