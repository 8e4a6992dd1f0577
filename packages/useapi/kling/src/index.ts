export * as Kling from "./Kling.ts"
export * as KlingRequest from "./KlingRequest.ts"
