/** How many times faster time passes where `faster.ts` is loaded: the emulator's jobs take a second of their minutes. */
export const speed = Number(process.env["CLOCK_SPEED"] ?? 10)
