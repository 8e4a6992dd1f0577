import { assert, describe, it } from "@effect/vitest"
import { Fixtures } from "@media-jobs/testing"

const spaceless = (text: string) => text.replaceAll(/\s+/g, " ")

describe("Fixtures", () => {
  it("has the seventeen answers of the three documents", () => {
    assert.lengthOf(Object.keys(Fixtures.luma), 17)
  })

  for (const [name, fixture] of Object.entries(Fixtures.luma)) {
    it(`${name} is the text of one JSON object`, () => {
      assert.match(fixture.text, /^\{[^]*\}$/)
      assert.deepStrictEqual(JSON.parse(fixture.text), fixture.json)
    })
  }

  for (const [name, sample] of Object.entries(Fixtures.lumaSamples)) {
    it(`the ${name} script is the printed text with nothing but white space between`, () => {
      assert.strictEqual(spaceless(sample.script), spaceless(sample.text))
    })
  }

  it("names every id that is printed", () => {
    const texts = [...Object.values(Fixtures.luma), ...Object.values(Fixtures.lumaSamples)].map(({ text }) => text)
      .join()
    const printed = new Set(texts.match(/j\d{19}[vi]-u12345-email:\[email\sprotected\]:[\da-f-]{36}-bot:luma/g))
    assert.sameMembers([...printed], Object.values(Fixtures.lumaIds))
  })
})
