// Written by `pnpm generate` from the folders of `src` that hold an `Emulator.ts`; not to be edited.
import * as Replicate from "../replicate/Emulator.ts"
import * as UseapiDreamina from "../useapi-dreamina/Emulator.ts"
import * as UseapiLuma from "../useapi-luma/Emulator.ts"
import * as UseapiMidjourney from "../useapi-midjourney/Emulator.ts"

export const services = {
  "replicate": Replicate.service(),
  "useapi-dreamina": UseapiDreamina.service(),
  "useapi-luma": UseapiLuma.service(),
  "useapi-midjourney": UseapiMidjourney.service()
}

export const documented = (empty: boolean) => ({
  "replicate": Replicate.documented(empty),
  "useapi-dreamina": UseapiDreamina.documented(empty),
  "useapi-luma": UseapiLuma.documented(empty),
  "useapi-midjourney": UseapiMidjourney.documented(empty)
})

export const fixtures = {
  "replicate": Replicate.fixtures,
  "useapi-dreamina": UseapiDreamina.fixtures,
  "useapi-luma": UseapiLuma.fixtures,
  "useapi-midjourney": UseapiMidjourney.fixtures
}
