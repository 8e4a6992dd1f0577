/** Loaded before an example: `media.example` is this machine, so that what the emulator serves has a public name. */
import dns from "node:dns"

const { lookup } = dns
const resolve = (host: string, ...rest: ReadonlyArray<unknown>): void =>
  Reflect.apply(lookup, dns, [host === "media.example" ? "127.0.0.1" : host, ...rest])
dns.lookup = Object.assign(resolve, lookup) as typeof lookup // it takes whatever the original takes
