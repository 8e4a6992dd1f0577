import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/** As `URL.parse`, which some platforms lack. */
export const parseUrl = (text: string, base?: URL): URL | undefined =>
  Result.getOrUndefined(Result.try(() => new URL(text, base)))

/** Of IPv4, all that is special by the IANA's registry. */
const special4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3"
]
/** Of IPv6, only what is given out; less what is special in it, or holds an IPv4 address: Teredo, 6to4. */
const global6 = "2000::/3"
const special6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]

const within = (address: NetAddress.IpAddress, networks: ReadonlyArray<string>): boolean =>
  networks.some((network) => IpNetwork.contains(IpNetwork.fromStringUnsafe(network), address))

/** A name without a dot, and the endings that lead to this machine or its neighbours. */
const local = /^[^.]*$|\.(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)$/

const isPublic = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase()
  const address = NetAddress.ipFromString(host)
  if (Result.isFailure(address)) return !hostname.startsWith("[") && !local.test(host)
  return NetAddress.isIpv4Address(address.success)
    ? !within(address.success, special4)
    : within(address.success, [global6]) && !within(address.success, special6)
}

/** Why nothing is fetched from there; `undefined` where there is no reason. */
export const refusalOf = (
  url: URL | undefined,
  allowPrivate: boolean
): "url" | "scheme" | "credentials" | "address" | undefined => {
  if (url === undefined) return "url"
  if (url.protocol !== "https:" && url.protocol !== "http:") return "scheme"
  if (url.username !== "" || url.password !== "") return "credentials"
  // The parser has turned decimal, octal, hexadecimal, short and full-width forms of an IPv4 address into the usual one.
  return allowPrivate || isPublic(url.hostname) ? undefined : "address"
}
