export * as MiniMax from "./MiniMax.ts"
export * as MiniMaxRequest from "./MiniMaxRequest.ts"
