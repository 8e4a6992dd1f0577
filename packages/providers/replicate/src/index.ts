export * as Replicate from "./Replicate.ts"
export * as ReplicateRequest from "./ReplicateRequest.ts"
