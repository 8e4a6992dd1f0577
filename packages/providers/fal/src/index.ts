export * as Fal from "./Fal.ts"
export * as FalRequest from "./FalRequest.ts"
export * as FalWebhook from "./FalWebhook.ts"
