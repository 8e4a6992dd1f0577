import { assert, describe, it } from "@effect/vitest"
import type * as Provider from "@media-jobs/core/Provider"
import * as Replicate from "@media-jobs/replicate/Replicate"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as MediaJobs from "media-jobs/MediaJobs"
import type { Done } from "media-jobs/Run"
import type { RunError } from "media-jobs/RunError"

class Media extends MediaJobs.Service<Media>()("types/Media", { luma: Luma.Luma, replicate: Replicate.Replicate }) {}

class Lists extends Context.Service<Lists, Provider.Provider<"list" | "get">>()("types/Lists") {}

/** What is here is checked by the compiler, and never runs. */
const typed = (media: Media["Service"]): ReadonlyArray<unknown> => {
  const made: Effect.Effect<Done, RunError> = media.luma.run(Luma.video({ prompt: "x" }), { key: "k" })
  const layer: Layer.Layer<Media, unknown, Luma.Luma | Replicate.Replicate> = Media.layer()
  return [
    made,
    layer,
    media.replicate.run({ model: "a/b", input: {} }),
    media.replicate.cancel("k"),
    // @ts-expect-error a request of another service
    media.replicate.run(Luma.video({ prompt: "x" })),
    // @ts-expect-error a request of another service
    media.luma.run({ model: "a/b", input: {} }),
    // @ts-expect-error Luma cancels nothing
    media.luma.cancel("k"),
    // @ts-expect-error no such provider
    media.dreamina,
    // @ts-expect-error it can't be submitted to
    MediaJobs.Service<Media>()("x", { lists: Lists }),
    // @ts-expect-error a name that is taken
    MediaJobs.Service<Media>()("x", { changes: Luma.Luma }),
    Media.layer({ slots: { luma: { limits: [{ account: "a", limit: 1 }] } } }),
    // @ts-expect-error a limit of one kind, which would hold nothing back
    Media.layer({ slots: { luma: { limits: [{ account: "a", kind: "video", limit: 1 }] } } }),
    // @ts-expect-error limits of a provider that is none of them
    Media.layer({ slots: { dreamina: {} } })
  ]
}

describe("Service", () => {
  it("has the operations of each provider, by its name", () => {
    assert.isFunction(typed)
  })
})
