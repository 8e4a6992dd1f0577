/**
 * What the running platform allows.
 *
 * @since 0.1.0
 */

/**
 * Whether what one request opens is dead once that request has been answered or left, as in Cloudflare Workers (`workerd`).
 *
 * **Details**
 *
 * One process serves many requests there, but a timer, a promise or a fiber belongs to the request in which it began. A permit
 * that is held in one is never given back to another, and a fiber that another request resumes goes on in the wrong one.
 *
 * **Gotchas**
 *
 * What lives by timers of its own (`Poller.make`, `Slots.make`, `Pollers.layer`) is to be made within a request there.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isolatesRequests = (): boolean => globalThis.navigator?.userAgent === "Cloudflare-Workers"
