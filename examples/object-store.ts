/**
 * Saves into an object store that speaks S3: a sink of the application's own in place of the directory. A file goes up in parts
 * as it comes down, and has its name only once its length and hash are known.
 *
 * `USEAPI_TOKEN=… BUCKET_URL=https://…/bucket BUCKET_KEY=… BUCKET_SECRET=… node examples/object-store.ts`
 */
import { NodeRuntime } from "@effect/platform-node"
import { ArtifactError, ArtifactStore, Sink } from "@media-jobs/artifacts"
import { Poller } from "@media-jobs/poller"
import { Luma } from "@media-jobs/useapi-luma"
import { AwsClient } from "aws4fetch"
import { Config, Console, Effect, Layer, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

/** S3 takes no smaller part but the last. */
const partSize = 5 * 1_048_576

const makeSink = (bucket: string, client: AwsClient): Sink.Sink["Service"] => {
  const unavailable = (file: string) => (cause: unknown) => new ArtifactError.SinkUnavailable({ file, cause })
  /** A request that is signed; the statuses that are no failure are the caller's to say. */
  const ask = (name: string, query: string, init: RequestInit, allowed: ReadonlyArray<number> = []) =>
    Effect.tryPromise({ try: () => client.fetch(`${bucket}/${name}${query}`, init), catch: unavailable(name) }).pipe(
      Effect.filterOrFail(
        (response) => response.ok || allowed.includes(response.status),
        ({ status }) => unavailable(name)(new Error(`The store answered ${status}`))
      )
    )
  const textOf = (name: string, response: Response) =>
    Effect.tryPromise({ try: () => response.text(), catch: unavailable(name) })
  /** What takes a store its time may be answered with 200 at once, and with an error after all. */
  const confirmed = (name: string, response: Response) =>
    Effect.flatMap(
      textOf(name, response),
      (text) =>
        text.includes("<Error") ? Effect.fail(unavailable(name)(new Error("The store failed after all"))) : Effect.void
    )

  /** An upload of several parts, of which nothing is seen before it is completed. */
  const begin = Effect.fnUntraced(function*(name: string) {
    const answer = yield* textOf(name, yield* ask(name, "?uploads", { method: "POST" }))
    const upload = `uploadId=${encodeURIComponent(/<UploadId>([^<]+)/.exec(answer)?.[1] ?? "")}`
    const tags: Array<string> = []
    let waiting: Array<Uint8Array<ArrayBuffer>> = []
    let size = 0
    const send = Effect.suspend(() => {
      if (size === 0 && tags.length > 0) return Effect.void
      const body = new Blob(waiting)
      waiting = []
      size = 0
      return Effect.map(
        ask(name, `?partNumber=${tags.length + 1}&${upload}`, { method: "PUT", body }),
        ({ headers }) => void tags.push(headers.get("etag") ?? "")
      )
    })
    return {
      add: (bytes: Uint8Array) =>
        Effect.suspend(() => {
          waiting.push(bytes.slice())
          size += bytes.length
          return size < partSize ? Effect.void : send
        }),
      complete: Effect.andThen(
        send,
        Effect.suspend(() => {
          const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
          const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`
          return Effect.flatMap(
            ask(name, `?${upload}`, { method: "POST", body }),
            (response) => confirmed(name, response)
          )
        })
      ),
      abort: Effect.ignore(ask(name, `?${upload}`, { method: "DELETE" }, [404]))
    }
  })

  return {
    locate: (name) => `${bucket}/${name}`,
    size: (name) =>
      Effect.map(
        ask(name, "", { method: "HEAD" }, [404]),
        ({ headers, ok }) => ok ? Number(headers.get("content-length")) : undefined
      ),
    read: (name) =>
      Stream.unwrap(Effect.map(ask(name, "", {}), ({ body }) =>
        body === null
          ? Stream.empty
          : Stream.fromReadableStream({ evaluate: () => body, onError: unavailable(name) }))),
    write: (name, text) => Effect.asVoid(ask(name, "", { method: "PUT", body: text })),
    // An object can't be added to.
    append: () => Effect.void,
    remove: (name) => Effect.asVoid(ask(name, "", { method: "DELETE" }, [404])),
    open: Effect.fnUntraced(function*(key) {
      // The ending of the name is known only with the file, so that it is begun under another.
      const draft = `drafts/${key}`
      let upload = yield* begin(draft)
      yield* Effect.addFinalizer(() =>
        Effect.andThen(Effect.suspend(() => upload.abort), Effect.ignore(ask(draft, "", { method: "DELETE" })))
      )
      return {
        kept: 0,
        read: Stream.empty,
        write: (bytes) => upload.add(bytes),
        restart: Effect.flatMap(
          Effect.andThen(Effect.suspend(() => upload.abort), begin(draft)),
          (next) =>
            Effect.sync(() => {
              upload = next
            })
        ),
        commit: (name) =>
          Effect.suspend(() => upload.complete).pipe(
            Effect.andThen(ask(name, "", {
              method: "PUT",
              headers: { "x-amz-copy-source": `${new URL(bucket).pathname}/${draft}` }
            })),
            Effect.flatMap((response) => confirmed(name, response))
          )
      }
    })
  }
}

const BucketSink = Layer.effect(
  Sink.Sink,
  Effect.gen(function*() {
    const { key, secret, url } = yield* Config.all({
      url: Config.String("BUCKET_URL"),
      key: Config.String("BUCKET_KEY"),
      secret: Config.Redacted("BUCKET_SECRET")
    })
    return makeSink(url, new AwsClient({ accessKeyId: key, secretAccessKey: Redacted.value(secret), service: "s3" }))
  })
)

const program = Effect.gen(function*() {
  const luma = yield* Luma.Luma
  const submission = yield* luma.submit(Luma.video({ prompt: "a lighthouse in the rain" }))
  const [job] = yield* Poller.succeed(luma, submission)
  const saved = yield* ArtifactStore.save(job, { providers: [luma] })
  yield* Console.log(saved.map(({ location }) => location).join("\n"))
})

const Live = Layer.merge(Luma.layerConfig(), ArtifactStore.layerSink()).pipe(
  Layer.provide([FetchHttpClient.layer, BucketSink])
)

program.pipe(Effect.provide(Live), NodeRuntime.runMain)
