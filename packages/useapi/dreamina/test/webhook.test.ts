import { assert, describe, it } from "@effect/vitest"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import { fixtures } from "@media-jobs/testing/useapi-dreamina"
import * as Effect from "effect/Effect"
import { dreamina, got, heard, idOf, world } from "./support.ts"

const fixture = (name: "getCompletedVideo" | "getFailedVideo") => fixtures.assembled[name].json as object // it is one

describe("A webhook", () => {
  for (const name of ["getCompletedVideo", "getFailedVideo"] as const) {
    it.effect(`of ${name} is what get makes of the record`, () =>
      Effect.gen(function*() {
        const body = { ...fixture(name) }
        const [job, ...more] = yield* heard(body)
        const same = yield* got(body)
        assert.deepStrictEqual([job?.state, job?.id, job?.updatedAt], [same.state, same.id, same.updatedAt])
        assert.deepStrictEqual(more, [])
      }))
  }

  it.effect("brings the caller's reference back", () =>
    Effect.gen(function*() {
      const body = { ...fixture("getCompletedVideo"), replyRef: "mac.order-7" }
      assert.strictEqual((yield* heard(body))[0]?.reference, "mac.order-7")
      const replyTo: ReplyTo.ReplyTo = {
        address: () => Effect.succeed({ url: "https://example.com" }),
        callerReference: (echoed) => echoed.slice(4)
      }
      const [job] = yield* Effect.provideService(heard(body), ReplyTo.ReplyTo, replyTo)
      assert.strictEqual(job?.reference, "order-7")
    }))

  it.effect("of a request that broke is about no job, and of a job that broke about that", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* heard({ status: "failed", error: "Login failed", replyRef: "order-7" }), [])
      assert.deepStrictEqual(yield* heard({ status: "failed", error: { message: "Login failed" } }), [])
      const [job] = yield* heard({ jobid: idOf(), status: "failed", error: "Login failed", replyRef: "order-7" })
      assert.deepStrictEqual([job?.id, job?.kind, job?.reference], [idOf(), "video", "order-7"])
      assert.deepStrictEqual(job?.state, { _tag: "Failed", reason: "Login failed", cause: "unknown" })
    }))

  it.effect("of another service is none, and shows nothing of it", () =>
    Effect.gen(function*() {
      const { webhook } = yield* dreamina()
      for (
        const body of [
          { ...fixture("getCompletedVideo"), jobid: "j1v-u1-email:user@example.com-bot:luma" },
          { jobId: "j1i-u1-c2-bot:midjourney", status: "completed" },
          { error: "user@example.com has no session" },
          { jobid: "", status: "failed", error: "user@example.com" },
          { jobid: 7, status: "failed" }
        ]
      ) {
        const error = yield* Effect.flip(webhook(body))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.notInclude(error.message, "user@example.com")
      }
    }).pipe(Effect.provide(world())))
})
