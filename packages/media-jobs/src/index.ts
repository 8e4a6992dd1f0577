export * as MediaJobs from "./MediaJobs.ts"
export * as Run from "./Run.ts"
export * as RunError from "./RunError.ts"
export * as Seal from "./Seal.ts"
