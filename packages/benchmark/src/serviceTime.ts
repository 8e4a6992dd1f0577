/** Time at the service, which runs faster than ours by the scale of a row. */
export interface ServiceTime {
  /** The start, in our milliseconds since the epoch. */
  readonly start: number
  /** How many of our milliseconds a service-second takes. */
  readonly scale: number
}

/** Finer than `Date.now`, and the same in all processes of a machine. */
export const wall = (): number => performance.timeOrigin + performance.now()

/** Service-seconds since the start. */
export const now = ({ scale, start }: ServiceTime): number => (wall() - start) / scale

/** What a clock of the service shows then, in milliseconds since the epoch. */
export const epochMillis = ({ start }: ServiceTime, seconds: number): number => Math.floor(start + seconds * 1000)

/** Our milliseconds for as many of the service. */
export const ours = ({ scale }: Pick<ServiceTime, "scale">, serviceMillis: number): number =>
  serviceMillis * scale / 1000
