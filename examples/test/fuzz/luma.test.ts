import { UseapiLumaEmulator } from "@media-jobs/testing"
import { Luma } from "@media-jobs/useapi-luma"
import { fuzz, options } from "./fuzz.ts"

fuzz(
  "useapi-luma",
  UseapiLumaEmulator.fixtures.ids.polled,
  Luma.make(options),
  (luma) => luma.submit(Luma.video({ prompt: "rain" }))
)
