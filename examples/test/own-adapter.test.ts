import { assert, describe, it } from "@effect/vitest"
import { Poller } from "@media-jobs/poller"
import { EmulatedService, Emulator, Faults, JobStore, Laws, Reply } from "@media-jobs/testing"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Acme from "../own-adapter.ts"

interface Job extends JobStore.StoredJob<"done" | "broken" | "stopped"> {
  readonly tag?: string | undefined
}

const json = (text: string): Record<string, unknown> => JSON.parse(text)

/** Acme Motion, as its adapter's author would emulate it: from the service's pages, and from nothing of the adapter's. */
const motion = EmulatedService.make({
  id: "acme",
  hosts: ["api.acme.test"],
  cdns: ["cdn.acme.test"],
  credential: (headers) => /^Key (.+)$/.exec(headers["authorization"] ?? "")?.[1],
  unauthorized: Reply.json(401, { problem: "no such key" }),
  unknownPath: Reply.json(404, { problem: "no such path" }),
  make: (world) => {
    const store = JobStore.make<Job>(world, { life: () => "1 minute", outcome: "done" })
    const begin = (
      user: string,
      now: number,
      more: { readonly id?: string | undefined; readonly tag?: string }
    ): Job => ({
      ...store.begin({ type: "video", user, account: "" }, () => `clip-${world.uuid()}`, now, more),
      ...(more.tag === undefined ? undefined : { tag: more.tag })
    })
    const record = (job: Job, now: number) => ({
      clip: job.id,
      state: store.isRunning(job, now) ? "drawing" : job.outcome === "stopped" ? "broken" : job.outcome,
      made_at: job.created,
      tag: job.tag ?? null,
      ...(store.isRunning(job, now) ? undefined : job.outcome === "done"
        ? { file: world.link("cdn.acme.test", job.id, now)("clip.mp4") }
        : { problem: job.outcome === "stopped" ? "cancelled by user" : "the pencil broke" })
    })
    const about =
      (answer: (job: Job, now: number) => Reply.Reply) => ({ now, segment, user }: EmulatedService.Call) => {
        const job = store.find(segment)
        return job?.user === user ? answer(job, now) : Reply.json(404, { problem: "no such clip" })
      }
    return {
      controls: store.controls((job, { user }, now) => begin(user, now, { id: job.id })),
      routes: [
        {
          operation: "list",
          method: "GET",
          path: "/v2/clips",
          answer: ({ now, user }) => Reply.json(200, store.listed(user, now).map((job) => record(job, now)))
        },
        {
          operation: "submit",
          method: "PUT",
          path: "/v2/clips",
          answer: ({ body, headers, now, user }) => {
            if (headers["acme-version"] !== "2") return Reply.json(400, { problem: "which version" })
            const { prompt, tag } = json(body)
            if (typeof prompt !== "string") return Reply.json(400, { problem: "no prompt" })
            const job = store.keep(begin(user, now, typeof tag === "string" ? { tag } : {}))
            return Reply.json(201, record(job, now))
          }
        },
        {
          operation: "get",
          method: "GET",
          path: "/v2/clips/:clip",
          answer: about((job, now) => Reply.json(200, record(job, now)))
        },
        {
          operation: "stop",
          method: "POST",
          path: "/v2/clips/:clip/stop",
          answer: about((job, now) => {
            store.change(job, { state: "stopped" }, now)
            return Reply.empty(204)
          })
        }
      ]
    }
  }
})

class Emulated extends Emulator.Service<Emulated>()("test/Acme", { acme: motion }) {}

const acme = Effect.provide(Acme.make({ token: Redacted.make(Emulator.token) }), Emulator.layerClient)
const job = (state: "running" | "done") =>
  Effect.flatMap(
    Emulated,
    ({ services }) => Effect.map(services.acme.add({ state, duration: "1 day" }), ({ id }) => id)
  )

const situations: Laws.Situations<Parameters<typeof Acme.film>[0] & { readonly _tag: "Film" }, Emulated> = {
  running: job("running"),
  ended: job("done"),
  unknown: "clip-00000000-0000-0000-0000-000000000000",
  elsewhere: "j1-u2-email:user@example.com-bot:luma",
  secrets: [Emulator.token],
  routes: {
    list: ["acme.list"],
    get: ["acme.get"],
    cancel: ["acme.stop"],
    submit: ["acme.submit"]
  },
  submits: {
    accepted: [Acme.film({ prompt: "rain", seconds: 8 })],
    refused: [{ request: Acme.film({ prompt: "" }), fields: ["prompt"] }]
  },
  webhooks: Effect.succeed([{ clip: "clip-1", state: "done", file: "https://cdn.acme.test/1.mp4", tag: "order-7" }]),
  says: (word) => Faults.withField("state", word)
}

describe("an adapter of one's own keeps the laws", () => {
  for (const law of Laws.adapter(acme, situations)) {
    it.effect(law.name, () => Effect.provide(law.check, Emulated.layer()))
  }
})

describe("an adapter of one's own", () => {
  const within = Effect.provide(Emulator.layerClient.pipe(Layer.provideMerge(Emulated.layer())))

  it.effect("works with the poller alone, and a 404 that means patience ends no wait", () =>
    Effect.gen(function*() {
      const provider = yield* acme
      const submission = yield* provider.submit(Acme.film({ prompt: "rain", tag: "order-7" }))
      const emulator = yield* Emulated
      const warming = Faults.answer(Reply.json(404, { problem: "the clip is warming up" }))
      yield* emulator.inject({ operation: "acme.get", fault: warming, times: 2 })
      const fiber = yield* Effect.forkChild(Poller.succeed(provider, submission))
      yield* TestClock.adjust("10 minutes")
      const [ended] = yield* Fiber.join(fiber)
      assert.deepStrictEqual([ended.state._tag, ended.reference], ["Succeeded", "order-7"])
    }).pipe(within))
})
