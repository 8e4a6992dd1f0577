import { Fixtures } from "@media-jobs/testing"
import { Luma } from "@media-jobs/useapi-luma"
import { fuzz, options } from "./fuzz.ts"

fuzz("luma", Fixtures.lumaIds.polled, Luma.make(options), (luma) => luma.submit(Luma.video({ prompt: "rain" })))
