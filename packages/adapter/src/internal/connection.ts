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

/** Whether it is certain that no byte of the request reached a server. */
export const neverLeft = (error: unknown): boolean =>
  chain(error).some(({ code, syscall }) =>
    typeof code === "string" && beforeSending.has(code) || syscall === "connect" || syscall === "getaddrinfo"
  )

/** The messages and codes of a failure, outermost first. */
export const describe = (error: unknown): string => {
  const parts = typeof error === "string" ? [error] : chain(error).flatMap(({ code, message }) => {
    const text = typeof message === "string" ? message : ""
    return typeof code === "string" && !text.includes(code)
      ? [text === "" ? code : `${text} (${code})`]
      : text === ""
      ? []
      : [text]
  })
  return parts.length === 0 ? "The connection failed" : [...new Set(parts)].join(": ")
}
