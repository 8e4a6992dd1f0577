export * as Mureka from "./Mureka.ts"
export * as MurekaRequest from "./MurekaRequest.ts"
