export * as Refusal from "./Refusal.ts"
export * as Signer from "./Signer.ts"
export * as Source from "./Source.ts"
export * as Webhooks from "./Webhooks.ts"
