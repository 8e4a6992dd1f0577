import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { statSync } from "node:fs"

/** What the files of `job` are named after, and its first file as long as it is not whole. */
export const stem = "luma-b5fd6ffbf1a04fed7bae8b4c64234d51"
export const part = `.${stem}-video-primary.part`

/** A directory for the time of the scope. */
export const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
/** The names in a directory, in order. */
export const list = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.map(fs.readDirectory(directory), (names) => names.sort()))
export const sizeOf = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.map(fs.stat(path), ({ size }) => Number(size)))

/** Acts once a file is that long. */
export const whenLong = (path: string, length: number, then: () => void): void => {
  const looking = setInterval(() => {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < length) return
    clearInterval(looking)
    then()
  }, 5)
}
