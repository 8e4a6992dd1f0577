import { Midjourney } from "@media-jobs/midjourney"
import { Fixtures } from "@media-jobs/testing"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "midjourney",
  Fixtures.midjourneyIds.first,
  Midjourney.make(options),
  (midjourney) => midjourney.submit(Midjourney.imagine({ prompt: "rain" }))
)
