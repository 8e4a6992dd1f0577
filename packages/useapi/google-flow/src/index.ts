export * as GoogleFlow from "./GoogleFlow.ts"
export * as GoogleFlowRequest from "./GoogleFlowRequest.ts"
