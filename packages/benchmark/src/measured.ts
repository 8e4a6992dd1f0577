/** One measurement for one key of the bar. */
export interface Measured {
  readonly key: string
  readonly value: number
  /** What else must be true for the key to hold. */
  readonly proviso?: boolean
  /** What is worth printing beside it. */
  readonly note?: string
}
