import { UseapiDreaminaEmulator } from "@media-jobs/testing"
import { Dreamina } from "@media-jobs/useapi-dreamina"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "useapi-dreamina",
  UseapiDreaminaEmulator.fixtures.ids.intact,
  Dreamina.make(options),
  (dreamina) => dreamina.submit(Dreamina.video({ prompt: "rain" }))
)
