export * as Midjourney from "./Midjourney.ts"
export * as MidjourneyJob from "./MidjourneyJob.ts"
export * as MidjourneyRequest from "./MidjourneyRequest.ts"
export * as MidjourneyWire from "./MidjourneyWire.ts"
