export * as StoredLedger from "./StoredLedger.ts"
