import { assert, it } from "@effect/vitest"
import * as Runway from "@media-jobs/runway/Runway"
import * as RunwayRequest from "@media-jobs/runway/RunwayRequest"

const promptText = "rain"

it("the fields of a known model are typed, those of a later one are any", () => {
  const requests = [
    Runway.textToVideo({ model: "gen4.5", promptText, ratio: "1280:720", duration: 5 }),
    Runway.textToVideo({ model: "gen9", weather: "rain" }),
    // @ts-expect-error The ratio is none of this model's.
    Runway.textToVideo({ model: "gen4.5", promptText, ratio: "16:9", duration: 5 }),
    // @ts-expect-error It must have a duration.
    Runway.textToVideo({ model: "gen4.5", promptText, ratio: "1280:720" }),
    // @ts-expect-error The model has no such field.
    Runway.textToVideo({ model: "gen4.5", promptText, ratio: "1280:720", duration: 5, weather: "rain" }),
    // @ts-expect-error A recipe has its name as `recipe`.
    Runway.recipe({ model: "product_ad" })
  ]
  assert.deepStrictEqual(requests.map((request) => RunwayRequest.issues(request).length), [0, 0, 1, 1, 1, 1])
})
