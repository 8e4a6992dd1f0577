/** Loaded before an example: its time passes faster, from now on or from `CLOCK_BEGAN`, so that several processes agree on it. */
import { speed } from "./speed.ts"

const { now } = Date
const start = Number(process.env["CLOCK_BEGAN"] ?? now())
Date.now = () => start + (now() - start) * speed

const { setTimeout } = globalThis
const sooner = (handler: () => void, millis = 0, ...rest: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(setTimeout, globalThis, [handler, millis / speed, ...rest])
globalThis.setTimeout = Object.assign(sooner, setTimeout) as typeof setTimeout // it takes whatever the original takes
