import { assert, describe, it } from "@effect/vitest"
import { SqliteClient } from "@media-jobs/sqlite"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { command, emulator, type Finished, folder, linesOf, type Options, run, within } from "./support.ts"

/** Under load, processes take their time. */
const limit = 60_000

/** One sentence that names the program, and nothing of where it was in its code. */
const isSentence = ({ stderr }: Finished) =>
  assert.match(stderr, /^media-jobs: [^\n]+[.!]?\n$/) ?? assert.notMatch(stderr, /\n {4}at /)

/** The command in a shell that sets its limits. */
const limited = (script: string, args: ReadonlyArray<string>, { cwd, env }: Options) =>
  Effect.promise(() =>
    new Promise<Finished>((resolve) => {
      const child = spawn("sh", ["-c", script, "sh", process.execPath, ...command, ...args], {
        env: { PATH: process.env["PATH"], HOME: cwd, ...env },
        cwd
      })
      const printed = { stdout: "", stderr: "" }
      child.stdout.on("data", (chunk) => printed.stdout += chunk)
      child.stderr.on("data", (chunk) => printed.stderr += chunk)
      child.on("close", (code) => resolve({ code, ...printed }))
    })
  )

describe("what goes wrong", () => {
  it.live("is not that stdin names none, as a list of what runs may", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const options = { cwd, env: (yield* emulator()).env, stdin: "\n" }
      for (const [name, ...more] of [["get"], ["wait", "--save", "out"], ["watch"], ["save"], ["cancel"]] as const) {
        const done = yield* run([name, "-", ...more], options)
        assert.deepStrictEqual(done, { code: 0, stdout: "", stderr: "" }, name)
      }
    }), limit)

  it.live("is said in one sentence, by the right exit code", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const { env } = service
      writeFileSync(join(cwd, "empty"), "\n")
      writeFileSync(join(cwd, "odd.json"), "{\"ledgers\":\"x\"}")
      writeFileSync(join(cwd, "secret.json"), "{\"variables\":{\"USEAPI_TOKEN\":\"t\"}}")
      writeFileSync(join(cwd, "nothing.db"), "this is no database, whatever its name says ".repeat(100))
      const none = { USEAPI_TOKEN: undefined, REPLICATE_API_TOKEN: undefined }
      const luma = ["submit", "useapi-luma", "video", "--prompt", "x"]
      const replicate = ["submit", "replicate", "acme/image-1", "--prompt", "x"]
      const cases: ReadonlyArray<readonly [code: number, says: RegExp, args: ReadonlyArray<string>, env?: object]> = [
        [2, /There is no provider "acme", but there are/, ["list", "--provider", "acme"]],
        [2, /Unknown subcommand "acme"/, ["submit", "acme", "video"]],
        [2, /Unknown subcommand "vide".*video/, ["submit", "useapi-luma", "vide"]],
        [2, /^media-jobs: submit useapi-luma takes one of video, image; --help/, ["submit", "useapi-luma"]],
        [2, /Missing required argument: model/, ["submit", "replicate"]],
        [2, /Expected: a time, as in "30 minutes"/, ["wait", "j1", "--deadline", "soon"]],
        [2, /Expected: a port, from 0 to 65535/, ["webhook", "serve", "--port", "65536"]],
        [2, /A handle is cut or changed: give all of it/, ["get", "mj1.abc"]],
        [2, /is no file: name one to upload/, ["submit", "useapi-luma", "video", "--image-start", "."]],
        [2, /USEAPI_BASE_URL is no base URL/, luma, { USEAPI_BASE_URL: "nowhere" }],
        [2, /Unrecognized flag: --promt/, ["submit", "useapi-luma", "video", "--promt", "x"]],
        [2, /prompt: Expected a text/, ["submit", "useapi-luma", "video"]],
        [2, /"nobodys" is no job that is known here/, ["get", "nobodys"]],
        [2, /id of (?:useapi-)?luma|another service's/, ["get", "nobodys", "--provider", "useapi-luma"]],
        [2, /NotFound/, ["get", "a".repeat(26), "--provider", "replicate"]],
        [2, /has no cancel/, ["cancel", "j1-bot:luma"]],
        [2, /--input takes name=value/, [...replicate, "--input", "seed"]],
        [2, /shows in the list of processes/, ["list", "--token", "user:1-mine"]],
        [2, /shows in the list of processes/, ["list", "--token=user:1-mine"]],
        [2, /token file is empty/, ["list", "--provider", "useapi-luma", "--token-file", "empty"]],
        [2, /--token-file needs --provider/, ["list", "--token-file", "empty"]],
        [2, /odd.json is not as it should be/, ["list", "--config", "odd.json"]],
        [2, /^media-jobs: secret.json holds USEAPI_TOKEN/, ["list", "--config", "secret.json"]],
        [2, /There is no provider "acme", but there are/, ["mcp", "--providers", "acme"]],
        [2, /Expected 0 or more/, ["mcp", "--max-submits", "-1"]],
        [2, /--settle takes KEY=ID/, ["resume", "--settle", "x"]],
        [2, /No submit of the key typo is uncertain/, ["resume", "--settle", "typo=none"]],
        [3, /No provider has its token: set .*REPLICATE_API_TOKEN or .*USEAPI_TOKEN/, ["list"], none],
        [3, /USEAPI_TOKEN is not set: set it to the API token/, luma, none],
        [3, /Unauthorized/, luma, { USEAPI_TOKEN: "user:1-wrong" }],
        [4, /out of reach/, replicate, { REPLICATE_BASE_URL: "http://127.0.0.1:59999/v1" }],
        [1, /check that its folder is one, and can be written/, [...luma, "--save", "nothing.db"]],
        [1, /ledger can't be opened.*no SQLite database/, luma, { MEDIA_JOBS_LEDGER: "nothing.db" }]
      ]
      const results = yield* Effect.forEach(cases, ([, , args, more]) =>
        within(args, { cwd, env: { ...env, ...more } }), { concurrency: 4 })
      for (const [i, [code, says, args]] of cases.entries()) {
        const result = results[i]
        if (result === undefined) {
          return assert.fail()
        }
        assert.deepStrictEqual([args, result.code, result.stdout], [args, code, ""], result.stderr)
        assert.match(result.stderr, says)
        isSentence(result)
        assert.notInclude(result.stderr, "user:1-")
      }
      assert.deepStrictEqual(
        (yield* service.requests).filter(({ method }) =>
          method === "POST"
        ).map(({ url }) => url),
        [
          "/v1/luma/videos"
        ]
      )
    }), limit)

  it.live(
    "a full disk pays nothing, a full output and one that is closed end the command",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator()
        const cwd = yield* folder
        const { env } = service
        const submit = ["submit", "replicate", "acme/image-1", "--prompt", "x"]
        const first = yield* run(submit, { cwd, env })
        assert.deepStrictEqual([first.code, first.stderr], [0, ""])

        const piped = (to: string) => limited(`"$@" ${to}`, ["list"], { cwd, env })
        const full = yield* piped(">/dev/full")
        assert.deepStrictEqual([full.code, full.stderr.includes("ENOSPC")], [1, true], full.stderr)
        const closed = yield* piped("| true")
        assert.match(closed.stderr, /Nothing reads the output any more/)
        for (const one of [full, closed]) isSentence(one)

        yield* service.stop
        const stopped = yield* run(["list", "--provider", "replicate"], { cwd, env })
        assert.strictEqual(stopped.code, 4)
        isSentence(stopped)
      }),
    limit
  )

  it.live(
    "a service that stops answering is told once while it is waited for, and as it answers again",
    () =>
      Effect.gen(function*() {
        const service = yield* emulator(0.01)
        const cwd = yield* folder
        const { env } = service
        const submitted = yield* within(["submit", "replicate", "acme/image-1", "--prompt", "x"], { cwd, env })
        const wait = ["wait", linesOf(submitted)[0]?.id ?? "", "--deadline"]
        yield* service.fault({ fault: "status", status: 503, operation: "replicate.get", times: 4 })
        const again = yield* within([...wait, "1 minute"], { cwd, env })
        const sentences = again.stderr.trimEnd().split("\n")
        assert.strictEqual(sentences.length, 3, again.stderr)
        assert.match(
          sentences[0] ?? "",
          /^media-jobs: The wait goes on, but replicate gives no answer now\. .*Unavailable/
        )
        assert.strictEqual(sentences[1], "media-jobs: replicate answers again.")
        assert.match(sentences[2] ?? "", /DeadlineExceeded/)
        // The service is well: the job takes long.
        assert.strictEqual(again.code, 1)

        yield* service.stop
        const away = yield* within([...wait, "10 seconds"], { cwd, env })
        assert.match(
          away.stderr,
          /^[^\n]*gives no answer now[^\n]*\n[^\n]*DeadlineExceeded[^\n]*the last trouble was[^\n]*\n$/
        )
        assert.strictEqual(away.code, 4)
      }),
    limit
  )

  it.live("a disk that takes no more loses no job and pays for none that is not told", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const { env } = service
      const paid = Effect.map(service.requests, (all) => all.filter(({ method }) => method === "POST").length)
      const submitted = yield* within(["submit", "replicate", "acme/image-1", "--prompt", "x"], { cwd, env })
      const told = [...linesOf(submitted)]
      // Wherever the space ends: as the ledger is opened, before the request, after it.
      for (const blocks of [4, 40, 100, 120, 140]) {
        const file = { ...env, ...(blocks === 4 ? undefined : { MEDIA_JOBS_LEDGER: `ledger-${blocks}.db` }) }
        const result = yield* limited(`ulimit -f ${blocks} && exec "$@"`, [
          "submit",
          "replicate",
          "acme/image-1",
          "--prompt",
          "x"
        ], { cwd, env: file })
        told.push(...linesOf(result))
        assert.strictEqual(told.length, yield* paid, `${blocks} ${result.stderr}`)
        if (result.code === 0) continue
        assert.strictEqual(result.code, 1, result.stderr)
        assert.match(result.stderr, /ledger can't be (?:opened|used|written).*make room, raise the quota/)
        isSentence(result)
      }
      assert.deepStrictEqual(linesOf(yield* within(["get", told[0]!.key], { cwd, env })).map(({ id }) => id), [
        told[0]!.id
      ])
    }), limit)

  it.live("a ledger that can't be written is told, before anything is sent and after", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const { env } = service
      const refusing = Effect.fnUntraced(function*(table: string, ...flags: ReadonlyArray<string>) {
        const ledger = join(cwd, `${table}${flags.join("")}.db`)
        assert.strictEqual((yield* within(["resume", "--ledger", ledger], { cwd })).code, 0)
        yield* SqlClient.SqlClient.use((sql) =>
          sql.unsafe(`CREATE TRIGGER full BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'full'); END`)
        ).pipe(Effect.provide(SqliteClient.layer({ file: ledger })))
        const args = ["submit", "replicate", "acme/image-1", "--prompt", "x", "--ledger", ledger, ...flags]
        const result = yield* within(args, { cwd, env })
        isSentence(result)
        return { ...result, sent: (yield* service.requests).filter(({ method }) => method === "POST").length }
      })
      const before = yield* refusing("media_jobs_submits")
      assert.deepStrictEqual([before.code, before.stdout, before.sent], [1, "", 0])
      assert.match(before.stderr, /Nothing was sent, since the ledger can't be written/)
      const after = yield* refusing("media_jobs_jobs")
      assert.deepStrictEqual([after.code, linesOf(after).length, after.sent], [1, 1, 1])
      assert.match(after.stderr, /The jobs run, and the ledger can't be written: keep the handles/)
      const waited = yield* refusing("media_jobs_jobs", "--wait")
      assert.deepStrictEqual([waited.code, linesOf(waited)[0]?.state._tag, waited.sent], [1, "Succeeded", 2])
      assert.match(waited.stderr, /The jobs have ended, and the ledger can't be written: `media-jobs resume`/)
    }), limit)

  it.live("a folder that can't be written is found before anything is sent", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      writeFileSync(join(cwd, "taken"), "")
      mkdirSync(join(cwd, "out"))
      const args = ["submit", "replicate", "acme/image-1", "--prompt", "x", "--key", "mine"]
      const failed = yield* within([...args, "--save", "taken"], { cwd, env: service.env })
      assert.strictEqual(failed.code, 1, failed.stderr)
      isSentence(failed)
      assert.deepStrictEqual(yield* service.requests, [])
      assert.strictEqual((yield* within([...args, "--wait"], { cwd, env: service.env })).code, 0)
      const again = yield* within(["save", "mine", "--to", "out"], { cwd, env: service.env })
      assert.deepStrictEqual([again.code, again.stderr], [0, ""])
    }), limit)

  it.live("is found by doctor, with what to do", () =>
    Effect.gen(function*() {
      const service = yield* emulator()
      const cwd = yield* folder
      const options = { cwd, env: service.env }
      const well = yield* run(["doctor", "--provider", "useapi-luma"], {
        cwd,
        env: { ...options.env, FASTER: "false" }
      })
      assert.deepStrictEqual([well.code, well.stderr], [0, ""], well.stdout)
      assert.match(well.stdout, /"what":"account","ok":true/)
      assert.match(well.stdout, /"what":"clock"/)
      assert.notMatch(well.stdout, /example\.com/)
      // The clock of these tests is faster than the service's.
      const early = yield* within(["doctor", "--provider", "useapi-luma"], options)
      assert.strictEqual(early.code, 1)
      assert.match(early.stdout, /"what":"clock","ok":false,"says":"is \d+ s ahead of the service's/)
      const wrong = { cwd, env: { ...service.env, USEAPI_TOKEN: "user:1-wrong", MEDIA_JOBS_LEDGER: cwd } }
      const unwell = yield* within(["doctor", "--provider", "useapi-luma"], wrong)
      assert.strictEqual(unwell.code, 3)
      assert.match(unwell.stdout, /refused the token: provide a valid one/)
      assert.match(unwell.stdout, /"about":"ledger"[^\n]*"ok":false/)
    }), limit)
})
