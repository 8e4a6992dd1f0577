/**
 * What goes wrong below HTTP, told by the causes that fetch, undici and node:http nest in their errors.
 */

/** How many causes are read: a chain may loop. */
const deepest = 8

interface SystemError {
  readonly message?: unknown
  readonly code?: unknown
  readonly syscall?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/** A failure with its causes; of several attempts to connect, the first, since all of them failed. */
const chain = (error: unknown): ReadonlyArray<SystemError> => {
  const links: Array<SystemError> = []
  for (let at = error; typeof at === "object" && at !== null && links.length < deepest;) {
    const link: SystemError = at // every field of it is unknown and may be absent
    links.push(link)
    at = link.cause ?? (Array.isArray(link.errors) ? link.errors[0] : undefined)
  }
  return links
}

/** Codes of failures to get a connection at all; a reset, a time-out while reading and the like are none of them. */
const beforeSending = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])

/** How undici and node:http say that a proxy opened no way to the service. */
const refusedByProxy = /^Proxy response \(|^Proxy Authentication Required|^Failed to establish tunnel/

const isOfProxy = ({ code, message }: SystemError): boolean =>
  code === "ERR_PROXY_TUNNEL" || typeof message === "string" && refusedByProxy.test(message)

/** Whether it is certain that no byte of the request reached a server. */
export const neverLeft = (error: unknown): boolean =>
  chain(error).some((link) =>
    typeof link.code === "string" && beforeSending.has(link.code) || link.syscall === "connect" ||
    link.syscall === "getaddrinfo" || isOfProxy(link)
  )

/** The messages and codes of a failure, outermost first. */
export const describe = (error: unknown): string => {
  const links = typeof error === "string" ? [{ message: error }] : chain(error)
  const parts = links.flatMap(({ code, message }: SystemError) => {
    const text = typeof message === "string" ? message : ""
    return typeof code === "string" && !text.includes(code)
      ? [text === "" ? code : `${text} (${code})`]
      : text === ""
      ? []
      : [text]
  })
  const told = parts.length === 0 ? "The connection failed" : [...new Set(parts)].join(": ")
  return links.some(isOfProxy) ? `The proxy let nothing through: ${told}` : told
}
