import type { MediaKind } from "@media-jobs/core/Artifact"
import type { Capacity } from "@media-jobs/core/Provider"

/** A request for a permit, which goes by its `ticket`; granted with the account that it is for. */
export interface Waiter {
  readonly ticket: number
  readonly account: string | undefined
  readonly kind: MediaKind | undefined
  readonly grant: (account: string) => void
}

interface Limit {
  readonly kind: MediaKind | undefined
  limit: number
  /** What others than this process run: reported by the service, or inferred from its answers. */
  foreign: number
  /** Taken from a 429, for want of any other word: it may be too low. */
  inferred: boolean
  /** Tried by one request at a time: as long as they are accepted, there is room for one more. */
  probed: boolean
}

interface Account {
  readonly limits: Array<Limit>
  /** The service reports it; `false` once it did and does no more. */
  reported: boolean | undefined
  /** Whether the service tells how many jobs it runs here. */
  counted: boolean
  /** Permits held here, by kind. */
  readonly held: Map<MediaKind | undefined, number>
  /** Times in force for which the service asked to be left alone. */
  closings: number
}

/**
 * Permits to run jobs: first come, first served, but a request for a full account holds up no other.
 *
 * A limit without a kind counts all kinds. An account of which nothing is known has room.
 */
export class Permits {
  readonly #accounts = new Map<string, Account>()
  readonly #waiters: Array<Waiter> = []
  readonly #changed: () => void
  #resumed = 0
  #serving = false

  /** `changed` is called whenever the number of permits held or waited for changes. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** The accounts that are known of. */
  get accounts(): ReadonlyArray<string> {
    return Array.from(this.#accounts).flatMap(([name, { limits, reported }]) =>
      limits.length === 0 || reported === false ? [] : [name]
    )
  }

  /** No permit is granted for that account any more. */
  remove(account: string): void {
    this.#accounts.delete(account)
    this.#changed()
    this.#serve()
  }

  /** Permits held here, for all accounts. */
  get allHeld(): number {
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

  /** The limit that an application sets for an account, or a service reports; `executing` counts what is held here too, where it is told. */
  setLimit(account: string, kind: MediaKind | undefined, limit: number, executing?: number): void {
    const { limits } = this.#account(account)
    const known = limits.find((one) => one.kind === kind)
    const foreign = executing === undefined ? known?.foreign ?? 0 : Math.max(0, executing - this.held(account, kind))
    if (known === undefined) limits.push({ kind, limit, foreign, inferred: false, probed: false })
    else Object.assign(known, { limit, foreign, inferred: false })
    this.#serve()
  }

  /** The service's word on all its accounts: one that it reported and now leaves out is gone, in the end also from here. */
  report(capacities: ReadonlyArray<Capacity>): void {
    for (const [name, account] of this.#accounts) {
      if (account.reported !== undefined) account.reported = capacities.some((one) => one.account === name)
      if (account.reported === false && this.held(name) === 0) this.#accounts.delete(name)
    }
    for (const { account, executing, kind, limit } of capacities) {
      Object.assign(this.#account(account), { reported: true, counted: executing !== undefined })
      this.setLimit(account, kind, limit, executing)
    }
  }

  /**
   * Something that was begun before this process still runs. Where the service does not report what an account runs, which
   * account it is on is not known: it counts for each, until `endResumed`.
   */
  resume(): void {
    this.#resumed++
  }

  endResumed(): void {
    this.#resumed--
    this.#serve()
  }

  /**
   * The service had no room for a holder: its permit is released, and none is granted there before what is returned is called. Then
   * one may try, and where it is accepted, another.
   */
  rejected(account: string, kind: MediaKind | undefined): () => void {
    this.#giveBack(account, kind)
    const rejecting = this.#account(account)
    const counted = this.#counting(account, kind)
    counted.foreign = Math.max(counted.foreign, counted.limit - this.#running(account, counted))
    counted.probed = false
    rejecting.closings++
    return () => {
      if (--rejecting.closings > 0) return
      counted.probed = true
      this.#ease(account, counted)
    }
  }

  /** The service took what a permit is held for. */
  accepted(account: string, kind: MediaKind | undefined): void {
    for (const one of this.#account(account).limits) {
      if (one.probed && (one.kind === undefined || one.kind === kind)) this.#ease(account, one)
    }
  }

  #running(account: string, { kind }: Limit): number {
    return this.held(account, kind) + this.#resumedOn(account)
  }

  /** One more may try. */
  #ease(account: string, one: Limit): void {
    const running = this.#running(account, one)
    if (one.inferred && running >= one.limit) one.limit = running + 1
    one.foreign = Math.max(0, Math.min(one.foreign, one.limit - running - 1))
    this.#serve()
  }

  /** The permit is released, but what it was for may run at the service: no other is granted before something is known. */
  releaseUnknown(account: string, kind: MediaKind | undefined): void {
    for (const one of this.#account(account).limits) if (one.kind === undefined || one.kind === kind) one.foreign++
    this.#giveBack(account, kind)
  }

  /**
   * Time has passed, in which others may have ended: one more may try where `reported` does not say. Not where the service asked to
   * be left alone: what tries then tells as much.
   */
  relax(reported: ReadonlyArray<Capacity>): void {
    for (const [name, { closings, limits }] of this.#accounts) {
      for (const one of limits) {
        const isTold = reported.some(({ account, executing, kind }) =>
          account === name && kind === one.kind && executing !== undefined
        )
        if (closings > 0 || isTold) continue
        if (one.foreign > 0) one.foreign--
        else if (one.inferred && this.#running(name, one) >= one.limit) one.limit++
      }
    }
    this.#serve()
  }

  /** Asks for a permit. */
  acquire(waiter: Waiter): void {
    this.#waiters.splice(this.#waiters.findLastIndex(({ ticket }) => ticket < waiter.ticket) + 1, 0, waiter)
    this.#changed()
    // Those before it have as little room as they had.
    if (this.#choose(waiter) !== undefined) this.#serve()
  }

  /** Asks no more. */
  withdraw(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter)
    if (at !== -1) this.#waiters.splice(at, 1)
    this.#changed()
  }

  release(account: string, kind: MediaKind | undefined): void {
    this.#giveBack(account, kind)
    this.#serve()
  }

  #giveBack(account: string, kind: MediaKind | undefined): void {
    const { held } = this.#account(account)
    held.set(kind, Math.max(0, (held.get(kind) ?? 0) - 1))
    this.#changed()
  }

  #account(name: string): Account {
    const known = this.#accounts.get(name)
    if (known !== undefined) return known
    const made: Account = { limits: [], reported: undefined, counted: false, held: new Map(), closings: 0 }
    this.#accounts.set(name, made)
    return made
  }

  /** The limit that a service most likely meant: that of the kind, else that of all kinds, else one yet to be inferred. */
  #counting(account: string, kind: MediaKind | undefined): Limit {
    const { limits } = this.#account(account)
    const known = limits.find((one) => kind !== undefined && one.kind === kind) ??
      limits.find((one) => one.kind === undefined)
    if (known !== undefined && known.limit !== Infinity) return known
    const limit = Math.max(1, this.held(account) + this.#resumedOn(account))
    const inferred = { kind: undefined, limit, foreign: 0, inferred: true, probed: false }
    if (known === undefined) limits.push(inferred)
    return known === undefined ? inferred : Object.assign(known, inferred)
  }

  #resumedOn(account: string): number {
    const known = this.#accounts.get(account)
    return known?.reported === true && known.counted ? 0 : this.#resumed
  }

  #room(name: string, kind: MediaKind | undefined): number {
    const account = this.#accounts.get(name)
    if (account === undefined) return Number.MAX_SAFE_INTEGER
    if (account.closings > 0) return 0
    const resumed = this.#resumedOn(name)
    let room = Number.MAX_SAFE_INTEGER
    for (const { foreign, kind: counted, limit } of account.limits) {
      if (counted !== undefined && counted !== kind) continue
      room = Math.min(room, limit - foreign - resumed - this.held(name, counted))
    }
    return room
  }

  #serve(): void {
    // A holder runs at once, and may release, or withdraw another, before this goes on.
    if (this.#serving) return
    this.#serving = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { name, waiter } = next
      const { held } = this.#account(name)
      held.set(waiter.kind, (held.get(waiter.kind) ?? 0) + 1)
      this.withdraw(waiter)
      waiter.grant(name)
    }
    this.#serving = false
  }

  #next(): { readonly waiter: Waiter; readonly name: string } | undefined {
    for (const waiter of this.#waiters) {
      const name = this.#choose(waiter)
      if (name !== undefined) return { waiter, name }
    }
    return undefined
  }

  #choose({ account, kind }: Waiter): string | undefined {
    const candidates = account === undefined ? this.accounts : [account]
    const [best] = candidates.map((name) => ({ name, room: this.#room(name, kind) }))
      .filter(({ room }) => room >= 1).sort((a, b) => b.room - a.room)
    return best?.name
  }
}
