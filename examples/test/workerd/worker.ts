/**
 * A Worker whose requests share one runtime. How a request ends is in its `x-end`: with the work, or before it, answered or
 * failed, once the gate opens.
 */
import { ArtifactStore, Sink } from "@media-jobs/artifacts"
import { JobId, Ledger } from "@media-jobs/core"
import { StoredLedger } from "@media-jobs/ledger"
import { Poller, Slots } from "@media-jobs/poller"
import * as Pace from "@media-jobs/poller/Pace"
import { Replicate } from "@media-jobs/replicate"
import { Luma } from "@media-jobs/useapi-luma"
import { Signer, StandardWebhooks, Webhooks } from "@media-jobs/webhooks"
import { Duration, Effect, Layer, ManagedRuntime, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore } from "effect/persistence"
// @ts-expect-error: a module of the platform, whose types no package here has.
import { env } from "cloudflare:workers"

/** As the test sets them. */
const settings = env as {
  readonly service: string
  readonly token: string
  readonly key: string
  readonly limit: string
  readonly gate: string
}

const limit = Duration.millis(Number(settings.limit))
const common = { token: Redacted.make(settings.token), retries: 0 }

/** What files are kept in; a Worker has no disk. */
const MemorySink = Layer.sync(Sink.Sink, () => {
  const files = new Map<string, Uint8Array>()
  return {
    locate: (name) => name,
    size: (name) => Effect.sync(() => files.get(name)?.length),
    read: (name) => Stream.suspend(() => Stream.make(files.get(name) ?? new Uint8Array())),
    write: (name, text) => Effect.sync(() => void files.set(name, new TextEncoder().encode(text))),
    append: () => Effect.void,
    remove: (name) => Effect.sync(() => void files.delete(name)),
    open: () =>
      Effect.sync(() => {
        let bytes: ReadonlyArray<number> = []
        const write = (more: Uint8Array) => Effect.sync(() => void (bytes = [...bytes, ...more]))
        return {
          kept: 0,
          read: Stream.empty,
          write,
          restart: Effect.sync(() => void (bytes = [])),
          commit: (name) => Effect.sync(() => void files.set(name, Uint8Array.from(bytes)))
        }
      })
  }
})

/** A store whose first write takes its time. */
const SlowStore = Layer.sync(KeyValueStore.KeyValueStore, () => {
  const entries = new Map<string, string>()
  let writes = 0
  return KeyValueStore.makeStringOnly({
    get: (key) => Effect.sync(() => entries.get(key)),
    set: (key, value) =>
      Effect.suspend(() =>
        Effect.andThen(Effect.sleep(writes++ === 0 ? "1 second" : 0), Effect.sync(() => void entries.set(key, value)))
      ),
    remove: (key) => Effect.sync(() => void entries.delete(key)),
    clear: Effect.sync(() => entries.clear()),
    size: Effect.sync(() => entries.size),
    keys: Effect.sync(() => [...entries.keys()])
  })
})

const Hooks = Layer.unwrap(Effect.gen(function*() {
  const [luma, replicate] = [yield* Luma.Luma, yield* Replicate.Replicate]
  const verify = yield* StandardWebhooks.make({ renew: replicate.webhookSecret })
  return Webhooks.layer({
    sources: [
      { provider: luma, wake: (id) => Effect.ignore(luma.get(id)), wakeSubmit: () => Effect.ignore(luma.list) },
      { provider: replicate, verify, wake: (id) => Effect.ignore(replicate.get(id)) }
    ],
    timeout: limit
  })
}))

const runtime = ManagedRuntime.make(
  Layer.mergeAll(
    Hooks,
    Layer.provide(
      ArtifactStore.layerSink({ allowPrivate: true, idleTimeout: limit, retries: 0, concurrency: 2 }),
      MemorySink
    ),
    Layer.provide(StoredLedger.layer(), SlowStore)
  ).pipe(
    Layer.provideMerge(Layer.mergeAll(
      Luma.layer({ ...common, timeout: limit, baseUrl: settings.service }),
      Replicate.layer({ ...common, baseUrl: `${settings.service}/v1` }),
      Signer.layer({ url: "https://worker.example/webhooks", keys: [Redacted.make(settings.key)] })
    )),
    Layer.provideMerge(FetchHttpClient.layer)
  )
)

const work = Effect.fnUntraced(function*(request: Request) {
  const { pathname, searchParams } = new URL(request.url)
  const luma = yield* Luma.Luma
  const id = JobId.make(searchParams.get("id") ?? "none")
  const submit = luma.submit(Luma.video({ prompt: "rain" }))
  switch (pathname) {
    case "/call":
      return yield* Effect.map(luma.get(id), ({ state }) => state._tag)
    case "/wait":
      return yield* Effect.map(
        Poller.succeed(luma, id, { deadline: Duration.times(limit, 1.5) }),
        ({ state }) => state._tag
      )
    case "/own": {
      // An engine and slots of the request's own: one submit after another, each held until its job is known to have ended.
      const poller = yield* Poller.make(luma, { pace: yield* Pace.learned() })
      const { capacity: _, ...silent } = luma
      const slots = yield* Slots.make(silent, { limits: [{ account: "user@example.com", limit: 1 }] })
      const ended = () => Effect.andThen(poller.await(id), Effect.sleep(Duration.times(limit, 0.5)))
      const submitted = slots.submit({ submit: () => submit, ended })
      return `${(yield* Effect.all([submitted, submitted], { concurrency: "unbounded" })).length}`
    }
    case "/submit":
    case "/predict": {
      const replicate = yield* Replicate.Replicate
      const predict = replicate.submit({ model: "media-jobs/lighthouse", input: { prompt: "rain" } })
      const asked = pathname === "/submit" ? submit : predict
      const { ids: [first], replyUrl } = yield* Effect.provideService(asked, Ledger.Ledger, undefined)
      return `${first} ${replyUrl}`
    }
    case "/note":
      return yield* Effect.map(submit, ({ ids }) => `${ids.length}`)
    case "/save": {
      const job = yield* luma.get(id)
      return job.is("Succeeded") ? `${(yield* ArtifactStore.save(job)).length}` : job.state._tag
    }
    case "/progress": {
      const { progress } = yield* ArtifactStore.ArtifactStore
      const states = Stream.map(progress, ({ state }) => state)
      return Stream.toReadableStream(Stream.encodeText(Stream.takeUntil(states, (state) => state === "saved")))
    }
    default:
      return yield* Effect.die(`No ${pathname}`)
  }
})

const answer = (request: Request): Promise<Response> =>
  new URL(request.url).pathname.startsWith("/webhooks/")
    ? runtime.runPromise(Webhooks.handler).then((handle) => handle(request))
    : runtime.runPromise(Effect.match(Effect.scoped(work(request)), {
      onFailure: (error) => new Response(error._tag, { status: 502 }),
      onSuccess: (text) => new Response(text)
    }))

export default {
  fetch: (request: Request): Promise<Response> => {
    const answered = answer(request)
    const end = request.headers.get("x-end")
    if (end !== "answered" && end !== "failed") return answered
    answered.catch(() => {})
    return fetch(settings.gate).then(() => {
      if (end === "failed") throw new Error("failed")
      return new Response("early")
    })
  }
}
