import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import type * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { inspect } from "node:util"
import * as ArtifactStore from "../src/ArtifactStore.ts"
import * as support from "./support.ts"
import { artifact, broken, headersOf, host, job, media, memory, passing, serve, sha256, signed } from "./support.ts"

const bytes = media(1000)
const stem = "luma-b5fd6ffbf1a04fed7bae8b4c64234d51"
const luma = { id: ProviderId.make("luma"), instance: ProviderId.defaultInstance }

const save = <E = never>(
  client: ReturnType<typeof host>,
  what: Job.Succeeded = job(),
  options?: ArtifactStore.SaveOptions<E>,
  sink = memory()
) => passing(ArtifactStore.save(what, options).pipe(Effect.provide(support.storeOf(sink.service, client.layer))))

describe("a job without a file", () => {
  const never = host(() => new Response("", { status: 500 }))

  it.effect("is nothing to save where nobody can be asked", () =>
    Effect.gen(function*() {
      const sink = memory()
      const error = yield* Effect.flip(save(never, job([]), {}, sink))
      assert.strictEqual(error._tag, "NothingToSave")
      assert.deepStrictEqual([error.remedy, sink.names(), never.asked.length], [{ _tag: "None" }, [], 0])
    }))

  for (
    const [what, again] of [
      ["has none either", job([])],
      ["has not succeeded", new Job.Job({ ...job([]), state: { _tag: "Running" } })],
      ["was lost from sight", new Job.Job({ ...job([]), state: { _tag: "Untracked" } })]
    ] as const
  ) {
    it.effect(`is nothing to save where the job that is asked for again ${what}, and is asked for once`, () =>
      Effect.gen(function*() {
        let asked = 0
        const get = (id: JobId.JobId) =>
          Effect.sync(() => {
            assert.strictEqual(id, support.id)
            asked++
            return again
          })
        const error = yield* Effect.flip(save(never, job([]), { providers: [{ ...luma, get }] }))
        assert.deepStrictEqual([error._tag, asked], ["NothingToSave", 1])
      }))
  }

  it.effect("is saved where it has one by now", () =>
    Effect.gen(function*() {
      const get = () => Effect.succeed(job([artifact(), artifact({ role: "thumbnail", url: signed("t.mp4") })]))
      const saved = yield* save(host(serve(bytes)), job([]), { providers: [{ ...luma, get }] })
      assert.deepStrictEqual(saved.map(({ label }) => label), ["video-primary", "video-thumbnail"])
    }))

  it.effect("fails as its provider fails, typed", () =>
    Effect.gen(function*() {
      const get = () => Effect.fail({ _tag: "Busy" } as const)
      const error = yield* Effect.flip(save(never, job([]), { providers: [{ ...luma, get }] }))
      assert.strictEqual(error._tag, "Busy")
    }))
})

describe("the provider of a job", () => {
  const dead: support.Answer = (asked) =>
    asked.url.includes("fresh") ? serve(bytes)(asked) : new Response("", { status: 410 })

  it.effect("is the one of its id and its instance; no other is asked", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const of = (id: string, instance: string) => ({
        id: ProviderId.make(id),
        instance: ProviderId.Instance.make(instance),
        get: () =>
          Effect.sync(() => {
            asked.push(`${id} ${instance}`)
            return job([artifact({ url: signed("fresh.mp4") })])
          })
      })
      const all = [of("other", "default"), of("luma", "second"), of("luma", "default")]
      yield* save(host(dead), job(), { providers: all })
      assert.deepStrictEqual(asked, ["luma default"])
      const error = yield* Effect.flip(save(host(dead), job(), { providers: all.slice(0, 2) }))
      assert.deepStrictEqual([error._tag, asked.length], ["LinkDead", 1])
    }))

  it.effect("is asked by `link` where it has that, afresh for each artifact, and not by `get`", () =>
    Effect.gen(function*() {
      const links: Array<string> = []
      const provider = {
        ...luma,
        get: () => Effect.die("not needed"),
        link: (job: Job.Job, { role }: { readonly role: string }): Effect.Effect<Provider.Link> =>
          Effect.sync(() => {
            links.push(`${job.id} ${role}`)
            return { url: signed(`fresh-${role}.mp4`) }
          })
      }
      const two = job([artifact(), artifact({ role: "thumbnail" })])
      const saved = yield* save(host(dead), two, { providers: [provider] })
      assert.strictEqual(saved.length, 2)
      assert.deepStrictEqual(links.sort(), [`${support.id} primary`, `${support.id} thumbnail`])
    }))

  it.effect("is asked first for a link that is provisional, which does where the provider has no other", () =>
    Effect.gen(function*() {
      const client = host(serve(bytes))
      const of = (link: Effect.Effect<Provider.Link, "gone">) => ({ providers: [{ ...luma, link: () => link }] })
      const provisional = job([artifact({ isProvisional: true })])
      yield* save(client, provisional, of(Effect.succeed({ url: signed("clean.mp4") })))
      yield* save(client, provisional, of(Effect.fail("gone")))
      yield* save(client, job(), of(Effect.succeed({ url: signed("clean.mp4") })))
      assert.deepStrictEqual(client.asked.map(({ url }) => url), ["clean.mp4", "a.mp4", "a.mp4"].map(signed))
    }))

  const link = (headers: Readonly<Record<string, string>>, url = `${support.origin}/fresh.mp4`) => ({
    providers: [{
      ...luma,
      link: () =>
        Effect.succeed({
          url,
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.make(value)]))
        })
    }]
  })

  it.effect("gives headers, which go to the link's own origin alone and never along a redirect", () =>
    Effect.gen(function*() {
      const client = host((asked) => {
        const { hostname, pathname } = new URL(asked.url)
        if (asked.headers["x-goog-api-key"] === undefined && hostname === "cdn.example.net") {
          return new Response("", { status: 401 })
        }
        return hostname === "cdn.example.net" && pathname === "/fresh.mp4"
          ? new Response(null, { status: 302, headers: { location: "/second.mp4" } })
          : pathname === "/second.mp4"
          ? new Response(null, { status: 302, headers: { location: "https://edge.example.org/a.mp4" } })
          : serve(bytes)(asked)
      })
      // The second hop is on the same origin, and is refused for want of the key.
      const error = yield* Effect.flip(save(client, job(), link({ "X-Goog-Api-Key": "k3y" })))
      assert.strictEqual(error._tag, "LinkLocked")
      assert.deepStrictEqual(
        client.asked.map(({ headers, url }) => [new URL(url).pathname, headers["x-goog-api-key"]]),
        [
          ["/user@example.com/a.mp4", undefined],
          ["/fresh.mp4", "k3y"],
          ["/second.mp4", undefined]
        ]
      )
      const away = host((asked) =>
        asked.url.includes("edge.example.org")
          ? serve(bytes)(asked)
          : asked.headers["authorization"] === undefined
          ? new Response("", { status: 403 })
          : new Response(null, { status: 307, headers: { location: "https://edge.example.org/a.mp4" } })
      )
      const [saved] = yield* save(away, job(), link({ authorization: "Bearer k3y" }))
      assert.strictEqual(saved?.sha256, sha256(bytes))
      assert.deepStrictEqual(away.asked.map(({ headers }) => headers["authorization"]), [
        undefined,
        "Bearer k3y",
        undefined
      ])
    }))

  it.effect("gives a credential with each try and each part, and it appears nowhere", () =>
    Effect.gen(function*() {
      const sink = memory()
      const client = host((asked, n) =>
        asked.headers["authorization"] !== "Bearer s3cr3t-t0k3n"
          ? new Response("", { status: 401 })
          : n === 2
          ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) })
          : n === 3
          ? new Response("", { status: 503 })
          : serve(bytes)(asked)
      )
      const [saved] = yield* save(client, job(), link({ authorization: "Bearer s3cr3t-t0k3n" }), sink)
      assert.deepStrictEqual(sink.files.get(saved?.file ?? ""), bytes)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [
        undefined,
        undefined,
        "bytes=300-",
        "bytes=300-"
      ])
      assert.notInclude(
        inspect([saved, [...sink.files].map(([name, file]) => [name, String(file)])], { depth: 9 }),
        "s3cr3t"
      )
    }))

  it.effect("opens what is no address of the web, or none at all", () =>
    Effect.gen(function*() {
      for (const url of ["", "gs://bucket/a.mp4", "files/abc123", "data:video/mp4;base64,%%%"]) {
        const [saved] = yield* save(host(serve(bytes)), job([artifact({ url })]), link({}))
        assert.strictEqual(saved?.sha256, sha256(bytes), url)
      }
    }))

  it.effect("is asked first where the link is past its time, and its link is believed to be fresh", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10_000)
      const client = host(dead)
      const past = artifact({ expiresAt: DateTime.makeUnsafe(9_000) })
      yield* save(client, job([past]), link({}))
      assert.deepStrictEqual(client.asked.map(({ url }) => url), [`${support.origin}/fresh.mp4`])
    }))

  it.effect("keeps no secret of a link that leads to a private place: nothing is sent there", () =>
    Effect.gen(function*() {
      const client = host(dead)
      const error = yield* Effect.flip(save(client, job(), link({ authorization: "x" }, "http://169.254.169.254/")))
      assert.deepStrictEqual([error._tag, client.asked.length], ["LinkRefused", 1])
    }))
})

describe("401", () => {
  it.effect("is said to want a credential, by `link`, at once", () =>
    Effect.gen(function*() {
      const client = host(() => new Response("<Error/>", { status: 401 }))
      const error = yield* Effect.flip(save(client))
      assert.strictEqual(error._tag, "LinkLocked")
      assert.deepStrictEqual([error.remedy._tag, client.asked.length], ["Reauthenticate", 1])
      assert.include(error.message, "`link`")
    }))

  it.effect("of a page, or of a link that was given afresh, is no other", () =>
    Effect.gen(function*() {
      const page = host(() => new Response("<html>", { status: 401, headers: { "content-type": "text/html" } }))
      assert.strictEqual((yield* Effect.flip(save(page)))._tag, "LinkLocked")
      const get = () => Effect.succeed(job([artifact({ url: signed("b.mp4") })]))
      const error = yield* Effect.flip(save(page, job(), { providers: [{ ...luma, get }] }))
      assert.deepStrictEqual([error._tag, page.asked.length], ["LinkLocked", 3])
    }))
})

describe("a link in a job that was asked for again", () => {
  /** What each link leads to tells which artifact it is of. */
  const client = () =>
    host((asked) => {
      const { pathname, search } = new URL(asked.url)
      return search === "?old"
        ? new Response("", { status: 403 })
        : new Response(pathname, { headers: { "content-type": "image/png", etag: "\"1\"" } })
    })
  const image = (path: string, fields = {}) => artifact({ kind: "image", url: `${support.origin}/${path}`, ...fields })
  const saving = (
    old: ReadonlyArray<ReturnType<typeof artifact>>,
    again: ReadonlyArray<ReturnType<typeof artifact>>
  ) => {
    const sink = memory()
    const get = () => Effect.succeed(job(again))
    return save(client(), job(old), { providers: [{ ...luma, get }] }, sink).pipe(
      Effect.map((saved) =>
        saved.map(({ file, label }) => `${label} ${new TextDecoder().decode(sink.files.get(file))}`)
      )
    )
  }

  it.effect("is that of the same path, wherever it stands", () =>
    Effect.gen(function*() {
      const old = [image("a.png?old"), image("b.png?old")]
      assert.deepStrictEqual(yield* saving(old, [image("c.png"), image("b.png?new"), image("a.png?new")]), [
        "image-primary /a.png",
        "image-primary-2 /b.png"
      ])
    }))

  it.effect("is else that of the same label of its own", () =>
    Effect.gen(function*() {
      const old = [image("1.png?old", { label: "3" })]
      const again = ["1", "2", "3", "4"].map((label) => image(`new-${label}.png`, { label }))
      assert.deepStrictEqual(yield* saving(old, again), ["image-3 /new-3.png"])
    }))

  it.effect("is else that of the same place, where no other has come or gone", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* saving([image("a.png?old"), image("b.png?old")], [image("c.png"), image("d.png")]),
        ["image-primary /c.png", "image-primary-2 /d.png"]
      )
    }))

  for (
    const [what, again] of [
      ["another has come before it", [image("other.png"), image("c.png")]],
      ["it has another role", [image("c.png", { role: "thumbnail" })]],
      ["its label is another's by now", [image("c.png", { label: "9" })]],
      ["there is none", []]
    ] as const
  ) {
    it.effect(`is dead where ${what}, and nothing is saved under its name`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(saving([image("a.png?old")], again))
        assert.strictEqual(error._tag, "LinkDead")
      }))
  }

  it.effect("is dead where its place is taken by another artifact that was there before", () =>
    Effect.gen(function*() {
      const old = [image("a.png?old"), image("b.png")]
      const error = yield* Effect.flip(saving(old, [image("b.png"), image("c.png")]))
      assert.strictEqual(error._tag, "LinkDead")
    }))
})

describe("a page in the file's place", () => {
  const moment = "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title></head></html>"
  const challenges: ReadonlyArray<readonly [string, string, Readonly<Record<string, string>>]> = [
    ["Just a moment", moment, { "content-type": "text/html; charset=UTF-8" }],
    ["a captcha", `<html><body>${" ".repeat(2000)}<div class="g-recaptcha"></div>`, { "content-type": "text/html" }],
    ["what a header says", "<html>", { "content-type": "text/html", "cf-mitigated": "challenge" }],
    ["a page that says nothing of itself", moment, {}],
    ["a page that claims to be a film", `\n<!-- hi -->${moment}`, { "content-type": "video/mp4" }]
  ]
  for (const kind of ["video", "other"] as const) {
    for (const [what, page, headers] of challenges) {
      it.effect(`is tried again at 200, and never a file of kind ${kind}: ${what}`, () =>
        Effect.gen(function*() {
          const client = host((asked, n) => n < 3 ? new Response(page, { headers }) : serve(bytes)(asked))
          const [saved] = yield* save(client, job([artifact({ kind })]))
          assert.deepStrictEqual([saved?.sha256, client.asked.length], [sha256(bytes), 3])
          const sink = memory()
          const always = host(() => new Response(page, { headers }))
          const error = yield* Effect.flip(save(always, job([artifact({ kind })]), {}, sink))
          assert.deepStrictEqual([error._tag, always.asked.length, sink.names()], ["LinkUnavailable", 6, []])
        }))
    }
  }

  for (const status of [403, 429, 503]) {
    it.effect(`is tried again at ${status}`, () =>
      Effect.gen(function*() {
        const headers = { "content-type": "text/html" }
        const client = host((asked, n) => n < 3 ? new Response(moment, { status, headers }) : serve(bytes)(asked))
        yield* save(client)
        assert.strictEqual(client.asked.length, 3)
        const bare = host((asked, n) =>
          n < 3 ? new Response(null, { status, headers: { "cf-mitigated": "challenge" } }) : serve(bytes)(asked)
        )
        yield* save(bare)
        assert.strictEqual(bare.asked.length, 3)
      }))
  }

  it.effect("is a dead link where it tells nobody from anybody", () =>
    Effect.gen(function*() {
      for (const status of [200, 403, 404]) {
        for (const kind of ["video", "other"] as const) {
          const client = host(() =>
            new Response("<html><title>This file has expired</title>", {
              status,
              headers: { "content-type": "text/html" }
            })
          )
          const error = yield* Effect.flip(save(client, job([artifact({ kind })])))
          assert.deepStrictEqual([error._tag, client.asked.length], ["LinkDead", 1])
        }
      }
    }))

  it.effect("does not cost what came before it", () =>
    Effect.gen(function*() {
      const client = host((asked, n) =>
        n === 1
          ? new Response(broken(bytes.slice(0, 300), "cut"), { headers: headersOf(1000) })
          : n === 2
          ? new Response(moment, { headers: { "content-type": "text/html" } })
          : serve(bytes)(asked)
      )
      yield* save(client)
      assert.deepStrictEqual(client.asked.map(({ headers }) => headers["range"]), [
        undefined,
        "bytes=300-",
        "bytes=300-"
      ])
    }))

  it.effect("is the file where a page or a text was asked for", () =>
    Effect.gen(function*() {
      for (const fields of [{ kind: "text" }, { kind: "other", url: signed("site.html") }] as const) {
        const client = host(() => new Response(moment, { headers: { "content-type": "text/html" } }))
        const [saved] = yield* save(client, job([artifact(fields)]))
        assert.deepStrictEqual([saved?.bytes, saved?.mediaType], [moment.length, "text/html"])
      }
    }))
})

describe("a data link", () => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")
  const none = host(() => new Error("nobody is asked"))
  const saved = (url: string, kind: "image" | "text" = "image") =>
    Effect.gen(function*() {
      const sink = memory()
      const [saved] = yield* save(none, job([artifact({ kind, url })]), {}, sink)
      const content = sink.files.get(saved?.file ?? "") ?? new Uint8Array()
      assert.strictEqual(saved?.sha256, sha256(content))
      assert.strictEqual(none.asked.length, 0)
      return { saved, sink, text: new TextDecoder().decode(content), content }
    })

  it.effect("in Base64 is saved under its type, without a request, and stands in no text", () =>
    Effect.gen(function*() {
      const picture = Uint8Array.from([...Buffer.from("RIFF\0\0\0\0WEBPVP8 "), ...media(3_000_000)])
      const { content, saved: entry, sink } = yield* saved(`data:image/webp;base64,${base64(picture)}`)
      assert.strictEqual(Buffer.compare(content, picture), 0)
      assert.deepStrictEqual([entry?.file, entry?.mediaType, entry?.source], [
        `${stem}-image-primary.webp`,
        "image/webp",
        "data:"
      ])
      for (const [name, file] of sink.files) if (name !== entry?.file) assert.isBelow(file.length, 1_000)
    }))

  for (
    const [what, url, text] of [
      ["percent-encoded", "data:text/plain;charset=utf-8,caf%C3%A9%20%zz%4", "café %zz%4"],
      ["with a charset and Base64", "data:text/plain;charset=utf-8;base64,Y2Fmw6k=", "café"],
      ["in Base64 without padding, for URLs, and with spaces", "DATA:text/plain;base64,Pz8_ Pj4-Pz8", "???>>>??"],
      ["in Base64 that is percent-encoded", "data:text/plain;base64,aGk%3D", "hi"],
      ["without a type, with a fragment", " data:,A%20brief%20note#x", "A brief note"],
      ["with a comma in it", "data:text/plain,a,b;base64", "a,b;base64"]
    ] as const
  ) {
    it.effect(`is read: ${what}`, () =>
      Effect.gen(function*() {
        const { saved: entry, text: got } = yield* saved(url, "text")
        assert.deepStrictEqual([got, entry?.mediaType, entry?.file], [text, "text/plain", `${stem}-text-primary.txt`])
      }))
  }

  for (
    const [what, url] of [
      ["broken Base64", `data:image/png;base64,${"A".repeat(9)}!${"secret".repeat(100)}`],
      ["a length that no Base64 has", "data:image/png;base64,AAAAA"],
      ["no comma", `data:image/png;base64${"A".repeat(100)}`],
      ["nothing", "data:image/png;base64,"],
      ["nothing at all", "data:,"]
    ] as const
  ) {
    it.effect(`is refused, typed and in few words, where it holds ${what}`, () =>
      Effect.gen(function*() {
        const sink = memory()
        const error = yield* Effect.flip(save(none, job([artifact({ url })]), {}, sink))
        assert.strictEqual(error._tag === "LinkRefused" && error.reason, "data")
        assert.isBelow(inspect(error).split("\n")[0]?.length ?? NaN, 200)
        for (const text of [error.message, JSON.stringify(error), inspect(error)]) assert.notInclude(text, "AAAA")
        assert.deepStrictEqual(sink.names(), [])
      }))
  }

  it.effect("is no larger than a file may be, and saved once", () =>
    Effect.gen(function*() {
      const url = `data:video/mp4;base64,${base64(bytes)}`
      const sink = memory()
      const small = support.storeOf(sink.service, none.layer, { maxBytes: 999 })
      const error = yield* Effect.flip(ArtifactStore.save(job([artifact({ url })])).pipe(Effect.provide(small)))
      assert.strictEqual(error._tag, "TooLarge")
      const [first] = yield* save(none, job([artifact({ url })]), {}, sink)
      const [second] = yield* save(none, job([artifact({ url })]), {}, sink)
      assert.deepStrictEqual(second, first)
    }))

  it.effect("is not followed to from elsewhere", () =>
    Effect.gen(function*() {
      const client = host(() => new Response(null, { status: 302, headers: { location: "data:,hi" } }))
      const error = yield* Effect.flip(save(client))
      assert.strictEqual(error._tag === "LinkRefused" && error.reason, "scheme")
    }))
})

describe("a redirect", () => {
  const latin1 = (text: string) => Buffer.from(text).toString("latin1")
  for (
    const [location, url] of [
      [latin1("/bücher/a.mp4"), `${support.origin}/b%C3%BCcher/a.mp4`],
      [latin1("https://edge.example.org/写真.mp4?n=é"), "https://edge.example.org/%E5%86%99%E7%9C%9F.mp4?n=%C3%A9"],
      ["/b\xfccher.mp4", `${support.origin}/b%C3%BCcher.mp4`],
      ["/b%C3%BCcher.mp4", `${support.origin}/b%C3%BCcher.mp4`],
      ["/bücher/写.mp4", `${support.origin}/b%C3%BCcher/%E5%86%99.mp4`]
    ] as const
  ) {
    it.effect(`leads where fetch follows it to: ${url}`, () =>
      Effect.gen(function*() {
        const client = host((asked, n) => {
          if (n > 1) return serve(bytes)(asked)
          const response = new Response(null, { status: 302 })
          // Not every client gives headers as the platform's own does, which refuses letters beyond a byte.
          const headers = { get: () => location, [Symbol.iterator]: () => [["location", location]].values() }
          return Object.defineProperty(response, "headers", { value: headers })
        })
        yield* save(client)
        assert.strictEqual(client.asked[1]?.url, url)
      }))
  }
})

describe("what fetch does not take", () => {
  const saving = (fetch: typeof globalThis.fetch, retries = 5) =>
    passing(
      ArtifactStore.save(job()).pipe(
        Effect.provide(support.storeOf(memory().service, FetchHttpClient.layer, { retries })),
        Effect.provideService(FetchHttpClient.Fetch, fetch)
      )
    )

  /** Runs an effect where requests know only what is named. */
  const knowing = <A, E>(known: ReadonlyArray<string>, effect: Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const before = globalThis.Request
        const Limited = class {}
        for (const name of known) Object.defineProperty(Limited.prototype, name, { value: "" })
        Object.defineProperty(globalThis, "Request", { value: Limited, configurable: true, writable: true })
        return before
      }),
      () => effect,
      (before) =>
        Effect.sync(() =>
          Object.defineProperty(globalThis, "Request", { value: before, configurable: true, writable: true })
        )
    )

  for (const known of [["redirect"], ["redirect", "cache"], ["redirect", "credentials", "referrerPolicy"]]) {
    it.effect(`is not asked of it, where requests know ${known.join(", ")} alone`, () =>
      knowing(
        known,
        Effect.gen(function*() {
          let options: ReadonlyArray<string> = []
          const [saved] = yield* saving((_, init = {}) => {
            options = Object.keys(init)
            const stranger = ["credentials", "referrerPolicy", "cache"].find((name) =>
              name in init && !known.includes(name)
            )
            if (stranger !== undefined) throw new TypeError(`The '${stranger}' field is not implemented.`)
            return Promise.resolve(serve(bytes)({ url: "", headers: {} }))
          })
          assert.strictEqual(saved?.sha256, sha256(bytes))
          assert.includeMembers([...options], known)
        })
      ))
  }

  for (const name of ["credentials", "referrerPolicy", "cache", "redirect"]) {
    it.effect(`is named where it is refused all the same, at once: ${name}`, () =>
      Effect.gen(function*() {
        let tries = 0
        const error = yield* Effect.flip(saving(() => {
          tries++
          throw new TypeError(`The '${name}' field on 'RequestInitializerDict' is not implemented.`)
        }))
        assert.strictEqual(error._tag === "LinkRefused" && error.reason, "fetch")
        assert.deepStrictEqual([tries, error.remedy._tag], [1, "None"])
        assert.include(error.message, `The option ${name}`)
      }))
  }

  it.effect("is no name in a link, or in a failure of the network", () =>
    Effect.gen(function*() {
      for (const text of ["fetch failed: https://cdn.example.net/cache/redirect.mp4", "getaddrinfo ENOTFOUND cache"]) {
        const error = yield* Effect.flip(
          saving(
            () =>
              Promise.reject(Object.assign(new TypeError(text), text.startsWith("get") ? { code: "ENOTFOUND" } : {})),
            0
          )
        )
        assert.strictEqual(error._tag, "LinkUnavailable")
      }
    }))

  it.effect("is no `URL.parse`, which some platforms lack", () =>
    Effect.gen(function*() {
      const parse = Object.getOwnPropertyDescriptor(URL, "parse") ?? {}
      yield* Effect.acquireUseRelease(
        Effect.sync(() => Reflect.deleteProperty(URL, "parse")),
        () => save(host(serve(bytes))),
        () => Effect.sync(() => Object.defineProperty(URL, "parse", parse))
      )
    }))
})
