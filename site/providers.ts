/**
 * A page for each provider: what its descriptor says, what its adapter makes of the answers that the emulator's fixtures hold,
 * what its doc comments tell, and its facts.
 */
import type * as Descriptor from "@media-jobs/adapter/Descriptor"
import * as JobError from "@media-jobs/core/JobError"
import { JobId } from "@media-jobs/core/JobId"
import { OneTry } from "@media-jobs/core/OneTry"
import type * as Provider from "@media-jobs/core/Provider"
import * as Fixtures from "@media-jobs/testing/Fixtures"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { callsOf, operationOf, type Shape, shapeOf } from "../scripts/calls.ts"
import { descriptors, made, operations, packageOf } from "../scripts/generate.ts"
import { type Module, summaryOf } from "./reference.ts"

/** A page by its path below the site's root, without the ending. */
export interface Page {
  readonly path: string
  readonly title: string
  /** The file in the repository that its links are relative to. */
  readonly source: string
  readonly text: string
}

type Row = ReadonlyArray<string>

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")
const table = (head: Row, rows: ReadonlyArray<Row>): string =>
  [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(" | ")} |`).join("\n")
const code = (text: string): string => `\`${text}\``
/** A service's words stand in code, so that nothing in them is markup. */
const quoted = (text: string | undefined): string =>
  text === undefined || text === "" ? "" : code(text.replaceAll("`", "'"))

/** An answer of the service, as a fixture holds it. */
type Answer = Pick<Fixtures.Fixture, "status" | "text">

let tokens = 0

/** The provider as it is when its call gets this answer, and further ones to the same end the next, where there is one. */
const answering = (descriptor: Descriptor.Descriptor, answers: readonly [Answer, (Answer | undefined)?]) => {
  let calls = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const { status, text } = (calls++ === 0 ? undefined : answers[1]) ?? answers[0]
      return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : text, { status }))
    })
  )
  // A token of its own for each: one rate limit for all would take its time.
  return Effect.provideService(made(descriptor, `user:${++tokens}-token`), HttpClient.HttpClient, client)
}

/** What a provider makes of an answer: what the call gives or fails with, and whether it knew the status word. */
const outcome = (
  descriptor: Descriptor.Descriptor,
  answers: readonly [Answer, (Answer | undefined)?],
  call: (provider: Provider.Any) => Effect.Effect<unknown, JobError.JobError> | undefined
) =>
  Effect.gen(function*() {
    let isKnown = true
    const logger = Logger.make(({ message }) => {
      if (String(message).includes("a status that is not known")) isKnown = false
    })
    const effect = call(yield* answering(descriptor, answers))
    if (effect === undefined) return undefined
    const result = yield* Effect.result(effect).pipe(
      Effect.provideService(OneTry, true),
      Effect.provide(Logger.layer([logger]))
    )
    return { result, isKnown }
  })

const propertyOf = (json: unknown, ...names: ReadonlyArray<string>): string | undefined =>
  names.map((name) => typeof json === "object" && json !== null && name in json ? Reflect.get(json, name) : undefined)
    .find((value) => typeof value === "string")

const idOf = (json: unknown): string | undefined => propertyOf(json, "jobid", "id", "name")
/** The field of a record that holds its status word. */
const statusField = (json: unknown): string => propertyOf(json, "status") === undefined ? "state" : "status"
const wordOf = (json: unknown): string | undefined => propertyOf(json, statusField(json))

/** For answers that hold a part of an id, or none. */
const anyId = ({ id }: Descriptor.Descriptor): string => Fixtures.idsOf(id)[0] ?? ""

/** The values that a field takes, as far as its schema says. */
const valuesOf = (shape: Shape): string =>
  shape.anyOf !== undefined
    ? shape.anyOf.filter(({ type }) => type !== "null").map(valuesOf).join(" or ")
    : shape.enum !== undefined
    ? shape.enum.map(code).join(", ")
    : shape.type === "array" && shape.items !== undefined
    ? `a list of ${valuesOf(shape.items)}`
    : shape.type === "string"
    ? "a text"
    : shape.type === undefined
    ? "any JSON"
    : `${/^[aeiou]/.test(shape.type) ? "an" : "a"} ${shape.type}`

/** What a refusal says that a field should have been, by field, as far as its checks say. */
const expectationsOf = ({ ast }: Schema.Constraint): ReadonlyMap<string, string> => {
  const expectations = (type: SchemaAST.AST): ReadonlyArray<string> => [
    ...(type.checks ?? []).flatMap(({ annotations }) => annotations?.expected ?? []),
    ...(SchemaAST.isUnion(type) ? type.types.flatMap(expectations) : [])
  ]
  const fields = SchemaAST.isObjects(ast) ? ast.propertySignatures : []
  return new Map(fields.flatMap(({ name, type }) => {
    const expected = expectations(type)
    return expected.length === 0 ? [] : [[String(name), expected.join("; ")]]
  }))
}

/**
 * The words that `internal/job.ts` reads as a status: every `case` of it, of which those that are none turn out unknown. Where a
 * package has several providers it stands in a folder named after the module.
 */
const wordsOf = (root: string, directory: string, name: string): ReadonlyArray<string> => {
  const path = [name.charAt(0).toLowerCase() + name.slice(1), "."].map((folder) =>
    join(root, directory, "src/internal", folder, "job.ts")
  ).find((path) => existsSync(path))
  if (path === undefined) return []
  return [...new Set(Array.from(readFileSync(path, "utf8").matchAll(/case "([A-Za-z_]+)"/g), ([, word = ""]) => word))]
}

const stateLabel = ({ state }: { readonly state: { readonly _tag: string; readonly cause?: string } }): string =>
  state.cause === undefined ? code(state._tag) : `${code(state._tag)}, cause ${code(state.cause)}`

const isJob = (value: unknown): value is {
  readonly state: { readonly _tag: string; readonly cause?: string }
} => typeof value === "object" && value !== null && "state" in value

const statuses = (root: string, directory: string, name: string, descriptor: Descriptor.Descriptor) =>
  Effect.gen(function*() {
    const records = Fixtures.of(descriptor.id).filter((fixture) =>
      operationOf(fixture) === "get" && fixture.status === 200 && wordOf(fixture.json) !== undefined
    )
    // Where a look is two calls, the second is of another name; how a job failed is told by one that is no success.
    const further = ({ json, operation }: Pick<Fixtures.Fixture, "json" | "operation">) =>
      Fixtures.of(descriptor.id).find((other) =>
        operationOf(other) === "get" && other.operation !== operation &&
        (other.status >= 400) === (propertyOf(json, "error") !== undefined)
      )
    const told = new Set(records.map(({ json }) => wordOf(json)))
    const substituted = wordsOf(root, directory, name).filter((word) => !told.has(word)).flatMap((word) =>
      records.map(({ json, ...record }) => ({
        ...record,
        text: JSON.stringify({ ...Object(json), [statusField(json)]: word }),
        json: { ...Object(json), [statusField(json)]: word },
        document: undefined
      }))
    )
    const rows = yield* Effect.forEach([...records, ...substituted], (record) =>
      Effect.map(
        outcome(
          descriptor,
          [record, further(record)],
          (provider) => provider.get?.(JobId.make(idOf(record.json) ?? anyId(descriptor)))
        ),
        (seen) => {
          if (
            seen === undefined || !seen.isKnown || Result.isFailure(seen.result) || !isJob(seen.result.success)
          ) return []
          const word = wordOf(record.json) ?? ""
          const state = stateLabel(seen.result.success)
          const detail = record.document === undefined
            ? undefined
            : propertyOf(record.json, "errorDetails", "error", "failure_reason")
          return [{ word, state, detail, document: record.document }]
        }
      ), { concurrency: "unbounded" })
    const found = rows.flat()
    return Array.from(
      Map.groupBy(found, ({ detail, state, word }) => `${word} ${state} ${detail}`).values(),
      ([row]) => row
    )
      .filter((row) => row !== undefined)
      // Where a word was put into several records, the first is enough.
      .filter((row, i, all) => row.document !== undefined || all.findIndex(({ word }) => word === row.word) === i)
  })

const refusals = (descriptor: Descriptor.Descriptor) =>
  Effect.gen(function*() {
    const fixtures = Fixtures.of(descriptor.id)
    const id = fixtures.map(({ json }) => idOf(json)).find((id) => id !== undefined) ?? anyId(descriptor)
    const rows = yield* Effect.forEach(fixtures.filter(({ status }) => status >= 400), (fixture) =>
      Effect.gen(function*() {
        for (const call of callsOf(descriptor, operationOf(fixture), id)) {
          const seen = yield* outcome(descriptor, [fixture], call)
          if (seen === undefined || Result.isSuccess(seen.result)) {
            continue
          }
          const error = seen.result.failure
          // Refused before it was sent: the next request may do.
          if (error.status === undefined) {
            continue
          }
          return [{ fixture, operation: operationOf(fixture), error }]
        }
        return []
      }), { concurrency: "unbounded" })
    const seen = rows.flat()
    return seen.filter(({ error, fixture, operation }, i) =>
      seen.findIndex((other) =>
        other.operation === operation && other.fixture.status === fixture.status && other.error.detail === error.detail
      ) === i
    )
  })

/** The errors that each operation can end with. */
const errorsOf: ReadonlyMap<Provider.Capability, ReadonlyArray<string>> = new Map(operations.map((operation) => [
  operation,
  JobError.JobError.members.map(({ name }) => name).filter((tag) => {
    const error = { _tag: tag, provider: "any", instance: "any", operation } as unknown as JobError.JobError // only its tag is read
    return JobError.narrow(operation, error) === error
  })
]))

/** What the class of the provider says of each operation, in its list of them. */
const notesOf = (doc: string): ReadonlyMap<string, string> =>
  new Map(
    Array.from(doc.matchAll(/^- ((?:`\w+`, )*`\w+`): ([\s\S]*?)(?=\n- |\n\n|(?![\s\S]))/gm)).flatMap((
      [, names = "", text = ""]
    ) => names.split(", ").map((name) => [name.replaceAll("`", ""), text.replaceAll(/\s+/g, " ")] as const))
  )

/** The items of a page of facts that carry the mark of what is not confirmed. */
const unconfirmed = (facts: string): ReadonlyArray<string> =>
  facts.split(/\n(?=- )/).filter((item) => item.startsWith("- ")).map((item) =>
    (item.split(/\n(?!\s)/)[0] ?? "").replaceAll(/\s+/g, " ")
  ).filter((item) => /\?(?=[:,)\s;]|$)/.test(item.replaceAll(/`[^`]*`/g, "")))

/** What a module says of itself beyond its sentence. */
const detailsOf = ({ doc }: Module): string => doc.text.split("**Details**")[1]?.trim() ?? ""

const first = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const sentence = (text: string): string => /[.!?:]$/.test(text) ? text : `${text}.`

const general = (core: Module): ReadonlyMap<string, string> => {
  const { signature = "" } = core.entries.find(({ name }) => name === "Operations") ?? {}
  return new Map(
    Array.from(signature.matchAll(/\/\*\* (.+?) \*\/\s+readonly (\w+):/g), ([, text = "", name = ""]) => [name, text])
  )
}

/** The page of one provider. */
const page = (root: string, modules: ReadonlyArray<Module>, descriptor: Descriptor.Descriptor, directory: string) =>
  Effect.gen(function*() {
    const { id, kinds, variables } = descriptor
    const provider = yield* answering(descriptor, [{ status: 404, text: "" }])
    const name = descriptor.tag.key.split("/").at(-1) ?? ""
    const own = modules.filter(({ path }) => path.startsWith(`${directory}/`))
    const main = own.find((module) => module.name === name)
    const requests = own.find((module) => module.name === `${name}Request`)
    const core = modules.find(({ name, package: owner }) => owner === "@media-jobs/core" && name === "Provider")
    if (main === undefined || core === undefined) throw new Error(`No module ${name} in ${directory}`)
    const doc = main.entries.find((entry) => entry.name === name)?.doc.text ?? ""
    const notes = notesOf(doc)
    const meanings = general(core)
    const can = operations.filter((operation) => provider.capabilities.includes(operation))
    const common = errorsOf.get("list") ?? []
    const [words, errors] = yield* Effect.all([statuses(root, directory, name, descriptor), refusals(descriptor)], {
      concurrency: "unbounded"
    })
    const factsPath = `${directory}/FACTS.md`
    const facts = existsSync(join(root, factsPath)) ? readFileSync(join(root, factsPath), "utf8") : undefined
    const doubts = facts === undefined ? [] : unconfirmed(facts)
    const details = detailsOf(main)
    const assembled = [
      ...new Set(
        Fixtures.of(id).filter(({ documented }) => !documented).map(({ document }) => document)
      )
    ]
    const gotchas = /\*\*Gotchas\*\*\n\n([\s\S]*?)(?=\n\n\*\*|$)/.exec(doc)?.[1]

    const text = [
      `# ${id}`,
      `${
        sentence(summaryOf(main.doc))
      } What \`${main.package}\` asks of it, what becomes of each answer, and what is uncertain.` +
      (provider.retired === undefined
        ? ""
        : ` **The service closed on ${
          DateTime.formatIsoDateUtc(provider.retired)
        }:** where it knows its endpoints no more, every call fails with \`Discontinued\`.`),
      table(["what", "here"], [
        ["package", code(main.package)],
        ["module", `[\`${name}\`](/reference/${main.slug})`],
        ["provider id", code(id)],
        ["reads", variables.filter(({ fallback }) => fallback === undefined).map(({ name }) => code(name)).join(", ")],
        ["requests", Object.keys(kinds).map(code).join(", ")],
        ["operations", can.map(code).join(", ")]
      ]),
      "## Install and variables",
      `\`\`\`sh\nnpm install effect media-jobs @media-jobs/core ${main.package}\n\`\`\``,
      `\`${name}.layerConfig()\` reads these variables; an option that is given is not looked up.`,
      table(
        ["variable", "which is"],
        variables.map(({ fallback, name, what }) => [
          code(name),
          fallback === undefined ? what : `${what}; ${code(fallback)} unless set`
        ])
      ),
      "## Requests",
      `What \`submit\` and the front door's \`run\` take.${
        requests === undefined
          ? ""
          : ` Rules between fields are in [\`${requests.name}\`](/reference/${requests.slug}).`
      } A request that breaks one fails with \`InvalidRequest\`, field by field, before anything is sent.`,
      ...(requests === undefined ? [] : [detailsOf(requests)]),
      ...Object.entries(kinds).flatMap(([name, { schema }]) => {
        const { properties, required } = shapeOf(schema)
        const expected = expectationsOf(schema)
        return [
          `### ${name}`,
          table(
            ["field", "needed", "values"],
            Object.entries(properties).filter(([field]) => field !== "_tag").map((
              [field, shape]
            ) => [
              code(field),
              required.includes(field) ? "yes" : "",
              expected.get(field) ?? valuesOf(shape)
            ])
          )
        ]
      }),
      "## Operations",
      "What is not in this table does not compile.",
      `Errors of every call: ${common.map(code).join(", ")}.`,
      table(
        ["operation", "what it does", "here", "errors beside these"],
        can.map((operation) => {
          const own = errorsOf.get(operation) ?? []
          return [
            code(operation),
            meanings.get(operation) ?? "",
            first(notes.get(operation) ?? ""),
            own.length < common.length
              ? `${own.map(code).join(", ")} alone`
              : own.filter((tag) => !common.includes(tag)).map(code).join(", ")
          ]
        })
      ),
      ...(gotchas === undefined ? [] : [gotchas]),
      "## Statuses",
      "What the adapter makes of each status word. A word that it does not know reads as `Running`, is kept as `providerStatus`, counted, and logged once.",
      table(
        ["status", "job state", "with the words", "seen in"],
        words.map(({ detail, document, state, word }) => [
          code(word),
          state,
          quoted(detail),
          document === undefined ? "" : quoted(document)
        ])
      ),
      "## Errors",
      errors.length === 0
        ? "No refusal of this service is known word for word; [the table of statuses](/reference/adapter/Answer#classify) holds."
        : "What the adapter makes of refusals that are known word for word. Of others, [the table of statuses](/reference/adapter/Answer#classify) holds.",
      ...(errors.length === 0 ? [] : [table(
        ["operation", "status", "the service's words", "error", "remedy"],
        errors.map(({ error, fixture, operation }) => [
          code(operation),
          String(fixture.status),
          quoted(error.detail),
          code(error._tag),
          code(error.remedy._tag)
        ])
      )]),
      "## Limits",
      [
        `- \`limit\`: ${requestLimit(modules)}`,
        ...["submit", "list", "upload", "capacity", "get"].flatMap((operation) => {
          const note = notes.get(operation)
          return note === undefined ? [] : [`- \`${operation}\`: ${note}`]
        })
      ].join("\n"),
      "## What is uncertain",
      ...(doubts.length === 0 && details === "" && assembled.length === 0
        ? ["Nothing that is known."]
        : [
          details,
          ...(doubts.length === 0 ? [] : [
            "Not confirmed, with what this project does instead; [the facts](#facts) explain the marks:",
            doubts.join("\n")
          ]),
          ...(assembled.length === 0 ? [] : [
            `No document prints these answers whole; they are put together from what was seen: ${
              assembled.map(code).join(", ")
            }.`
          ])
        ]),
      ...(facts === undefined ? [] : ["## Facts", facts.replace(/^# .+\n/, "").replaceAll(/^#(?=#)/gm, "##").trim()])
    ].filter((part) => part !== "").join("\n\n")
    return { path: `providers/${id}`, title: id, source: factsPath, text: `${text}\n` }
  })

/** How many requests a second go out, in the words of the option. */
const requestLimit = (modules: ReadonlyArray<Module>): string => {
  const options = modules.find(({ path }) => path.endsWith("adapter/src/Transport.ts"))?.entries.map(({ signature }) =>
    signature
  )
    .map((signature) => /\/\*\*([^/]*?)\*\/\s+readonly limit\?:/.exec(signature)?.[1]).find((text) =>
      text !== undefined
    )
  return (options ?? "").replaceAll(/\s*\n?\s*\*\s/g, " ").trim()
}

/** The pages of all providers, and the list of them. */
export const pages = (root: string, modules: ReadonlyArray<Module>): Effect.Effect<ReadonlyArray<Page>> =>
  Effect.gen(function*() {
    const all = yield* Effect.promise(descriptors)
    const directories = globSync("packages/{providers,useapi}/*/package.json", { cwd: root }).map(dirname)
    return yield* Effect.forEach(all, (descriptor) => {
      const owner = packageOf(descriptor)
      const directory = directories.find((directory) =>
        JSON.parse(readFileSync(join(root, directory, "package.json"), "utf8")).name === owner
      )
      if (directory === undefined) throw new Error(`No package ${owner} for ${basename(descriptor.id)}`)
      return page(root, modules, descriptor, directory)
    }, { concurrency: "unbounded" })
  })
