import { Fixtures } from "@media-jobs/testing"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "midjourney",
  Fixtures.midjourneyIds.first,
  Midjourney.make(options),
  (midjourney) => midjourney.submit(Midjourney.imagine({ prompt: "rain" }))
)
