/** Something that is due at a time; it knows its own place in the heap, so that it can leave early. */
export interface Timed {
  /** Milliseconds since the epoch. */
  dueAt: number
  /** Its index in the heap, or -1 outside. */
  heapIndex: number
}

/** A binary heap of what is due, earliest first: one shared timer instead of one for each job. */
export class Timers<A extends Timed> {
  readonly #heap: Array<A> = []

  get earliest(): A | undefined {
    return this.#heap[0]
  }

  /** Puts an entry at a time, wherever it was before. */
  set(entry: A, dueAt: number): void {
    entry.dueAt = dueAt
    if (entry.heapIndex === -1) entry.heapIndex = this.#heap.push(entry) - 1
    this.#settle(entry)
  }

  delete(entry: A): void {
    const { heapIndex: index } = entry
    if (index === -1) return
    entry.heapIndex = -1
    const last = this.#heap.pop()
    if (last === undefined || last === entry) return
    this.#heap[index] = last
    last.heapIndex = index
    this.#settle(last)
  }

  #settle(entry: A): void {
    let { heapIndex: index } = entry
    for (let parent = (index - 1) >> 1; index > 0 && this.#after(parent, entry); parent = (index - 1) >> 1) {
      index = this.#move(parent, index)
    }
    for (
      let child = this.#earlierChild(index);
      child !== -1 && !this.#after(child, entry);
      child = this.#earlierChild(index)
    ) {
      index = this.#move(child, index)
    }
    this.#heap[index] = entry
    entry.heapIndex = index
  }

  #after(index: number, entry: A): boolean {
    const other = this.#heap[index]
    return other !== undefined && other.dueAt > entry.dueAt
  }

  #earlierChild(index: number): number {
    const left = this.#heap[2 * index + 1]
    const right = this.#heap[2 * index + 2]
    if (left === undefined) return -1
    return right !== undefined && right.dueAt < left.dueAt ? 2 * index + 2 : 2 * index + 1
  }

  #move(from: number, to: number): number {
    const entry = this.#heap[from]
    if (entry !== undefined) {
      this.#heap[to] = entry
      entry.heapIndex = to
    }
    return from
  }
}
