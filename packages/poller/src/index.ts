export * as Pace from "./Pace.ts"
export * as Poller from "./Poller.ts"
