/** Links of a built site, its pages and its Markdown, that lead nowhere: to a file that is not there, or to an anchor that its page lacks. */
import { globSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`, "g")
const valuesOf = (html: string, name: string): ReadonlyArray<string> =>
  Array.from(html.matchAll(attribute(name)), ([, value = ""]) => value.replaceAll("&amp;", "&"))

/** Each dead link as `page: link`. */
export const deadLinks = (directory: string): ReadonlyArray<string> => {
  const files = new Set(
    globSync("**/*", { cwd: directory, withFileTypes: true }).filter((entry) => entry.isFile()).map(
      (entry) => normalize(join(entry.parentPath, entry.name))
    )
  )
  const pages = new Map(
    [...files].filter((file) => file.endsWith(".html")).map((file) => {
      const html = readFileSync(file, "utf8")
      return [file, {
        links: [...valuesOf(html, "href"), ...valuesOf(html, "src")],
        ids: new Set(valuesOf(html, "id"))
      }]
    })
  )
  // Of Markdown, the links to files alone: it has no anchors.
  const texts = [...files].filter((file) => /\.(?:md|txt)$/.test(file)).map((file) => {
    const links = Array.from(readFileSync(file, "utf8").matchAll(/\]\((\/[^)#]*)/g), ([, link = ""]) => link)
    return [file, { links }] as const
  })
  return [...pages, ...texts].flatMap(([page, { links }]) =>
    links.filter((link) => {
      if (/^(?:https?|mailto|data):/.test(link)) return false
      const [path = "", anchor = ""] = link.split("#")
      const at = path === "" ? page : join(path.startsWith("/") ? directory : dirname(page), decodeURI(path))
      const file = [at, `${at}.html`, join(at, "index.html")].map(normalize).find((file) => files.has(file))
      return file === undefined || anchor !== "" && pages.get(file)?.ids.has(decodeURIComponent(anchor)) === false
    }).map((link) => `${page.slice(directory.length + 1)}: ${link}`)
  )
}
