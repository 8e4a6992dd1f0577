export * as TemPolor from "./TemPolor.ts"
export * as TemPolorRequest from "./TemPolorRequest.ts"
