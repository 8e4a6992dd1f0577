import { assert, it } from "@effect/vitest"
import * as Answer from "@media-jobs/adapter/Answer"
import { Instance } from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { acme } from "./service.ts"

const call: Answer.Call = {
  provider: acme,
  instance: Instance.make("default"),
  operation: "upload",
  isElsewhere: true
}
const meaning = (status: number, text: string) =>
  Answer.classify({ errorText: () => undefined, exceptions: () => "PaymentRequired" }, call, {
    status,
    text,
    receivedAt: DateTime.makeUnsafe(0)
  })

it.each(
  [
    [200, "", "done"],
    [201, "<?xml version=\"1.0\"?><PostResponse/>", "done"],
    [204, "", "done"],
    [400, "<Error><Code>EntityTooLarge</Code></Error>", "UnexpectedResponse"],
    [401, "", "UnexpectedResponse"],
    [402, "", "UnexpectedResponse"],
    [403, "<Error><Code>AccessDenied</Code></Error>", "UnexpectedResponse"],
    [413, "", "InvalidRequest"],
    [429, "", "RateLimited"],
    [503, "", "Unavailable"]
  ] as const
)("another host's %i %s to a file means: %s", (status, text, expected) => {
  const found = meaning(status, text)
  assert.strictEqual(Result.isSuccess(found) ? "done" : found.failure._tag, expected)
})

it("what another host answers with a success can be read where it is JSON", () => {
  assert.deepStrictEqual(meaning(200, "{\"url\":1}"), Result.succeed({ url: 1 }))
})
