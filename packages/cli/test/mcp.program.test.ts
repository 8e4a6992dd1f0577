import { assert, describe, it } from "@effect/vitest"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { Effect, Exit, Fiber } from "effect"
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  command,
  emulator,
  eventually,
  folder,
  inherited,
  type Line,
  linesOf,
  type Options,
  start,
  within
} from "./support.ts"

/** Under load, processes take their time. */
const limit = 90_000

interface Answer {
  readonly isError?: boolean
  readonly text: string
  readonly jobs: ReadonlyArray<Line>
}

/** The reference SDK's client of a server in a process of its own. */
const connect = Effect.fnUntraced(function*(flags: ReadonlyArray<string>, { cwd = ".", env }: Options) {
  const client = new Client({ name: "test", version: "0" })
  yield* Effect.acquireRelease(
    Effect.promise(() =>
      client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [...command, "mcp", ...flags],
          cwd,
          env: Object.fromEntries(
            Object.entries({ ...inherited, FASTER: "true", HOME: cwd, ...env }).flatMap(([name, value]) =>
              value === undefined ? [] : [[name, value]]
            )
          )
        })
      )
    ),
    () => Effect.promise(() => client.close())
  )
  const call = (name: string, args: object = {}, signal?: AbortSignal): Effect.Effect<Answer> =>
    Effect.promise(async () => {
      const result = await client.callTool({ name, arguments: { ...args } }, undefined, signal && { signal })
      const [content] = result.content as ReadonlyArray<{ readonly text?: string }> // as the protocol says
      // A job may run: nothing here advises another.
      const texts = [content?.text, Object(result.structuredContent).text].join(" ")
      assert.notMatch(texts.replaceAll(/"jobs":.*/g, ""), /(?:submit|send|try)\w*\b[^.:]*\bagain/i)
      return result.isError === true
        ? { isError: true, text: content?.text ?? "", jobs: [] }
        : { text: "", jobs: [], ...Object(result.structuredContent) }
    })
  return { client, call }
})

describe("mcp", () => {
  it.live(
    "is a server to the reference client: each tool, a call that is cancelled, a client that comes back",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator(20)
        const cwd = yield* folder
        const options = { cwd, env: service.env }
        const request = { provider: "replicate", kind: "acme/video-1", request: { input: { prompt: "a lighthouse" } } }

        const first = yield* Effect.scoped(Effect.gen(function*() {
          const { call, client } = yield* connect(["--max-submits", "2", "--folder", "out"], options)
          const { tools } = yield* Effect.promise(() => client.listTools())
          assert.deepStrictEqual(tools.map(({ name }) => name).toSorted(), [
            "cancel",
            "list",
            "look",
            "providers",
            "save",
            "submit",
            "wait"
          ])
          assert.match(
            tools.find(({ name }) => name === "wait")?.description ?? "",
            /cancelled, or given up, stops nothing/
          )
          assert.isTrue(tools.every(({ inputSchema }) => inputSchema["additionalProperties"] === false))
          const every = JSON.stringify(yield* call("providers"))
          assert.deepStrictEqual([/"video"/.test(every), /aspect_ratio/.test(every)], [true, false])
          assert.match(JSON.stringify(yield* call("providers", { provider: "useapi-luma" })), /aspect_ratio/)
          const submitted = yield* call("submit", { ...request, key: "one" })
          assert.strictEqual(submitted.jobs.length, 1, submitted.text)
          const again = yield* call("submit", { ...request, key: "one" })
          assert.strictEqual(again.jobs[0]?.id, submitted.jobs[0]?.id)
          assert.strictEqual((yield* call("list")).jobs.length, 1)
          // A call that its client gives up stops waiting, and nothing else.
          const controller = new AbortController()
          const waiting = yield* Effect.forkChild(
            Effect.exit(call("wait", { ids: ["one"], seconds: 50 }, controller.signal))
          )
          yield* Effect.yieldNow
          controller.abort()
          assert.isTrue(Exit.isFailure(yield* Fiber.join(waiting)))
          const still = yield* call("look", { ids: ["one", "nobodys"] })
          assert.deepStrictEqual(still.jobs.map(({ state }) => ["Queued", "Running"].includes(state._tag)), [true])
          assert.match(still.text, /Under way and paid for: 1 job\. Call wait.*"nobodys" is no job/)
          assert.deepStrictEqual((yield* service.requests).filter(({ url }) => url.endsWith("/cancel")), [])
          const other = yield* call("submit", { ...request, key: "two" })
          const stopped = yield* call("cancel", { ids: [other.jobs[0]!.id] })
          assert.strictEqual(stopped.jobs[0]?.id, other.jobs[0]!.id, stopped.text)
          const third = yield* call("submit", { ...request, key: "three" })
          assert.deepStrictEqual([third.jobs, /used up/.test(third.text)], [[], true])
          return submitted.jobs[0]!
        }))

        const { call, client } = yield* connect([], options)
        // As an agent goes on: a call that ended before the job is made again.
        const waited = yield* Effect.repeat(call("wait", { ids: ["one"], seconds: 50 }), {
          until: ({ jobs }) => jobs.every(({ state }) => state._tag !== "Queued" && state._tag !== "Running")
        })
        assert.deepStrictEqual(
          waited.jobs.map(({ id, state }) => [id, state._tag]),
          [[first.id, "Succeeded"]],
          waited.text
        )
        const saved = yield* call("save", { ids: [first.handle] })
        assert.isTrue(saved.jobs[0]!.files.every(({ location }) => existsSync(location)), saved.text)
        const { resourceTemplates } = yield* Effect.promise(() => client.listResourceTemplates())
        assert.deepStrictEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), [
          "media-jobs://files/{job}/{file}"
        ])
        const [file] = saved.jobs[0]!.files
        assert.notInclude(file!.resource, first.id)
        const read = (uri: string) =>
          Effect.promise(() => client.readResource({ uri }).then(({ contents }) => contents, () => "refused"))
        assert.deepStrictEqual(yield* read(file!.resource), [{
          uri: file!.resource,
          mimeType: "video/mp4",
          blob: readFileSync(file!.location).toString("base64")
        }])
        const outside = file!.resource.replace(/[^/]+$/, encodeURIComponent("../ledger.db"))
        assert.strictEqual(yield* read(outside), "refused")
        const { contents } = yield* Effect.promise(() => client.readResource({ uri: "media-jobs://jobs" }))
        assert.strictEqual(contents.length, 1)

        // Nothing is spent unless a person says so, and no text asks for it.
        const dry = yield* call("submit", { ...request, key: "four" })
        assert.match(dry.text, /^Dry run/)
        const wrong = yield* call("submit", { ...request, provider: "acme", key: "five" })
        assert.deepStrictEqual([wrong.isError, /not among the providers/.test(wrong.text)], [true, true])
        const odd = yield* call("submit", {
          provider: "useapi-luma",
          kind: "video",
          request: { model: "x" },
          key: "six"
        })
        assert.match(odd.text, /model: Expected/)
        assert.strictEqual(
          (yield* service.requests).filter(({ body }) => /lighthouse/.test(JSON.stringify(body) ?? "")).length,
          2
        )
      }),
    limit
  )

  it.live(
    "spends what it may, whatever comes at once, and takes files of its folders alone",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator()
        const cwd = yield* folder
        const outside = yield* folder
        const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")
        for (const file of [join(cwd, "start.png"), join(outside, "secret.png")]) writeFileSync(file, png)
        symlinkSync(join(outside, "secret.png"), join(cwd, "link.png"))
        const { call } = yield* connect(["--max-submits", "1"], { cwd, env: service.env })
        const email = "user@example.com"
        const ask = (imageStart: string, more: object) =>
          call("submit", { provider: "useapi-luma", kind: "video", request: { imageStart, email }, key: "k", ...more })

        // A word that it does not know may be one that was to keep it from spending.
        assert.match((yield* ask("start.png", { dryrun: true })).text, /dryrun/)
        for (const file of [join(outside, "secret.png"), "link.png"]) {
          assert.match((yield* ask(file, { dryRun: true })).text, /in none of the folders of this server/)
        }
        assert.match((yield* ask("none.png", { dryRun: true })).text, /There is no file none\.png/)
        assert.match((yield* ask("start.png", { dryRun: true })).text, /^Dry run: the request is right/)
        assert.deepStrictEqual((yield* service.requests).filter(({ method }) => method === "POST"), [])

        // What comes to nothing uses nothing up.
        const refused = call("submit", {
          provider: "replicate",
          kind: "nobodys/model",
          request: { input: {} },
          key: "r"
        })
        yield* service.fault({ fault: "status", status: 422, operation: "replicate.model", times: 1 })
        assert.isTrue((yield* refused).isError)
        const together = yield* Effect.all(["a", "b", "c"].map((key) => ask("start.png", { key })), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(together.map(({ jobs }) => jobs.length).toSorted(), [0, 0, 1], together[0]?.text)
        const posts = (yield* service.requests).filter(({ method }) => method === "POST").map(({ url }) => url)
        assert.deepStrictEqual(posts.filter((url) => url.endsWith("/videos")).length, 1)
      }),
    limit
  )

  it.live(
    "pays for no key that it may not, whatever an earlier submit under it turns out to be",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator()
        const cwd = yield* folder
        const options = { cwd, env: service.env }
        const request = { provider: "replicate", kind: "acme/image-1", request: { input: { prompt: "a lighthouse" } } }
        const words = "submit replicate acme/image-1 --prompt".split(" ").concat("a lighthouse", "--key")
        const sent = Effect.map(service.requests, (all) => all.filter(({ method }) => method === "POST").length)

        yield* service.fault({ fault: "hang", operation: "replicate.model" })
        yield* Effect.forEach(["guard", "second"], (key, i) =>
          Effect.scoped(Effect.gen(function*() {
            const { child, finished } = yield* start([...words, key], options)
            yield* eventually(Effect.map(sent, (posts) => posts === i + 1))
            child.kill("SIGKILL")
            yield* finished
          })))
        yield* service.heal
        const known = linesOf(yield* within([...words, "known"], options))
        assert.strictEqual(yield* sent, 3)

        yield* Effect.scoped(Effect.gen(function*() {
          const { call } = yield* connect([], options)
          const answer = yield* call("submit", { ...request, key: "guard" })
          assert.deepStrictEqual([answer.jobs, answer.text.startsWith("Dry run")], [[], true], answer.text)
          const joined = yield* call("submit", { ...request, key: "known" })
          assert.deepStrictEqual(joined.jobs.map(({ id }) => id), known.map(({ id }) => id))
          assert.strictEqual(yield* sent, 3)
        }))
        const { call } = yield* connect(["--max-submits", "1"], options)
        const [first, again, over] = [
          yield* call("submit", { ...request, key: "second" }),
          yield* call("submit", { ...request, key: "second" }),
          yield* call("submit", { ...request, key: "guard" })
        ]
        assert.strictEqual(first.jobs.length, 1, first.text)
        assert.strictEqual(again.jobs[0]?.id, first.jobs[0]?.id)
        assert.match(over.text, /used up/)
        assert.strictEqual(yield* sent, 4)
      }),
    limit
  )

  it.live("says of a job that it was stopped only where it is", () =>
    Effect.gen(function*() {
      const [slow, fast] = [yield* emulator(0.01), yield* emulator()]
      const cwd = yield* folder
      const options = {
        cwd,
        env: { ...slow.env, FAL_KEY: slow.env["USEAPI_TOKEN"] ?? "", FAL_BASE_URL: `${fast.url}/fal` }
      }
      const submit = (provider: string, key: string) =>
        within(["submit", provider, "acme/image-1", "--prompt", key, "--key", key], options)
      yield* Effect.forEach(["stopped", "running"], (key) => submit("replicate", key))
      yield* submit("fal", "made")
      const { call } = yield* connect([], options)
      yield* eventually(
        Effect.map(call("look", { ids: ["made"] }), ({ jobs: [job] }) => job?.state._tag === "Succeeded")
      )
      const told = "Their service was told to stop them."
      assert.strictEqual((yield* call("cancel", { ids: ["stopped"] })).text, told)
      yield* slow.fault({ fault: "status", status: 200, operation: "replicate.cancel" })
      assert.strictEqual(
        (yield* call("cancel", { ids: ["running", "made"] })).text,
        `${told} Not stopped yet, and paid for if they end: 1 job. Call look. Had succeeded already: 1 job. Call save.`
      )
      assert.deepStrictEqual(linesOf(yield* within(["list"], options)).map(({ key }) => key).toSorted(), [
        "made",
        "running"
      ])
    }), limit)
})
