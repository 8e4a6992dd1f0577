/**
 * The pages of the site, put together from what stands in the repository: nothing is written for the site alone.
 */
import * as Effect from "effect/Effect"
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, dirname, join, normalize } from "node:path"
import * as providers from "./providers.ts"
import * as reference from "./reference.ts"
import { summaryOf } from "./reference.ts"

export type Page = providers.Page

/** A group of the navigation, with its pages in the order of reading. */
export interface Section {
  readonly title: string
  readonly pages: ReadonlyArray<Page>
  readonly isCollapsed?: boolean
}

const titleOf = (text: string): string => (/^# (.+)$/m.exec(text)?.[1] ?? "").replaceAll("`", "")

/** The paragraph after a page's title, which must say what the page is for. */
export const introductionOf = ({ path, text }: Page): string => {
  const paragraph = /^# .+\n\n(?!#|\||```|\[?!|- )([\s\S]+?)(?:\n\n|\n*$)/.exec(text)?.[1]
  if (paragraph === undefined) throw new Error(`${path}: the title is not followed by what the page is for`)
  return paragraph.replaceAll("\n", " ")
}

/** A fence whole, so that nothing in it is taken for a link. */
const fence = /^```[\s\S]*?^```$/gm

/** The text outside fences, changed. */
const outsideFences = (text: string, change: (text: string) => string): string => {
  const fences = text.match(fence) ?? []
  return text.split(fence).map((part, i) => change(part) + (fences[i] ?? "")).join("")
}

const shown = (path: string, code: string) => `\`\`\`ts\n// ${path}\n${code.trimEnd()}\n\`\`\``

/** The doc comment at the top of an example is what its page says first. */
const example = (root: string, path: string): Page => {
  const code = readFileSync(join(root, path), "utf8")
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\/\n/.exec(code)
  const text = (comment?.[1] ?? " * One file of the repository, as its tests run it.").replaceAll(/^ \* ?/gm, "")
  const name = basename(path)
  return {
    path: path.startsWith("examples/") && dirname(path) !== "examples/test"
      ? path.replace(/\.ts$/, "")
      : `source/${path.replace(/\.ts$/, "")}`,
    title: name,
    source: path,
    text: `# ${name}\n\n${text}\n\n${shown(path, code.slice(comment?.[0].length ?? 0))}\n`
  }
}

const index = (path: string, title: string, introduction: string, pages: ReadonlyArray<Page>): Page => ({
  path: `${path}/index`,
  title: "Overview",
  source: `${path}/index.md`,
  text: `# ${title}\n\n${introduction}\n\n${
    pages.map((page) => `- [${page.title}](/${page.path}): ${introductionOf(page)}`).join("\n")
  }\n`
})

const markdown = (root: string, source: string, path: string): Page => {
  const text = readFileSync(join(root, source), "utf8")
  return { path, title: titleOf(text), source, text }
}

/** The guides in the order of `docs/README.md`, that page first. One that it does not list fails, as does code that no test runs. */
export const guides = (root: string): ReadonlyArray<Page> => {
  const overview = markdown(root, "docs/README.md", "guides/index")
  const listed = Array.from(overview.text.matchAll(/\]\(([\w-]+)\.md\)/g), ([, name = ""]) => name)
  const missing = globSync("docs/*.md", { cwd: root }).map((path) => basename(path, ".md")).filter((name) =>
    name !== "README" && !listed.includes(name)
  )
  if (missing.length > 0) throw new Error(`docs/README.md does not list ${missing.join(", ")}`)
  const pages = listed.map((name) => markdown(root, `docs/${name}.md`, `guides/${name}`))
  const untested = pages.filter(({ text }) => /^```ts$/m.test(text)).map(({ source }) => source)
  if (untested.length > 0) throw new Error(`Code that no test runs in ${untested.join(", ")}`)
  return [{ ...overview, title: "Overview" }, ...pages]
}

/** The order of packages: the front door is not a part. */
const frontDoorFirst = (a: string, b: string): number =>
  Number(a.startsWith("@")) - Number(b.startsWith("@")) || (a < b ? -1 : 1)

/** All sections, before links are resolved. */
const sections = (root: string) =>
  Effect.gen(function*() {
    const modules = reference.modules(root)
    const providerPages = yield* providers.pages(root, modules)
    const examples = globSync("examples/{*,serverless/*}.ts", { cwd: root }).toSorted((a, b) =>
      // The front door first.
      Number(b === "examples/first.ts") - Number(a === "examples/first.ts") || (a < b ? -1 : 1)
    ).map((path) => example(root, path))

    const packages = [...Map.groupBy(modules, (module) => module.package)].toSorted(([a], [b]) => frontDoorFirst(a, b))
    const readmes = globSync("packages/{*,*/*}/README.md", { cwd: root }).map((source) => {
      const { name } = JSON.parse(readFileSync(join(root, dirname(source), "package.json"), "utf8"))
      return markdown(root, source, `packages/${name.replace("@media-jobs/", "")}`)
    }).toSorted((a, b) => frontDoorFirst(a.title, b.title))
    const modulePages = modules.map((module): Page => ({
      path: `reference/${module.slug}`,
      title: module.name,
      source: module.path,
      text: reference.page(module)
    }))
    const referenceIndex: Page = {
      path: "reference/index",
      title: "Overview",
      source: "reference/index.md",
      text: [
        "# Reference",
        "Every export of every package, from the doc comments: the front door `media-jobs` first, then the parts it is made of, which can be used alone.",
        ...packages.flatMap(([name, modules]) => [
          `## ${name}`,
          modules.map((module) => `- [${module.name}](/reference/${module.slug}): ${summaryOf(module.doc)}`).join("\n")
        ])
      ].join("\n\n") + "\n"
    }
    const all: ReadonlyArray<Section> = [
      { title: "Start", pages: [{ ...markdown(root, "README.md", "index"), title: "media-jobs" }] },
      { title: "Guides", pages: guides(root) },
      {
        title: "Providers",
        pages: [
          index(
            "providers",
            "Providers",
            "One page for each service: its requests, operations, statuses, errors, limits, and what is uncertain. A provider's id says which API is asked.",
            providerPages
          ),
          ...providerPages
        ]
      },
      {
        title: "Examples",
        isCollapsed: true,
        pages: [
          index("examples", "Examples", "One runnable file for each use; the tests run them all.", examples),
          ...examples
        ]
      },
      ...(readmes.length === 0 ? [] : [{ title: "Packages", isCollapsed: true, pages: readmes }]),
      { title: "Reference", pages: [referenceIndex] },
      ...packages.map(([name]) => ({
        title: name,
        isCollapsed: true,
        pages: modulePages.filter((_, i) => modules[i]?.package === name)
      })),
      {
        title: "Project",
        isCollapsed: true,
        pages: [markdown(root, "ARCHITECTURE.md", "architecture"), markdown(root, "CONTRIBUTING.md", "contributing")]
      }
    ]
    return all
  })

/**
 * The pages with their links to files of the repository resolved: to a page of the site where there is one, and with one for each
 * program that is linked to. A line that is nothing but a link to a program becomes the program. Pictures lie at the root of the site.
 */
export const resolved = (
  root: string,
  pages: ReadonlyArray<Page>
): { readonly pages: ReadonlyArray<Page>; readonly pictures: ReadonlySet<string> } => {
  const bySource = new Map(pages.map((page) => [page.source, page]))
  const programs: Array<Page> = []
  const pictures = new Set<string>()

  const pageOf = (path: string): Page | undefined => {
    const known = bySource.get(path) ?? bySource.get(`${path}/README.md`) ?? bySource.get(`${path}/index.md`)
    if (known !== undefined || !path.endsWith(".ts")) return known
    const page = example(root, path)
    bySource.set(path, page)
    programs.push(page)
    return page
  }
  const resolve = (page: Page): Page => {
    const fileOf = (target: string): string => {
      const file = normalize(join(dirname(page.source), target)).replace(/\/$/, "")
      if (!existsSync(join(root, file))) throw new Error(`${page.source}: ${target} is not in the repository`)
      return file
    }
    const link = (whole: string, mark: string, label: string, target: string): string => {
      if (/^(?:[a-z]+:|\/|#)/.test(target)) return whole
      if (mark !== "") {
        const picture = fileOf(target)
        pictures.add(picture)
        return `![${label}](/${basename(picture)})`
      }
      const [path = "", anchor] = target.split("#")
      const found = pageOf(fileOf(path))
      if (found === undefined) return label
      return `[${label}](/${addressOf(found)}${anchor === undefined ? "" : `#${anchor}`})`
    }
    const program = (_: string, target: string): string => {
      const file = fileOf(target)
      const { text } = example(root, file)
      return `[${file}](${target}):\n\n${text.slice(text.indexOf("```")).trimEnd()}`
    }
    const text = page.text
      .replaceAll(/^<!-- .* -->\n\n?/gm, "")
      .replaceAll("```ts import.meta.vitest", "```ts")
      .replaceAll(/^\[[^\]]+\]\((\S+\.ts)\)$/gm, program)
    return { ...page, text: outsideFences(text, (text) => text.replaceAll(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, link)) }
  }
  return { pages: [...pages.map(resolve), ...programs.map(resolve)], pictures }
}

/** A page's address below the site's root. */
export const addressOf = ({ path }: Page): string => path.replace(/(^|\/)index$/, "$1")

/** All pages, the sections of those that the navigation shows, and the files of the repository that are their pictures. */
export const make = (root: string) =>
  Effect.map(sections(root), (sections) => {
    const { pages, pictures } = resolved(root, sections.flatMap(({ pages }) => pages))
    for (const page of pages) introductionOf(page)
    return { sections, pages, pictures }
  })
