/** Files of this machine that a request names: given to the service, and named by what it calls them. */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import * as FileType from "@media-jobs/core/FileType"
import * as JobError from "@media-jobs/core/JobError"
import * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as Board from "./board.ts"
import { unable } from "./looks.ts"
import type { Output } from "./output.ts"
import { type Place, put } from "./place.ts"
import { aReference, isOpen, issuesOf, type Kind } from "./requestFlags.ts"
import type { Session } from "./session.ts"
import * as Shown from "./shown.ts"
import { type Stopped, usage } from "./stopped.ts"
import { Surface } from "./surface.ts"

/** What can only be a path, whether there is a file or not. */
const pathLike = /^(?:~|\.{1,2})?[\\/]|^[\w -]+\.\w{2,4}$/

/** Erases to the end of the screen: the cursor waits where its line begins, and a terminal that becomes narrower breaks the rest off. */
const erase = "\u001b[J"

/** A file's bytes, with a bar of how many have left, on a line that is not there any more in the end. */
const shown = <E, R>(file: string, length: number, bytes: Stream.Stream<Uint8Array, E, R>) =>
  Stream.unwrap(Effect.map(Surface, ({ out, size }) => {
    let sent = 0
    let last = ""
    const lineOf = (columns: number) => {
      const bar = Board.bar(Math.min(1, sent / length))
      const name = Shown.fit(file, Math.min(Shown.width(file), 40, Math.max(1, columns - `uploading  ${bar}`.length)))
      return Shown.fit(`uploading ${name} ${bar}`, columns).trimEnd()
    }
    return bytes.pipe(
      Stream.tap((chunk) =>
        Effect.sync(() => {
          sent += chunk.length
          const now = lineOf(size().columns - 1)
          if (now !== last) out(`\r${now}${erase}\r`)
          last = now
        })
      ),
      Stream.ensuring(Effect.sync(() => out(`\r${erase}`)))
    )
  }))

interface Described {
  readonly file: string
  readonly name: string
  readonly mediaType: string
  readonly length: number
}

const describe = Effect.fnUntraced(function*(file: string): Effect.fn.Return<
  Described,
  Stopped,
  FileSystem.FileSystem | Path.Path
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const missing = () => usage(`There is no file ${path.basename(file)}, or it can't be read.`)
  const { size, type } = yield* Effect.mapError(fs.stat(file), missing)
  const [mediaType] = FileType.ofName(path.basename(file))?.mediaTypes ?? []
  if (type !== "File") return yield* usage(`${path.basename(file)} is no file: name one to upload.`)
  if (mediaType === undefined) {
    return yield* usage(`What ${path.basename(file)} holds is not known by its ending: rename it.`)
  }
  return { file, name: path.basename(file), mediaType, length: Number(size) }
})

const upload = Effect.fnUntraced(function*(
  { isLive }: Output,
  provider: Provider.Any,
  { file, length, mediaType, name }: Described,
  account: string | undefined
) {
  const fs = yield* FileSystem.FileSystem
  if (!Provider.supports("upload")(provider)) return yield* unable(provider, "upload")
  const content = isLive ? shown(name, length, fs.stream(file)) : fs.stream(file)
  const { reference } = yield* provider.upload({ mediaType, content, length, account })
  return reference
})

/** A place in a request, and the file that stands there. */
interface Named {
  readonly path: Place
  readonly file: string
}

/** The texts in JSON of any shape that name a file by `@`, at its top whether there is one or not. */
const marked = (value: unknown, path: Place): ReadonlyArray<Named> =>
  typeof value === "string"
    ? /^@./.test(value) ? [{ path, file: value.slice(1) }] : []
    : Predicate.isObjectOrArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => marked(inner, [...path, name]))
    : []

/** The account for files, at a service that has each in one: the only one that works. */
const accountFor = Effect.fnUntraced(function*(provider: Provider.Any) {
  const all = Provider.supports("accounts")(provider) ? yield* provider.accounts : []
  const [only, ...others] = all.filter(({ problem }) => problem === undefined)
  if (only === undefined || others.length > 0) {
    return yield* usage(
      `${provider.id} has files in one account: name it by --account; \`media-jobs accounts --provider ${provider.id}\` lists them.`
    )
  }
  return only.account
})

/** What files became, by what they hold; and the account that has them, where they are in one. */
const Uploaded = Schema.fromJsonString(Schema.Struct({
  references: Schema.Record(Schema.String, Schema.String),
  account: Schema.optionalKey(Schema.String)
}))
const decode = Schema.decodeUnknownOption(Uploaded)

const hashOf = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const hash = createHash("sha256")
  yield* Stream.runForEach(fs.stream(file), (bytes) => Effect.sync(() => hash.update(bytes)))
  return hash.digest("hex")
})

/** The files of this machine that a request names, in their places. */
const filesOf = Effect.fnUntraced(function*({ fields, kind }: Kind, request: Record<string, unknown>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { cwd } = yield* Surface
  const isFile = (file: string) => Effect.orElseSucceed(fs.exists(path.resolve(cwd, file)), () => false)
  const found: Array<Named> = []
  for (const { path, text } of RequestSchema.filesIn(kind, request)) {
    const file = text.replace(/^@/, "")
    if (file !== text || pathLike.test(text) || (yield* isFile(text))) found.push({ path, file })
  }
  for (const one of fields.filter(isOpen).flatMap(({ name }) => marked(request[name], [name]))) {
    // Deeper, a text that begins so may be a prompt, which speaks of what it was given by such names.
    if (one.path.length <= 2 || pathLike.test(one.file) || (yield* isFile(one.file))) found.push(one)
  }
  const described: Array<readonly [Place, Described]> = []
  for (const one of found) described.push([one.path, yield* describe(path.resolve(cwd, one.file))])
  return described
})

/** The fields that name the account of a request. */
const accountFields: ReadonlyArray<string> = ["account", "email"]

/** What is wrong with a request, whatever its files will be called. */
const check = (
  provider: Provider.Identity,
  kind: Kind,
  request: Record<string, unknown>,
  files: ReadonlyArray<Place>
) => {
  const stoodIn = files.reduce((request: unknown, place) => put(request, place, aReference), request)
  // With other texts in places of its own. Which account it runs on, its files may tell.
  const issues = issuesOf(kind, stoodIn as Record<string, unknown>).filter(({ field }) =>
    files.length === 0 || request[field] !== undefined || !accountFields.includes(field)
  )
  const { id, instance } = provider
  return issues.length === 0
    ? Effect.void
    : Effect.fail(new JobError.InvalidRequest({ provider: id, instance, operation: "submit", issues }))
}

/** Finds out what is wrong with a request and with the files that it names, all of which must be in these folders. */
export const examine = Effect.fnUntraced(function*(
  provider: Provider.Identity,
  kind: Kind,
  request: Record<string, unknown>,
  folders: ReadonlyArray<string>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* filesOf(kind, request)
  const real = (file: string) => Effect.orElseSucceed(fs.realPath(file), () => file)
  const within = yield* Effect.forEach(folders, real)
  for (const [, { file, name }] of files) {
    const at = yield* real(file)
    if (!within.some((folder) => at.startsWith(path.join(folder, path.sep)))) {
      return yield* usage(`${name} is in none of the folders of this server: a person puts it there.`)
    }
  }
  yield* check(provider, kind, request, files.map(([place]) => place))
})

/**
 * The request with each file's reference in its place, and the account to run on. A file that was uploaded for the same key before is not
 * uploaded again: under another reference, the request would be another one.
 */
export const resolve = Effect.fnUntraced(function*(
  { ledger, output }: Session,
  provider: Provider.Any,
  kind: Kind,
  request: Record<string, unknown>,
  { account, key }: { readonly account: string | undefined; readonly key: string }
) {
  const named = [account, request["email"], request["account"]].find((one) => typeof one === "string")
  const files = yield* filesOf(kind, request)
  if (files.length === 0) return { request, account }
  yield* check(provider, kind, request, files.map(([place]) => place))

  const before = Option.getOrUndefined(decode(yield* ledger.uploadsOf(key)))
  const references: Record<string, string> = { ...before?.references }
  let given = named ?? before?.account
  let resolved: unknown = request
  for (const [place, described] of files) {
    const hash = yield* hashOf(described.file)
    const send = (account: string | undefined) => upload(output, provider, described, account)
    references[hash] ??= yield* Effect.catchTag(
      send(given),
      "InvalidRequest",
      (error) =>
        given !== undefined || !error.issues.some(({ field }) => field === "account")
          ? Effect.fail(error)
          : Effect.flatMap(accountFor(provider), (account) => {
            given = account
            return send(account)
          })
    )
    yield* ledger.noteUploads(key, JSON.stringify({ references, account: given === named ? undefined : given }))
    resolved = put(resolved, place, references[hash])
  }
  // Where a request names no account, it is the one that has its files.
  const takesAccount = kind.fields.some(({ name }) => accountFields.includes(name))
  return {
    request: resolved as Record<string, unknown>, // the other texts in it are as they were
    account: !takesAccount ? undefined : given === named ? account : given
  }
})
