export * as Midjourney from "./Midjourney.ts"
export * as MidjourneyRequest from "./MidjourneyRequest.ts"
