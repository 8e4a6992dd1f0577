import * as Log from "@media-jobs/core/Log"
import type { ProviderId } from "@media-jobs/core/ProviderId"
import type * as Effect from "effect/Effect"

/** So many ends in a row that no call told of show that calls do not come; single calls are lost everywhere. */
const missesAllowed = { untilFirstCall: 3, sinceThen: 10 }

/**
 * Whether the webhooks of one provider instance come, as its calls and the ends of its jobs show.
 *
 * That submits gave the service an address proves nothing: it may be one that the service can't reach.
 */
export class WebhookTrust {
  readonly #provider: ProviderId
  #isTrusted = false
  #wasEverCalled = false
  #misses = 0
  #hasWarned = false

  constructor(provider: ProviderId) {
    this.#provider = provider
  }

  /** Whether looks may be far apart, since calls tell of ends. */
  get isTrusted(): boolean {
    return this.#isTrusted
  }

  /** A genuine call came. */
  called(): void {
    this.#isTrusted = true
    this.#wasEverCalled = true
    this.#misses = 0
  }

  /** A job whose submit gave an address has ended; a warning where that was once too often without a call. */
  ended(wasCalled: boolean): Effect.Effect<void> | undefined {
    if (wasCalled) return void this.called()
    const allowed = this.#wasEverCalled ? missesAllowed.sinceThen : missesAllowed.untilFirstCall
    if (++this.#misses < allowed) return undefined
    this.#isTrusted = false
    if (this.#hasWarned) return undefined
    this.#hasWarned = true
    return Log.warning(
      `${this.#provider}: no webhook call told of the last ${allowed} jobs that ended, though their submits gave an address: ` +
        "check that the service can reach it. Until calls come, jobs are looked at as without webhooks"
    )
  }
}
