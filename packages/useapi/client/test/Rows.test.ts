import { assert, describe, it } from "@effect/vitest"
import * as Rows from "@media-jobs/useapi/Rows"
import * as Result from "effect/Result"

it("a list may be nothing but its entries", () => {
  assert.deepStrictEqual(
    Rows.bare([7]),
    Result.succeed({ rows: [{ record: 7, account: undefined }], complete: true })
  )
  assert.isTrue(Result.isFailure(Rows.bare({ jobs: [] })))
})

describe("Rows.byAccount", () => {
  const rows = [{ record: 1, account: "a" }, { record: 2, account: "b" }]
  const accounts = { a: { jobs: [1], total: 1 }, b: { jobs: [2], total: 1 } }

  it("has each entry under its account", () =>
    assert.deepStrictEqual(
      Rows.byAccount({ accounts, total: 2 }, "accounts"),
      Result.succeed({ rows, complete: true })
    ))

  for (
    const [what, body] of [
      ["an account counts more than it shows", { accounts: { ...accounts, a: { jobs: [1], total: 2 } } }],
      ["the list counts more than it shows", { accounts, total: 3 }],
      ["an account shows no list", { accounts: { ...accounts, c: { jobs: null } } }],
      ["an error stands beside it", { accounts, error: "busy" }]
    ] as const
  ) {
    it(`is not complete where ${what}`, () =>
      assert.deepStrictEqual(Rows.byAccount(body, "accounts"), Result.succeed({ rows, complete: false })))
  }

  it("takes lists and counts from where a service has them", () =>
    assert.deepStrictEqual(
      Rows.byAccount({ executing: { a: [1], b: [2] }, counts: { b: 2 } }, "executing", (entries, account) => [
        entries,
        account === "b" ? 2 : undefined
      ]),
      Result.succeed({ rows, complete: false })
    ))

  it("is none where nothing stands by account", () =>
    assert.deepStrictEqual(
      Rows.byAccount({ accounts: [] }, "accounts"),
      Result.fail("Expected lists by account at [\"accounts\"]")
    ))
})
