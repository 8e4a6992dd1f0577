export * as Content from "./Content.ts"
export * as StatusWords from "./StatusWords.ts"
export * as Transport from "./Transport.ts"
