/** Loaded before an example: its time passes ten times as fast, since the emulator's jobs take a second of their minutes. */
const speed = 10

const { now } = Date
const start = now()
Date.now = () => start + (now() - start) * speed

const { setTimeout } = globalThis
const sooner = (handler: () => void, millis = 0, ...rest: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(setTimeout, globalThis, [handler, millis / speed, ...rest])
globalThis.setTimeout = Object.assign(sooner, setTimeout) as typeof setTimeout // it takes whatever the original takes
