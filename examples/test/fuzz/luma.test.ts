import { fuzz } from "./fuzz.ts"

fuzz("useapi-luma")
