import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = {
  video: "123e4567-e89b-12d3-a456-426614174000",
  image: "9b2f4c1e-3d5a-4e6f-8a7b-0c1d2e3f4a5b"
} as const

const video = (state: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.video,
  generation_type: "video",
  state,
  failure_reason: null,
  created_at: "2023-06-01T12:00:00Z",
  assets: null,
  model: "ray-2",
  request: { generation_type: "video", model: "ray-2", prompt: "A serene lake", aspect_ratio: "16:9", loop: true },
  ...rest
})

const image = (state: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  ...video(state),
  id: ids.image,
  generation_type: "image",
  model: "photon-1",
  request: { generation_type: "image", model: "photon-1", prompt: "A serene lake" },
  ...rest
})

const get = (json: Schema.Json) => assembled("generations.get", "luma-dream-machine.get", 200, json)
const failed = (reason: string) => get(video("failed", { failure_reason: reason }))
const link = "https://storage.cdn-luma.com/dream_machine/emulator"

const answers = {
  created: assembled("generations.video", "luma-dream-machine.video", 201, video("queued")),
  createdImage: assembled("generations.image", "luma-dream-machine.image", 201, image("queued")),
  listed: assembled("generations.list", "luma-dream-machine.list", 200, {
    has_more: false,
    count: 2,
    limit: 100,
    offset: 0,
    generations: [video("dreaming"), image("completed", { assets: { image: `${link}/image.jpg` } })]
  }),
  getQueued: get(video("queued")),
  getDreaming: get(video("dreaming")),
  getCompleted: get(video("completed", { assets: { video: `${link}/video.mp4` } })),
  getCompletedImage: get(image("completed", { assets: { image: `${link}/image.jpg` } })),
  getBlacklisted: failed("Contains blacklisted words"),
  getFrameModerated: failed("Frame moderation failed"),
  getPromptModerated: failed("Advanced prompt moderation failed"),
  getUnread: failed("Failed to read user input frames"),
  getUnprocessed: failed("Prompt processing failed"),
  getNotFound: assembled("errors", "luma-dream-machine.get", 404, { detail: "Generation not found" }),
  unauthorized: assembled("errors", "luma-dream-machine.get", 401, { detail: "Invalid API key is provided" }),
  tooShort: assembled("errors", "luma-dream-machine.video", 400, {
    detail: "Prompt is too short, minimum length is 3 characters"
  }),
  invalid: assembled("errors", "luma-dream-machine.video", 422, {
    detail: [{
      type: "enum",
      loc: ["body", "aspect_ratio"],
      msg: "Input should be '1:1', '16:9' or '9:16'",
      input: "5:4",
      ctx: { expected: "'1:1', '16:9' or '9:16'" }
    }]
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["id", "state"], samples: {} }
