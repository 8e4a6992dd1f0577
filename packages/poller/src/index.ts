export * as Pace from "./Pace.ts"
export * as PaceMemory from "./PaceMemory.ts"
export * as Poller from "./Poller.ts"
export * as Slots from "./Slots.ts"
