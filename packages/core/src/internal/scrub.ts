const email = /[^\s"'`<>()[\]{}|\\/,;:=&?]{1,256}(?:@|%(?:25)*40)[^\s"'`<>()[\]{}|\\/,;:=&?]{1,256}/g
/** User and password of a URL, which may hold any letter, and its query: a signature in it opens a file to anyone. */
const userOfUrl = /(:\/\/)[^\s"<>]*@/g
const queryOfUrl = /(:\/\/[^\s?"'<>]*\?)[^\s"'<>]+/g
/** `name=value` where the name is of a secret. */
const assigned = /\b([\w-]*(?:sig|signature|token|secret|passw(?:or)?d|key|credential))=["']?[^\s"'&<>]+/gi
/**
 * `Bearer …`, `user:` with a number and more, what begins as the keys of known services do, and any run of 24 or more letters,
 * digits and dashes that mixes both: keys, hashes, ids.
 */
const token = /\bBearer\s+\S+|\buser:\d+-\S+|\b(?:r8_|sk[-_])[\w-]+|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}/gi
/** Base64 alone: "Basic plan" is a plan. */
const basic = /\b[Bb]asic\s+(?=\w+[A-Z\d=+/])[\w+/-]{4,}=*/g
const longest = 500
/** What a person will not read is not worth the time that the patterns take for it. */
const readable = 4_000
/** Of three letters or fewer, nothing is left of a sentence that names them. */
const shortest = 4
/** The run of a secret's characters that tells it, as services show keys in part. */
const telling = 12

/** The text with each stretch replaced that is made of telling runs of the secret. */
const withoutParts = (text: string, secret: string, shown: string): string => {
  let out = ""
  let at = 0
  for (let i = 0; i + telling <= text.length; i++) {
    const last = i + telling - 1
    // No run reaches over a letter that the secret has not.
    if (!secret.includes(text.charAt(last))) i = last
    else if (secret.includes(text.slice(i, last + 1))) {
      out += text.slice(at, i) + shown
      at = last + 1
      while (at < text.length && secret.includes(text.slice(at + 1 - telling, at + 1))) at++
      i = at - 1
    }
  }
  return out + text.slice(at)
}

/**
 * Text fit for a person's eyes: the named secrets go first, whole and in parts, each for what stands in its place, then
 * whatever looks like an e-mail address, a credential or a token. One line of at most 500 characters: of a longer one, the
 * beginning and the end, where services put the reason.
 */
export const scrub = (text: string, secrets: Iterable<readonly [secret: string, shown: string]> = []): string => {
  let out = text
  const forms = Array.from(secrets).filter(([secret]) => secret.length >= shortest).flatMap(([secret, shown]) =>
    Array.from(
      new Set([secret, encodeURI(secret.toWellFormed()), encodeURIComponent(secret.toWellFormed())]),
      (form) => [form, shown] as const
    )
  )
  for (const [secret, shown] of forms) out = out.replaceAll(secret, shown)
  // A word that the cut would halve goes whole, and control characters would drive the reader's terminal.
  if (out.length > readable) {
    out = `${out.slice(0, readable / 2).replace(/\S*$/, "")}…${out.slice(-readable / 2).replace(/^\S*/, "")}`
  }
  for (const [secret, shown] of forms) out = withoutParts(out, secret, shown)
  out = out.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .replace(userOfUrl, "$1").replace(queryOfUrl, "$1…").replace(assigned, "$1=[secret]").replace(basic, "[secret]")
    .replace(email, "[e-mail]").replace(token, "[secret]").trim()
  return out.length > longest ? `${out.slice(0, longest / 2)} … ${out.slice(3 - longest / 2)}` : out
}
