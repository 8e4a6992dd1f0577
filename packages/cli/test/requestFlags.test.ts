import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Access from "../src/access.ts"
import * as RequestFlags from "../src/requestFlags.ts"
import { within } from "./support.ts"

describe("the flags of requests", () => {
  it.live("are there for each kind of each provider, under words of their own", () =>
    Effect.gen(function*() {
      for (const id of Access.ids) {
        const kinds = RequestFlags.kindsOf(yield* Access.describe(id))
        assert.isAtLeast(kinds.length, 1, id)
        for (const { argument, name } of kinds) {
          const words = ["submit", id, ...(argument === undefined ? [name] : [])]
          const { code, stderr, stdout } = yield* within([...words, "--help"], {})
          assert.deepStrictEqual([words, code, stderr], [words, 0, ""])
          const flags = Array.from(stdout.matchAll(/^ {2}(--[\w-]+)/gm), ([, flag]) => flag)
          assert.isAtLeast(flags.length, 8)
          assert.deepStrictEqual(flags, [...new Set(flags)])
        }
      }
    }), 60_000)

  it.live("make the request that they say", () =>
    Effect.gen(function*() {
      const dreamina = RequestFlags.kindsOf(yield* Access.describe("useapi-dreamina"))
      const interpolate = dreamina.find(({ name }) => name === "interpolate")
      if (interpolate === undefined) return assert.fail()
      assert.deepStrictEqual(
        yield* RequestFlags.make(interpolate, []).request({ jobid: "j1", fps: 30 }),
        { _tag: "Interpolate", jobid: "j1", fps: 30 }
      )
      const [model, version] = RequestFlags.kindsOf(yield* Access.describe("replicate"))
      if (model === undefined || version === undefined) return assert.fail()
      assert.strictEqual(RequestFlags.choose([model, version], "a".repeat(64)), version)
      assert.strictEqual(RequestFlags.choose([model, version], "acme/video-1"), model)
      assert.deepStrictEqual(
        yield* RequestFlags.make(model, []).request({
          what: "acme/video-1",
          prompt: "p",
          input: ["seed=7", "{\"size\":[1,2]}", "name=a=b"]
        }),
        { model: "acme/video-1", input: { seed: 7, size: [1, 2], name: "a=b", prompt: "p" } }
      )
    }))

  it.live("say what a kind says, and no more", () =>
    Effect.gen(function*() {
      const kindOf = Effect.fnUntraced(function*(id: string, name: string) {
        const kind = RequestFlags.kindsOf(yield* Access.describe(id)).find((kind) => kind.name === name)
        return kind ?? assert.fail(name)
      })
      const flagsOf = Effect.fnUntraced(function*(id: string, name: string, values: object) {
        const { config, request } = RequestFlags.make(yield* kindOf(id, name), [])
        return [Object.keys(config), yield* request({ ...values })] as const
      })
      // Two APIs tell their kinds by a field of their own.
      const [luma, video] = yield* flagsOf("luma", "video", { prompt: "p" })
      assert.deepStrictEqual([luma.includes("type"), video], [false, { type: "video", prompt: "p" }])
      const [, older] = yield* flagsOf("luma-dream-machine", "add-audio", { id: "i" })
      assert.deepStrictEqual(older, { generation_type: "add_audio", id: "i" })
      // What is asked of a model is a text, though it reads as a number; a mark on the bill is one, too.
      const [google, interaction] = yield* flagsOf("google", "video", { prompt: "42", labels: ["team=7"], input: "43" })
      assert.deepStrictEqual([google[0], interaction], ["prompt", {
        _tag: "Video",
        input: "43",
        labels: { team: "7" }
      }])
      const parts = "[{\"type\":\"image\",\"uri\":\"start.png\"}]"
      const [, pictured] = yield* flagsOf("google", "video", { input: parts })
      assert.deepStrictEqual(pictured, { _tag: "Video", input: JSON.parse(parts) })
      const [, lasting] = yield* flagsOf("useapi-kling", "omni", { duration: "5" })
      assert.deepStrictEqual(lasting, { _tag: "Omni", duration: 5 })
      const [, runway] = yield* flagsOf("runway", "text-to-video", { prompt: "p" })
      assert.deepStrictEqual(runway, { _tag: "TextToVideo", promptText: "p" })
      const [fal] = yield* flagsOf("fal", "request", {})
      assert.notInclude(fal, "refused")
      const [mureka] = yield* flagsOf("useapi-mureka", "create", {})
      assert.notInclude(mureka, "account")
    }))
})
