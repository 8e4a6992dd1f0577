import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parseUrl, refusalOf } from "../src/internal/address.ts"

const refusal = (link: string, allowPrivate = false) => refusalOf(parseUrl(link), allowPrivate)

describe("refusalOf", () => {
  it.each([
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "127。0。0。1",
    "127.0.0.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[100::1]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[4000::1]",
    "localhost",
    "LOCALHOST",
    "\u24dbocalhost",
    "localhost.",
    "a.localhost",
    "printer.local",
    "printer.local.",
    "db.internal",
    "metadata.google.internal",
    "router.lan",
    "nas.home.arpa",
    "redis",
    "intranet"
  ])("refuses http://%s", (host) => {
    assert.strictEqual(refusal(`http://${host}/a.mp4`), "address")
    assert.strictEqual(refusal(`http://${host}/a.mp4`, true), undefined)
  })

  it.each([
    "8.8.8.8",
    "1.1.1.1",
    "100.128.0.1",
    "172.32.0.1",
    "172.15.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "[2606:4700::1111]",
    "[2a00:1450:4001::200e]",
    "[2001:4860:4860::8888]",
    "cdn.lumalabs.ai",
    "storage.googleapis.com",
    "local.example.com",
    "cdn.local-media.com",
    "xn--bcher-kva.example"
  ])("lets https://%s pass", (host) => assert.strictEqual(refusal(`https://${host}/a.mp4`), undefined))

  it.each([
    ["file:///etc/passwd", "scheme"],
    ["ftp://cdn.example.net/a", "scheme"],
    ["data:text/plain,hi", "scheme"],
    ["blob:https://cdn.example.net/1", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["https://user@cdn.example.net/a", "credentials"],
    ["https://user:password@cdn.example.net/a", "credentials"],
    ["not a link", "url"],
    ["", "url"],
    ["https://", "url"]
  ])("refuses %s, allowed or not", (link, reason) => {
    assert.strictEqual(refusal(link), reason)
    assert.strictEqual(refusal(link, true), reason)
  })

  const Octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  it.effect.prop(
    "knows an IPv4 address in any form, mapped into IPv6 too",
    [Octet, Octet, Octet, Octet],
    ([a, b, c, d]) =>
      Effect.sync(() => {
        const value = ((a * 256 + b) * 256 + c) * 256 + d
        const dotted = refusal(`http://${a}.${b}.${c}.${d}/`)
        for (
          const form of [String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`, `${a}.${b}.${c * 256 + d}`]
        ) {
          assert.strictEqual(refusal(`http://${form}/`), dotted, form)
        }
        assert.strictEqual(refusal(`http://[::ffff:${a}.${b}.${c}.${d}]/`), "address")
        if (a === 10 || a === 127 || a === 0 || a >= 224) assert.strictEqual(dotted, "address")
      })
  )
})
