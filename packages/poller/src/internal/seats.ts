import type { MediaKind } from "@media-jobs/core/Artifact"

/** Who waits for a seat; called with the account once there is one. */
export interface Waiter {
  readonly account: string | undefined
  readonly kind: MediaKind | undefined
  readonly seat: (account: string) => void
}

interface Limit {
  readonly kind: MediaKind | undefined
  limit: number
  /** Seats that others than this process hold, as far as the service told. */
  others: number
  /** Taken from a 429, for want of anybody's word: it may be too low. */
  learned: boolean
}

interface Account {
  readonly limits: Array<Limit>
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

  get waiting(): number {
    return this.#waiters.length
  }

  /** The accounts that someone has told of. */
  get accounts(): ReadonlyArray<string> {
    return Array.from(this.#accounts.keys()).filter((name) => this.#accounts.get(name)?.limits.length !== 0)
  }

  /** Nobody sits down there any more. */
  forget(account: string): void {
    this.#accounts.delete(account)
    this.#serve()
  }

  held(account: string, kind?: MediaKind): number {
    const held = this.#accounts.get(account)?.held
    if (held === undefined) return 0
    if (kind !== undefined) return held.get(kind) ?? 0
    let all = 0
    for (const count of held.values()) all += count
    return all
  }

  /** What a service or an application says of an account; `executing` counts the seats held here too. */
  know(account: string, kind: MediaKind | undefined, limit: number, executing?: number): void {
    const { limits } = this.#account(account)
    const others = executing === undefined ? 0 : Math.max(0, executing - this.held(account, kind))
    const known = limits.find((one) => one.kind === kind)
    if (known === undefined) limits.push({ kind, limit, others, learned: false })
    else Object.assign(known, { limit, others, learned: false })
    this.#serve()
  }

  /** The service had no room for this one: it gets up, and nobody sits down until another does. */
  full(account: string, kind: MediaKind | undefined): void {
    this.#stand(account, kind)
    const counted = this.#counting(account, kind)
    counted.others = Math.max(counted.others, counted.limit - this.held(account, counted.kind))
  }

  /** Time has passed since: one may try again. */
  relax(account: string, kind: MediaKind | undefined): void {
    const counted = this.#counting(account, kind)
    const held = this.held(account, counted.kind)
    if (counted.learned && held >= counted.limit) counted.limit = held + 1
    counted.others = Math.max(0, Math.min(counted.others, counted.limit - held - 1))
    this.#serve()
  }

  /** Whoever was sent away goes first. */
  wait(waiter: Waiter, first: boolean): void {
    if (first) this.#waiters.unshift(waiter)
    else this.#waiters.push(waiter)
    this.#serve()
  }

  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter)
    if (at !== -1) this.#waiters.splice(at, 1)
  }

  release(account: string, kind: MediaKind | undefined): void {
    this.#stand(account, kind)
    this.#serve()
  }

  #stand(account: string, kind: MediaKind | undefined): void {
    const { held } = this.#account(account)
    held.set(kind, Math.max(0, (held.get(kind) ?? 0) - 1))
  }

  #account(name: string): Account {
    const known = this.#accounts.get(name)
    if (known !== undefined) return known
    const made: Account = { limits: [], held: new Map() }
    this.#accounts.set(name, made)
    return made
  }

  /** The limit that a service most likely meant: that of the kind, else that of all kinds, else one yet to be learned. */
  #counting(account: string, kind: MediaKind | undefined): Limit {
    const { limits } = this.#account(account)
    const known = limits.find((one) => kind !== undefined && one.kind === kind) ??
      limits.find((one) => one.kind === undefined)
    if (known !== undefined && known.limit !== Infinity) return known
    const learned = { kind: undefined, limit: Math.max(1, this.held(account)), others: 0, learned: true }
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
    for (const waiter of this.#waiters.slice()) {
      const candidates = waiter.account === undefined ? this.accounts : [waiter.account]
      const [best] = candidates.map((name) => ({ name, room: this.#room(name, waiter.kind) }))
        .filter(({ room }) => room >= 1).sort((a, b) => b.room - a.room)
      if (best === undefined) continue
      this.leave(waiter)
      const { held } = this.#account(best.name)
      held.set(waiter.kind, (held.get(waiter.kind) ?? 0) + 1)
      waiter.seat(best.name)
    }
  }
}
