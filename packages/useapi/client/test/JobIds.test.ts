import { assert, describe, it } from "@effect/vitest"
import * as JobIds from "@media-jobs/useapi/JobIds"

describe("JobIds.provider", () => {
  for (
    const [id, service] of [
      ["j0326140530123456789v-u12345-email:user@example.com-job:a1b2-bot:luma", "useapi-luma"],
      ["j0326140530123456789v-u12345-email:[email protected]:a1b2-bot:luma", "useapi-luma"],
      ["j0223140530123456789v-u12345-US:user@example.com-bot:dreamina", "useapi-dreamina"],
      ["j0223140530123456789v-u12345-US:[email\u00a0protected]:dreamina", "useapi-dreamina"],
      ["j1023141520123456789i-u12345-c1234567890123456789-bot:midjourney", "useapi-midjourney"],
      ["j1731859234567v-u12345-email:jo***@gmail.com-bot:google-flow", "useapi-google-flow"],
      ["j0121061432017475905m-u777-a12345678901234-bot:mureka", "useapi-mureka"],
      ["job:20241218021941022-user:1308-channel:1316232391072944131-bot:midjourney", "useapi-midjourney"],
      ["job:a1b2-user:1-user@example.com-bot:flowmusic", "useapi-flow-music"],
      ["user:1-runwayml:user@example.com-task:a1b2", "useapi-runway"],
      ["user:1-minimax:account-video:7", "useapi-minimax"],
      ["user:1-pixverse:user@example.com-video:7", "useapi-pixverse"],
      ["user:1-tempolor:7-job:a1", "useapi-tempolor"],
      ["email:user@example.com-job:a1-type:image", undefined],
      ["ufawqhfynnddngldkgtslldrkq", undefined],
      ["123456789", undefined],
      ["luma", undefined],
      ["a-bot:luma/x", undefined],
      ["", undefined]
    ] as const
  ) {
    it(`of ${id.slice(0, 40)}… is ${service}`, () => assert.strictEqual(JobIds.provider(id), service))
  }
})
