import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * What a service refuses of bodies that have the right fields.
 */
export type Refusals<A> = ReadonlyArray<readonly [refused: (body: A) => boolean, because: string]>

export const Webhook = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(1024)))

export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words, otherwise: Words[number]) =>
  Schema.withDecodingDefaultKey<Schema.Literals<Words>>(Effect.succeed(otherwise))(Schema.Literals(words))

/**
 * A JSON body, or what is wrong with it; a field that the service does not know is.
 */
export const read = <A>(
  schema: Schema.ConstraintDecoder<A>,
  refusals: Refusals<A>,
  text: string
): Result.Result<A, string> => {
  const json = Result.try({ try: (): unknown => JSON.parse(text), catch: () => "Body is not JSON" })
  return Result.flatMap(json, (json) => {
    const decoded = Schema.decodeUnknownResult(schema)(json, { onExcessProperty: "error" })
    if (Result.isFailure(decoded)) return Result.fail(decoded.failure.message.replaceAll(/\s+/g, " "))
    const refusal = refusals.find(([refused]) => refused(decoded.success))
    return refusal === undefined ? Result.succeed(decoded.success) : Result.fail(refusal[1])
  })
}

/**
 * The account that a body names, or that the files in it belong to; they must not be of two.
 */
export const accountOf = (
  named: string | undefined,
  refs: ReadonlyArray<string>,
  pattern: RegExp
): Result.Result<string | undefined, string> => {
  const accounts = new Set(refs.map((ref) => pattern.exec(ref)?.[1]))
  if (named !== undefined) accounts.add(named)
  return accounts.size > 1 ? Result.fail("All images must belong to one account") : Result.succeed([...accounts][0])
}

const shortSides: { readonly [resolution: string]: number } = {
  draft: 360,
  "540p": 540,
  "720p": 720,
  "1080p": 1080,
  "1k": 1024,
  "2k": 2048,
  "4k": 2160,
  "8k": 4320
}

/**
 * The size of a picture; what is no ratio, as `auto`, is a square.
 */
export const dimensions = (resolution: string, ratio: string): { readonly width: number; readonly height: number } => {
  const [across, down] = ratio.includes(":") ? ratio.split(":").map(Number) : []
  const unit = (shortSides[resolution] ?? 720) / Math.min(across ?? 1, down ?? 1)
  return { width: Math.round((across ?? 1) * unit), height: Math.round((down ?? 1) * unit) }
}
