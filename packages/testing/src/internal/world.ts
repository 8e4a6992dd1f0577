import * as DateTime from "effect/DateTime"
import type * as Random from "effect/Random"

/**
 * What the services of one emulator have in common.
 */
export interface World {
  readonly random: typeof Random.Random.Service
  readonly users: ReadonlyArray<string>
  readonly speed: number
  readonly mediaOrigin: string | undefined
}

/**
 * Where a file of a job is found: on the service's own CDN, unless all files are elsewhere.
 */
export const link = ({ mediaOrigin }: World, cdn: string, folder: string) => (file: string): string =>
  `${mediaOrigin ?? cdn}/${folder}/${file}`

export const iso = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
