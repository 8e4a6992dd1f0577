import { fuzz } from "./fuzz.ts"

fuzz("replicate")
