import * as DateTime from "effect/DateTime"
import type * as Random from "effect/Random"

/**
 * What the services of one emulator have in common.
 */
export interface World {
  readonly random: typeof Random.Random.Service
  readonly users: ReadonlyArray<string>
  readonly speed: number
  /** Where all files are, once that is known; each service's own until then. */
  mediaOrigin: string | undefined
  /** How long a link lives, in milliseconds from the answer that it stands in. */
  readonly mediaLife: number | undefined
  /** Where jobs report that were given no address. */
  readonly replyUrl: string | undefined
  /** How often any of their jobs began or changed. */
  revision: number
}

/**
 * Where a file of a job is found by whoever is told of it now: on the service's own CDN, unless all files are elsewhere.
 */
export const link =
  ({ mediaLife, mediaOrigin }: World, cdn: string, folder: string, now: number) => (file: string): string =>
    `${mediaOrigin ?? cdn}/${folder}/${file}${mediaLife === undefined ? "" : `?expires=${now + mediaLife}`}`

export const iso = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
