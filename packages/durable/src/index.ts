export * as Durable from "./Durable.ts"
export * as RateLimits from "./RateLimits.ts"
