import { UseapiMidjourneyEmulator } from "@media-jobs/testing"
import { Midjourney } from "@media-jobs/useapi-midjourney"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "useapi-midjourney",
  UseapiMidjourneyEmulator.fixtures.ids.first,
  Midjourney.make(options),
  (midjourney) => midjourney.submit(Midjourney.imagine({ prompt: "rain" }))
)
