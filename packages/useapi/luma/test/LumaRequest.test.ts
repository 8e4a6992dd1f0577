import { assert, describe, it } from "@effect/vitest"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as LumaRequest from "@media-jobs/useapi-luma/LumaRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const ref = (email: string, uuid = "7a34b821") => `u12345-email:${email}-image:${uuid}`
const mine = ref("me@x.test")
const prompt = "rain"

type Fields = Readonly<Record<string, unknown>>
const video = (fields: Fields) => LumaRequest.issues(Luma.video(fields as unknown as LumaRequest.Video)) // bad ones on purpose
const image = (fields: Fields) => LumaRequest.issues(Luma.image(fields as unknown as LumaRequest.Image)) // as above

const models = ["ray-v3-flash", "ray-v3", "ray-v3-reasoning"]
const resolutions = ["draft", "540p", "720p", "1080p"]
const durations = ["5s", "10s"]
const ranges = ["sdr", "hdr", "hdr_exr"]

/** The vendor's table of what a video may be, written out a second time. */
const allowed = (model: string, resolution: string, duration: string, range: string): boolean => {
  if (model === "ray-v3-reasoning" && !["720p", "1080p"].includes(resolution)) return false
  if (range === "sdr") return true
  if (duration !== "5s") return false
  if (range === "hdr") return ["540p", "720p", "1080p"].includes(resolution)
  return (model === "ray-v3-reasoning" ? ["720p"] : ["540p", "720p"]).includes(resolution)
}

describe("a video", () => {
  it("is what the vendor's table allows, and nothing else", () => {
    for (const model of models) {
      for (const resolution of resolutions) {
        for (const duration of durations) {
          for (const dynamic_range of ranges) {
            const found = video({ prompt, model, resolution, duration, dynamic_range })
            assert.strictEqual(
              found.length === 0,
              allowed(model, resolution, duration, dynamic_range),
              `${model} ${resolution} ${duration} ${dynamic_range}: ${JSON.stringify(found)}`
            )
          }
        }
      }
    }
  })

  it("may leave to the service what it does not care for", () => {
    for (
      const fields of [
        { prompt },
        { prompt, model: "ray-v3-reasoning" },
        { prompt, dynamic_range: "hdr_exr" },
        { prompt, aspect_ratio: "16:9", email: "me@x.test", replyRef: "r", replyUrl: "https://app.test/hook" },
        { prompt, model: undefined, resolution: undefined },
        { imageStart: mine },
        { imageEnd: mine, prompt },
        { prompt, model: "ray-v3", imageCharacter: mine, dynamic_range: "sdr" },
        { prompt, replyRef: "r".repeat(1024) }
      ]
    ) assert.deepStrictEqual(video(fields), [])
  })

  for (
    const [what, fields, issues] of [
      ["nothing to make", {}, [["prompt", "Expected a text, or imageStart or imageEnd in its place"]]],
      ["an empty prompt", { prompt: "" }, [["prompt", "Expected a text that is not empty"]]],
      ["a character where there is none", { prompt, imageCharacter: mine }, [
        ["imageCharacter", "Expected none but with model ray-v3"]
      ]],
      ["a character in HDR", { prompt, model: "ray-v3", imageCharacter: mine, dynamic_range: "hdr" }, [
        ["dynamic_range", "Expected \"sdr\" with imageCharacter"]
      ]],
      ["a resolution that the model lacks", { prompt, model: "ray-v3-reasoning", resolution: "draft" }, [
        ["resolution", "Expected \"720p\" | \"1080p\" with model ray-v3-reasoning"]
      ]],
      [
        "a resolution that model and range lack together",
        { prompt, model: "ray-v3-reasoning", resolution: "1080p", dynamic_range: "hdr_exr" },
        [["resolution", "Expected \"720p\" with model ray-v3-reasoning and dynamic_range hdr_exr"]]
      ],
      ["a long HDR", { prompt, duration: "10s", dynamic_range: "hdr" }, [
        ["duration", "Expected \"5s\" with dynamic_range hdr"]
      ]],
      ["a model that is none", { prompt, model: "ray-v2" }, [
        ["model", "Expected \"ray-v3-flash\" | \"ray-v3\" | \"ray-v3-reasoning\""]
      ]],
      ["a duration as a number", { prompt, duration: 5 }, [["duration", "Expected \"5s\" | \"10s\""]]],
      ["a ratio that is none", { prompt, aspect_ratio: "wide" }, [["aspect_ratio", "Expected a ratio such as 16:9"]]],
      ["an address to report to that is none", { prompt, replyUrl: "app.test/hook" }, [
        ["replyUrl", "Expected an absolute http or https URL"]
      ]],
      ["too long a reference", { prompt, replyRef: "r".repeat(1025) }, [[
        "replyRef",
        "Expected at most 1024 characters"
      ]]],
      ["a field of another service", { prompt, ratio: "16:9" }, [["ratio", "Expected no such field"]]]
    ] as const
  ) {
    it(`is not ${what}`, () =>
      assert.deepStrictEqual(video(fields), issues.map(([field, message]) => ({ field, message }))))
  }

  it("is told everything that is wrong with it at once", () => {
    const found = video({
      prompt: 7,
      model: "ray-v3-reasoning",
      resolution: "540p",
      duration: "10s",
      dynamic_range: "hdr_exr",
      imageCharacter: mine,
      email: "",
      seed: 1
    })
    assert.deepStrictEqual(found.map(({ field }) => field).sort(), [
      "duration",
      "dynamic_range",
      "email",
      "imageCharacter",
      "prompt",
      "resolution",
      "seed"
    ])
  })
})

describe("an image", () => {
  it("is what the vendor's page allows", () => {
    for (
      const fields of [
        { prompt },
        { prompt: "r".repeat(2000), model: "photon-v2", resolution: "1080p", aspect_ratio: "21:9" },
        { prompt, model: "image-v2", resolution: "1080p" },
        { prompt, model: "image-v2", resolution: "720p", imageRef1: mine },
        { prompt, imageRef1: mine, imageRef2: ref("ME@x.test"), email: "me@X.test" },
        { prompt, imageRef1: "another form", imageRef2: mine }
      ]
    ) assert.deepStrictEqual(image(fields), [])
  })

  for (
    const [what, fields, issues] of [
      ["without a prompt", {}, [["prompt", "Expected a text that is not empty"]]],
      ["too much to say", { prompt: "r".repeat(2001) }, [["prompt", "Expected at most 2000 characters"]]],
      ["of a ratio that is none", { prompt, aspect_ratio: "2:1" }, [
        ["aspect_ratio", "Expected \"9:16\" | \"3:4\" | \"1:1\" | \"4:3\" | \"16:9\" | \"21:9\""]
      ]],
      ["large with references", { prompt, model: "image-v2", resolution: "1080p", imageRef3: mine }, [
        ["resolution", "Expected \"720p\" with model image-v2 and references"]
      ]],
      ["of two accounts", { prompt, imageRef1: mine, imageRef2: ref("you@x.test"), imageRef3: ref("me@x.test", "2") }, [
        ["imageRef2", "Expected a reference of the account of imageRef1"]
      ]],
      ["of another account than it names", { prompt, imageRef2: mine, email: "you@x.test" }, [
        ["imageRef2", "Expected a reference of the account of email"]
      ]],
      ["a draft", { prompt, resolution: "draft" }, [["resolution", "Expected \"720p\" | \"1080p\""]]]
    ] as const
  ) {
    it(`is not ${what}`, () =>
      assert.deepStrictEqual(image(fields), issues.map(([field, message]) => ({ field, message }))))
  }
})

describe("a request", () => {
  it("is one of the two, whatever plain JavaScript passes", () => {
    for (const request of [null, undefined, 0, "text", [], {}, { _tag: "Song" }, { _tag: "toString" }, { prompt }]) {
      const found = LumaRequest.issues(request as LumaRequest.Request) // as from JavaScript
      assert.deepStrictEqual(found.map(({ field }) => field), ["_tag"])
    }
  })

  it.effect.prop(
    "is refused without a word of what was given",
    [Schema.Record(Schema.String, Schema.Json)],
    ([fields]) =>
      Effect.sync(() => {
        const secret = "me@x.test hunter2"
        const planted = Object.fromEntries(Object.keys(fields).map((key) => [key, secret]))
        const all = {
          ...planted,
          email: 1,
          model: secret,
          resolution: secret,
          duration: secret,
          imageRef1: 3,
          replyUrl: secret
        }
        for (const found of [video(all), image(all)]) {
          assert.isAbove(found.length, 0)
          for (const { message } of found) assert.notInclude(message, secret)
        }
      })
  )

  it.effect("is stored and read back as JSON", () =>
    Effect.gen(function*() {
      const codec = Schema.toCodecJson(LumaRequest.Request)
      for (const request of [Luma.video({ prompt, duration: "10s" }), Luma.image({ prompt, imageRef1: mine })]) {
        const text = JSON.stringify(yield* Schema.encodeUnknownEffect(codec)(request))
        assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text)), request)
      }
    }))
})
