/** An example of each kind of request, made of what its schema and its rules ask for. */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as SchemaAST from "effect/SchemaAST"
import { put } from "./place.ts"
import * as RequestFlags from "./requestFlags.ts"

/** What its user alone can know. */
const blankFor = (name: string): string => RequestFlags.wordOf(name).toUpperCase().replaceAll("-", "_")

/** A value for a field of this name, by its type and by what is expected there; of a field in another, behind the name of that. */
const sampleOf = (name: string, type: SchemaAST.AST, expected: string): unknown => {
  if (RequestSchema.takesFile(type)) {
    return /video|motion|clip/i.test(name) ? "clip.mp4" : /audio|voice/i.test(name) ? "voice.mp3" : "start.png"
  }
  const types = RequestFlags.typesOf(type)
  const [first] = types
  if (first !== undefined && SchemaAST.isLiteral(first)) return first.literal
  const [, named] = /(?:as in|such as) ([\w./:-]*\w)/.exec(expected) ?? []
  const [, least = "1"] = /\bfrom (\d[\d.]*)/.exec(expected) ?? []
  const isNumber = /\b(?:integer|number)\b/.test(expected) && !expected.includes("digits")
  const simple = (isNumber ? types.find(SchemaAST.isNumber) : undefined) ?? types.find(RequestFlags.isText) ?? first
  if (simple === undefined) return undefined
  if (SchemaAST.isNumber(simple)) return Number(least)
  if (SchemaAST.isBoolean(simple)) return true
  if (RequestFlags.isText(simple)) {
    if (named !== undefined) return named
    if (/\bURL\b/.test(expected)) return "https://example.com/start.png"
    return /prompt|text|lyrics/i.test(name)
      ? "a lighthouse"
      : blankFor(name.replace(/^.* /, ""))
  }
  if (SchemaAST.isArrays(simple)) {
    const [element] = [...simple.elements, ...simple.rest]
    return element === undefined ? [] : [sampleOf(name, element, RequestSchema.expectedOf(element) ?? "")]
  }
  if (!SchemaAST.isObjects(simple)) return {}
  const inner = simple.propertySignatures.filter(({ type }) => !SchemaAST.isOptional(type))
  const file = simple.propertySignatures.find(({ type }) => RequestSchema.takesFile(type))
  let of = name
  return Object.fromEntries(
    (inner.length > 0 ? inner : file === undefined ? [] : [file]).map(({ name, type }) => {
      const value = sampleOf(`${of} ${String(name)}`, type, RequestSchema.expectedOf(type) ?? "")
      // As in `{ type: "video", uri }`.
      if (name === "type") of = String(value)
      return [name, value]
    })
  )
}

/** The fields that the command fills in: the account is that of the files, or one with room. */
const filled: ReadonlySet<string> = new Set(["account", "email"])

/** How often what is wrong with a request may change it. */
const most = 8

/** The least that asks for something: what must be there, and what the rules then miss, until nothing is wrong. */
const requestOf = (kind: RequestFlags.Kind): Record<string, unknown> => {
  const { argument, fields } = kind
  const [spoken = "prompt", inner] = RequestFlags.promptOf(kind) ?? []
  const fill = ({ name, type }: RequestFlags.Field, message: string) =>
    name === spoken
      ? inner === undefined ? "a lighthouse" : { [inner]: "a lighthouse" }
      : sampleOf(name, type, `${RequestSchema.expectedOf(type) ?? ""} ${message}`)
  let request: Record<string, unknown> = {}
  for (const field of fields) {
    if (RequestFlags.isRequired(field) || field.name === spoken) request[field.name] = fill(field, "")
  }
  for (let n = 0; n < most; n++) {
    const asked = { ...request, ...RequestFlags.told(kind, argument && request[argument.name]) }
    // Files are uploaded before.
    const sent = RequestSchema.filesIn(kind.kind, asked).reduce(
      (request, { path }) => put(request, path, RequestFlags.aReference) as Record<string, unknown>, // with another text
      asked
    )
    const next = RequestFlags.issuesOf(kind, sent).flatMap(({ field: at, message }) => {
      const field = fields.find(({ name }) => name === at.split(".")[0])
      if (field === undefined || filled.has(field.name)) return []
      const isInside = field.name !== at
      return message === RequestSchema.noSuchField || isInside || !(at in request)
        ? [{ at, field, isInside, message }]
        : []
    })[0]
    if (next === undefined) break
    const { at, field, isInside, message } = next
    const path = at.split(".")
    const [, literal] = /"([^"]+)"/.exec(message) ?? []
    const value = message === RequestSchema.noSuchField
      ? undefined
      : isInside
      ? literal ?? blankFor(path.at(-1) ?? "")
      : fill(field, message)
    request = put(request, path, value) as Record<string, unknown> // as it was, an object
  }
  return request
}

/** A value as a word of a shell. */
const quoted = (value: unknown): string => {
  if (typeof value === "object") return `'${JSON.stringify(value)}'`
  const text = String(value)
  return /^[\w./:=-]+$/.test(text) ? text : JSON.stringify(text)
}

/** A command that asks for one of a kind. */
export const make = (id: string, kind: RequestFlags.Kind, taken: ReadonlyArray<string>): string => {
  const { argument, fields, name } = kind
  const request = requestOf(kind)
  const [spoken = "prompt"] = RequestFlags.promptOf(kind) ?? []
  const flags = fields.flatMap((field) => {
    const value = request[field.name]
    if (value === undefined || field === argument) return []
    if (field.name === spoken) return ["--prompt \"a lighthouse\""]
    return [`--${RequestFlags.flagNameOf(field, taken)}${value === true ? "" : ` ${quoted(value)}`}`]
  })
  return ["submit", id, argument === undefined ? name : quoted(request[argument.name]), ...flags].join(" ")
}
