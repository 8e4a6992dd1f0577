// Written by `pnpm generate` from the folders of `src` that hold an `Emulator.ts`; not to be edited.
import * as Fal from "../fal/Emulator.ts"
import * as GoogleVertex from "../google-vertex/Emulator.ts"
import * as Google from "../google/Emulator.ts"
import * as LumaDreamMachine from "../luma-dream-machine/Emulator.ts"
import * as Luma from "../luma/Emulator.ts"
import * as Replicate from "../replicate/Emulator.ts"
import * as Runway from "../runway/Emulator.ts"
import * as UseapiDreamina from "../useapi-dreamina/Emulator.ts"
import * as UseapiFlowMusic from "../useapi-flow-music/Emulator.ts"
import * as UseapiGoogleFlow from "../useapi-google-flow/Emulator.ts"
import * as UseapiKling from "../useapi-kling/Emulator.ts"
import * as UseapiLuma from "../useapi-luma/Emulator.ts"
import * as UseapiMidjourney from "../useapi-midjourney/Emulator.ts"
import * as UseapiMinimax from "../useapi-minimax/Emulator.ts"
import * as UseapiMureka from "../useapi-mureka/Emulator.ts"
import * as UseapiPixverse from "../useapi-pixverse/Emulator.ts"
import * as UseapiRunway from "../useapi-runway/Emulator.ts"
import * as UseapiTempolor from "../useapi-tempolor/Emulator.ts"

export const services = {
  "fal": Fal.service(),
  "google-vertex": GoogleVertex.service(),
  "google": Google.service(),
  "luma-dream-machine": LumaDreamMachine.service(),
  "luma": Luma.service(),
  "replicate": Replicate.service(),
  "runway": Runway.service(),
  "useapi-dreamina": UseapiDreamina.service(),
  "useapi-flow-music": UseapiFlowMusic.service(),
  "useapi-google-flow": UseapiGoogleFlow.service(),
  "useapi-kling": UseapiKling.service(),
  "useapi-luma": UseapiLuma.service(),
  "useapi-midjourney": UseapiMidjourney.service(),
  "useapi-minimax": UseapiMinimax.service(),
  "useapi-mureka": UseapiMureka.service(),
  "useapi-pixverse": UseapiPixverse.service(),
  "useapi-runway": UseapiRunway.service(),
  "useapi-tempolor": UseapiTempolor.service()
}

export const documented = (empty: boolean) => ({
  "fal": Fal.documented(empty),
  "google-vertex": GoogleVertex.documented(empty),
  "google": Google.documented(empty),
  "luma-dream-machine": LumaDreamMachine.documented(empty),
  "luma": Luma.documented(empty),
  "replicate": Replicate.documented(empty),
  "runway": Runway.documented(empty),
  "useapi-dreamina": UseapiDreamina.documented(empty),
  "useapi-flow-music": UseapiFlowMusic.documented(empty),
  "useapi-google-flow": UseapiGoogleFlow.documented(empty),
  "useapi-kling": UseapiKling.documented(empty),
  "useapi-luma": UseapiLuma.documented(empty),
  "useapi-midjourney": UseapiMidjourney.documented(empty),
  "useapi-minimax": UseapiMinimax.documented(empty),
  "useapi-mureka": UseapiMureka.documented(empty),
  "useapi-pixverse": UseapiPixverse.documented(empty),
  "useapi-runway": UseapiRunway.documented(empty),
  "useapi-tempolor": UseapiTempolor.documented(empty)
})

export const fixtures = {
  "fal": Fal.fixtures,
  "google-vertex": GoogleVertex.fixtures,
  "google": Google.fixtures,
  "luma-dream-machine": LumaDreamMachine.fixtures,
  "luma": Luma.fixtures,
  "replicate": Replicate.fixtures,
  "runway": Runway.fixtures,
  "useapi-dreamina": UseapiDreamina.fixtures,
  "useapi-flow-music": UseapiFlowMusic.fixtures,
  "useapi-google-flow": UseapiGoogleFlow.fixtures,
  "useapi-kling": UseapiKling.fixtures,
  "useapi-luma": UseapiLuma.fixtures,
  "useapi-midjourney": UseapiMidjourney.fixtures,
  "useapi-minimax": UseapiMinimax.fixtures,
  "useapi-mureka": UseapiMureka.fixtures,
  "useapi-pixverse": UseapiPixverse.fixtures,
  "useapi-runway": UseapiRunway.fixtures,
  "useapi-tempolor": UseapiTempolor.fixtures
}
