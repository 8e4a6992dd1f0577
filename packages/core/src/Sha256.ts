/**
 * SHA-256 (FIPS 180-4) and HMAC, written out.
 *
 * **Details**
 *
 * Web Crypto, and so `effect/crypto`, hashes only what is whole in memory, and answers later: a download arrives in pieces,
 * and a decoder needs a tag in the middle of its work. Nothing here branches on what is hashed, or looks anything up by it.
 *
 * @since 0.1.0
 */

/** The first 32 bits of the fractional parts of the roots of the first primes: as the standard has its constants. */
const fractions = (count: number, root: (n: number) => number): DataView => {
  const words = new DataView(new ArrayBuffer(count * 4))
  const primes: Array<number> = []
  for (let n = 2; primes.length < count; n++) {
    if (primes.some((prime) => n % prime === 0)) continue
    words.setUint32(primes.length * 4, Math.floor(root(n) % 1 * 0x1_0000_0000))
    primes.push(n)
  }
  return words
}

const initial = /* @__PURE__ */ fractions(8, Math.sqrt)
const constants = /* @__PURE__ */ fractions(64, Math.cbrt)
/** What a block is expanded to: nothing here yields, so one will do for all. */
const words = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(256))
const blockSize = 64

/**
 * A hash of bytes that arrive in pieces.
 *
 * **Details**
 *
 * `update` takes the next bytes. `digest` ends the hash with its 32 bytes: nothing can be added afterwards.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => Sha256
  readonly digest: () => Uint8Array
}

class Hash implements Sha256 {
  readonly #state = new DataView(new ArrayBuffer(32))
  /** The bytes that fill no block yet, and at the end the padding, which may take a second block. */
  readonly #rest = new Uint8Array(2 * blockSize)
  readonly #block = new DataView(this.#rest.buffer, 0, blockSize)
  readonly #blocks = new DataView(this.#rest.buffer)
  #resting = 0
  #length = 0

  /** Begins anew from a state that has taken `length` bytes, which are whole blocks. */
  from(state: DataView, length: number): this {
    for (let i = 0; i < 32; i += 4) this.#state.setInt32(i, state.getInt32(i))
    this.#resting = 0
    this.#length = length
    return this
  }

  update(bytes: Uint8Array): this {
    this.#length += bytes.length
    let at = 0
    if (this.#resting > 0) {
      at = Math.min(blockSize - this.#resting, bytes.length)
      this.#rest.set(bytes.subarray(0, at), this.#resting)
      this.#resting += at
      if (this.#resting < blockSize) return this
      compress(this.#state, this.#block)
    }
    const length = bytes.length - at - (bytes.length - at) % blockSize
    if (length > 0) compress(this.#state, new DataView(bytes.buffer, bytes.byteOffset + at, length))
    this.#rest.set(at + length === 0 ? bytes : bytes.subarray(at + length))
    this.#resting = bytes.length - at - length
    return this
  }

  digest(): Uint8Array {
    const end = this.#resting < blockSize - 8 ? this.#block : this.#blocks
    this.#rest.fill(0, this.#resting)
    this.#rest[this.#resting] = 0x80
    end.setUint32(end.byteLength - 8, Math.floor(this.#length / 0x2000_0000))
    end.setUint32(end.byteLength - 4, this.#length << 3)
    compress(this.#state, end)
    // A third of a tag's time went into `buffer.slice`, which leaves the engine's own heap.
    return new Uint8Array(new Uint8Array(this.#state.buffer))
  }

  /** What the whole blocks taken so far have come to. */
  state(): DataView {
    return new DataView(this.#state.buffer.slice(0))
  }
}

/**
 * Takes whole blocks. That each sum ends in `| 0`, and that no array is taken apart, makes it three times as fast each;
 * unrolling gains nothing.
 */
const compress = (state: DataView, input: DataView): void => {
  let a0 = state.getInt32(0)
  let b0 = state.getInt32(4)
  let c0 = state.getInt32(8)
  let d0 = state.getInt32(12)
  let e0 = state.getInt32(16)
  let f0 = state.getInt32(20)
  let g0 = state.getInt32(24)
  let h0 = state.getInt32(28)
  for (let block = 0; block < input.byteLength; block += blockSize) {
    for (let i = 0; i < 64; i += 4) words.setInt32(i, input.getInt32(block + i))
    for (let i = 64; i < 256; i += 4) {
      const x = words.getInt32(i - 60)
      const y = words.getInt32(i - 8)
      const s = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3
      const t = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10
      words.setInt32(i, ((words.getInt32(i - 64) + words.getInt32(i - 28) | 0) + s | 0) + t | 0)
    }
    let a = a0
    let b = b0
    let c = c0
    let d = d0
    let e = e0
    let f = f0
    let g = g0
    let h = h0
    for (let i = 0; i < 256; i += 4) {
      const s = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)
      const t = (((h + s | 0) + (g ^ e & (f ^ g)) | 0) + constants.getInt32(i) | 0) + words.getInt32(i) | 0
      const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ c & (a ^ b)) | 0
      h = g
      g = f
      f = e
      e = d + t | 0
      d = c
      c = b
      b = a
      a = t + u | 0
    }
    a0 = a0 + a | 0
    b0 = b0 + b | 0
    c0 = c0 + c | 0
    d0 = d0 + d | 0
    e0 = e0 + e | 0
    f0 = f0 + f | 0
    g0 = g0 + g | 0
    h0 = h0 + h | 0
  }
  ;[a0, b0, c0, d0, e0, f0, g0, h0].forEach((word, i) => state.setInt32(i * 4, word))
}

/**
 * A hash of nothing yet.
 *
 * **Example** (A text in two pieces)
 *
 * ```ts import.meta.vitest
 * import * as Sha256 from "@media-jobs/core/Sha256"
 *
 * const bytes = (text: string) => new TextEncoder().encode(text)
 * Sha256.make().update(bytes("a")).update(bytes("bc")).digest().subarray(0, 4) // => new Uint8Array([0xba, 0x78, 0x16, 0xbf])
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Sha256 => new Hash().from(initial, 0)

/** Nothing yields while one text is hashed, so that one hash will do for all. */
const scratch = /* @__PURE__ */ new Hash()

/**
 * The hash of bytes that are all there, 32 bytes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const digest = (bytes: Uint8Array): Uint8Array => scratch.from(initial, 0).update(bytes).digest()

/**
 * The tags of messages under a key (RFC 2104), 32 bytes each; the key itself is hashed once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const hmac = (key: Uint8Array): (message: Uint8Array) => Uint8Array => {
  const block = new Uint8Array(blockSize)
  block.set(key.length > blockSize ? digest(key) : key)
  const hash = new Hash()
  const keyed = (pad: number) => hash.from(initial, 0).update(block.map((byte) => byte ^ pad)).state()
  const [inner, outer] = [keyed(0x36), keyed(0x5c)]
  return (message) => {
    const digest = hash.from(inner, blockSize).update(message).digest()
    return hash.from(outer, blockSize).update(digest).digest()
  }
}
