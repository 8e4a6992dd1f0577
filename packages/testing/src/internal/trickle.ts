import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const pieces = 10

/**
 * A body that takes its time.
 */
export const trickle = (bytes: Uint8Array, over: Duration.Input): Stream.Stream<Uint8Array> => {
  const size = Math.ceil(bytes.length / pieces)
  return Stream.range(0, pieces - 1).pipe(
    Stream.map((i) => bytes.subarray(i * size, (i + 1) * size)),
    Stream.tap(() => Effect.sleep(Duration.toMillis(over) / pieces))
  )
}
