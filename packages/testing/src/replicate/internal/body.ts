import * as Predicate from "effect/Predicate"
import type { InvalidField } from "./sentences.ts"

/** The file in a form whose text has one character for each byte. */
export const fileIn = (
  body: string,
  contentType: string
): { readonly name: string; readonly type: string; readonly size: number } | undefined => {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`)) {
    const gap = part.indexOf("\r\n\r\n")
    const head = part.slice(0, gap)
    if (gap === -1 || !/name="?content"?[;\r]/i.test(`${head}\r`)) continue
    return {
      name: /filename="([^"]*)"/i.exec(head)?.[1] ?? "",
      type: /^content-type:\s*([^\r;]+)/im.exec(head)?.[1] ?? "application/octet-stream",
      size: part.length - gap - 4
    }
  }
  return undefined
}

/** What is wrong with a create; of an input only whether it has the `required` names. */
export const invalidIn = (
  fields: { readonly [name: string]: unknown },
  byModel: boolean,
  required: ReadonlyArray<string>
): ReadonlyArray<InvalidField> => {
  const { input } = fields
  const allowed = ["input", "stream", "webhook", "webhook_events_filter", ...(byModel ? [] : ["version"])]
  const needed = (name: string, field: string): InvalidField => ({
    type: "required",
    field,
    description: `${name} is required`
  })
  return [
    ...(byModel || typeof fields["version"] === "string" ? [] : [needed("version", "")]),
    ...(input === undefined ? [needed("input", "")] : []),
    ...Object.keys(fields).filter((name) => !allowed.includes(name)).map((name) => ({
      type: "additional_property_not_allowed",
      field: "",
      description: `Additional property ${name} is not allowed`
    })),
    ...(Predicate.isObject(input)
      ? required.filter((name) => !Predicate.hasProperty(input, name)).map((name) => needed(name, "input"))
      : input === undefined
      ? []
      : [{
        type: "invalid_type",
        field: "input",
        description: `Invalid type. Expected: object, given: ${typeof input}`
      }])
  ]
}
