/**
 * Peak memory of an upload of 20 MB: ours, and a bare streaming fetch of the same file to the same server, each in
 * processes of its own and in turns. `node packages/benchmark/src/upload.ts`
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { fork } from "node:child_process"
import { createReadStream } from "node:fs"
import * as fs from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import * as Memory from "./memory.ts"
import * as Statistics from "./statistics.ts"

const megabytes = 20
const rounds = 5
/** How much more than the bare upload ours may take, in MB. */
const bar = 8

const ours = (base: string, file: string, size: number) =>
  Effect.gen(function*() {
    const luma = yield* Luma.make({ token: Redacted.make("benchmark"), baseUrl: base })
    const content = (yield* FileSystem.FileSystem).stream(file)
    yield* luma.upload({ account: "user@example.com", mediaType: "image/png", length: size, content })
  }).pipe(Effect.provide(Layer.merge(FetchHttpClient.layer, NodeServices.layer)), Effect.runPromise)

const bare = async (base: string, file: string) => {
  // Node's fetch wants `duplex`, which the DOM's types do not know.
  const init = {
    method: "POST",
    body: Readable.toWeb(createReadStream(file)),
    duplex: "half"
  } as unknown as RequestInit
  await (await fetch(`${base}/v1/luma/assets/user@example.com`, init)).json()
}

/** In a child: the growth of resident memory during one upload, in MB, after a small one has warmed the code. */
const child = async (way: string, base: string, small: string, large: string) => {
  const upload = (file: string, size: number) => way === "ours" ? ours(base, file, size) : bare(base, file)
  await upload(small, 1_048_576)
  process.send?.(await Memory.growth(() => upload(large, megabytes * 1_048_576)))
}

const main = async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), "media-jobs-upload-"))
  const [small, large] = [join(folder, "small"), join(folder, "large")]
  await fs.writeFile(small, new Uint8Array(1_048_576))
  await fs.writeFile(large, new Uint8Array(megabytes * 1_048_576))
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end(JSON.stringify({ assetRef: "u1-email:user@example.com-image:1" })))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`

  const growth = (way: string) =>
    new Promise<number>((resolve, reject) => {
      const started = fork(import.meta.filename, [way, base, small, large], { execArgv: ["--expose-gc"] })
      started.once("message", (grown) => resolve(Number(grown)))
      started.once("exit", (code) => reject(new Error(`The upload ended with ${code}`)))
    })
  const grown: { readonly ours: Array<number>; readonly bare: Array<number> } = { ours: [], bare: [] }
  for (let i = 0; i < rounds; i++) {
    grown.bare.push(await growth("bare"))
    grown.ours.push(await growth("ours"))
  }
  server.close()
  await fs.rm(folder, { recursive: true })

  const [more, less] = [Statistics.median(grown.ours), Statistics.median(grown.bare)]
  const list = (all: ReadonlyArray<number>) => all.map((one) => one.toFixed(1)).join(" ")
  console.log(`peak memory of an upload of ${megabytes} MB, in MB above the start, ${rounds} times in turns`)
  console.log(`  ours             ${list(grown.ours)}   median ${more.toFixed(1)}`)
  console.log(`  bare fetch       ${list(grown.bare)}   median ${less.toFixed(1)}`)
  console.log(
    `  difference ${(more - less).toFixed(1)} MB, at most ${bar}: ${more - less <= bar ? "holds" : "does not hold"}`
  )
}

const [way, base, small, large] = process.argv.slice(2)
await (way !== undefined && base !== undefined && small !== undefined && large !== undefined
  ? child(way, base, small, large)
  : main())
