import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import type { Command } from "effect/cli"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Access from "../src/access.ts"
import * as Commands from "../src/commands.ts"
import { load } from "../src/program.ts"
import { type Emulator, emulator, eventually, folder, freePort, linesOf, run, start, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 120_000

class Service extends Context.Service<Service, Emulator>()("test/Service") {}

/** A command, its words, and the commands below it. */
const tree = (command: Command.Command.Any, ...path: ReadonlyArray<string>): ReadonlyArray<{
  readonly words: ReadonlyArray<string>
  readonly examples: ReadonlyArray<string>
}> => [
  { words: path, examples: command.examples.map(({ command }) => command) },
  ...command.subcommands.flatMap(({ commands }) => commands).flatMap((below) => tree(below, ...path, below.name))
]

/** A command line in the words of a shell, without the program. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, ...word]) => word.join("")).slice(1)

/** A folder with the files that examples name, and the variables of all services. */
const setting = Effect.gen(function*() {
  const { env: { USEAPI_TOKEN: token, ...env }, url } = yield* Service
  const cwd = yield* folder
  const files = { "start.png": "89504e470d0a1a0a", "clip.mp4": "000000186674797069736f6d", "voice.mp3": "4944330400" }
  for (const [name, head] of Object.entries(files)) {
    writeFileSync(join(cwd, name), Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(600)]))
  }
  return {
    cwd,
    env: {
      ...env,
      USEAPI_TOKEN: token,
      FAL_KEY: token,
      FAL_BASE_URL: `${url}/fal`,
      GEMINI_API_KEY: token,
      GOOGLE_GEMINI_BASE_URL: `${url}/google`,
      GOOGLE_OAUTH_ACCESS_TOKEN: token,
      GOOGLE_CLOUD_PROJECT: "project",
      GOOGLE_VERTEX_BASE_URL: `${url}/google-vertex`,
      LUMAAI_API_KEY: token,
      LUMAAI_BASE_URL: `${url}/luma-dream-machine`,
      LUMA_AGENTS_API_KEY: token,
      LUMA_BASE_URL: `${url}/luma`,
      RUNWAYML_API_SECRET: token,
      RUNWAYML_BASE_URL: `${url}/runway`
    }
  }
})

layer(Layer.effect(Service, emulator()), { excludeTestServices: true, timeout: "60 seconds" })("help", (it) => {
  it.effect("has an example of each command that works as it stands", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* setting
      const media = (...args: ReadonlyArray<string>) => within(args, { cwd, env })
      const all = tree(Commands.make("0"))
      // Those of providers are read below, where their flags are known.
      const ours = all.filter(({ words: [first, second] }) => first !== "submit" || second === undefined)
      assert.deepStrictEqual(ours.filter(({ examples }) => examples.length === 0), [])
      const examples = [...new Set(ours.flatMap(({ examples }) => examples))]
      const of = Effect.fnUntraced(function*(line: string) {
        const [name = "", ...words] = wordsOf(line)
        // What the examples call ID is a job that this can be done to.
        const job = ["cancel", "untrack"].includes(name)
          ? ["replicate", "acme/video-1"]
          : ["useapi-luma", "video", ...(/save|remove/.test(name) ? ["--wait"] : [])]
        const [made] = words.includes("ID") ? linesOf(yield* media("submit", ...job, "--prompt", "x")) : []
        const args = [name, ...words.map((word) => word === "ID" ? made!.id.slice(0, 20) : word)]
        if (line.includes("webhook serve --port")) {
          const port = `${yield* freePort}`
          const hooks = { WEBHOOKS_URL: `http://127.0.0.1:${port}/hooks`, WEBHOOKS_KEYS: "k".repeat(32) }
          const server = yield* start([...args.slice(0, -1), port], { cwd, env: { ...env, ...hooks } })
          yield* eventually(Effect.sync(() => server.printed.stderr.includes("Listens at")))
          server.child.kill("SIGTERM")
          return { line, code: (yield* server.finished).code === 130 ? 0 : 1, stderr: "" }
        }
        // Of servers, stdin would be this process's own; and a clock that is faster is what doctor looks for.
        const { code, stderr } = yield* /^(?:mcp|emulator|doctor)$/.test(name)
          ? run(args, { cwd, env: { ...env, FASTER: "false" } })
          : media(...args)
        return { line, code, stderr }
      })
      // What goes on with what others left must find nothing under way.
      const isLast = (line: string) => line.endsWith("resume")
      const results = [
        ...yield* Effect.forEach(examples.filter((line) => !isLast(line)), of, { concurrency: 3 }),
        ...yield* Effect.forEach(examples.filter(isLast), of)
      ]
      assert.deepStrictEqual(
        results.filter(({ code, line, stderr }) => code !== 0 || stderr !== "" || line === ""),
        // Replicate lets go of no job.
        [{
          line: "media-jobs untrack ID",
          code: 2,
          stderr: "media-jobs: replicate has no untrack: `media-jobs providers` says what each provider can do.\n"
        }]
      )
      assert.strictEqual(results.length, examples.length)
    }), limit)

  it.effect("has an example of each kind of request that its service takes", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* setting
      const media = (...args: ReadonlyArray<string>) => within(args, { cwd, env })
      const idOf = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
        return linesOf(yield* media("submit", ...args, "--prompt", "a lighthouse", "--wait"))[0]!.id
      })
      const clip = yield* idOf("useapi-pixverse", "create-video", "--aspect-ratio", "16:9")
      /** What a user of the service would have: words in capitals. */
      const capitals: Readonly<Record<string, string>> = {
        "useapi-dreamina upscale-video JOBID": yield* idOf("useapi-dreamina", "video"),
        "useapi-dreamina upscale-image JOBID": yield* idOf("useapi-dreamina", "image"),
        "useapi-dreamina interpolate JOBID": yield* idOf("useapi-dreamina", "video"),
        "useapi-pixverse extend VIDEO_ID": clip,
        "useapi-pixverse upscale VIDEO_ID": clip,
        "luma-dream-machine upscale-video ID": yield* idOf("luma-dream-machine", "video", "--model", "ray-2"),
        "luma-dream-machine add-audio ID": yield* idOf("luma-dream-machine", "video", "--model", "ray-2")
      }
      const results = yield* Effect.forEach(
        Access.ids,
        Effect.fnUntraced(function*(id) {
          const all = tree(Commands.make("0", yield* load(id))).filter(({ words }) => words[1] === id)
          assert.isAtLeast(all.length, 1)
          assert.deepStrictEqual(all.filter(({ examples }) => examples.length === 0), [])
          return yield* Effect.forEach(
            [...new Set(all.flatMap(({ examples }) => examples))],
            Effect.fnUntraced(function*(line) {
              const words = wordsOf(line).map((word, _, [, id, kind]) => capitals[`${id} ${kind} ${word}`] ?? word)
              const { code, stderr } = yield* media(...words)
              return { line, code, stderr }
            })
          )
        })
      )
      assert.deepStrictEqual(results.flat().filter(({ code, stderr }) => code !== 0 || stderr !== ""), [
        // The request does without which image it is; what documents print has it, and so the emulator demands it.
        {
          line: "media-jobs submit useapi-dreamina upscale-image --jobid JOBID",
          code: 2,
          stderr: "media-jobs: useapi-dreamina submit: InvalidRequest [status 400]. The service refused the request: " +
            "change it. Detail: Missing key at [\"imageIndex\"]\n"
        }
      ])
    }), limit)

  it.effect("is no wider than the terminal, but for commands and words that are", () =>
    Effect.gen(function*() {
      const ofProviders = yield* Effect.forEach(Access.ids, (id) =>
        Effect.map(load(id), (loaded) => tree(Commands.make("0", loaded)).filter(({ words }) => words[1] === id)))
      for (const { words } of [...tree(Commands.make("0")), ...ofProviders.flat()]) {
        const { stdout } = yield* within([...words, "--help"], {})
        const wide = stdout.split("\n").filter((line) =>
          line.length > 80 && !/^ {2}media-jobs |^ *\S+$/.test(line)
        )
        assert.deepStrictEqual([words, wide], [words, []])
      }
    }), limit)
})
