import { assert, describe, it } from "@effect/vitest"
import {
  type Emulator,
  Fixtures,
  UseapiDreaminaEmulator,
  UseapiLumaEmulator,
  UseapiMidjourneyEmulator
} from "@media-jobs/testing"

const spaceless = (text: string) => text.replaceAll(/\s+/g, " ")
const samples = {
  ...UseapiLumaEmulator.fixtures.samples,
  dreamina: UseapiDreaminaEmulator.fixtures.samples.list,
  midjourney: UseapiMidjourneyEmulator.fixtures.samples.list
}

describe("Fixtures", () => {
  it("has the seventeen answers of Luma's three documents, three of Dreamina's and two of Midjourney's", () => {
    assert.lengthOf(Object.keys(UseapiLumaEmulator.fixtures.documented), 17)
    assert.lengthOf(Object.keys(UseapiDreaminaEmulator.fixtures.documented), 3)
    assert.lengthOf(Object.keys(UseapiMidjourneyEmulator.fixtures.documented), 2)
    const all = ["useapi-luma", "useapi-dreamina", "useapi-midjourney"].flatMap(Fixtures.of)
    assert.lengthOf(all.filter(({ documented }) => documented), 22)
  })

  it("is gone through by service and by call, each answer once", () => {
    const { all, of } = Fixtures
    const services = new Set(all.map(({ operation }) => operation.split(".", 1).join()))
    assert.includeMembers([...services], ["useapi-luma", "useapi-dreamina", "useapi-midjourney", "replicate"])
    assert.sameMembers([...services].flatMap(of), [...all])
    // The emulator's own names: another does not compile.
    const calls = new Set<Parameters<Emulator.Emulator["Service"]["count"]>[0] & string>(
      all.map(({ operation }) => operation)
    )
    assert.sameMembers([...calls].flatMap(of), [...all])
    assert.sameMembers([...of("useapi-midjourney.list")], Object.values(UseapiMidjourneyEmulator.fixtures.documented))
    assert.deepStrictEqual(of("useapi-midjourney.accounts"), [])
  })

  for (const [i, { json, operation, status, text }] of Fixtures.all.entries()) {
    it(`${i}, ${operation} ${status}, is the text of one JSON object or list`, () => {
      assert.match(text, /^(?:\{[^]*\}|\[[^]*\])$/)
      assert.deepStrictEqual(JSON.parse(text), json)
    })
  }

  for (const [name, sample] of Object.entries(samples)) {
    it(`the ${name} script is the printed text with nothing but white space between`, () => {
      assert.strictEqual(spaceless(sample.script), spaceless(sample.text))
    })
  }

  it("names every id that is printed", () => {
    const texts = [...Fixtures.all.filter(({ documented }) => documented), ...Object.values(samples)].map(({ text }) =>
      text
    )
      .join()
    const printed = new Set(texts.match(/j\d{19}[vi]-u12345-[^"']+:(luma|dreamina|midjourney)/g))
    assert.sameMembers([...printed], [
      ...Object.values(UseapiLumaEmulator.fixtures.ids),
      UseapiDreaminaEmulator.fixtures.ids.printed,
      ...Object.values(UseapiMidjourneyEmulator.fixtures.ids)
    ])
  })
})
