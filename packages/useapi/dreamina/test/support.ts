import type * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as Reply from "@media-jobs/testing/Reply"
import * as Dreamina from "@media-jobs/useapi-dreamina/Dreamina"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

export const account = "US:user@example.com"

export const idOf = (letter = "v"): JobId.JobId =>
  JobId.make(`j0223140530123456789${letter}-u12345-${account}-bot:dreamina`)

export const dreamina = (options: Omit<Dreamina.Options, "token"> = {}) =>
  Effect.orDie(Dreamina.make({ token: Redacted.make(Emulator.token), ...options }))

/** The emulator and a client of it. */
export const world = (options?: Emulator.Options) =>
  Emulator.layerClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** The emulator that gives one answer to everything; a text is a body as it stands. */
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
export const got = (record: Schema.Json, id = idOf(), options?: Omit<Dreamina.Options, "token">) =>
  Effect.flatMap(dreamina(options), ({ get }) => timely(get(id))).pipe(Effect.provide(answering(200, record)))

/** What `webhook` makes of a body. */
export const heard = (body: unknown): Effect.Effect<ReadonlyArray<Job.Job>, unknown> =>
  Effect.flatMap(dreamina(), ({ webhook }) => webhook(body)).pipe(Effect.provide(world()))

/** Whatever JavaScript passes. */
export const any = <A>(value: unknown): A => value as A
