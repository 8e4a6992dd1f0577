import { readFileSync } from "node:fs"
import { type DefaultTheme, defineConfig } from "vitepress"
import { slug } from "./slug.ts"

const sidebar: Array<DefaultTheme.SidebarItem> = JSON.parse(
  readFileSync(new URL("../pages/sidebar.json", import.meta.url), "utf8")
)

export default defineConfig({
  title: "media-jobs",
  description: "Generative-media jobs for Effect 4: submit, wait, fetch, over many services",
  srcDir: "pages",
  outDir: "dist",
  // Texts are Markdown alone: a type such as `Effect<A>` is no tag.
  markdown: { html: false, anchor: { slugify: slug }, theme: { light: "github-light", dark: "github-dark" } },
  metaChunk: true,
  vite: { build: { target: "es2022" } },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    nav: [
      { text: "Guides", link: "/guides/", activeMatch: "^/guides/" },
      { text: "Providers", link: "/providers/", activeMatch: "^/providers/" },
      { text: "Examples", link: "/examples/", activeMatch: "^/examples/" },
      { text: "Reference", link: "/reference/", activeMatch: "^/reference/" }
    ]
  }
})
