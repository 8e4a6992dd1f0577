import { assert, describe, it } from "@effect/vitest"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Settings from "@media-jobs/core/Settings"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { createHmac } from "node:crypto"
import { base, instance, inWorld, keys, provider, submitted, warned } from "./service.ts"

const signer = (options?: Partial<Signer.Options>) => Signer.make({ url: base, keys: [keys.first], ...options })
const segmentOf = (url: string): string => url.slice(url.lastIndexOf("/") + 1)
const submit = { provider, instance, reference: undefined }

class Seen extends Context.Service<Seen, ReplyTo.ReplyTo | undefined>()("test/Seen") {}

/** Text that is whole: `Schema.String` makes halves of surrogate pairs as well. */
const Text = Schema.String.check(Schema.makeFilter((text) => text.isWellFormed() && text.length <= 900))
const Nat = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
const Char = Schema.Literals([..."aAzZ09-_.~é%/ \n"])

/** Another text, by a letter changed, put in or taken out. */
const mutated = (text: string, at: number, char: string, how: "change" | "insert" | "delete"): string => {
  const i = at % text.length
  return text.slice(0, i) + (how === "delete" ? "" : char) + text.slice(how === "insert" ? i : i + 1)
}
const How = Schema.Literals(["change", "insert", "delete"])

describe("an address", () => {
  it.effect("is below the URL, of one kind of letters, and names its provider and instance", () =>
    Effect.gen(function*() {
      const { ofReference, ofSegment, replyTo } = yield* signer({ url: `${base}/` })
      const { reference, url } = yield* replyTo.address({ ...submit, reference: "order 7" })
      assert.match(url, /^https:\/\/app\.example\/webhooks\/1\.test\.default\.[\w-]{22}\.[\w-]{43}$/)
      assert.match(reference ?? "", /^1\.test\.default\.[\w-]{22}\.[\w-]{43}\.order 7$/)
      const [signed, echoed] = [ofSegment(segmentOf(url)), ofReference(reference ?? "")]
      assert.strictEqual(signed?.providerKey, Signer.providerKey(provider, instance))
      assert.strictEqual(signed?.nonce, echoed?.nonce)
      assert.strictEqual(echoed?.reference, "order 7")
    }))

  it.effect("is another for each submit", () =>
    Effect.gen(function*() {
      const { replyTo } = yield* signer()
      const made = yield* Effect.replicateEffect(replyTo.address(submit), 200)
      assert.strictEqual(new Set(made.map(({ url }) => url)).size, 200)
      assert.strictEqual(new Set(made.map(({ reference }) => reference)).size, 200)
    }))

  it.effect("is no good as a reference, nor a reference as an address", () =>
    Effect.gen(function*() {
      const { ofReference, ofSegment, replyTo } = yield* signer()
      const { reference = "", url } = yield* replyTo.address(submit)
      assert.isDefined(ofReference(reference))
      assert.isUndefined(ofSegment(reference))
      assert.isUndefined(ofReference(segmentOf(url)))
      assert.isUndefined(ofSegment(`${segmentOf(url)}.more`))
    }))

  it.effect("of one instance is none of another's", () =>
    Effect.gen(function*() {
      const { ofReference, ofSegment, replyTo } = yield* signer()
      const { reference = "", url } = yield* replyTo.address({ ...submit, reference: "r" })
      for (const target of ["other.default", "test.other", "tes.tdefault"]) {
        assert.isUndefined(ofSegment(segmentOf(url).replace("test.default", target)))
        assert.isUndefined(ofReference(reference.replace("test.default", target)))
      }
    }))

  it.effect.prop("changed in any way never verifies", [Nat, Char, How], ([at, char, how]) =>
    Effect.gen(function*() {
      const { ofSegment, replyTo } = yield* signer()
      const segment = segmentOf((yield* replyTo.address(submit)).url)
      const other = mutated(segment, at, char, how)
      assert.strictEqual(ofSegment(other) !== undefined, other === segment, other)
    }))

  it.effect("has one spelling: the two bits that its last letter leaves open are part of it", () =>
    Effect.gen(function*() {
      const { ofSegment, replyTo } = yield* signer()
      const segment = segmentOf((yield* replyTo.address(submit)).url)
      const spellings = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].filter((char) =>
        ofSegment(segment.slice(0, -1) + char) !== undefined
      )
      assert.deepStrictEqual(spellings, [segment.slice(-1)])
    }))

  it.effect.prop(
    "tells providers and instances of any names apart, in letters that every proxy leaves alone",
    [Schema.NonEmptyString, Schema.NonEmptyString, Schema.NonEmptyString, Schema.NonEmptyString],
    ([p, i, q, j]) =>
      Effect.sync(() => {
        const of = (provider: string, instance: string) =>
          Signer.providerKey(
            ProviderId.make(provider.toWellFormed()),
            ProviderId.Instance.make(instance.toWellFormed())
          )
        assert.match(of(p, i), /^[\w~-]+\.[\w~-]+$/)
        assert.strictEqual(
          of(p, i) === of(q, j),
          p.toWellFormed() === q.toWellFormed() && i.toWellFormed() === j.toWellFormed()
        )
      })
  )

  it("of names that are close stays apart", () => {
    const names = ["a", "a.b", "a~2Eb", "a%2Eb", "a b", "a~", "~", "é", "~C3~A9", "!", "'", "(", ")", "*", "a/b"]
    const targets = names.flatMap((p) =>
      names.map((i) => Signer.providerKey(ProviderId.make(p), ProviderId.Instance.make(i)))
    )
    assert.strictEqual(new Set(targets).size, names.length ** 2)
    for (const target of targets) assert.match(target, /^[\w~-]+\.[\w~-]+$/)
  })
})

describe("the caller's part", () => {
  it.effect.prop("comes back whole, whatever it is", [Text], ([reference]) =>
    Effect.gen(function*() {
      const { replyTo } = yield* signer()
      const address = yield* replyTo.address({ ...submit, reference })
      assert.strictEqual(replyTo.callerReference(address.reference ?? ""), reference)
    }))

  it.effect("is none where none was given, which is not the empty one", () =>
    Effect.gen(function*() {
      const { ofReference, ofSegment, replyTo } = yield* signer()
      const [none, empty] = [yield* replyTo.address(submit), yield* replyTo.address({ ...submit, reference: "" })]
      assert.isUndefined(replyTo.callerReference(none.reference ?? ""))
      assert.isDefined(ofReference(none.reference ?? ""))
      assert.isUndefined(ofReference(`${none.reference}.`))
      assert.isUndefined(ofReference(empty.reference?.slice(0, -1) ?? ""))
      assert.isUndefined(ofSegment(`${segmentOf(none.url)}.`))
      assert.strictEqual(replyTo.callerReference(empty.reference ?? ""), "")
    }))

  it.effect.prop(
    "of a reference that was changed is nobody's word",
    [Text, Nat, Char, How],
    ([text, at, char, how]) =>
      Effect.gen(function*() {
        const { replyTo } = yield* signer()
        const { reference = "" } = yield* replyTo.address({ ...submit, reference: text })
        const other = mutated(reference, at, char, how)
        assert.strictEqual(replyTo.callerReference(other), other === reference ? text : undefined)
      })
  )

  it.effect("of what others made is nobody's word", () =>
    Effect.gen(function*() {
      const { replyTo } = yield* signer()
      const theirs = yield* signer({ keys: [keys.second] })
      const { reference = "" } = yield* theirs.replyTo.address({ ...submit, reference: "r" })
      for (const echoed of ["", "order-7", "{\"a\":1}", "1.a.b.c", reference]) {
        assert.isUndefined(replyTo.callerReference(echoed))
      }
      assert.strictEqual(theirs.replyTo.callerReference(reference), "r")
    }))

  it.effect("may be as long as the service leaves room for, and no longer", () =>
    Effect.gen(function*() {
      const { replyTo } = yield* signer()
      const room = 1024 - ((yield* replyTo.address({ ...submit, reference: "" })).reference ?? "").length
      const longest = yield* replyTo.address({ ...submit, reference: "é".repeat(room) })
      assert.strictEqual(longest.reference?.length, 1024)
      assert.strictEqual(replyTo.callerReference(longest.reference ?? ""), "é".repeat(room))
      const error = yield* Effect.flip(replyTo.address({ ...submit, reference: "x".repeat(room + 1) }))
      assert.deepStrictEqual([error._tag, error.operation, error.provider], ["InvalidRequest", "submit", provider])
      assert.deepStrictEqual(error.issues, [{ field: "replyRef", message: `Expected at most ${room} characters` }])
    }))

  it.effect("is not looked for in an echo longer than any that was sent, be its tag right", () =>
    Effect.gen(function*() {
      const { ofReference } = yield* signer()
      const echo = (reference: string) => {
        const head = `1.test.default.${"n".repeat(22)}`
        const mac = createHmac("sha256", Redacted.value(keys.first)).update(`ref:${head}.${reference}`)
        return `${head}.${mac.digest("base64url")}.${reference}`
      }
      const room = 1024 - echo("").length
      assert.strictEqual(ofReference(echo("x".repeat(room)))?.reference, "x".repeat(room))
      assert.isUndefined(ofReference(echo("x".repeat(room + 1))))
    }))

  it.effect("with half a surrogate pair is refused, and so is an echo with one", () =>
    Effect.gen(function*() {
      const { ofReference, replyTo } = yield* signer()
      const error = yield* Effect.flip(replyTo.address({ ...submit, reference: "a\ud83d" }))
      assert.deepStrictEqual(error.issues.map(({ field }) => field), ["replyRef"])
      const { reference = "" } = yield* replyTo.address({ ...submit, reference: "a\ufffd" })
      assert.isDefined(ofReference(reference))
      // To UTF-8 these two are one.
      assert.isUndefined(ofReference(reference.replace("\ufffd", "\ud83d")))
    }))
})

describe("an address that no service would take", () => {
  it.effect("is refused before anything is sent", () =>
    Effect.gen(function*() {
      const { replyTo } = yield* signer()
      const long = ProviderId.Instance.make("i".repeat(1000))
      const error = yield* Effect.flip(replyTo.address({ ...submit, instance: long }))
      assert.include(error.issues.map(({ field }) => field), "replyUrl")
    }))
})

describe("keys", () => {
  it.effect("the first signs, all verify, and one that is gone does not", () =>
    Effect.gen(function*() {
      const before = yield* signer({ keys: [keys.first] })
      const during = yield* signer({ keys: [keys.second, keys.first] })
      const after = yield* signer({ keys: [keys.second] })
      const old = yield* before.replyTo.address({ ...submit, reference: "old" })
      const young = yield* during.replyTo.address({ ...submit, reference: "young" })
      const knows = ({ ofSegment, replyTo }: Signer.Signer["Service"], address: ReplyTo.Address) =>
        [ofSegment(segmentOf(address.url)) !== undefined, replyTo.callerReference(address.reference ?? "")] as const
      assert.deepStrictEqual(knows(during, old), [true, "old"])
      assert.deepStrictEqual(knows(during, young), [true, "young"])
      assert.deepStrictEqual(knows(after, young), [true, "young"])
      assert.deepStrictEqual(knows(after, old), [false, undefined])
      assert.deepStrictEqual(knows(before, young), [false, undefined])
    }))

  it.effect("that are too short, and bases that are none, are refused without repeating them", () =>
    Effect.gen(function*() {
      const short = yield* Effect.flip(signer({ keys: [keys.first, Redacted.make("hunter2")] }))
      assert.include(short.message, "32 characters")
      assert.notInclude(short.message, "hunter2")
      for (const url of ["", "webhooks", "ftp://a.example", "https://u:hunter2@a.example", "https://a.example/?a=1"]) {
        const error = yield* Effect.flip(signer({ url }))
        assert.include(error.message, "url is no base URL")
        assert.notInclude(error.message, "hunter2")
      }
    }))
})

describe("the layer", () => {
  it.effect("gives every submit under it an address, and none without it", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* ReplyTo.ReplyTo)
      const address = yield* inWorld(Effect.flatMap(ReplyTo.ReplyTo, (replyTo) =>
        Effect.flatMap(Signer.Signer, ({ ofSegment }) =>
          Effect.map(
            replyTo?.address(submit) ?? Effect.never,
            ({ url }) => ofSegment(segmentOf(url))?.providerKey
          ))))
      assert.strictEqual(address, Signer.providerKey(provider, instance))
      const below = yield* Layer.build(Layer.effect(Seen, ReplyTo.ReplyTo)).pipe(
        Effect.provide(Signer.layer({ url: base, keys: [keys.first] }))
      )
      assert.isDefined(Context.get(below, Seen))
    }))

  it.effect("reads the environment for what it is not given", () =>
    Effect.gen(function*() {
      const env = (values: Record<string, string>, given?: Settings.Given<Signer.Options>) =>
        submitted("r").pipe(
          Effect.provide(
            Signer.layerConfig(given).pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(values))))
          )
        )
      const pair = `${Redacted.value(keys.second)}, ${Redacted.value(keys.first)}`
      const { reference = "", url } = yield* env({ WEBHOOKS_URL: base, WEBHOOKS_KEYS: pair })
      assert.isTrue(url.startsWith(`${base}/`))
      const { replyTo } = yield* signer({ keys: [keys.second] })
      assert.strictEqual(replyTo.callerReference(reference), "r")
      assert.isTrue((yield* env({}, { url: base, keys: [keys.first] })).url.startsWith(base))
      const own = { url: Config.String("URL"), keys: Config.map(Config.Redacted("KEY"), (key) => [key] as const) }
      assert.isTrue((yield* env({ URL: base, KEY: Redacted.value(keys.first) }, own)).url.startsWith(base))
      assert.include((yield* Effect.flip(env({ WEBHOOKS_URL: base }))).message, "WEBHOOKS_KEYS")
      assert.include((yield* Effect.flip(env({ WEBHOOKS_URL: "x", WEBHOOKS_KEYS: pair }))).message, "WEBHOOKS_URL")
      assert.include((yield* Effect.flip(env({ WEBHOOKS_URL: base, WEBHOOKS_KEYS: "" }))).message, "WEBHOOKS_KEYS")
      for (
        const [values, says] of [
          [{ WEBHOOKS_KEYS: pair }, /WEBHOOKS_URL is not set: set it to .*such as https:/],
          [{}, /WEBHOOKS_URL is not set: set it to .*such as https:/],
          [{ WEBHOOKS_URL: base }, /WEBHOOKS_KEYS is not set: set it to .*openssl/]
        ] as const
      ) {
        assert.match((yield* Effect.flip(env(values))).message, says)
      }
    }))

  it.effect("warns where its URL is http, but for this machine's own", () =>
    Effect.gen(function*() {
      const warnings = (url: string) => Effect.map(warned(signer({ url })), ({ lines }) => lines)
      for (
        const url of ["http://app.example", "http://app.example:8080/hooks", "http://192.168.1.7/x", "HTTP://A.b/"]
      ) {
        const [line, ...others] = yield* warnings(url)
        assert.match(line ?? "", /https alone.*such as https:/, url)
        assert.deepStrictEqual(others, [])
      }
      for (
        const url of [base, "http://localhost:8080", "http://127.0.0.1/x", "http://[::1]:1/", "http://a.localhost"]
      ) {
        assert.deepStrictEqual(yield* warnings(url), [], url)
      }
    }))
})
