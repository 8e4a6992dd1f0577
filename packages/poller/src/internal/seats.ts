import type { MediaKind } from "@media-jobs/core/Artifact"
import type { Capacity } from "@media-jobs/core/Provider"

/** Who waits for a seat; called with the account once there is one. */
export interface Waiter {
  readonly account: string | undefined
  readonly kind: MediaKind | undefined
  readonly seat: (account: string) => void
}

interface Limit {
  readonly kind: MediaKind | undefined
  limit: number
  /** Seats that others than this process hold: told by the service, or guessed from what it did. */
  others: number
  /** Taken from a 429, for want of anybody's word: it may be too low. */
  learned: boolean
  /** Those that were sent away and wait to try again. */
  resting: number
}

interface Account {
  readonly limits: Array<Limit>
  /** The service told of it; `false` once it did and does no more. */
  told: boolean | undefined
  /** Seats held here, by kind. */
  readonly held: Map<MediaKind | undefined, number>
}

/**
 * Who holds what, and who waits: first come, first served, but whoever waits for a full account holds up nobody else.
 *
 * A limit without a kind counts all kinds. An account of which nothing is known has room.
 */
export class Seats {
  readonly #accounts = new Map<string, Account>()
  readonly #waiters: Array<Waiter> = []
  readonly #changed: () => void
  #serving = false

  /** `changed` is called whenever somebody sits down, gets up, comes to wait or leaves. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** The accounts that someone tells of. */
  get accounts(): ReadonlyArray<string> {
    return Array.from(this.#accounts).flatMap(([name, { limits, told }]) =>
      limits.length === 0 || told === false ? [] : [name]
    )
  }

  /** Nobody sits down there any more. */
  forget(account: string): void {
    this.#accounts.delete(account)
    this.#changed()
    this.#serve()
  }

  /** Seats held here, in all accounts. */
  get taken(): number {
    let all = 0
    for (const name of this.#accounts.keys()) all += this.held(name)
    return all
  }

  held(account: string, kind?: MediaKind): number {
    const held = this.#accounts.get(account)?.held
    if (held === undefined) return 0
    if (kind !== undefined) return held.get(kind) ?? 0
    let all = 0
    for (const count of held.values()) all += count
    return all
  }

  /** What an application says of an account, or a service; `executing` counts the seats held here too. */
  know(account: string, kind: MediaKind | undefined, limit: number, executing?: number): void {
    const { limits } = this.#account(account)
    const others = executing === undefined ? 0 : Math.max(0, executing - this.held(account, kind))
    const known = limits.find((one) => one.kind === kind)
    if (known === undefined) limits.push({ kind, limit, others, learned: false, resting: 0 })
    else Object.assign(known, { limit, others, learned: false })
    this.#serve()
  }

  /** The service's word on all its accounts: one that it told of and now leaves out is gone, in the end also from here. */
  tell(capacities: ReadonlyArray<Capacity>): void {
    for (const [name, account] of this.#accounts) {
      if (account.told !== undefined) account.told = capacities.some((one) => one.account === name)
      if (account.told === false && this.held(name) === 0) this.#accounts.delete(name)
    }
    for (const { account, executing, kind, limit } of capacities) {
      this.#account(account).told = true
      this.know(account, kind, limit, executing)
    }
  }

  /**
   * The service had no room for this one: it gets up, and nobody sits down until another does. What is returned is to be
   * called when one may try again.
   */
  full(account: string, kind: MediaKind | undefined): () => void {
    this.#stand(account, kind)
    const counted = this.#counting(account, kind)
    counted.others = Math.max(counted.others, counted.limit - this.held(account, counted.kind))
    counted.resting++
    return () => {
      counted.resting--
      const held = this.held(account, counted.kind)
      if (counted.learned && held >= counted.limit) counted.limit = held + 1
      counted.others = Math.max(0, Math.min(counted.others, counted.limit - held - 1))
      this.#serve()
    }
  }

  /** It gets up, but its seat may be taken at the service: nobody sits down there before something is known. */
  lose(account: string, kind: MediaKind | undefined): void {
    for (const one of this.#account(account).limits) if (one.kind === undefined || one.kind === kind) one.others++
    this.#stand(account, kind)
  }

  /**
   * Time has passed, in which others may have got up: one more may try where `told` does not say. Not where somebody rests:
   * the one that tries next tells as much.
   */
  ease(told: ReadonlyArray<Capacity>): void {
    for (const [name, { limits }] of this.#accounts) {
      for (const one of limits) {
        if (one.resting > 0 || told.some(({ account, kind }) => account === name && kind === one.kind)) continue
        if (one.others > 0) one.others--
        else if (one.learned && this.held(name, one.kind) >= one.limit) one.limit++
      }
    }
    this.#serve()
  }

  /** Whoever was sent away goes first. */
  wait(waiter: Waiter, first: boolean): void {
    if (first) this.#waiters.unshift(waiter)
    else this.#waiters.push(waiter)
    this.#changed()
    // Those before it have as little room as they had.
    if (this.#place(waiter) !== undefined) this.#serve()
  }

  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter)
    if (at !== -1) this.#waiters.splice(at, 1)
    this.#changed()
  }

  release(account: string, kind: MediaKind | undefined): void {
    this.#stand(account, kind)
    this.#serve()
  }

  #stand(account: string, kind: MediaKind | undefined): void {
    const { held } = this.#account(account)
    held.set(kind, Math.max(0, (held.get(kind) ?? 0) - 1))
    this.#changed()
  }

  #account(name: string): Account {
    const known = this.#accounts.get(name)
    if (known !== undefined) return known
    const made: Account = { limits: [], told: undefined, held: new Map() }
    this.#accounts.set(name, made)
    return made
  }

  /** The limit that a service most likely meant: that of the kind, else that of all kinds, else one yet to be learned. */
  #counting(account: string, kind: MediaKind | undefined): Limit {
    const { limits } = this.#account(account)
    const known = limits.find((one) => kind !== undefined && one.kind === kind) ??
      limits.find((one) => one.kind === undefined)
    if (known !== undefined && known.limit !== Infinity) return known
    const resting = known?.resting ?? 0
    const learned = { kind: undefined, limit: Math.max(1, this.held(account)), others: 0, learned: true, resting }
    if (known === undefined) limits.push(learned)
    return known === undefined ? learned : Object.assign(known, learned)
  }

  #room(name: string, kind: MediaKind | undefined): number {
    let room = Number.MAX_SAFE_INTEGER
    for (const { kind: counted, limit, others } of this.#accounts.get(name)?.limits ?? []) {
      if (counted === undefined || counted === kind) room = Math.min(room, limit - others - this.held(name, counted))
    }
    return room
  }

  #serve(): void {
    // Whoever sits down runs at once, and may get up again, or leave, before this goes on.
    if (this.#serving) return
    this.#serving = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { name, waiter } = next
      const { held } = this.#account(name)
      held.set(waiter.kind, (held.get(waiter.kind) ?? 0) + 1)
      this.leave(waiter)
      waiter.seat(name)
    }
    this.#serving = false
  }

  #next(): { readonly waiter: Waiter; readonly name: string } | undefined {
    for (const waiter of this.#waiters) {
      const name = this.#place(waiter)
      if (name !== undefined) return { waiter, name }
    }
    return undefined
  }

  #place({ account, kind }: Waiter): string | undefined {
    const candidates = account === undefined ? this.accounts : [account]
    const [best] = candidates.map((name) => ({ name, room: this.#room(name, kind) }))
      .filter(({ room }) => room >= 1).sort((a, b) => b.room - a.room)
    return best?.name
  }
}
