/**
 * Files that are sent in parts.
 *
 * @since 0.1.0
 */
import * as Stream from "effect/Stream"

/**
 * Content in parts of so many bytes each, but for the last; one part at a time is in memory.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofSize = <E>(content: Stream.Stream<Uint8Array, E>, bytes: number): Stream.Stream<Uint8Array, E> =>
  Stream.mapAccum(
    content,
    () => ({ part: new Uint8Array(bytes), size: 0 }),
    (held, chunk) => {
      let { part, size } = held
      const full: Array<Uint8Array> = []
      for (let at = 0; at < chunk.length;) {
        const some = chunk.subarray(at, at + bytes - size)
        part.set(some, size)
        at += some.length
        size += some.length
        if (size === bytes) {
          full.push(part)
          part = new Uint8Array(bytes)
          size = 0
        }
      }
      return [{ part, size }, full]
    },
    { onHalt: ({ part, size }) => size === 0 ? [] : [part.subarray(0, size)] }
  )
