/** Something that is due at a time; it knows its own place in the heap, so that it can leave early. */
export interface Timed {
  /** Milliseconds since the epoch. */
  dueAt: number
  /** Its place in the heap, or -1 outside. */
  slot: number
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
    if (entry.slot === -1) entry.slot = this.#heap.push(entry) - 1
    this.#settle(entry)
  }

  delete(entry: A): void {
    const { slot } = entry
    if (slot === -1) return
    entry.slot = -1
    const last = this.#heap.pop()
    if (last === undefined || last === entry) return
    this.#heap[slot] = last
    last.slot = slot
    this.#settle(last)
  }

  #settle(entry: A): void {
    let { slot } = entry
    for (let parent = (slot - 1) >> 1; slot > 0 && this.#after(parent, entry); parent = (slot - 1) >> 1) {
      slot = this.#move(parent, slot)
    }
    for (
      let child = this.#earlierChild(slot);
      child !== -1 && !this.#after(child, entry);
      child = this.#earlierChild(slot)
    ) {
      slot = this.#move(child, slot)
    }
    this.#heap[slot] = entry
    entry.slot = slot
  }

  #after(slot: number, entry: A): boolean {
    const other = this.#heap[slot]
    return other !== undefined && other.dueAt > entry.dueAt
  }

  #earlierChild(slot: number): number {
    const left = this.#heap[2 * slot + 1]
    const right = this.#heap[2 * slot + 2]
    if (left === undefined) return -1
    return right !== undefined && right.dueAt < left.dueAt ? 2 * slot + 2 : 2 * slot + 1
  }

  #move(from: number, to: number): number {
    const entry = this.#heap[from]
    if (entry !== undefined) {
      this.#heap[to] = entry
      entry.slot = to
    }
    return from
  }
}
