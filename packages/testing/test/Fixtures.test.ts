import { assert, describe, it } from "@effect/vitest"
import { Fixtures } from "@media-jobs/testing"

const spaceless = (text: string) => text.replaceAll(/\s+/g, " ")
const samples = {
  ...Fixtures.lumaSamples,
  dreamina: Fixtures.dreaminaSamples.list,
  midjourney: Fixtures.midjourneySamples.list
}

describe("Fixtures", () => {
  it("has the seventeen answers of Luma's three documents, three of Dreamina's and two of Midjourney's", () => {
    assert.lengthOf(Object.keys(Fixtures.luma), 17)
    assert.lengthOf(Object.keys(Fixtures.dreamina), 3)
    assert.lengthOf(Object.keys(Fixtures.midjourney), 2)
    assert.lengthOf(Fixtures.all.filter(({ documented }) => documented), 22)
  })

  it("is gone through by service and by call, each answer once", () => {
    const { all, of } = Fixtures
    assert.sameMembers([...of("luma"), ...of("dreamina"), ...of("midjourney"), ...of("replicate")], [...all])
    const calls = new Set(all.map(({ operation }) => operation))
    assert.sameMembers([...calls].flatMap(of), [...all])
    assert.sameMembers([...of("midjourney.list")], Object.values(Fixtures.midjourney))
    assert.deepStrictEqual(of("midjourney.accounts"), [])
  })

  for (const [i, { json, operation, status, text }] of Fixtures.all.entries()) {
    it(`${i}, ${operation} ${status}, is the text of one JSON object`, () => {
      assert.match(text, /^\{[^]*\}$/)
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
      ...Object.values(Fixtures.lumaIds),
      Fixtures.dreaminaIds.printed,
      ...Object.values(Fixtures.midjourneyIds)
    ])
  })
})
