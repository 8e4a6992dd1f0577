const email = /[^\s"'`<>()[\]{}|\\/,;:=&?]{1,256}(?:@|%(?:25)*40)[^\s"'`<>()[\]{}|\\/,;:=&?]{1,256}/g
/** `Bearer …`, `user:` with a number and more, and any run of 24 or more letters, digits and dashes that mixes both: keys, hashes, ids. */
const token = /\bBearer\s+\S+|\buser:\d+-\S+|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}/gi
const longest = 500
/** What a person will not read is not worth the time that the patterns take for it. */
const readable = 4_000
/** Of three letters or fewer, nothing is left of a sentence that names them. */
const shortest = 4

/**
 * Text fit for a person's eyes: the named secrets go first, each for what stands in its place, then whatever looks like an
 * e-mail address or a token. One line, cut at 500 characters.
 */
export const scrub = (text: string, secrets: Iterable<readonly [secret: string, shown: string]> = []): string => {
  let out = text
  for (const [secret, shown] of secrets) {
    if (secret.length < shortest) continue
    out = out.replaceAll(secret, shown).replaceAll(encodeURI(secret.toWellFormed()), shown)
      .replaceAll(encodeURIComponent(secret.toWellFormed()), shown)
  }
  // A word that the cut would halve goes whole, and control characters would drive the reader's terminal.
  if (out.length > readable) out = out.slice(0, readable).replace(/\S*$/, "…")
  out = out.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
  out = out.replace(email, "[e-mail]").replace(token, "[secret]").trim()
  return out.length > longest ? `${out.slice(0, longest)}…` : out
}
