import { assert, describe, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ArtifactError from "../src/ArtifactError.ts"

const about: ArtifactError.About = {
  provider: ProviderId.make("luma"),
  instance: ProviderId.defaultInstance,
  id: JobId.make("j1-email:user@example.com-bot:luma"),
  artifact: "video-primary",
  host: "cdn.example.net"
}

describe("SaveError", () => {
  const Text = Schema.fromJsonString(Schema.toCodecJson(ArtifactError.SaveError))

  it.effect.prop(
    "survives storage, with its message and its remedy",
    [ArtifactError.SaveError],
    ([error]) =>
      Effect.gen(function*() {
        const again = yield* Schema.decodeUnknownEffect(Text)(yield* Schema.encodeEffect(Text)(error))
        assert.strictEqual(again._tag, error._tag)
        assert.strictEqual(again.message, error.message)
        assert.deepStrictEqual(again.remedy._tag, error.remedy._tag)
      })
  )

  it("says who, what, where and what helps", () => {
    const dead = new ArtifactError.LinkDead({ ...about, status: 403 })
    assert.strictEqual(
      dead.message,
      "luma save: LinkDead [status 403, job:acb3bf2e, video-primary, cdn.example.net]. " +
        "The link is dead: hand the job's provider to save for a new one (providers), and save sooner."
    )
    const refused = new ArtifactError.LinkRefused({
      ...about,
      instance: ProviderId.Instance.make("second"),
      host: "",
      reason: "scheme"
    })
    assert.strictEqual(
      refused.message,
      "luma (second) save: LinkRefused [job:acb3bf2e, video-primary]. Only http, https and data links are fetched."
    )
    const busy = new ArtifactError.LinkUnavailable({ ...about, status: 429, retryAfter: Duration.seconds(9) })
    assert.deepStrictEqual(busy.remedy, { _tag: "Retry", after: Duration.seconds(9) })
  })
})
