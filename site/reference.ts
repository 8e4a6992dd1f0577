/**
 * The API reference, from the sources: each export of each module, its signature as it is written there without bodies, and
 * its doc comment.
 */
import { globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { type Comment, type Node, parseSync } from "oxc-parser"

/** One export: under which name, what the source says of it, and its signature. */
interface Entry {
  readonly name: string
  readonly doc: Doc
  readonly signature: string
}

/** A doc comment: its text in Markdown and its tags. */
export interface Doc {
  readonly text: string
  readonly category: string | undefined
  readonly isInternal: boolean
}

/** A module that a package exports, at the path of its source. */
export interface Module {
  readonly path: string
  /** Its page below `reference`. */
  readonly slug: string
  readonly package: string
  readonly name: string
  readonly doc: Doc
  readonly entries: ReadonlyArray<Entry>
}

/** The text of a doc comment, as Markdown. */
const docOf = (comment: string): Doc => {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "")).join("\n").trim()
  const [text = ""] = lines.split(/^@(?:since|category|internal)\b/m)
  return {
    text: text.trim(),
    category: /^@category (.+)$/m.exec(lines)?.[1],
    isInternal: /^@internal\b/m.test(lines)
  }
}

/** The first sentence of a doc comment. */
export const summaryOf = ({ text }: Doc): string =>
  (text.split("\n\n")[0] ?? "").replaceAll("\n", " ").replaceAll(/\{@link (\w+)\}/g, "`$1`")

/** A parsed file: its statements, and the doc comment before a position. */
class Source {
  readonly path: string
  readonly text: string
  readonly statements: ReadonlyArray<Node>
  readonly #comments: ReadonlyArray<Comment>
  #types: ReadonlyMap<string, string> | undefined
  #insides: ReadonlyMap<string, Source> | undefined

  constructor(path: string) {
    this.path = path
    this.text = readFileSync(path, "utf8")
    const { comments, errors, program } = parseSync(path, this.text)
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
    this.statements = program.body
    this.#comments = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
  }

  /** The doc comment that ends just before a position. */
  docBefore(position: number): Doc | undefined {
    const comment = this.#comments.findLast(({ end }) => end <= position)
    return comment !== undefined && this.text.slice(comment.end, position).trim() === ""
      ? docOf(comment.value)
      : undefined
  }

  /** What the file's first comment says, which is about the module. */
  get header(): Doc | undefined {
    return this.#comments[0]?.start === 0 ? docOf(this.#comments[0].value) : undefined
  }

  /** The types that the file declares, by their names. */
  get types(): ReadonlyMap<string, string> {
    return this.#types ??= typesOf(this)
  }

  /** The files inside the package that the file imports whole, by the names that it gives them. */
  get insides(): ReadonlyMap<string, Source> {
    return this.#insides ??= insidesOf(this)
  }

  slice = ({ end, start }: { readonly start: number; readonly end: number }): string =>
    this.text.slice(start, end).replaceAll("/* @__PURE__ */ ", "").trim()

  /** A node's text with the bodies of all functions in it left out. */
  withoutBodies(node: Node): string {
    const cuts: Array<readonly [start: number, end: number, text: string]> = []
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit)
      if (!isNode(value)) return
      const body = "body" in value && isNode(value.body) ? value.body : undefined
      if (body !== undefined && functions.has(value.type)) {
        cuts.push([body.start, body.end, body.type === "BlockStatement" ? "{ … }" : "…"])
        visit(Object.entries(value).flatMap(([key, inner]) => key === "body" ? [] : [inner]))
      } else Object.values(value).forEach(visit)
    }
    visit(node)
    let text = ""
    let at = node.start
    for (const [start, end, instead] of cuts.toSorted(([a], [b]) => a - b)) {
      text += this.text.slice(at, start) + instead
      at = end
    }
    return (text + this.text.slice(at, node.end)).replaceAll("/* @__PURE__ */ ", "")
  }
}

const functions = new Set(["ArrowFunctionExpression", "FunctionExpression", "FunctionDeclaration"])
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value

/** Longer values than this many lines are of no help in a signature. */
const longestValue = 40

/** The type of a function's value: of `(a: A): B => …` and of `Effect.fnUntraced(function*(a: A): Effect.fn.Return<B> { … })`. */
const functionType = (source: Source, value: Node): string | undefined => {
  if (value.type === "CallExpression") {
    const [argument] = value.arguments
    const callee = source.slice(value.callee)
    // `Effect.fn("name")` is itself called.
    return argument !== undefined && /^Effect\.fn(Untraced\b|\()/.test(callee)
      ? functionType(source, argument)?.replace("Effect.fn.Return<", "Effect.Effect<")
      : undefined
  }
  if (value.type !== "ArrowFunctionExpression" && value.type !== "FunctionExpression") return undefined
  const parameters = value.params.map((parameter) => source.slice(parameter)).join(", ")
  const head = `${value.typeParameters ? source.slice(value.typeParameters) : ""}(${parameters})`
  if (value.returnType) return `${head} => ${source.slice(value.returnType.typeAnnotation)}`
  // A function that returns a function.
  const returned = value.body?.type === "ArrowFunctionExpression" ? functionType(source, value.body) : undefined
  return returned === undefined ? undefined : `${head} => ${returned}`
}

const signatureOf = (source: Source, statement: Node, name: string): string => {
  if (statement.type !== "VariableDeclaration") return source.withoutBodies(statement)
  const [declarator] = statement.declarations
  if (declarator?.id.type !== "Identifier" || !declarator.init) return `const ${name}`
  const annotation = declarator.id.typeAnnotation
  if (annotation) return `const ${name}: ${source.slice(annotation.typeAnnotation)}`
  const type = functionType(source, declarator.init)
  if (type !== undefined) return `const ${name}: ${type}`
  const value = source.withoutBodies(declarator.init)
  return `const ${name} = ${value.split("\n").length > longestValue ? "…" : value}`
}

/** The names that a declaration declares. */
const namesOf = (declaration: Node): ReadonlyArray<string> => {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === "Identifier"
        ? [id.name]
        : id.type === "ObjectPattern"
        ? id.properties.flatMap((property) =>
          property.type === "Property" && property.key.type === "Identifier" ? [property.key.name] : []
        )
        : []
    )
  }
  return "id" in declaration && isNode(declaration.id) && declaration.id.type === "Identifier"
    ? [declaration.id.name]
    : []
}

const declarationOf = (statement: Node): Node =>
  statement.type === "ExportNamedDeclaration" ? statement.declaration ?? statement : statement

const typesOf = (source: Source): ReadonlyMap<string, string> =>
  new Map(source.statements.flatMap((statement) => {
    const declaration = declarationOf(statement)
    const isType = declaration.type === "TSInterfaceDeclaration" || declaration.type === "TSTypeAliasDeclaration"
    return isType ? namesOf(declaration).map((name) => [name, source.slice(declaration)] as const) : []
  }))

const insidesOf = (source: Source): ReadonlyMap<string, Source> =>
  new Map(source.statements.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || !statement.source.value.startsWith("./internal/")) return []
    const inside = new Source(join(dirname(source.path), statement.source.value))
    return statement.specifiers.flatMap(({ local, type }) =>
      type === "ImportNamespaceSpecifier" ? [[local.name, inside] as const] : []
    )
  }))

/** A signature, and the types that it stands on and that no export shows: of its own file, and of files inside. */
const whole = (source: Source, signature: string, shown: ReadonlySet<string>): string => {
  const added = new Map<string, string>()
  const add = (from: Source, text: string): void => {
    const named = (types: ReadonlyMap<string, string>, of: Source, pattern: (name: string) => string): void => {
      for (const [name, declared] of types) {
        if (shown.has(name) || added.has(name) || !new RegExp(pattern(name)).test(text)) continue
        added.set(name, declared)
        add(of, declared)
      }
    }
    named(from.types, from, (name) => `(?<![.\\w])${name}\\b`)
    for (const [alias, inside] of from.insides) named(inside.types, inside, (name) => `\\b${alias}\\.${name}\\b`)
  }
  add(source, signature)
  return [signature, ...added.values()].join("\n\n")
}

/** A declaration, or what it is another name of: a type of the same name in a file inside. */
const behind = (source: Source, signature: string, name: string): string => {
  const alias = new RegExp(`^type ${name} = (\\w+)\\.${name}$`).exec(signature)?.[1]
  const inside = alias === undefined ? undefined : source.insides.get(alias)
  return inside?.types.get(name) ?? signature
}

const entriesOf = (path: string): ReadonlyArray<Entry> => {
  const source = new Source(path)
  const shown = new Set(source.statements.flatMap((statement) =>
    statement.type !== "ExportNamedDeclaration" ? [] : [
      ...(statement.declaration ? namesOf(statement.declaration) : []),
      ...statement.specifiers.flatMap(({ exported }) => exported.type === "Identifier" ? [exported.name] : [])
    ]
  ))
  return source.statements.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return []
    const { declaration, source: from, specifiers } = statement
    if (declaration) {
      const doc = source.docBefore(statement.start)
      return doc === undefined
        ? []
        : namesOf(declaration).map((name) => ({
          name,
          doc,
          signature: whole(source, behind(source, signatureOf(source, declaration, name), name), shown)
        }))
    }
    const inside = from === null ? source : new Source(join(dirname(path), from.value))
    return specifiers.flatMap(({ exported, local, start }) => {
      const doc = source.docBefore(start)
      if (doc === undefined || exported.type !== "Identifier" || local.type !== "Identifier") return []
      const declared = inside.statements.map(declarationOf).find((one) => namesOf(one).includes(local.name))
      return declared === undefined ? [] : [{
        name: exported.name,
        doc,
        signature: whole(inside, signatureOf(inside, declared, exported.name), shown)
      }]
    })
  }).filter(({ doc }) => !doc.isInternal)
}

/** Every module of every public package that is imported; one may be only a command. */
export const modules = (root: string): ReadonlyArray<Module> =>
  globSync("packages/{*,*/*}/package.json", { cwd: root }).toSorted().flatMap((manifest) => {
    const { exports, name, private: isPrivate } = JSON.parse(readFileSync(join(root, manifest), "utf8"))
    if (isPrivate === true || exports === undefined) return []
    return globSync(`${dirname(manifest)}/src/*.ts`, { cwd: root }).toSorted()
      .filter((path) => basename(path) !== "index.ts")
      .map((path) => ({
        path,
        slug: `${name.replace("@media-jobs/", "")}/${basename(path, ".ts")}`,
        package: name,
        name: basename(path, ".ts"),
        doc: new Source(join(root, path)).header ?? { text: "", category: undefined, isInternal: false },
        entries: entriesOf(join(root, path))
      }))
  })

/** A type and a value of one name are one entry to a reader. */
const merged = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const byName = Map.groupBy(entries, ({ name }) => name)
  return Array.from(byName.values(), (same) => {
    const best = same.reduce((a, b) => b.doc.text.length > a.doc.text.length ? b : a)
    return { ...best, signature: same.map(({ signature }) => signature).join("\n\n") }
  })
}

const linked = (text: string, names: ReadonlySet<string>): string =>
  text.replaceAll(/\{@link (\w+)\}/g, (_, name: string) => names.has(name) ? `[${name}](#${name})` : `\`${name}\``)

/** The page of a module. */
export const page = (module: Module): string => {
  const entries = merged(module.entries)
  const names = new Set(entries.map(({ name }) => name))
  const rows = entries.map((entry) =>
    `| [${entry.name}](#${entry.name}) | ${entry.doc.category ?? ""} | ${summaryOf(entry.doc).replaceAll("|", "\\|")} |`
  )
  return [
    `# ${module.name}`,
    linked(module.doc.text, names),
    `\`import { ${module.name} } from "${module.package}"\`, or \`import * as ${module.name} from "${module.package}/${module.name}"\``,
    ["| export | category | what it is |", "| --- | --- | --- |", ...rows].join("\n"),
    ...entries.flatMap(({ doc, name, signature }) => [
      `## ${name} {#${name}}`,
      linked(doc.text, names),
      `\`\`\`ts\n${signature}\n\`\`\``
    ])
  ].filter((text) => text !== "").join("\n\n") + "\n"
}
