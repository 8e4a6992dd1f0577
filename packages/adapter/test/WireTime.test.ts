import { assert, describe, it } from "@effect/vitest"
import * as WireTime from "@media-jobs/adapter/WireTime"
import * as Duration from "effect/Duration"

const at = Date.UTC(2026, 2, 26, 14, 5, 30)

describe("WireTime", () => {
  const texts: ReadonlyArray<readonly [unknown, number | undefined]> = [
    ["2026-03-26T14:05:30Z", at],
    ["2026-03-26T14:05:30z", at],
    ["2026-03-26T14:05:30", at],
    ["2026-03-26 14:05:30", at],
    ["2026-03-26T14:05:30.123456Z", at + 123],
    ["2026-03-26T16:05:30+02:00", at],
    ["2026-03-26T09:05:30-0500", at],
    ["Thu, 26 Mar 2026 14:05:30 GMT", at],
    ["Thursday, 26-Mar-26 14:05:30 GMT", at],
    ["2026-03-26", Date.UTC(2026, 2, 26)],
    ["2000-01-01T00:00:00Z", Date.UTC(2000)],
    ["1999-12-31T23:59:59.999Z", undefined],
    ["2099-12-31T23:59:59.999Z", Date.UTC(2100) - 1],
    ["2100-01-01T00:00:01Z", undefined],
    ["0001-01-01T00:00:00Z", undefined],
    ["9999-12-31T23:59:59Z", undefined],
    ["12", undefined],
    ["0", undefined],
    ["in 12 minutes", undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
    [at, undefined]
  ]
  for (const [text, millis] of texts) {
    it(`reads ${JSON.stringify(text)} alike in every zone of the machine`, () => {
      assert.strictEqual(WireTime.fromText(text)?.epochMilliseconds, millis)
    })
  }

  it("reads how long something takes, which nothing does for ever", () => {
    const millis = (value: unknown, unit: number) => {
      const found = WireTime.duration(value, unit)
      return found && Duration.toMillis(found)
    }
    assert.deepStrictEqual([millis(5.04, 1000), millis("12", 1), millis(0, 1)], [5040, 12, 0])
    for (const odd of [-1, 1e308, "1e308", Infinity, NaN, "", "x", null, true, [], {}]) {
      assert.isUndefined(millis(odd, 1000))
    }
  })

  it("reads numbers of seconds and of milliseconds, and nothing else", () => {
    assert.strictEqual(WireTime.fromMillis(at)?.epochMilliseconds, at)
    assert.strictEqual(WireTime.fromSeconds(at / 1000 + 0.5)?.epochMilliseconds, at + 500)
    for (const odd of [at / 1000, NaN, Infinity, -at, `${at}`, null, undefined]) {
      assert.isUndefined(WireTime.fromMillis(odd))
    }
    for (const odd of [at, NaN, 0, "1774533930", null]) assert.isUndefined(WireTime.fromSeconds(odd))
  })
})

it("a time may be a text or milliseconds, also as a text", () => {
  const millis = Date.UTC(2026, 2, 26)
  for (const value of ["2026-03-26T00:00:00Z", millis, String(millis)]) {
    assert.strictEqual(WireTime.fromAny(value)?.epochMilliseconds, millis, String(value))
  }
  for (const value of [undefined, "soon", 7, {}]) assert.isUndefined(WireTime.fromAny(value))
})
