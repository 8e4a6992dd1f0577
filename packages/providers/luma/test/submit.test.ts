import { assert, describe, it } from "@effect/vitest"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import * as DreamMachine from "@media-jobs/luma/DreamMachine"
import * as DreamMachineRequest from "@media-jobs/luma/DreamMachineRequest"
import * as Luma from "@media-jobs/luma/Luma"
import * as LumaRequest from "@media-jobs/luma/LumaRequest"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as Faults from "@media-jobs/testing/Faults"
import * as DreamMachineEmulator from "@media-jobs/testing/luma-dream-machine"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import {
  dream,
  dreamMachine,
  dreamMachineBefore,
  dreamt,
  generation,
  id,
  inMemory,
  lumaBefore,
  rain
} from "./support.ts"

const prompt = "a lighthouse in the rain"
const url = "https://example.com/a.png"
const clip = { url: "https://example.com/a.mp4", media_type: "video/mp4" }
const fields = (issues: ReadonlyArray<{ readonly field: string }>) => issues.map(({ field }) => field)
const refs = (n: number) => Array.from({ length: n }, () => ({ url }))
const many = Array.from({ length: 65 }, (_, i) => i)

/** Each row of the tables of the facts, what is allowed and what is not; a field that is named is at fault. */
const agents: ReadonlyArray<readonly [what: string, request: object, fields: ReadonlyArray<string>]> = [
  ["a prompt of 6,000 characters", Luma.image({ prompt: "x".repeat(6000) }), []],
  ["a prompt of 6,001 characters", Luma.image({ prompt: "x".repeat(6001) }), ["prompt"]],
  ["an empty prompt", Luma.video({ prompt: "" }), ["prompt"]],
  ["no prompt", { type: "video" }, ["prompt"]],
  ["no type", { prompt }, ["type"]],
  ["a type of which nothing is known", { type: "layering", prompt }, ["type"]],
  ["each known model", Luma.image({ prompt, model: "uni-1-max" }), []],
  ["a model that is not known", Luma.video({ prompt, model: "ray-9", video: { resolution: "8k" } }), []],
  ["a video of a model for images", Luma.video({ prompt, model: "uni-1" }), ["model"]],
  ["an image of a model for videos", Luma.image({ prompt, model: "ray-3.2" }), ["model"]],
  ...["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"].map((aspect_ratio) =>
    [`an image in ${aspect_ratio}`, Luma.image({ prompt, aspect_ratio }), []] as const
  ),
  ...["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"].map((aspect_ratio) =>
    [`a video in ${aspect_ratio}`, Luma.video({ prompt, aspect_ratio }), []] as const
  ),
  ["an image in 4:3", Luma.image({ prompt, aspect_ratio: "4:3" }), ["aspect_ratio"]],
  ["a video in 3:1", Luma.video({ prompt, aspect_ratio: "3:1" }), ["aspect_ratio"]],
  ["an edit in any ratio, which is ignored", Luma.videoEdit({ prompt, source: clip, aspect_ratio: "3:1" }), []],
  ["a ratio that is none", Luma.video({ prompt, aspect_ratio: "wide" }), ["aspect_ratio"]],
  ["a reframe without a ratio", { type: "video_reframe", prompt, source: clip }, ["aspect_ratio"]],
  ["an image of 9 references", Luma.image({ prompt, image_ref: refs(9) }), []],
  ["an image of 10 references", Luma.image({ prompt, image_ref: refs(10) }), ["image_ref"]],
  ["an edit of 8 references", Luma.imageEdit({ prompt, source: { url }, image_ref: refs(8) }), []],
  ["an edit of 9 references", Luma.imageEdit({ prompt, source: { url }, image_ref: refs(9) }), ["image_ref"]],
  ["an image edit without a source", { type: "image_edit", prompt }, ["source"]],
  ["a video edit without a source", { type: "video_edit", prompt }, ["source"]],
  ["a reframe without a source", { type: "video_reframe", prompt, aspect_ratio: "1:1" }, ["source"]],
  ["an image with a source", { type: "image", prompt, source: { url } }, ["source"]],
  ["a style", Luma.image({ prompt, style: "manga" }), []],
  ["another style", { type: "image", prompt, style: "oil" }, ["style"]],
  ["a format", Luma.image({ prompt, output_format: "jpeg" }), []],
  ["another format", { type: "image", prompt, output_format: "tiff" }, ["output_format"]],
  ["a search of the web", Luma.image({ prompt, web_search: true }), []],
  ["a tag of 256 characters", Luma.video({ prompt, user_id: "u".repeat(256) }), []],
  ["a tag of 257 characters", Luma.video({ prompt, user_id: "u".repeat(257) }), ["user_id"]],
  ["a video's options for an image", { type: "image", prompt, video: {} }, ["video"]],
  ["a field that is not known", { type: "video", prompt, seed: 7 }, ["seed"]],
  ["a field of a video that is not known", { type: "video", prompt, video: { audio: true } }, ["video.audio"]],

  ...["url", "generation_id", "file_id"].map((name) =>
    [`a source by ${name}`, { type: "image_edit", prompt, source: { [name]: id } }, []] as const
  ),
  ["a source by data", Luma.imageEdit({ prompt, source: { data: "AAAA", media_type: "image/png" } }), []],
  ["a source by data of no type", Luma.imageEdit({ prompt, source: { data: "AAAA" } }), ["source.media_type"]],
  ["a source by two", Luma.imageEdit({ prompt, source: { url, file_id: id } }), ["source"]],
  ["a source by none", Luma.imageEdit({ prompt, source: {} }), ["source"]],
  ["a reference by two", Luma.image({ prompt, image_ref: [{ url }, { url, file_id: id }] }), ["image_ref.1"]],
  ["a video by URL of no type", Luma.videoEdit({ prompt, source: { url: clip.url } }), ["source.media_type"]],
  ["a path of this machine", Luma.imageEdit({ prompt, source: { url: "./rain.png" } }), ["source.url"]],

  ...["360p", "540p", "720p", "1080p"].map((resolution) =>
    [`a video of ${resolution}`, Luma.video({ prompt, video: { resolution } }), []] as const
  ),
  ["a video of 4k", Luma.video({ prompt, video: { resolution: "4k" } }), ["video.resolution"]],
  ["a video of 10s", Luma.video({ prompt, video: { duration: "10s" } }), []],
  ["a video of 9s", Luma.video({ prompt, video: { duration: "9s" } }), ["video.duration"]],
  ["10s with hdr", Luma.video({ prompt, video: { duration: "10s", hdr: true } }), ["video.hdr"]],
  ["an edit of 10s with hdr", Luma.videoEdit({ prompt, source: clip, video: { duration: "10s", hdr: true } }), []],
  ["10s with loop", Luma.video({ prompt, video: { duration: "10s", loop: true } }), ["video.loop"]],
  [
    "10s from and to a frame",
    Luma.video({ prompt, video: { duration: "10s", start_frame: { url }, end_frame: { url } } }),
    [
      "video.start_frame",
      "video.end_frame"
    ]
  ],
  [
    "10s with keyframes",
    Luma.video({
      prompt,
      video: { duration: "10s", keyframes: refs(2), keyframe_indexes: [0, 240] }
    }),
    []
  ],
  ["loop with hdr", Luma.video({ prompt, video: { loop: true, hdr: true } }), ["video.hdr"]],
  ["loop from a frame", Luma.video({ prompt, video: { loop: true, start_frame: { url } } }), []],
  ["loop to a frame", Luma.video({ prompt, video: { loop: true, end_frame: { url } } }), ["video.end_frame"]],
  [
    "loop with keyframes",
    Luma.video({
      prompt,
      video: { loop: true, keyframes: refs(1), keyframe_indexes: [0] }
    }),
    ["video.keyframes"]
  ],
  ["no loop, said, with hdr", Luma.video({ prompt, video: { loop: false, hdr: true } }), []],
  ["hdr in 1080p", Luma.video({ prompt, video: { hdr: true, resolution: "1080p" } }), []],
  ["hdr in 540p", Luma.video({ prompt, video: { hdr: true, resolution: "540p" } }), ["video.hdr"]],
  ["hdr in 360p", Luma.video({ prompt, video: { hdr: true, resolution: "360p" } }), ["video.hdr"]],
  ["a reframe in hdr", Luma.videoReframe({ prompt, source: clip, aspect_ratio: "1:1", video: { hdr: true } }), [
    "video.hdr"
  ]],
  ["EXR with hdr", Luma.video({ prompt, video: { hdr: true, exr_export: true } }), []],
  ["EXR without hdr", Luma.video({ prompt, video: { exr_export: true } }), ["video.exr_export"]],
  ["an extension", Luma.video({ prompt, video: { start_frame: { generation_id: id } } }), []],
  [
    "an extension to a frame, in hdr",
    Luma.video({
      prompt,
      video: { start_frame: { generation_id: id }, end_frame: { url }, hdr: true }
    }),
    ["video.end_frame", "video.hdr"]
  ],
  ["an extension of 10s", Luma.video({ prompt, video: { duration: "10s", start_frame: { generation_id: id } } }), [
    "video.start_frame"
  ]],
  [
    "64 keyframes",
    Luma.video({
      prompt,
      video: { keyframes: refs(64), keyframe_indexes: many.slice(0, 64) }
    }),
    []
  ],
  ["65 keyframes", Luma.video({ prompt, video: { keyframes: refs(65), keyframe_indexes: many } }), ["video.keyframes"]],
  ["no keyframes", Luma.video({ prompt, video: { keyframes: [], keyframe_indexes: [] } }), ["video.keyframes"]],
  [
    "two keyframes at one place",
    Luma.video({
      prompt,
      video: { keyframes: refs(2), keyframe_indexes: [7, 7] }
    }),
    ["video.keyframe_indexes"]
  ],
  ["keyframes without places", Luma.video({ prompt, video: { keyframes: refs(2) } }), ["video.keyframe_indexes"]],
  [
    "a keyframe behind the end",
    Luma.video({
      prompt,
      video: { keyframes: refs(1), keyframe_indexes: [121] }
    }),
    ["video.keyframe_indexes"]
  ],
  [
    "a keyframe between two",
    Luma.video({
      prompt,
      video: { keyframes: refs(1), keyframe_indexes: [0.5] }
    }),
    ["video.keyframe_indexes.0"]
  ],
  [
    "a place of the source",
    Luma.videoReframe({
      prompt,
      source: clip,
      aspect_ratio: "21:9",
      video: { source_position: { x_norm: 0, y_norm: 0.25, w_norm: 1, h_norm: 0.5 } }
    }),
    []
  ],
  [
    "a place outside",
    Luma.videoReframe({
      prompt,
      source: clip,
      aspect_ratio: "21:9",
      video: { source_position: { x_norm: 0, y_norm: 2, w_norm: 1, h_norm: 0.5 } }
    }),
    ["video.source_position.y_norm"]
  ],
  ["each strength of an edit", Luma.videoEdit({ prompt, source: clip, video: { edit: { strength: "flex_2" } } }), []],
  ["another strength", { type: "video_edit", prompt, source: clip, video: { edit: { strength: "flex_4" } } }, [
    "video.edit.strength"
  ]],
  [
    "an edit with controls",
    Luma.videoEdit({
      prompt,
      source: clip,
      video: { edit: { auto_controls: true, controls: { pose: true, face: { weight: 1 } } } }
    }),
    []
  ],
  [
    "an edit with keyframes at one place",
    Luma.videoEdit({
      prompt,
      source: clip,
      video: { edit: { keyframes: refs(2), keyframe_indexes: [7, 7] } }
    }),
    ["video.edit.keyframe_indexes"]
  ]
]

const media = { url: clip.url }
const dreams: typeof agents = [
  ["a video of Ray 2", dream, []],
  ["a model that is not known", DreamMachine.video({ model: "ray-4", prompt }), []],
  ["no model", { generation_type: "video", prompt }, ["model"]],
  ["a video of Photon", DreamMachine.video({ model: "photon-1", prompt }), ["model"]],
  ["an image of Ray", DreamMachine.image({ model: "ray-flash-2", prompt }), ["model"]],
  ["no type", { model: "ray-2", prompt }, ["generation_type"]],
  ...["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"].map((aspect_ratio) =>
    [`a video in ${aspect_ratio}`, { ...dream, aspect_ratio }, []] as const
  ),
  ["a video in 2:1", { ...dream, aspect_ratio: "2:1" }, ["aspect_ratio"]],
  ["a prompt of 3 characters", { ...dream, prompt: "sea" }, []],
  ["a prompt of 2 characters", { ...dream, prompt: "ox" }, ["prompt"]],
  ["a prompt of 5000 characters", { ...dream, prompt: "x".repeat(5000) }, []],
  ["a prompt of 5001 characters", { ...dream, prompt: "x".repeat(5001) }, ["prompt"]],
  ["neither prompt nor keyframes", DreamMachine.video({ model: "ray-2" }), ["prompt"]],
  ["any duration and resolution", { ...dream, duration: "9s", resolution: "4k" }, []],
  ["a loop", { ...dream, loop: true }, []],
  ["a loop from a frame", { ...dream, loop: true, keyframes: { frame0: { type: "image", url } } }, []],
  ["a loop to a frame", { ...dream, loop: true, keyframes: { frame1: { type: "image", url } } }, ["loop"]],
  [
    "two generations to go between",
    DreamMachine.video({
      model: "ray-2",
      keyframes: { frame0: { type: "generation", id }, frame1: { type: "generation", id } }
    }),
    []
  ],
  ["a keyframe that is neither", { ...dream, keyframes: { frame0: { type: "video", url } } }, ["keyframes.frame0"]],
  ["concepts", { ...dream, concepts: [{ key: "dolly_zoom" }] }, []],
  ["concepts by name", { ...dream, concepts: ["dolly_zoom"] }, ["concepts.0"]],
  ["an address for callbacks", { ...dream, callback_url: "https://app.test/hook" }, []],
  ["an address that is none", { ...dream, callback_url: "here" }, ["callback_url"]],
  [
    "an image of everything",
    DreamMachine.image({
      model: "photon-1",
      prompt,
      aspect_ratio: "9:21",
      format: "png",
      image_ref: [{ url, weight: 0.85 }],
      style_ref: [{ url, weight: 0.8 }],
      character_ref: { identity0: { images: [url] } },
      modify_image_ref: { url, weight: 1 }
    }),
    []
  ],
  ["a format that is none", { generation_type: "image", model: "photon-1", format: "tiff" }, ["format"]],
  ["a weight beyond 1", { generation_type: "image", model: "photon-1", image_ref: [{ url, weight: 2 }] }, [
    "image_ref.0.weight"
  ]],
  ["an image while it waits", { generation_type: "image", model: "photon-1", prompt, sync: true }, ["sync"]],
  ...["adhere", "flex", "reimagine"].flatMap((way) =>
    [1, 2, 3].map((n) =>
      [
        `a change by ${way}_${n}`,
        { generation_type: "modify_video", model: "ray-2", media, mode: `${way}_${n}` },
        []
      ] as const
    )
  ),
  ["a change by flex_4", { generation_type: "modify_video", model: "ray-2", media, mode: "flex_4" }, ["mode"]],
  ["a change of nothing", { generation_type: "modify_video", model: "ray-2", mode: "flex_1" }, ["media"]],
  ["a path of this machine", {
    generation_type: "modify_video",
    model: "ray-2",
    mode: "flex_1",
    media: { url: "a.mp4" }
  }, [
    "media.url"
  ]],
  ["a reframed video", {
    generation_type: "reframe_video",
    model: "ray-2",
    media,
    aspect_ratio: "1:1",
    first_frame: { url },
    grid_position_x: 1,
    grid_position_y: 2,
    x_start: 3,
    x_end: 4,
    y_start: 5,
    y_end: 6,
    resized_width: 7,
    resized_height: 8
  }, []],
  ["a reframed video without a ratio", { generation_type: "reframe_video", model: "ray-2", media }, ["aspect_ratio"]],
  ["a reframed image", {
    generation_type: "reframe_image",
    model: "photon-1",
    media,
    aspect_ratio: "1:1",
    format: "png"
  }, []],
  ["a reframed image of Ray", { generation_type: "reframe_image", model: "ray-2", media, aspect_ratio: "1:1" }, [
    "model"
  ]],
  ["a larger one", { generation_type: "upscale_video", id, resolution: "4k" }, []],
  ["a larger one of none", { generation_type: "upscale_video" }, ["id"]],
  ["sound", { generation_type: "add_audio", id, prompt: "rain", negative_prompt: "music" }, []],
  ["sound for none", { generation_type: "add_audio", prompt: "rain" }, ["id"]]
]

describe("a request of Luma", () => {
  for (const [what, request, expected] of agents) {
    it(what, () => assert.deepStrictEqual(fields(LumaRequest.issues(request)), [...expected]))
  }
})

describe("a request of Dream Machine", () => {
  for (const [what, request, expected] of dreams) {
    it(what, () => assert.deepStrictEqual(fields(DreamMachineRequest.issues(request)), [...expected]))
  }
})

describe("luma.submit", () => {
  it.effect("sends type and model, both, and what was asked as it is, once", () =>
    Effect.gen(function*() {
      const video = { duration: "5s", start_frame: { url } }
      for (
        const [request, kind, model] of [
          [Luma.video({ prompt, video }), "video", "ray-3.2"],
          [Luma.image({ prompt, image_ref: [{ url }] }), "image", "uni-1"],
          [Luma.imageEdit({ prompt, source: { url }, model: "uni-1-max" }), "image", "uni-1-max"]
        ] as const
      ) {
        const { provider, sent } = yield* lumaBefore(() => [201, generation()])
        const submission = yield* provider.submit(request)
        assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.href, JSON.parse(body ?? "")]), [
          ["POST", "https://agents.lumalabs.ai/v1/generations", { ...request, model }]
        ])
        assert.strictEqual(sent[0]?.headers["authorization"], `Bearer ${Emulator.token}`)
        assert.deepStrictEqual([submission.ids.map(String), submission.kind, submission.model], [[id], kind, model])
        assert.deepStrictEqual(submission.snapshots?.map(({ state }) => state._tag), ["Queued"])
      }
    }))

  it.effect("loses no id of an answer that tells nothing else", () =>
    Effect.gen(function*() {
      for (const state of [undefined, null, "", 7]) {
        const { provider } = yield* lumaBefore(() => [201, generation({ state })])
        const { ids, snapshots } = yield* provider.submit(rain)
        assert.deepStrictEqual([ids.map(String), snapshots], [[id], undefined])
      }
    }))
})

describe("dreamMachine.submit", () => {
  const paths = [
    [dream, "/video", "video"],
    [DreamMachine.image({ model: "photon-1", prompt }), "/image", "image"],
    [{ generation_type: "modify_video", model: "ray-2", mode: "flex_1", media }, "/video/modify", "video"],
    [{ generation_type: "reframe_video", model: "ray-2", aspect_ratio: "1:1", media }, "/video/reframe", "video"],
    [{ generation_type: "reframe_image", model: "photon-1", aspect_ratio: "1:1", media }, "/image/reframe", "image"],
    [{ generation_type: "upscale_video", id, resolution: "4k" }, `/${id}/upscale`, "video"],
    [{ generation_type: "add_audio", id, prompt: "rain" }, `/${id}/audio`, "video"]
  ] as const
  it.effect.each(paths)("sends $0.generation_type to its own path", ([request, path, kind]) =>
    Effect.gen(function*() {
      // Those that are asked of a generation are answered with 200.
      const { provider, sent } = yield* dreamMachineBefore(() => [path.includes(id) ? 200 : 201, dreamt()])
      const submission = yield* provider.submit({ ...request, reference: "o-1" })
      const bare = Object.entries(request).filter(([name]) => name !== "id")
      assert.deepStrictEqual(sent.map(({ body, method, url }) => [method, url.href, JSON.parse(body ?? "")]), [
        ["POST", `https://api.lumalabs.ai/dream-machine/v1/generations${path}`, Object.fromEntries(bare)]
      ])
      assert.deepStrictEqual([submission.kind, submission.reference, submission.replyUrl], [kind, "o-1", undefined])
    }))

  it.effect("asks for callbacks where the application hears them, or its request says", () =>
    Effect.gen(function*() {
      const replyTo: ReplyTo.ReplyTo = {
        address: ({ provider }) => Effect.succeed({ url: `https://app.test/${provider}`, reference: "s" }),
        callerReference: () => undefined
      }
      for (
        const [request, expected] of [
          [dream, "https://app.test/luma-dream-machine"],
          [{ ...dream, callback_url: "https://own.test/" }, "https://own.test/"]
        ] as const
      ) {
        const { provider, sent } = yield* dreamMachineBefore(() => [201, dreamt()])
        const { replyUrl } = yield* Effect.provideService(provider.submit(request), ReplyTo.ReplyTo, replyTo)
        const { callback_url, reference } = JSON.parse(sent[0]?.body ?? "")
        assert.deepStrictEqual([callback_url, replyUrl, reference], [expected, expected, undefined])
      }
    }))

  it.effect("takes the base as the official client has it", () =>
    Effect.gen(function*() {
      for (const path of ["", "/", "/dream-machine", "/dream-machine/v1", "/dream-machine/v1/"]) {
        const { provider, sent } = yield* dreamMachineBefore(() => [201, dreamt()], {
          baseUrl: `https://x.test${path}`
        })
        yield* provider.submit(dream)
        assert.strictEqual(sent[0]?.url.href, "https://x.test/dream-machine/v1/generations/video")
      }
    }))
})

describe("dreamMachine.recover", () => {
  const lose = Effect.gen(function*() {
    const { inject } = yield* Emulator.Emulator
    const provider = yield* dreamMachine()
    yield* inject({ fault: Faults.dropReply, operation: "luma-dream-machine.video", times: 1 })
    const error = yield* Effect.flip(provider.submit({ ...dream, callback_url: "https://app.test/own" }))
    if (error._tag !== "SubmissionUncertain") return yield* Effect.die(error)
    return { provider, error }
  })

  it.effect("finds the lost one among like ones by its address, one POST being all that was sent", () =>
    Effect.gen(function*() {
      const { count, services } = yield* Emulator.Emulator
      const hands = services["luma-dream-machine"]
      const others = yield* dreamMachine()
      yield* others.submit({ ...dream, callback_url: "https://app.test/1" })
      const { error, provider } = yield* lose
      assert.strictEqual(yield* count("luma-dream-machine.video"), 2)
      yield* others.submit({ ...dream, callback_url: "https://app.test/2" })
      // One of which no address is known.
      yield* hands.add()
      yield* TestClock.adjust("10 minutes")
      const found = yield* provider.recover(error)
      const own = (yield* hands.jobs).find(({ callbackUrl }) => callbackUrl === "https://app.test/own")
      assert.deepStrictEqual(found.map(({ id }) => String(id)), [own?.id])
      assert.isTrue(found[0]?.is("Succeeded"))
    }).pipe(inMemory()))

  it.effect("finds the lost one among others by what it was asked for, without an address", () =>
    Effect.gen(function*() {
      const { inject, services } = yield* Emulator.Emulator
      const provider = yield* dreamMachine()
      yield* provider.submit({ ...dream, prompt: "another dream" })
      yield* inject({ fault: Faults.dropReply, operation: "luma-dream-machine.video", times: 1 })
      const error = yield* Effect.flip(provider.submit(dream))
      assert(error._tag === "SubmissionUncertain")
      yield* provider.submit({ ...dream, prompt: "a third" })
      const [, lost] = yield* services["luma-dream-machine"].jobs
      assert.deepStrictEqual((yield* provider.recover(error)).map(({ id }) => String(id)), [lost?.id])
    }).pipe(inMemory()))

  it.effect("gives all that agree where no record shows an address, and none of another kind, model or day", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-26T10:00:00Z"))
      const { services } = yield* Emulator.Emulator
      const { error, provider } = yield* lose
      const hands = services["luma-dream-machine"]
      for (const { id } of yield* hands.jobs) yield* hands.change(id, { override: { request: {} } })
      const like = yield* hands.add()
      yield* hands.add({ type: "image" })
      yield* hands.add({ model: "ray-flash-2" })
      yield* hands.add({ created: "2026-11-24T10:00:00Z" })
      const ids = (yield* provider.recover(error)).map(({ id }) => String(id))
      assert.strictEqual(ids.length, 2)
      assert.include(ids, like.id)
    }).pipe(inMemory()))

  it.effect("walks all pages where they are not newest first", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-26T10:00:00Z"))
      const { services } = yield* Emulator.Emulator
      for (let day = 10; day < 20; day++) {
        yield* services["luma-dream-machine"].add({ state: "completed", created: `2026-11-${day}T10:00:00Z` })
      }
      const { error, provider } = yield* lose
      assert.strictEqual((yield* provider.recover(error)).length, 1)
    }).pipe(
      inMemory({ services: { "luma-dream-machine": DreamMachineEmulator.service({ pageSize: 3, order: "oldest" }) } })
    ))
})
