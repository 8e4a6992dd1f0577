import type { EmulatedService, Route } from "../EmulatedService.ts"

/** A service with the routes that it made. */
export interface Placed {
  readonly service: EmulatedService
  readonly routes: ReadonlyArray<Route<string>>
}

/**
 * Where an address leads: to which services, at which of their hosts (each one's first, where none is said), and with what path.
 */
export interface Site {
  readonly services: ReadonlyArray<Placed>
  readonly host?: string | undefined
  readonly path: string
  /** What stands for scheme and host of the live API. */
  readonly base: string
  readonly holdsMedia: boolean
}

/** Below which a server has the files that links lead to. */
export const mediaPath = "/media/"

/** The site of a live address, where a service has one there. */
export const live = (placed: ReadonlyArray<Placed>, { host, origin, pathname, protocol }: URL): Site | undefined => {
  const services = protocol === "https:" ? placed.filter(({ service }) => service.hosts.includes(host)) : []
  const holdsMedia = placed.some(({ service }) => service.cdns?.includes(host))
  return services.length > 0 || holdsMedia ? { services, host, path: pathname, base: origin, holdsMedia } : undefined
}

/** The site of a server's address: a service's folder, with one for each of its hosts in it, else the root. */
export const served = (placed: ReadonlyArray<Placed>, origin: string, path: string): Site => {
  const [, id = "", host = ""] = path.split("/")
  const own = placed.filter(({ service }) => service.id === id || service.beside === id)
  if (own.length === 0) {
    const services = placed.filter(({ service }) => service.root)
    return { services, path, base: origin, holdsMedia: path.startsWith(mediaPath) }
  }
  const isHost = own.some(({ service }) => hasFolders(service) && service.hosts.includes(host))
  const folder = isHost ? `/${id}/${host}` : `/${id}`
  return {
    services: own,
    host: isHost ? host : undefined,
    path: path.slice(folder.length),
    base: origin + folder,
    holdsMedia: false
  }
}

/** A service has folders for its hosts where it has several. */
export const hasFolders = ({ hosts }: Placed["service"]): boolean => hosts.length > 1

/** What answers a method at a site, with the variable segments of its path. */
export const find = ({ host, path, services }: Site, method: string) => {
  for (const { routes, service } of services) {
    const [first] = service.hosts
    for (const route of routes) {
      if (route.method !== method || (route.host ?? first) !== (host ?? first)) continue
      const segment = match(route.path, path)
      if (segment !== undefined) return { service, route, segment }
    }
  }
  return undefined
}

/**
 * The variable segments of `path` when it fits `pattern`, with slashes between, empty when `pattern` has none; a verb behind a
 * variable segment, as in `:model:cancel`, is not part of it.
 *
 * Nothing is decoded: whether a client sends `:` or `%3A` is what some services look at.
 */
const match = (pattern: string, path: string): string | undefined => {
  const expected = pattern.split("/")
  const actual = path.split("/")
  if (expected.length !== actual.length) return undefined
  let segment = ""
  for (const [i, part] of actual.entries()) {
    if (expected[i] === part) continue
    const [variable, verb = ""] = /^:\w+(:\w+)?$/.exec(expected[i] ?? "") ?? []
    if (variable === undefined || !part.endsWith(verb) || part.length === verb.length) return undefined
    const value = part.slice(0, part.length - verb.length)
    segment += segment === "" ? value : `/${value}`
  }
  return segment
}
