export * as PixVerse from "./PixVerse.ts"
export * as PixVerseRequest from "./PixVerseRequest.ts"
