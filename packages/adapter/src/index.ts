export * as Content from "./Content.ts"
export * as Settings from "./Settings.ts"
export * as StatusWords from "./StatusWords.ts"
export * as Transport from "./Transport.ts"
