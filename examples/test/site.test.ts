import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { slug } from "../../site/.vitepress/slug.ts"
import { deadLinks } from "../../site/deadLinks.ts"
import { guides, introductionOf, make, type Page, resolved } from "../../site/pages.ts"
import * as reference from "../../site/reference.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A directory with the given files, for the time of the test. */
const withFiles = <A>(files: Readonly<Record<string, string>>, use: (directory: string) => A): A => {
  const directory = mkdtempSync(join(tmpdir(), "site-"))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    return use(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe("dead links of the site", () => {
  const page = (...links: ReadonlyArray<string>) =>
    `<h1 id="top">Top</h1>${links.map((href) => `<a href="${href}">link</a>`).join("")}`
  const cases: ReadonlyArray<readonly [link: string, isDead: boolean]> = [
    ["/b.html", false],
    ["/b", false],
    ["b.html#top", false],
    ["/guides/", false],
    ["guides/c.html", false],
    ["#top", false],
    ["https://elsewhere.example/nothing", false],
    ["/missing.html", true],
    ["/guides/b.html", true],
    ["/b.html#Top", true],
    ["#bottom", true],
    ["/assets/missing.js", true]
  ]
  for (const [link, isDead] of cases) {
    it(`${link} is ${isDead ? "dead" : "none"}`, () => {
      const files = {
        "a.html": page(link),
        "b.html": page("a.html"),
        "guides/index.html": page("../b.html"),
        "guides/c.html": page("/")
      }
      withFiles(
        { ...files, "index.html": page() },
        (directory) => assert.deepStrictEqual(deadLinks(directory), isDead ? [`a.html: ${link}`] : [])
      )
    })
  }

  it("Markdown beside the pages has none either", () => {
    const files = { "a.md": "[a](/a.md), [b](/b.md#c)", "llms.txt": "- [a](/a.md): a\n- [c](/c/index.md): c" }
    withFiles(
      files,
      (directory) => assert.deepStrictEqual(deadLinks(directory).toSorted(), ["a.md: /b.md", "llms.txt: /c/index.md"])
    )
  })

  it("an anchor is that of GitHub, so that one link holds in both", () => {
    assert.deepStrictEqual(
      ["CommonJS, and an old Node", "A `fetch` that caches whatever it is told", "API Gateway & Lambda"].map(slug),
      ["commonjs-and-an-old-node", "a-fetch-that-caches-whatever-it-is-told", "api-gateway--lambda"]
    )
  })
})

describe("the reference", () => {
  const source = `/**
 * Makes things.
 *
 * @since 0.1.0
 */
/**
 * A thing, by {@link make}.
 *
 * @category models
 */
export interface Thing extends Hidden {
  /** Its name. */
  readonly name: string
}
interface Hidden {
  readonly size: number
}

/**
 * Makes one.
 *
 * @category constructors
 */
export const make = Effect.fnUntraced(function*(name: string, from?: Thing): Effect.fn.Return<Thing, Odd> {
  const secret = yield* body
  return secret
})

/** Not for the public. @internal */
export const hidden = 1

/** @internal */
export const internal = 1

/** Holds. */
export class Holder extends Base {
  get held(): number {
    return secret
  }
}

/** Kinds. */
export const kinds = { one: kind(One, () => secret), two: 2 }

/** Tells. */
export const tell = (thing: Thing) => (to: string): boolean => thing.name === to
`
  const pageOf = (files: Readonly<Record<string, string>>) =>
    withFiles(
      {
        "packages/a/package.json": `{ "name": "@media-jobs/a", "exports": {} }`,
        "packages/a/src/index.ts": "",
        ...files
      },
      (directory) => reference.modules(directory).map(reference.page)
    )

  it("has signatures without bodies, with the types that they stand on, and links inside the module", () => {
    const [page = ""] = pageOf({ "packages/a/src/Things.ts": source })
    assert.include(page, "# Things\n\nMakes things.")
    assert.include(page, "[make](#make)")
    assert.include(page, "const make: (name: string, from?: Thing) => Effect.Effect<Thing, Odd>")
    assert.include(page, "const tell: (thing: Thing) => (to: string) => boolean")
    assert.include(page, "interface Hidden {\n  readonly size: number\n}")
    assert.include(page, "/** Its name. */")
    assert.include(page, "class Holder extends Base {\n  get held(): number { … }\n}")
    assert.include(page, "const kinds = { one: kind(One, () => …), two: 2 }")
    assert.notInclude(page, "secret")
    assert.notInclude(page, "const internal")
  })

  it("shows what is exported from a file inside, under the doc comment of the export", () => {
    const [page = ""] = pageOf({
      "packages/a/src/Outer.ts":
        `/** Outer. */\nexport type {\n  /** Seen from outside. */\n  Inner\n} from "./internal/inner.ts"\n`,
      "packages/a/src/internal/inner.ts": "export interface Inner {\n  readonly a: 1\n}\n"
    })
    assert.include(page, "Seen from outside.\n\n```ts\ninterface Inner {\n  readonly a: 1\n}\n```")
  })

  it("shows the type behind another name for it, and those of files inside that a signature names", () => {
    const [page = ""] = pageOf({
      "packages/a/src/Outer.ts": `import type * as Inner from "./internal/inner.ts"
/** Seen. */
export type Seen = Inner.Seen
/** Takes. */
export const take = (unseen: Inner.Unseen, seen: Inner.Seen): void => {}
`,
      "packages/a/src/internal/inner.ts":
        "export interface Seen {\n  readonly a: 1\n}\nexport type Unseen = Deeper\ntype Deeper = 2\n"
    })
    assert.include(page, "Seen.\n\n```ts\ninterface Seen {\n  readonly a: 1\n}\n```")
    assert.include(page, "seen: Inner.Seen) => void\n\ntype Unseen = Deeper\n\ntype Deeper = 2\n```")
  })

  it("leaves out packages that are private or a mere command, and a file that does not parse fails", () => {
    for (const manifest of [`{ "name": "a", "exports": {}, "private": true }`, `{ "name": "a", "bin": "./a.js" }`]) {
      assert.deepStrictEqual(pageOf({ "packages/a/package.json": manifest, "packages/a/src/A.ts": source }), [])
    }
    assert.throws(() => pageOf({ "packages/a/src/A.ts": "export const = 1" }))
  })
})

describe("the pages of the site", { timeout: 60_000 }, () => {
  const page = (text: string): Page => ({ path: "a", title: "a", source: "a.md", text })

  it("a page says first what it is for", () => {
    assert.strictEqual(introductionOf(page("# A\n\nWhat it\nis for.\n\n## More\n")), "What it is for.")
    assert.strictEqual(introductionOf(page("# A\n\n[It](/a) is for.\n")), "[It](/a) is for.")
    for (
      const text of [
        "# A\n\n## More\n",
        "# A\n\n| a |\n| - |\n",
        "# A\n\n```ts\n1\n```\n",
        "# A\n\n[![b](b.svg)](/b)\n",
        "A\n"
      ]
    ) {
      assert.throws(() => introductionOf(page(text)))
    }
  })

  it.live("there is one for each guide, provider and module, and no text of theirs links to what is not there", () =>
    Effect.gen(function*() {
      const { pages } = yield* make(root)
      const paths = new Set(pages.map(({ path }) => path))
      for (const path of ["index", "guides/first-job", "guides/testing", "providers/replicate", "reference/core/Job"]) {
        assert.isTrue(paths.has(path), path)
      }
      assert.strictEqual(paths.size, pages.length)
      const luma = pages.find(({ path }) => path === "providers/useapi-luma")?.text ?? ""
      assert.match(luma, /\| `completed` \| `Succeeded` \|/)
      assert.match(luma, /\| `processing` \| `Running` \|/)
      assert.match(luma, /\| `remove` \| 409 \| .* \| `NotTerminal` \| `Wait` \|/)
      // `v` is a letter in Dreamina's ids, which its adapter reads in a `case` too.
      const dreamina = pages.find(({ path }) => path === "providers/useapi-dreamina")?.text ?? ""
      assert.match(dreamina, /\| `created` \| `Running` \|/)
      assert.notMatch(dreamina, /^\| `v` \|/m)
      const replicate = pages.find(({ path }) => path === "providers/replicate")?.text ?? ""
      assert.match(replicate, /\| `submit` \| 402 \| .* \| `PaymentRequired` \| `Pay` \|/)
      assert.match(replicate, /\| `succeeded` \| `Expired` \|/)
      assert.include(replicate, "- The greatest size: ?")
      const first = pages.find(({ path }) => path === "guides/first-job")?.text ?? ""
      assert.include(first, "// examples/first.ts\n")
    }))

  const docs = (files: Readonly<Record<string, string>>) => ({
    "docs/README.md": "# Guides\n\nAll.\n\n- [A](a.md): a.\n",
    "docs/a.md": "# A\n\nSays a.\n",
    "examples/run.ts": "/**\n * Runs.\n */\nrun()\n",
    ...files
  })

  it("a guide that is not listed fails, as does one whose code no test runs", () => {
    const paths = (files: Readonly<Record<string, string>>) =>
      withFiles(docs(files), (directory) => guides(directory).map(({ path }) => path))
    assert.deepStrictEqual(paths({}), ["guides/index", "guides/a"])
    assert.throws(() => paths({ "docs/b.md": "# B\n\nSays b.\n" }), "does not list b")
    assert.throws(() => paths({ "docs/a.md": "# A\n\nSays a.\n\n```ts\n1\n```\n" }), "docs/a.md")
    assert.deepStrictEqual(paths({ "docs/a.md": "# A\n\nSays a.\n\n```ts import.meta.vitest\n1\n```\n" }).length, 2)
  })

  it("pictures lie at its root, and one that is not there fails", () => {
    const picturesOf = (text: string, files: Readonly<Record<string, string>>) =>
      withFiles(docs({ "docs/a.md": `# A\n\n${text}\n`, ...files }), (directory) => {
        const { pages, pictures } = resolved(directory, guides(directory))
        return [pages.find(({ path }) => path === "guides/a")?.text.slice(5).trim(), ...pictures]
      })
    const text = "![A table](a.svg) of [it](../examples/run.ts)"
    assert.deepStrictEqual(picturesOf(text, { "docs/a.svg": "<svg/>" }), [
      "![A table](/a.svg) of [it](/examples/run)",
      "docs/a.svg"
    ])
    assert.throws(() => picturesOf(text, {}), "is not in the repository")
  })

  it("links lead to pages of the site, a program stands where it is linked to alone, and what is not there fails", () => {
    const textOf = (text: string) =>
      withFiles(
        docs({ "docs/a.md": `# A\n\n${text}\n`, LICENSE: "" }),
        (directory) =>
          resolved(directory, guides(directory)).pages.find(({ path }) => path === "guides/a")?.text.slice(5).trim()
      )
    assert.strictEqual(
      textOf("See [all](README.md#top) and [it](../examples/run.ts)."),
      "See [all](/guides/#top) and [it](/examples/run)."
    )
    assert.strictEqual(
      textOf("[the program](../examples/run.ts)"),
      "[examples/run.ts](/examples/run):\n\n```ts\n// examples/run.ts\nrun()\n```"
    )
    assert.strictEqual(textOf("[terms](../LICENSE), [out](https://a.example/b)"), "terms, [out](https://a.example/b)")
    assert.strictEqual(textOf("```ts import.meta.vitest\n// [a](missing.md)\n```"), "```ts\n// [a](missing.md)\n```")
    for (const target of ["missing.md", "../examples/missing.ts", "../docs/a.txt"]) {
      assert.throws(() => textOf(`[a](${target})`), "is not in the repository")
    }
  })
})
