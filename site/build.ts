/**
 * Builds the documentation into `site/dist`, without the internet: `pnpm site`. Fails where a link is dead.
 */
import * as Effect from "effect/Effect"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vitepress"
import { deadLinks } from "./deadLinks.ts"
import { addressOf, introductionOf, make, type Section } from "./pages.ts"

const here = fileURLToPath(new URL(".", import.meta.url))
const [assembled, dist] = [join(here, "pages"), join(here, "dist")]

const write = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const sidebar = (sections: ReadonlyArray<Section>) =>
  sections.map(({ isCollapsed, pages, title }) => ({
    text: title,
    ...(isCollapsed === undefined ? undefined : { collapsed: isCollapsed }),
    items: pages.map((page) => ({ text: page.title, link: `/${addressOf(page)}` }))
  }))

/** What a program that reads the site is told first, as llmstxt.org has it: each page's Markdown stands beside its HTML. */
const llms = (sections: ReadonlyArray<Section>): string => {
  const home = sections[0]?.pages[0]
  if (home === undefined) throw new Error("The site has no first page")
  return [
    "# media-jobs",
    `> ${introductionOf(home)}`,
    ...sections.flatMap(({ pages, title }) => [
      `## ${title}`,
      pages.map((page) => `- [${page.title}](/${page.path}.md): ${introductionOf(page)}`).join("\n")
    ])
  ].join("\n\n") + "\n"
}

const root = dirname(here.replace(/\/$/, ""))
const { pages, pictures, sections } = await Effect.runPromise(make(root))
for (const directory of [assembled, dist]) rmSync(directory, { recursive: true, force: true })
for (const { path, text } of pages) write(join(assembled, `${path}.md`), text)
for (const picture of pictures) write(join(assembled, "public", basename(picture)), readFileSync(join(root, picture)))
write(join(assembled, "sidebar.json"), JSON.stringify(sidebar(sections)))
await build(here)
const byAddress = new Map(pages.map((page) => [`/${addressOf(page)}`, page.path]))
for (const { path, text } of pages) {
  const copy = text.replaceAll(/\]\((\/[^)#]*)/g, (whole, address) => {
    const found = byAddress.get(address)
    return found === undefined ? whole : `](/${found}.md`
  })
  write(join(dist, `${path}.md`), copy)
}
write(join(dist, "llms.txt"), llms(sections))

const dead = deadLinks(dist)
for (const link of dead) console.error(`dead link in ${link}`)
console.log(`${pages.length} pages, ${dead.length} dead links`)
if (dead.length > 0) process.exitCode = 1
