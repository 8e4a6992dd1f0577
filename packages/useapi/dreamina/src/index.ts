export * as Dreamina from "./Dreamina.ts"
export * as DreaminaRequest from "./DreaminaRequest.ts"
