/** What every packed package.json says beside its own: where it comes from, and by which words it is found. */
import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL(".", import.meta.url))

export const hooks = {
  beforePacking(manifest, directory) {
    const { keywords, repository } = JSON.parse(readFileSync(`${root}package.json`, "utf8"))
    const own = manifest.name.replace(/^@media-jobs\//, "").split("-").filter((word) => !/^(media|jobs)$/.test(word))
    const folder = relative(root, directory)
    return {
      ...manifest,
      keywords: [...keywords, ...own],
      ...(repository !== "" && {
        repository: { type: "git", url: `git+${repository}.git`, directory: folder },
        homepage: `${repository}/tree/main/${folder}#readme`,
        bugs: `${repository}/issues`
      })
    }
  }
}
