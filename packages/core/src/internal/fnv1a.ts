/**
 * FNV-1a over UTF-16 code units, 32 bits, as eight hex digits.
 *
 * Written out because handles are kept for days and fingerprints are compared between log lines of different releases:
 * `effect/Hash` promises neither to stay the same.
 */
export const fnv1a = (text: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}
