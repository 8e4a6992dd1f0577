/** Numbers in [0, 1) that are the same in every process that has the seed. */
export const seeded = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

export const shuffled = <A>(values: ReadonlyArray<A>, random: () => number): Array<A> => {
  const keyed = values.map((value) => ({ value, at: random() }))
  return keyed.sort((a, b) => a.at - b.at).map(({ value }) => value)
}
