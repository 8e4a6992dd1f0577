/** The flags of `submit`, made of what a provider can be asked for. */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import { Issue } from "@media-jobs/core/JobError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Described } from "./access.ts"
import { type Stopped, usage } from "./stopped.ts"

/** A kind of request, under the name that the command has for it. */
export interface Kind {
  readonly name: string
  /** As the descriptor names it. */
  readonly tag: string
  readonly kind: RequestSchema.Kind
  readonly fields: ReadonlyArray<Field>
  /** What all requests of the kind say, and no flag: `_tag`, or a field of the service's own by which it tells them. */
  readonly constants: Readonly<Record<string, unknown>>
  /** Of a kind that no constant tells, the field that the command takes as an argument. */
  readonly argument: Field | undefined
}

/** `UpscaleVideo` and `aspect_ratio` as words of a command. */
export const wordOf = (name: string): string =>
  name.replaceAll(/([a-z\d])([A-Z])/g, "$1-$2").replaceAll(/[^A-Za-z\d]+/g, "-").toLowerCase()

export type Field = SchemaAST.PropertySignature & { readonly name: string }

export const isRequired = ({ type }: Field): boolean => !SchemaAST.isOptional(type)

/** The types that a field's type stands for. */
export const typesOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap(typesOf) : SchemaAST.isUndefined(ast) ? [] : [ast]

export const kindsOf = ({ kinds }: Described): ReadonlyArray<Kind> =>
  Object.entries(kinds).flatMap(([tag, kind]) => {
    const { ast } = kind.schema
    if (!SchemaAST.isObjects(ast)) return []
    const constants: Record<string, unknown> = {}
    const fields = ast.propertySignatures.flatMap((field) => {
      if (typeof field.name !== "string") return []
      const [only, ...others] = typesOf(field.type)
      const isConstant = only !== undefined && SchemaAST.isLiteral(only) && others.length === 0 &&
        (field.name === "_tag" || !SchemaAST.isOptional(field.type))
      if (isConstant) constants[field.name] = only.literal
      // What the library itself notes, and no person gives.
      const isNote = only !== undefined && SchemaAST.isArrays(only) && only.rest[0] === Issue.ast
      return isConstant || isNote ? [] : [field as Field] // its name was just found to be a text
    })
    const argument = fields.find((field) => isRequired(field) && SchemaAST.isString(field.type))
    const isTold = Object.keys(constants).length > 0
    return isTold || argument !== undefined
      ? [{ name: wordOf(tag), tag, kind, fields, constants, argument: isTold ? undefined : argument }]
      : []
  })

/** The kind that a model or version is of: the first whose field takes it. */
export const choose = (kinds: readonly [Kind, ...Array<Kind>], what: unknown): Kind =>
  kinds.find(({ argument }) => argument !== undefined && Schema.is(Schema.make(argument.type))(what)) ?? kinds[0]

/** What a request of a kind says beside its flags: its constants, and what the command takes as an argument. */
export const told = ({ argument, constants }: Kind, what: unknown): Readonly<Record<string, unknown>> =>
  argument === undefined ? constants : { [argument.name]: what }

/** What any service could call a file, before it is uploaded. */
export const aReference = "https://example.com/file"

/** What is wrong with a request, by field. */
export const issuesOf = ({ kind }: Kind, request: Record<string, unknown>): ReadonlyArray<Issue> => {
  const shape = kind.shape(request)
  return shape.length > 0 ? shape : kind.rules(request)
}

/** The fields of a kind, with what each takes. */
export const fieldsIn = ({ argument, fields }: Kind): ReadonlyArray<object> =>
  fields.filter((field) => field !== argument).map((field) => {
    const values = typesOf(field.type)
    const expected = RequestSchema.expectedOf(field.type)
    return {
      name: field.name,
      required: isRequired(field),
      takes: values.every(SchemaAST.isLiteral) ? values.map(({ literal }) => literal) : inWords(field.type),
      ...(expected === undefined ? undefined : { expected })
    }
  })

/** How deep a field is told of: what is below is for the service's own documents. */
const deepest = 3

/** A type, as a person writes it. */
const inWords = (ast: SchemaAST.AST, depth = 0): string => {
  const all = typesOf(ast)
  const [only, ...others] = all
  if (only === undefined) return "null"
  if (others.length > 0) return [...new Set(all.map((type) => inWords(type, depth)))].join(" | ")
  if (RequestSchema.takesFile(only)) return "FILE"
  if (SchemaAST.isLiteral(only)) return JSON.stringify(String(only.literal))
  if (SchemaAST.isString(only) || SchemaAST.isTemplateLiteral(only)) return "text"
  if (SchemaAST.isNumber(only)) return "number"
  if (SchemaAST.isBoolean(only)) return "boolean"
  if (depth >= deepest) return "…"
  if (SchemaAST.isArrays(only)) {
    return `[${[...only.elements, ...only.rest].map((type) => inWords(type, depth + 1)).join(", ")}, …]`
  }
  if (SchemaAST.isObjects(only) && only.propertySignatures.length > 0) {
    return `{${
      only.propertySignatures.map(({ name, type }) =>
        `${String(name)}${SchemaAST.isOptional(type) ? "?" : ""}: ${inWords(type, depth + 1)}`
      ).join(", ")
    }}`
  }
  return "JSON"
}

/** What a field takes, as far as a flag can tell. */
type Shape = "Text" | "Number" | "Boolean" | "Choice" | "Texts" | "Record" | "Json"

export const isText = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isString(ast) || SchemaAST.isTemplateLiteral(ast) ||
  SchemaAST.isLiteral(ast) && typeof ast.literal === "string"

const shapeOf = ({ type }: Pick<Field, "type">): Shape => {
  const all = typesOf(type)
  const [only, ...others] = all
  if (all.every(SchemaAST.isLiteral)) return "Choice"
  if (all.every(isText)) return "Text"
  if (only === undefined || others.length > 0) return "Json"
  if (SchemaAST.isNumber(only)) return "Number"
  if (SchemaAST.isBoolean(only)) return "Boolean"
  if (SchemaAST.isObjects(only)) return only.propertySignatures.length === 0 ? "Record" : "Json"
  const [element, ...more] = SchemaAST.isArrays(only) && only.elements.length === 0 ? only.rest : []
  return element !== undefined && more.length === 0 && typesOf(element).every(isText) ? "Texts" : "Json"
}

/** Whether a field takes a model's own input, of which no schema knows where files stand. */
export const isOpen = (field: Field): boolean =>
  typesOf(field.type).some((type) =>
    SchemaAST.isObjects(type) && type.indexSignatures.some((signature) => !SchemaAST.isString(signature.type))
  )

const parseJson = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))

/** A value as JSON where it is that, else as a text. */
const loose = (text: string): unknown => Result.getOrElse(parseJson(text), () => text)

/** What the word of a flag says, where its field takes JSON and perhaps a text. */
const valueOf = ({ type }: Field, text: string): unknown => {
  const value = loose(text)
  // What is wrong inside of an object is said by its own name; a number or the like may have been meant as a text.
  return typeof value === "object" || !typesOf(type).some(isText) || Schema.is(Schema.make(type))(value) ? value : text
}

/** `name=value`, or all at once as JSON: `{"prompt":"…"}`. */
const pairs = (
  flag: string,
  texts: ReadonlyArray<string>,
  valueOf: (text: string) => unknown
): Effect.Effect<Record<string, unknown>, Stopped> =>
  Effect.reduce(texts, () => ({}), (into: Record<string, unknown>, text) => {
    if (text.startsWith("{")) {
      const parsed = parseJson(text)
      return Result.isSuccess(parsed) && typeof parsed.success === "object"
        ? Effect.succeed({ ...into, ...parsed.success })
        : Effect.fail(usage(`--${flag} is no JSON object: give name=value, or an object.`))
    }
    const at = text.indexOf("=")
    return at < 1
      ? Effect.fail(usage(`--${flag} takes name=value, as in --${flag} seed=7.`))
      : Effect.succeed({ ...into, [text.slice(0, at)]: valueOf(text.slice(at + 1)) })
  })

/** A request, as a file has it. */
export const parse = (name: string, text: string): Effect.Effect<Record<string, unknown>, Stopped> => {
  const parsed = parseJson(text)
  return Result.isSuccess(parsed) && Predicate.isObject(parsed.success)
    ? Effect.succeed({ ...parsed.success })
    : Effect.fail(usage(`${name} holds no JSON object: give the request's fields, as in {"prompt": "a lighthouse"}.`))
}

export interface Flags {
  /** Of the command, by field. */
  readonly config: Readonly<Record<string, Flag.Flag<unknown>>>
  /** The request that the values of these flags make, with what stands in a file below them. */
  readonly request: (
    values: Readonly<Record<string, unknown>>,
    below?: Readonly<Record<string, unknown>>
  ) => Effect.Effect<Record<string, unknown>, Stopped>
}

/** `any` flag that may be absent: its value is `undefined` then. */
const absent = <A>(flag: Flag.Flag<A>): Flag.Flag<unknown> => Flag.map(Flag.optional(flag), Option.getOrUndefined)

/** What a flag is called in help, and made of. */
const flagOf = (name: string, shape: Shape, { type }: Field): Flag.Flag<unknown> => {
  switch (shape) {
    case "Choice": {
      const values = typesOf(type).flatMap((one) =>
        SchemaAST.isLiteral(one) ? [[String(one.literal), one.literal] as const] : []
      )
      return absent(Flag.withMetavar(Flag.ChoiceWithValue(name, values), "WORD"))
    }
    case "Number":
      return absent(Flag.withMetavar(Flag.Finite(name), "N"))
    case "Boolean":
      return absent(Flag.Boolean(name))
    case "Record":
      return Flag.atLeast(Flag.withMetavar(Flag.String(name), "NAME=VALUE"), 0)
    case "Texts":
      return Flag.atLeast(Flag.withMetavar(Flag.String(name), "TEXT"), 0)
    case "Text":
    case "Json":
      return absent(
        Flag.withMetavar(Flag.String(name), RequestSchema.takesFile(type) ? "FILE" : shape === "Text" ? "TEXT" : "JSON")
      )
  }
}

/** Longer types are read in the documents of the service. */
const cut = (text: string): string => text.length > 160 ? `${text.slice(0, 159)}…` : text

const describe = (shape: Shape, field: Field): string => {
  const expected = RequestSchema.expectedOf(field.type)
  const takes = RequestSchema.takesFile(field.type)
    ? "a file, which is uploaded, or a reference to one"
    : shape === "Record"
    ? `may be repeated${isOpen(field) ? "; VALUE is JSON or a text, @FILE is uploaded" : ""}`
    : shape === "Json"
    ? [cut(inWords(field.type)), ...(expected === undefined ? [] : [expected])].join(": ")
    : expected
  return [
    ...(isRequired(field) ? ["must be given"] : []),
    ...(takes === undefined ? [] : [takes]),
    ...(shape === "Texts" ? ["may be repeated"] : [])
  ].join("; ")
}

/** The flag of a field: the command's own go before. */
export const flagNameOf = ({ name }: Field, taken: ReadonlyArray<string>): string =>
  taken.includes(wordOf(name)) ? `request-${wordOf(name)}` : wordOf(name)

/** Where `--prompt` goes in a kind that has no field of that name: the text of another, or of a model's own input. */
export const promptOf = ({ fields }: Kind): ReadonlyArray<string> | undefined => {
  if (fields.some(({ name }) => name === "prompt")) return undefined
  const text = fields.find(({ name, type }) => /^(?:promptText|input)$/.test(name) && typesOf(type).some(isText))
  if (text !== undefined) return [text.name]
  const record = fields.find((field) => isRequired(field) && shapeOf(field) === "Record")
  return record && [record.name, "prompt"]
}

/** The flags of one kind. */
export const make = (kind: Kind, taken: ReadonlyArray<string>): Flags => {
  // The account is a flag of the command's own.
  const all = kind.fields.filter((field) => field !== kind.argument && field.name !== "account").map((field) => ({
    field,
    flag: flagNameOf(field, taken),
    shape: shapeOf(field)
  })).toSorted((a, b) => Number(isRequired(b.field)) - Number(isRequired(a.field)))
  const prompt = promptOf(kind)
  const config: Record<string, Flag.Flag<unknown>> = {}
  if (prompt !== undefined) {
    const description = `What to make: the same as ${prompt.join(".")} of the request`
    config["prompt"] = Flag.withDescription(absent(Flag.withMetavar(Flag.String("prompt"), "TEXT")), description)
  }
  for (const { field, flag, shape } of all) {
    config[field.name] = Flag.withDescription(flagOf(flag, shape, field), describe(shape, field))
  }
  return {
    config,
    request: Effect.fnUntraced(function*(values, below = {}) {
      const request: Record<string, unknown> = { ...below }
      const { prompt: text } = values
      if (prompt !== undefined && text !== undefined) {
        const [name = "", inner] = prompt
        request[name] = inner === undefined ? text : { ...Object(request[name]), [inner]: text }
      }
      for (const { field, flag, shape } of all) {
        const { name } = field
        const value = values[name]
        if (shape === "Record") {
          const texts = (value ?? []) as ReadonlyArray<string> // as its flag gives it
          const given = yield* pairs(flag, texts, isOpen(field) ? loose : identity)
          if (isRequired(field) || Object.keys(given).length > 0) request[name] = { ...Object(request[name]), ...given }
        } else if (shape === "Texts") {
          const texts = (value ?? []) as ReadonlyArray<string> // as its flag gives it
          if (texts.length > 0) request[name] = texts
        } else if (shape === "Json" && typeof value === "string") request[name] = valueOf(field, value)
        else if (value !== undefined) request[name] = value
      }
      return { ...request, ...told(kind, values["what"]) }
    })
  }
}
