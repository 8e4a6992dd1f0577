export * as Dreamina from "./Dreamina.ts"
export * as DreaminaJob from "./DreaminaJob.ts"
export * as DreaminaRequest from "./DreaminaRequest.ts"
export * as DreaminaWire from "./DreaminaWire.ts"
