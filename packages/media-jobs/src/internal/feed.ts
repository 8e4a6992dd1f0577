import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/** What listens to a feed. */
export interface Listener<A> {
  readonly next: (value: A) => void
  readonly end: () => void
}

/** What is told to any number of readers, and costs nothing while there are none. */
export class Feed<A> {
  readonly #listeners = new Set<Listener<A>>()
  #ended = false

  get isRead(): boolean {
    return this.#listeners.size > 0
  }

  tell(value: A): void {
    for (const { next } of this.#listeners) next(value)
  }

  end(): void {
    this.#ended = true
    for (const { end } of this.#listeners) end()
  }

  /** What is told from now on, after what `first` gives; of more than 1,024 unread values, the oldest are dropped. */
  stream(first: () => ReadonlyArray<A> = () => []): Stream.Stream<A> {
    return Stream.callback<A>((queue) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const listener: Listener<A> = {
            next: (value) => void Queue.offerUnsafe(queue, value),
            end: () => void Queue.endUnsafe(queue)
          }
          for (const value of first()) listener.next(value)
          if (this.#ended) listener.end()
          else this.#listeners.add(listener)
          return listener
        }),
        (listener) => Effect.sync(() => this.#listeners.delete(listener))
      ), { bufferSize: 1024, strategy: "sliding" })
  }
}
