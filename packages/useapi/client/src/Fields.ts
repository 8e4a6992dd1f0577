/**
 * The fields of requests, and everything that is wrong with them.
 *
 * @since 0.1.0
 */
import type { Issue } from "@media-jobs/core/JobError"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/**
 * A text that is not empty; `what` says in a refusal what it should be.
 *
 * @since 0.1.0
 * @category schemas
 */
export const text = (what: string) =>
  Schema.String.check(Schema.makeFilter((text: string) => text !== "", { expected: `${what} that is not empty` }))

/**
 * A number that `is` as `what` says in a refusal.
 *
 * @since 0.1.0
 * @category schemas
 */
export const number = (what: string, is: (value: number) => boolean) =>
  Schema.Number.check(Schema.makeFilter(is, { expected: what }))

/**
 * A text of at most so many characters.
 *
 * @since 0.1.0
 * @category schemas
 */
export const atMost = (characters: number) =>
  Schema.makeFilter((text: string) => text.length <= characters, { expected: `at most ${characters} characters` })

/**
 * The name that an upload was given.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AssetRef = text("an assetRef")

/**
 * The two fields about reporting that every submit has.
 *
 * @since 0.1.0
 * @category schemas
 */
export const reply = {
  /** Where the service reports; where it is absent, `ReplyTo` says so if the application provides one. */
  replyUrl: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((url) => /^https?:\/\//i.test(url) && URL.canParse(url), {
        expected: "an absolute http or https URL"
      })
    )
  ),
  /** The caller's own words, which come back with every report. */
  replyRef: Schema.optional(Schema.String.check(atMost(1024)))
}

/**
 * A request of which nothing is known: from JavaScript anything can come.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields = Readonly<Record<string, unknown>>

/**
 * What makes a request of one kind acceptable: the shape of each field, and the rules between them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kind {
  readonly shape: (fields: Fields) => ReadonlyArray<Issue>
  readonly rules: (fields: Fields) => ReadonlyArray<Issue>
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** What a check of a field's schema expects: more than its type, which is all that an issue about the type says. */
const expectedOf = (ast: SchemaAST.AST): string | undefined =>
  SchemaAST.isUnion(ast)
    ? ast.types.map(expectedOf).find((expected) => expected !== undefined)
    : ast.checks?.map((check) => check.annotations?.["expected"]).find((expected) => typeof expected === "string")

/**
 * A kind of request of its schema, which knows all its fields, and of the rules between them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const kind = <A>(
  schema: Schema.ConstraintDecoder<A>,
  rules: (fields: Fields) => ReadonlyArray<Issue> = () => []
): Kind => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })
  const named = SchemaAST.isObjects(schema.ast) ? schema.ast.propertySignatures : []
  const expected = new Map(named.map(({ name, type }) => [name, expectedOf(type)]))
  // A field that is missing is refused as one that is undefined: with what is expected of it.
  const empty = Object.fromEntries(named.map(({ name }) => [name, undefined]))
  return {
    shape: (fields) => {
      const decoded = decode({ ...empty, ...fields })
      return Result.isSuccess(decoded) ? [] : format(decoded.failure.issue).issues.map(({ message, path }) => {
        const field = (path ?? []).map(String).join(".")
        if (message === "Expected no excess property") return { field, message: "Expected no such field" }
        const type = message.replace(/ \| undefined$/, "")
        const more = type === "Expected string" || type === "Expected number" ? expected.get(field) : undefined
        return { field, message: more === undefined ? type : `Expected ${more}` }
      })
    },
    rules
  }
}

/**
 * Everything that is wrong with a request, by field, and nothing that was given in it.
 *
 * **Details**
 *
 * The kind is what its `_tag` names; `made` says by which constructors. Of a field with the wrong shape no rule speaks.
 *
 * @since 0.1.0
 * @category validation
 */
export const issues = (
  request: unknown,
  kinds: Readonly<Record<string, Kind>>,
  made: string
): ReadonlyArray<Issue> => {
  const fields: Fields = Predicate.isObject(request) ? { ...request } : {}
  const tag = String(fields["_tag"])
  const kind = Object.hasOwn(kinds, tag) ? kinds[tag] : undefined
  if (kind === undefined) return [{ field: "_tag", message: `Expected a request made by ${made}` }]
  const shape = kind.shape(fields)
  const seen = new Set(shape.map(({ field }) => field))
  return [...shape, ...kind.rules(fields).filter(({ field }) => !seen.has(field))]
}

/**
 * A field that under some condition takes fewer values than its schema allows.
 *
 * @since 0.1.0
 * @category validation
 */
export const oneOf = (
  fields: Fields,
  field: string,
  allowed: ReadonlyArray<string>,
  condition: string
): ReadonlyArray<Issue> => {
  const value = fields[field]
  const quoted = allowed.map((one) => JSON.stringify(one)).join(" | ")
  return value === undefined || allowed.some((one) => one === value)
    ? []
    : [{ field, message: `Expected ${quoted} with ${condition}` }]
}

/**
 * Files of accounts other than the one that a request names or, where it names none, than that of its first file.
 *
 * **Details**
 *
 * `accountOf` reads the account out of an assetRef; one that it can't read is let through. Accounts are compared, never
 * shown.
 *
 * @since 0.1.0
 * @category validation
 */
export const ofOneAccount = (
  fields: Fields,
  account: string,
  refs: ReadonlyArray<string>,
  accountOf: (assetRef: string) => string | undefined
): ReadonlyArray<Issue> => {
  const known = refs.flatMap((field) => {
    const ref = fields[field]
    const owner = typeof ref === "string" ? accountOf(ref)?.toLowerCase() : undefined
    return owner === undefined ? [] : [{ field, owner }]
  })
  const named = fields[account]
  const [expected, whose] = typeof named === "string"
    ? [named.toLowerCase(), account]
    : [known[0]?.owner, known[0]?.field]
  return known.filter(({ owner }) => owner !== expected).map(({ field }) => ({
    field,
    message: `Expected a reference of the account of ${whose}`
  }))
}
