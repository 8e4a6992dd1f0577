import { fuzz } from "./fuzz.ts"

fuzz("useapi-midjourney")
