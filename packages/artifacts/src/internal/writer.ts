import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { SinkError } from "../ArtifactError.ts"
import type * as Sink from "../Sink.ts"

/** A draft that is written to while the next bytes are read. */
export interface Writer {
  /** Takes bytes, and waits only where too many are waiting already; fails as an earlier write has failed. */
  readonly add: (bytes: Uint8Array) => Effect.Effect<void, SinkError>
  /** All that was added is written. */
  readonly flush: Effect.Effect<void, SinkError>
}

/** What is written at a time: as much as came while the last was written, up to this. */
const mostBytes = 1_048_576

/** Arrays that are used again and again: for each file a new one, the collector would have most of the work. */
export type Buffers = Array<Uint8Array>

/** A write that is under way when the scope closes is the last. */
export const make = /* @__PURE__ */ Effect.fnUntraced(function*(
  draft: Sink.Draft,
  buffers: Buffers
): Effect.fn.Return<Writer, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let waiting: Array<Uint8Array> = []
  let length = 0
  let isWriting = false
  let writing: Fiber.Fiber<void, SinkError> | undefined
  let buffer: Uint8Array | undefined
  yield* Scope.addFinalizer(
    scope,
    Effect.sync(() => {
      if (buffer !== undefined) buffers.push(buffer)
    })
  )

  /** What waits, in one piece: the draft may be given one array again and again. */
  const take = (): Uint8Array => {
    const [only = new Uint8Array(), ...others] = waiting
    const pieces = waiting
    waiting = []
    length = 0
    if (others.length === 0) return only
    buffer ??= buffers.pop() ?? new Uint8Array(mostBytes)
    let at = 0
    for (const piece of pieces) {
      buffer.set(piece, at)
      at += piece.length
    }
    return buffer.subarray(0, at)
  }

  const write = Effect.whileLoop({
    // Of a fiber that is about to end, nothing else tells whether it looks once more.
    while: () => isWriting = waiting.length > 0,
    body: () => draft.write(take()),
    step: () => {}
  })

  const flush = Effect.suspend(() => writing === undefined ? Effect.void : Fiber.join(writing))

  return {
    flush,
    add: (bytes) => {
      const add = Effect.suspend(() => {
        const exit = writing?.pollUnsafe()
        if (exit?._tag === "Failure") return exit
        waiting.push(bytes)
        length += bytes.length
        return isWriting
          ? Effect.void
          : Effect.map(Effect.forkIn(write, scope, { startImmediately: true }), (fiber) => {
            writing = fiber
          })
      })
      return length > 0 && length + bytes.length > mostBytes ? Effect.andThen(flush, add) : add
    }
  }
})
