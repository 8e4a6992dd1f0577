export * as FlowMusic from "./FlowMusic.ts"
export * as FlowMusicRequest from "./FlowMusicRequest.ts"
