/**
 * What a service can be asked to make: the fields of its requests, and everything that is wrong with one.
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
 * Where a file is that the service fetches itself, or one that it has: no path of this machine.
 *
 * @since 0.1.0
 * @category schemas
 */
export const fileAddress = (what: string) =>
  text(what).check(
    Schema.makeFilter((text: string) => !localPath.test(text) && !/^[\w -]+\.\w{2,4}$/.test(text), {
      expected: `${what}, which is no path: upload the file first`
    })
  )

/**
 * A reference to a file as the service's `upload` gives it; `what` says in a refusal what the service calls it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const fileReference = (what: string) => fileAddress(what).annotate({ takesFile: true })

/** A file of this machine, which no service can read. A sentence has spaces, and other paths no ending. */
const localPath = /^(?:file:\S+|(?:~|\.{1,2}|[a-z]:)?[\\/]\S*\.\w{2,4})$/i

/**
 * The texts in JSON of any shape that are paths of this machine: a service that takes files wants them uploaded first.
 *
 * @since 0.1.0
 * @category validation
 */
export const localPaths = (field: string, value: unknown): ReadonlyArray<Issue> =>
  typeof value === "string"
    ? localPath.test(value) ? [{ field, message: "Expected no path: upload the file first" }] : []
    : Predicate.isObjectOrArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => localPaths(`${field}.${name}`, inner))
    : []

/**
 * Where the service reports to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const webhookUrl = Schema.String.check(
  Schema.makeFilter((url: string) => /^https?:\/\//i.test(url) && URL.canParse(url), {
    expected: "an absolute http or https URL"
  })
)

/**
 * A request of which nothing is known: from JavaScript anything can come.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields = Readonly<Record<string, unknown>>

/**
 * One kind of request: its schema, the shape of each field, and the rules between them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kind<out A = unknown> {
  readonly schema: Schema.ConstraintDecoder<A>
  readonly shape: (fields: Fields) => ReadonlyArray<Issue>
  readonly rules: (fields: Fields) => ReadonlyArray<Issue>
}

/**
 * All requests that a service takes.
 *
 * **Details**
 *
 * `issues` is everything that is wrong with one, by field, and nothing that was given in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSchema<Kinds extends Readonly<Record<string, Kind>> = Readonly<Record<string, Kind>>> {
  readonly kinds: Kinds
  readonly issues: (request: unknown) => ReadonlyArray<Issue>
}

/**
 * What is said of a field that a kind of request has not.
 *
 * @since 0.1.0
 * @category validation
 */
export const noSuchField = "Expected no such field"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * What a check of a field's schema expects, where it has one: more than its type, which is all that an issue about the type says.
 *
 * @since 0.1.0
 * @category getters
 */
export const expectedOf = (ast: SchemaAST.AST): string | undefined =>
  SchemaAST.isUnion(ast)
    ? ast.types.map(expectedOf).find((expected) => expected !== undefined)
    : ast.checks?.map((check) => check.annotations?.["expected"]).find((expected) => typeof expected === "string")

/**
 * The fields of a kind of request that take a file.
 *
 * @since 0.1.0
 * @category getters
 */
export const filesOf = ({ schema: { ast } }: Pick<Kind, "schema">): ReadonlyArray<string> =>
  SchemaAST.isObjects(ast)
    ? ast.propertySignatures.flatMap(({ name, type }) => typeof name === "string" && takesFile(type) ? [name] : [])
    : []

/**
 * Whether a field's schema takes the reference of a file.
 *
 * @since 0.1.0
 * @category getters
 */
export const takesFile = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isUnion(ast)
    ? ast.types.some(takesFile)
    : [ast.annotations, ...ast.checks?.map(({ annotations }) => annotations) ?? []].some((found) =>
      found?.["takesFile"] === true
    )

/**
 * A text in a request where a file stands, and the names and indexes that lead to it.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilePlace {
  readonly path: ReadonlyArray<string | number>
  readonly text: string
}

/**
 * Where a request names files, at any depth.
 *
 * @since 0.1.0
 * @category getters
 */
export const filesIn = ({ schema: { ast } }: Pick<Kind, "schema">, request: Fields): ReadonlyArray<FilePlace> => {
  const found = new Map(placesIn(ast, request, []).map((place) => [JSON.stringify(place.path), place]))
  return Array.from(found.values())
}

const placesIn = (ast: SchemaAST.AST, value: unknown, path: FilePlace["path"]): ReadonlyArray<FilePlace> => {
  if (typeof value === "string") return takesFile(ast) ? [{ path, text: value }] : []
  // The members of a union have fields of the same names: each knows its own.
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap((type) => placesIn(type, value, path))
  if (SchemaAST.isArrays(ast) && Array.isArray(value)) {
    return value.flatMap((one, i) => {
      const type = ast.elements[i] ?? ast.rest[0]
      return type === undefined ? [] : placesIn(type, one, [...path, i])
    })
  }
  return SchemaAST.isObjects(ast) && Predicate.isObject(value)
    ? ast.propertySignatures.flatMap(({ name, type }) =>
      typeof name === "string" && name in value ? placesIn(type, value[name], [...path, name]) : []
    )
    : []
}

/**
 * A kind of request of its schema, which knows all its fields, and of the rules between them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const kind = <A>(
  schema: Schema.ConstraintDecoder<A>,
  rules: (fields: Fields) => ReadonlyArray<Issue> = () => []
): Kind<A> => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })
  const named = SchemaAST.isObjects(schema.ast) ? schema.ast.propertySignatures : []
  const expected = new Map(named.map(({ name, type }) => [name, expectedOf(type)]))
  // A field that is missing is refused as one that is undefined: with what is expected of it.
  const empty = Object.fromEntries(named.map(({ name }) => [name, undefined]))
  return {
    schema,
    shape: (fields) => {
      const decoded = decode({ ...empty, ...fields })
      return Result.isSuccess(decoded) ? [] : format(decoded.failure.issue).issues.map(({ message, path }) => {
        const field = (path ?? []).map(String).join(".")
        if (message === "Expected no excess property") return { field, message: noSuchField }
        const type = message.replace(/ \| undefined$/, "")
        const more = type === "Expected string" || type === "Expected number" ? expected.get(field) : undefined
        return { field, message: more === undefined ? type : `Expected ${more}` }
      })
    },
    rules
  }
}

/**
 * Requests of some kinds, which their `_tag` tells apart, or a field that `by` names.
 *
 * **Details**
 *
 * `expected` says in a refusal what there should be. Of a field with the wrong shape no rule speaks.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <const Kinds extends Readonly<Record<string, Kind>>>(
  kinds: Kinds,
  expected: string,
  by: { readonly field: string; readonly kindOf: (fields: Fields) => string | undefined } = byTag
): RequestSchema<Kinds> => ({
  kinds,
  issues: (request) => {
    const fields: Fields = Predicate.isObject(request) ? { ...request } : {}
    const name = by.kindOf(fields)
    const kind = name !== undefined && Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) return [{ field: by.field, message: `Expected ${expected}` }]
    const shape = kind.shape(fields)
    const seen = new Set(shape.map(({ field }) => field))
    return [...shape, ...kind.rules(fields).filter(({ field }) => !seen.has(field))]
  }
})

const byTag = {
  field: "_tag",
  kindOf: ({ _tag }: Fields) => typeof _tag === "string" ? _tag : undefined
}

/**
 * Makes the functions that make requests, one for each kind.
 *
 * **Example** (Two kinds)
 *
 * ```ts import.meta.vitest
 * import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
 *
 * type Request = { readonly _tag: "Song"; readonly lyrics: string } | { readonly _tag: "Speech"; readonly text: string }
 *
 * const request = RequestSchema.tagged<Request>()
 * const song = request("Song")
 * song({ lyrics: "Light in the rain" }) // => { lyrics: "Light in the rain", _tag: "Song" }
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const tagged =
  <Request extends { readonly _tag: string }>() =>
  <const Tag extends Request["_tag"]>(_tag: Tag) =>
  (fields: Omit<Extract<Request, { readonly _tag: Tag }>, "_tag">) =>
    // Which is that, and TypeScript does not follow for a tag that is open.
    ({ ...fields, _tag }) as unknown as Extract<Request, { readonly _tag: Tag }>

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
