import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Handle, JobId, ProviderId } from "@media-jobs/core"
import { Emulator } from "@media-jobs/testing"
import { DateTime, Effect, FileSystem, Layer } from "effect"
import { createServer } from "node:http"
import { emulator, run } from "./program.ts"

const handle = (provider: string, { createdAt, id }: { readonly createdAt: number; readonly id: string }) =>
  Handle.toText(
    new Handle.Handle({
      provider: ProviderId.make(provider),
      instance: ProviderId.defaultInstance,
      id: JobId.make(id),
      submittedAt: DateTime.makeUnsafe(createdAt)
    })
  )

describe("examples of saving", () => {
  it.live("save puts what all jobs of a list made into files, and downloads nothing twice", () =>
    Effect.gen(function*() {
      const { count, services: { "useapi-dreamina": dreamina, "useapi-luma": luma } } = yield* Emulator.Emulator
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(
        `${folder}/handles.txt`,
        [
          handle("useapi-luma", yield* luma.add({ duration: "2 minutes" })),
          "no handle",
          handle("useapi-dreamina", yield* dreamina.add({ type: "image", state: "completed" })),
          handle("useapi-luma", yield* luma.add({ state: "failed" })),
          ""
        ].join("\n")
      )
      const saving = run("save", {}, `${folder}/handles.txt`, `${folder}/out`)
      const { code, stderr, stdout } = yield* saving
      assert.strictEqual(code, 0, stderr)
      const paths = stdout.trim().split("\n")
      assert.isTrue(paths.every((path) => path.startsWith(`${folder}/out/`)), stdout)
      const kinds = paths.map((path) => path.split(".").at(-1)).toSorted()
      assert.deepStrictEqual([kinds.filter((kind) => kind === "mp4").length, kinds.length >= 7], [1, true])
      for (const path of paths) assert.isAbove(Number((yield* fs.stat(path)).size), 100)
      assert.include(stderr, "handle")
      const downloads = yield* count("media.get")
      assert.strictEqual(downloads, paths.length)
      const again = yield* saving
      assert.sameMembers(again.stdout.trim().split("\n"), paths)
      assert.strictEqual(yield* count("media.get"), downloads)
    }).pipe(Effect.provide(Layer.merge(emulator(), NodeServices.layer))))

  it.live("object-store puts them into a bucket, in parts that are seen once they are whole", () =>
    Effect.gen(function*() {
      const store = yield* bucket
      const { code, stderr, stdout } = yield* run("object-store", {
        BUCKET_URL: `${store.url}/bucket`,
        BUCKET_KEY: "key",
        BUCKET_SECRET: "a-secret-of-the-store"
      })
      assert.strictEqual(code, 0, stderr)
      const paths = stdout.trim().split("\n")
      assert.lengthOf(paths, 3)
      for (const path of paths) {
        assert.isAbove(store.objects.get(new URL(path).pathname)?.length ?? 0, 100, path)
      }
      const video = store.objects.get(new URL(paths.find((path) => path.endsWith(".mp4")) ?? "").pathname)
      assert.strictEqual(video?.subarray(4, 8).toString(), "ftyp")
      assert.strictEqual(store.uploads.size, 0)
      assert.isFalse([...store.objects.keys()].some((name) => name.includes("/drafts/")))
      assert.isTrue(store.signed())
      assert.notInclude(stdout + stderr, "a-secret-of-the-store")
    }).pipe(Effect.provide(emulator())))
})

/** As much of S3 as a client needs, on a port of this machine. */
const bucket = Effect.acquireRelease(
  Effect.callback<ReturnType<typeof opened>>((resume) => {
    const store = opened()
    store.server.listen(0, "127.0.0.1", () => resume(Effect.succeed(store)))
  }),
  ({ server }) => Effect.sync(() => server.closeAllConnections())
).pipe(Effect.map(({ server, ...store }) => {
  const address = server.address()
  return { ...store, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : undefined}` }
}))

const opened = () => {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  let signed = true
  let begun = 0
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      signed &&= request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=key/") === true
      const { pathname, searchParams: query } = new URL(request.url ?? "", "http://bucket")
      const body = Buffer.concat(chunks)
      const upload = uploads.get(query.get("uploadId") ?? "")
      const answer = (status: number, text: string | Buffer = "", headers = {}) =>
        response.writeHead(status, { "content-length": text.length, ...headers }).end(text)
      const object = objects.get(pathname)
      switch (request.method) {
        case "POST":
          if (upload === undefined) {
            const id = `upload ${++begun}`
            uploads.set(id, new Map())
            return answer(
              200,
              `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`
            )
          }
          objects.set(
            pathname,
            Buffer.concat(
              [...body.toString().matchAll(/<PartNumber>(\d+)/g)].map(([, n]) =>
                upload.get(Number(n)) ?? Buffer.alloc(0)
              )
            )
          )
          uploads.delete(query.get("uploadId") ?? "")
          return answer(200)
        case "PUT": {
          const source = request.headers["x-amz-copy-source"]
          if (upload !== undefined) upload.set(Number(query.get("partNumber")), body)
          else objects.set(pathname, typeof source === "string" ? objects.get(source) ?? body : body)
          return answer(200, "", { etag: `"${body.length}"` })
        }
        case "DELETE":
          if (query.has("uploadId")) uploads.delete(query.get("uploadId") ?? "")
          else objects.delete(pathname)
          return answer(204)
        default:
          return object === undefined
            ? answer(404)
            : request.method === "HEAD"
            ? response.writeHead(200, { "content-length": object.length }).end()
            : answer(200, object)
      }
    })
  })
  return { objects, uploads, server, signed: () => signed }
}
