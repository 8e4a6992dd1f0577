import { assert, layer } from "@effect/vitest"
import { Job } from "@media-jobs/core"
import { Context, Effect, Layer, Schema } from "effect"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Emulator, emulator, folder, linesOf, run, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000
const readJob = Schema.decodeUnknownSync(Schema.toCodecJson(Job.Job))

class Service extends Context.Service<Service, Emulator>()("test/Service") {}

/** The command with a folder of its own. */
const setting = Effect.gen(function*() {
  const { env, ...rest } = yield* Service
  const cwd = yield* folder
  return { ...rest, cwd, env, media: (...args: ReadonlyArray<string>) => within(args, { cwd, env }) }
})

layer(Layer.effect(Service, emulator()), { excludeTestServices: true, timeout: "60 seconds" })("media-jobs", (it) => {
  it.effect("submits, gets by a prefix, waits, saves, lists, and each line is a Job", () =>
    Effect.gen(function*() {
      const { cwd, media } = yield* setting
      const submitted = yield* media("submit", "useapi-luma", "video", "--prompt", "a lighthouse")
      assert.deepStrictEqual([submitted.code, submitted.stderr], [0, ""])
      const [line] = linesOf(submitted)
      const { id } = readJob(line)
      assert.deepStrictEqual(linesOf(yield* media("list")).map((line) => line.id), [id])
      // As the screen has it: cut short.
      const got = linesOf(yield* media("get", `${id.slice(0, 14)}…`))
      assert.deepStrictEqual(got.map((line) => [line.id, line.handle, line.key]), [
        [id, line?.handle, line?.key]
      ])
      const waited = yield* media("wait", line!.handle)
      assert.deepStrictEqual([waited.code, linesOf(waited).map((line) => readJob(line).state._tag)], [0, ["Succeeded"]])
      const saved = yield* media("save", line!.key, "--to", "out")
      assert.deepStrictEqual(
        linesOf(saved)[0]?.files.map(({ location }) => location).toSorted(),
        readdirSync(join(cwd, "out")).filter((name) => !name.endsWith(".json")).map((name) => join(cwd, "out", name))
      )
      assert.deepStrictEqual(linesOf(yield* media("list")), [])
      assert.strictEqual((yield* media("remove", id.slice(0, 14))).code, 0)
      assert.strictEqual((yield* media("get", id.slice(0, 14))).code, 2)
    }), limit)

  it.effect(
    "waits and saves at once, tells of failures by its exit code, and reads ids from stdin",
    () =>
      Effect.gen(function*() {
        const { cwd, env, fault, heal, media } = yield* setting
        const saved = yield* media(
          ..."submit replicate acme/video-1 --prompt lighthouse --input seed=7 --save out".split(" ")
        )
        assert.deepStrictEqual([saved.code, saved.stderr], [0, ""])
        assert.isAtLeast(linesOf(saved)[0]!.files.length, 1)
        assert.isAtLeast(readdirSync(join(cwd, "out")).length, 2)
        yield* fault({ fault: "withField", name: "status", value: "failed", operation: "replicate.get" })
        const failed = yield* media("submit", "replicate", "acme/video-1", "--prompt", "a lighthouse", "--wait")
        yield* heal
        assert.deepStrictEqual([failed.code, failed.stderr], [1, ""])
        assert.deepStrictEqual(linesOf(failed).map((line) => readJob(line).state._tag), ["Failed"])
        const submitted = yield* media("submit", "useapi-luma", "image", "--prompt", "four")
        assert.strictEqual(linesOf(submitted).length, 4)
        const waited = yield* run(["wait", "-", "--save", "out"], { cwd, env, stdin: submitted.stdout })
        assert.deepStrictEqual([waited.code, linesOf(waited).length, waited.stderr], [0, 4, ""])
      }),
    limit
  )

  it.effect("the same key again is the same submit", () =>
    Effect.gen(function*() {
      const { media, requests } = yield* setting
      const submit = (prompt: string) =>
        media("submit", "replicate", "acme/image-1", "--prompt", prompt, "--key", "mine", "--wait")
      const [first, second] = [yield* submit("the one"), yield* submit("the one")]
      assert.deepStrictEqual([first.code, second.code], [0, 0])
      assert.strictEqual(linesOf(first)[0]?.id, linesOf(second)[0]?.id)
      const other = yield* submit("two")
      assert.deepStrictEqual([other.code, other.stdout], [2, ""])
      assert.match(other.stderr, /^media-jobs: [^\n]*key of its own[^\n]*\n$/)
      assert.strictEqual((yield* requests).filter(({ body }) => JSON.stringify(body)?.includes("the one")).length, 1)
    }), limit)

  it.effect("uploads the files that a request names", () =>
    Effect.gen(function*() {
      const { cwd, media, requests } = yield* setting
      writeFileSync(join(cwd, "start.png"), Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"))
      const made = yield* media(
        ..."submit useapi-luma video --email user@example.com --image-start start.png".split(" ")
      )
      assert.deepStrictEqual([made.code, made.stderr], [0, ""])
      const again = () =>
        media(..."submit useapi-kling frames-to-video --prompt p --image start.png --key framed".split(" "))
      const first = linesOf(yield* again())
      assert.lengthOf(first, 1)
      const before = (yield* requests).length
      // The file is not uploaded anew, for under another reference it would be another request.
      assert.deepStrictEqual(linesOf(yield* again()).map(({ id }) => id), first.map(({ id }) => id))
      assert.deepStrictEqual(
        (yield* requests).slice(before).filter(({ method }) => method === "POST").map(({ url }) => url),
        []
      )
      writeFileSync(join(cwd, "start.png"), Buffer.from("89504e470d0a1a0a0000000d4948445200", "hex"))
      const other = yield* again()
      assert.strictEqual(other.code, 2)
      assert.match(other.stderr, /key of its own: this one is another request's/)
      const missing = yield* media("submit", "useapi-luma", "video", "--image-start", "none.png")
      assert.deepStrictEqual([missing.code, missing.stderr], [
        2,
        "media-jobs: There is no file none.png, or it can't be read.\n"
      ])
    }), limit)

  it.effect("takes a request from a file or from stdin, and flags before it", () =>
    Effect.gen(function*() {
      const { cwd, env, media, requests } = yield* setting
      const request = { input: { prompt: "from the file", seed: 7 } }
      writeFileSync(join(cwd, "request.json"), JSON.stringify(request))
      const words = ["submit", "replicate", "acme/image-1", "--request"]
      const made = yield* media(...words, "request.json", "--prompt", "a flag's", "--input", "steps=4")
      assert.deepStrictEqual([made.code, made.stderr], [0, ""])
      const piped = yield* run([...words, "-"], { cwd, env, stdin: JSON.stringify({ input: { prompt: "piped" } }) })
      assert.deepStrictEqual([piped.code, piped.stderr], [0, ""])
      const bodies = (yield* requests).flatMap(({ body, method }) => method === "POST" ? [body] : [])
      assert.include(bodies, JSON.stringify({ input: { prompt: "a flag's", seed: 7, steps: 4 } }))
      assert.include(bodies, JSON.stringify({ input: { prompt: "piped" } }))
      const typed = yield* media("submit", "useapi-luma", "video", "--request", "request.json")
      assert.deepStrictEqual([typed.code, /input: Expected no such field/.test(typed.stderr)], [2, true])
      writeFileSync(join(cwd, "odd.json"), "[1]")
      const odd = yield* Effect.forEach([["odd.json"], ["none.json"], ["-", "--token-file", "-"]], (more) =>
        media(...words, ...more, "--provider", "replicate"))
      assert.deepStrictEqual(odd.map(({ code, stderr }) => [code, stderr]), [
        [
          2,
          "media-jobs: odd.json holds no JSON object: give the request's fields, as in {\"prompt\": \"a lighthouse\"}.\n"
        ],
        [2, "media-jobs: The request file none.json can't be read: check that it is there.\n"],
        [2, "media-jobs: The token and the request can't both stand on stdin: name a file for one.\n"]
      ])
    }), limit)

  it.effect("says to a person that there is nothing, and nothing to a program", () =>
    Effect.gen(function*() {
      const { cwd } = yield* setting
      const { env } = yield* emulator()
      const options = { cwd, env }
      for (const command of ["list", "watch"]) {
        const person = yield* within([command], options, { isTerminal: true })
        assert.deepStrictEqual([person.code, person.stdout, person.stderr], [
          0,
          "",
          "media-jobs: Nothing executes, and all that was submitted here has ended.\n"
        ])
        assert.deepStrictEqual(yield* within([command], options), { code: 0, stdout: "", stderr: "" })
      }
    }), limit)

  it.effect("watches each change of one job", () =>
    Effect.gen(function*() {
      const { media } = yield* setting
      const [line] = linesOf(yield* media("submit", "useapi-luma", "video", "--prompt", "a lighthouse"))
      const watched = yield* media("watch", line!.id)
      const states = linesOf(watched).map((line) => line.state._tag)
      assert.strictEqual(watched.code, 0)
      assert.strictEqual(states.at(-1), "Succeeded")
      assert.isAtLeast(states.length, 2)
    }), limit)
})
