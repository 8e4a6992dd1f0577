/**
 * Whether what one request of this runtime opens is dead to the next, as in `workerd`: a timer or a fiber that was started
 * in one request never runs for another.
 */
export const isolatesRequests = (): boolean => {
  const { navigator }: { readonly navigator?: unknown } = globalThis
  return typeof navigator === "object" && navigator !== null && "userAgent" in navigator &&
    navigator.userAgent === "Cloudflare-Workers"
}
