export * as SqlLedger from "./SqlLedger.ts"
export * as StoredLedger from "./StoredLedger.ts"
export * as Tables from "./Tables.ts"
