import { Fixtures } from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "dreamina",
  Fixtures.dreaminaIds.intact,
  Dreamina.make(options),
  (dreamina) => dreamina.submit(Dreamina.video({ prompt: "rain" }))
)
