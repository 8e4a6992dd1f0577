import * as DateTime from "effect/DateTime"

export const iso = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
