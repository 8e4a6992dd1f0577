import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import * as Midjourney from "@media-jobs/useapi-midjourney/Midjourney"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

export const channel = "1234567890123456789"

export const idOf = (letter = "i"): JobId.JobId =>
  JobId.make(`j1023141520123456789${letter}-u12345-c${channel}-bot:midjourney`)

export const midjourney = (options: Omit<Midjourney.Options, "token"> = {}) =>
  Midjourney.make({ token: Redacted.make(Emulator.token), ...options })

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** The emulator that gives one answer to everything. */
export const answering = (status: number, body: Schema.Json, headers?: Record<string, string>) =>
  world({
    faults: [{
      fault: Faults.answer(
        typeof body === "string" ? { status, headers: { ...headers }, body } : Reply.json(status, body, headers)
      )
    }]
  })

/** A call with all the time that its retries and time-outs want. */
export const timely = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

/** What `get` makes of a record. */
export const got = (record: Schema.Json, options?: Omit<Midjourney.Options, "token">, id = idOf()) =>
  Effect.flatMap(midjourney(options), ({ get }) => timely(get(id))).pipe(Effect.provide(answering(200, record)))

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(midjourney(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))
