/*
 * HMAC-SHA-256 that answers at once, which Web Crypto can't: adapters ask for the caller's part of an echo in the middle
 * of a decode. It branches on nothing that is secret, and looks nothing up by it.
 */

/** The first 32 bits of the fractions of the primes' roots (FIPS 180-4, 4.2.2 and 5.3.3). */
const constants = (): { readonly initial: Int32Array; readonly round: Int32Array } => {
  const primes: Array<number> = []
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return {
    initial: Int32Array.from(primes.slice(0, 8), (prime) => Math.sqrt(prime) * 2 ** 32 | 0),
    round: Int32Array.from(primes, (prime) => Math.cbrt(prime) * 2 ** 32 | 0)
  }
}

const { initial, round } = /* @__PURE__ */ constants()
const encoder = /* @__PURE__ */ new TextEncoder()

// Nothing here yields, so one of each will do for all.
const state = /* @__PURE__ */ new Int32Array(8)
/** The block at hand, and what it is expanded to. */
const words = /* @__PURE__ */ new Int32Array(64)
const scratch = /* @__PURE__ */ new Uint8Array(4096)

/** Every index is within its array: `?? 0` is for the compiler, and costs nothing. */
const at = (array: Int32Array | Uint8Array, i: number): number => array[i] ?? 0
const rotate = (word: number, by: number): number => word >>> by | word << 32 - by

/** Takes the block in `words` into the state. */
const compress = (state: Int32Array): void => {
  for (let i = 16; i < 64; i++) {
    const x = at(words, i - 15)
    const y = at(words, i - 2)
    words[i] = (rotate(x, 7) ^ rotate(x, 18) ^ x >>> 3) + (rotate(y, 17) ^ rotate(y, 19) ^ y >>> 10) +
      at(words, i - 7) + at(words, i - 16)
  }
  let a = at(state, 0)
  let b = at(state, 1)
  let c = at(state, 2)
  let d = at(state, 3)
  let e = at(state, 4)
  let f = at(state, 5)
  let g = at(state, 6)
  let h = at(state, 7)
  for (let i = 0; i < 64; i++) {
    const t = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g) + at(round, i) + at(words, i)
    const u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c)
    h = g
    g = f
    f = e
    e = d + t | 0
    d = c
    c = b
    b = a
    a = t + u | 0
  }
  state[0] = at(state, 0) + a
  state[1] = at(state, 1) + b
  state[2] = at(state, 2) + c
  state[3] = at(state, 3) + d
  state[4] = at(state, 4) + e
  state[5] = at(state, 5) + f
  state[6] = at(state, 6) + g
  state[7] = at(state, 7) + h
}

/** The digest of `before` bytes, which are in the state already, and of the first `length` of the bytes after them. */
const finish = (from: Int32Array, before: number, bytes: Uint8Array, length: number): Uint8Array => {
  state.set(from)
  const byte = (i: number): number => i < length ? at(bytes, i) : i === length ? 0x80 : 0
  const end = length + 72 & ~63
  for (let start = 0; start < end; start += 64) {
    for (let i = 0; i < 16; i++) {
      const j = start + 4 * i
      words[i] = byte(j) << 24 | byte(j + 1) << 16 | byte(j + 2) << 8 | byte(j + 3)
    }
    if (start + 64 === end) words[15] = (before + length) * 8
    compress(state)
  }
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = at(state, i >> 2) >> 24 - 8 * (i & 3)
  return digest
}

/** The tags of texts under a key, 32 bytes each; the blocks of the key itself are hashed once. */
export const make = (key: Uint8Array): (text: string) => Uint8Array => {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? finish(initial, 0, key, key.length) : key)
  const keyed = (pad: number): Int32Array => {
    const state = initial.slice()
    for (let i = 0; i < 64; i += 4) {
      words[i / 4] = (at(block, i) << 24 | at(block, i + 1) << 16 | at(block, i + 2) << 8 | at(block, i + 3)) ^ pad
    }
    compress(state)
    return state
  }
  const inner = keyed(0x36363636)
  const outer = keyed(0x5c5c5c5c)
  return (text) => {
    const bytes = text.length * 3 > scratch.length ? encoder.encode(text) : scratch
    const length = bytes === scratch ? encoder.encodeInto(text, scratch).written : bytes.length
    return finish(outer, 64, finish(inner, 64, bytes, length), 32)
  }
}
