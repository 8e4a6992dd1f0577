export * as Pace from "./Pace.ts"
export * as PaceStore from "./PaceStore.ts"
export * as Poller from "./Poller.ts"
export * as Slots from "./Slots.ts"
