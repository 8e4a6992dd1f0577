import * as Predicate from "effect/Predicate"
import type { InvalidField } from "./sentences.ts"

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
