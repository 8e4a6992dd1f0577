export * as Runway from "./Runway.ts"
export * as RunwayRequest from "./RunwayRequest.ts"
