import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { emulator, eventually, folder, linesOf, within } from "./support.ts"
import { shell as shellAt, terminal } from "./terminal.ts"

/** Under load, processes take their time. */
const limit = 120_000

/** Images of Luma, four a submit, that run for as long as any test. */
const running = Effect.fnUntraced(function*(submits: number) {
  const { env, fault, heal } = yield* emulator(0.01)
  const cwd = yield* folder
  const ids: Array<string> = []
  for (let i = 0; i < submits; i++) {
    const submitted = yield* within(["submit", "useapi-luma", "image", "--prompt", "four"], { cwd, env })
    assert.strictEqual(submitted.code, 0, submitted.stderr)
    ids.push(...linesOf(submitted).map(({ id }) => id))
  }
  return { env, cwd, ids, fault, heal }
})

/** Rows of the table, of which each line of the screen is one, or its head, or what says how many have no room. */
const isTable = (rows: ReadonlyArray<string>, jobs: number, columns: number): boolean => {
  const [head = "", ...others] = rows.filter((row) => row !== "")
  const left = /^and (\d+) more$/.exec(others.at(-1) ?? "")?.[1]
  const shown = left === undefined ? others : others.slice(0, -1)
  return /^ID +(?:PROVIDER +)?STATE/.test(head) && rows.every((row) => row.length < columns) &&
    shown.every((row) => /^j\d+\S+ +(?:useapi-\S+ +)?(?:Queued|Running)(?: |$)/.test(row)) &&
    shown.length + Number(left ?? 0) === jobs &&
    (columns < 40 || new Set(shown.map((row) => row.split(" ")[0])).size === shown.length)
}

describe("the live table", () => {
  it.live("is right after any number of resizes, at whatever point of a frame", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* running(3)
      const at = yield* terminal(["watch"], { columns: 80, cwd, env: { ...env, PS1: "" } })
      at.screen.write("what was here before\r\n")
      yield* eventually(Effect.map(at.rows, (rows) => isTable(rows, 12, 80)))
      // Narrower, wider, with room for all and without, each as a frame for the size before is on its way to the screen.
      const sizes = [[60, 24], [200, 24], [80, 8], [40, 30], [80, 24], [200, 6], [20, 24], [81, 25], [79, 5]] as const
      for (let i = 0; i < 45; i++) {
        const [columns, rows] = sizes[i % sizes.length]!
        yield* at.arrives
        yield* at.resize(columns, rows)
      }
      for (const [columns, rows] of [[80, 24], [200, 8], [80, 8], [60, 24], [80, 24]] as const) {
        yield* at.resize(columns, rows)
        yield* eventually(Effect.map(at.rows, (all) =>
          isTable(all, 12, columns) && all.filter((row) =>
              row !== ""
            ).length === Math.min(rows, 13)))
      }
      yield* at.type("\u0003")
      assert.strictEqual(yield* at.ended, 130)
      // What was there before is there, and the table once.
      const [before, ...table] = yield* at.lines
      assert.strictEqual(before, "what was here before")
      assert.isTrue(
        isTable(
          table.slice(0, 13).map((row) =>
            row.replace(/.$/, "")
          ),
          12,
          80
        ),
        table.join("\n")
      )
      assert.match(table.slice(13).join(""), /^media-jobs: Interrupted: 12 jobs go on/)
    }), limit)

  it.live(
    "is whole again after keys are typed, and leaves the terminal as it was at Ctrl-C in the middle of a frame",
    () =>
      Effect.gen(function*() {
        const { cwd, env } = yield* running(1)
        const at = yield* terminal(["watch"], { columns: 80, rows: 6, cwd, env })
        yield* eventually(at.isLive)
        // They are shown where they are typed, and move the screen up; the next frame is on all of it again.
        yield* at.type("some\r\r\r\r\r\r\r\r\u001b[A")
        yield* eventually(Effect.sync(() => at.written.join("").includes("some\r\n\r\n")))
        yield* eventually(Effect.map(at.rows, (rows) => isTable(rows, 4, 80)))
        yield* at.arrives
        yield* at.type("\u0003")
        assert.strictEqual(yield* at.ended, 130)
        assert.isFalse(yield* at.isLive)
        const all = at.written.join("")
        for (const [mode, there] of [["25", "h"], ["7", "h"], ["1049", "l"], ["2026", "l"]] as const) {
          // oxlint-disable-next-line no-control-regex -- commands to a terminal
          const last = [...all.matchAll(/\u001b\[\?(\d+)([hl])/g)].findLast(([, of]) => of === mode)
          assert.strictEqual(last?.[2], there, mode)
        }
        assert.strictEqual(all.split("\u001b[?2026h").length, all.split("\u001b[?2026l").length)
      }),
    limit
  )

  it.live(
    "stops at Ctrl-Z with the terminal as it was, goes on in the background unseen, and is there again at fg",
    () =>
      Effect.gen(function*() {
        const { cwd, env } = yield* running(1)
        const shell = yield* shellAt({ columns: 80, cwd, env })
        yield* shell.type("media-jobs watch\r")
        const isShown = (columns: number) =>
          eventually(Effect.zipWith(shell.isLive, shell.rows, (isLive, rows) => isLive && isTable(rows, 4, columns)))
        yield* isShown(80)
        yield* shell.type("\u001a")
        yield* shell.shows(/Stopped +media-jobs watch/)
        assert.isFalse(yield* shell.isLive)
        // Of a terminal that is not at it, it does not hear how wide it has become.
        yield* shell.resize(60)
        yield* shell.type("fg\r")
        yield* isShown(60)
        yield* shell.type("\u001a")
        yield* eventually(Effect.map(shell.isLive, (isLive) => !isLive))
        yield* shell.type("bg\r")
        yield* shell.shows(/\[1\]\+ media-jobs watch &/)
        for (let i = 0; i < 3; i++) {
          yield* shell.type(`echo still-$((${i} + 1))\r`)
          yield* shell.shows(new RegExp(`^still-${i + 1}$`, "m"))
          assert.isFalse(yield* shell.isLive)
        }
        yield* shell.type("fg\r")
        yield* isShown(60)
        yield* shell.type("\u0003")
        yield* shell.shows(/Interrupted: 4 jobs go on/)
        assert.isFalse(yield* shell.isLive)
      }),
    limit
  )

  it.live(
    "leaves keys to the shell that are typed meanwhile, and shows sixels where the terminal says that it can",
    () =>
      Effect.gen(function*() {
        const { env, fault } = yield* emulator()
        const cwd = yield* folder
        const submitted = yield* within(["submit", "useapi-kling", "image", "--prompt", "x", "--wait"], { cwd, env })
        yield* fault({ fault: "slow", over: "4 seconds", operation: "media.get" })
        const shell = yield* shellAt({
          columns: 80,
          cwd,
          env,
          faster: false,
          answer: "\u001b[?62;4;22c"
        })
        const id = linesOf(submitted)[0]!.id
        yield* shell.type(`media-jobs save ${id} --to out\r`)
        // Whatever is typed once the table is there is not read.
        yield* eventually(shell.isLive)
        yield* shell.type("echo ty$((1))ped\r")
        yield* shell.shows(/^ty1ped$/m)
        assert.isFalse(yield* shell.isLive)
        const all = shell.written.join("")
        // oxlint-disable-next-line no-control-regex -- a picture of sixels
        assert.match(all, /Succeeded[^\n]*\r\n\u001bP0;1q"1;1;\d+;\d+#[^\u001b]+\u001b\\/)
        // What it was asked is told to nobody.
        assert.notInclude((yield* shell.lines).join("\n"), "62;4")
      }),
    limit
  )

  it.live("types no answer of the terminal at the shell, however soon it ends", () =>
    Effect.gen(function*() {
      const { cwd, env, ids } = yield* running(1)
      const shell = yield* shellAt({ columns: 80, cwd, env, answer: "\u001b[?62;4;22c" })
      yield* shell.type(`media-jobs save ${ids[0]} --to out\r`)
      yield* shell.shows(/still runs/)
      yield* shell.type("echo ty$((1))ped\r")
      yield* shell.shows(/^ty1ped$/m)
      assert.notInclude((yield* shell.lines).join("\n"), "62;4")
    }), limit)

  it.live(
    "says below the jobs that their service gives no answer, as long as that is so",
    () =>
      Effect.gen(function*() {
        const { cwd, env, fault, heal } = yield* running(1)
        const at = yield* terminal(["watch"], { columns: 80, rows: 6, cwd, env })
        yield* eventually(Effect.map(at.rows, (rows) => isTable(rows, 4, 80)))
        yield* fault({ fault: "status", status: 503 })
        const last = Effect.map(at.rows, (rows) => rows.filter((row) => row !== "").at(-1) ?? "")
        yield* eventually(
          Effect.map(last, (row) => row.startsWith("The wait goes on, but useapi-luma gives no answer now"))
        )
        assert.isTrue(isTable((yield* at.rows).slice(0, 5), 4, 80))
        yield* heal
        yield* eventually(Effect.map(at.rows, (rows) => isTable(rows, 4, 80)))
        yield* at.type("\u0003")
        assert.strictEqual(yield* at.ended, 130)
      }),
    limit
  )

  it.live("heeds Ctrl-C while a terminal is asked that does not answer", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* running(1)
      const shell = yield* shellAt({ columns: 80, cwd, env, faster: false, answer: undefined })
      yield* shell.type("media-jobs watch --save out\r")
      yield* eventually(Effect.sync(() => shell.written.join("").includes("\u001b[c")))
      yield* shell.type("\u0003")
      yield* shell.shows(/Interrupted: 4 jobs go on/)
      // And keys are what they were.
      yield* shell.type("echo ty$((1))ped\r")
      yield* shell.shows(/^ty1ped$/m)
      yield* shell.shows(/^\$ echo ty\$\(\(1\)\)ped$/m)
    }), limit)

  it.live("fits terminals of 40 and of 20 columns", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* running(1)
      for (const columns of [40, 20]) {
        const at = yield* terminal(["watch"], { columns, cwd, env })
        yield* eventually(Effect.map(at.rows, (rows) => isTable(rows, 4, columns)))
        yield* at.type("\u0003")
        assert.strictEqual(yield* at.ended, 130)
        const table = (yield* at.lines).slice(0, 5)
        assert.isTrue(isTable(table, 4, columns + 1), table.join("\n"))
      }
    }), limit)

  it.live("shows what a service says, and does not do it", () =>
    Effect.gen(function*() {
      const { env, fault, heal } = yield* emulator()
      const cwd = yield* folder
      const submitted = yield* within(
        ["submit", "replicate", "black-forest-labs/flux-schnell", "--prompt", "x"],
        { cwd, env }
      )
      const { id } = linesOf(submitted)[0]!
      const value = "生成\u001b]0;mine\u0007\u001b[2J\u001b[?1049h\u009b31m\u202eabc\r\nd"
      yield* fault({ fault: "withField", name: "model", value })
      const at = yield* terminal(["wait", id], { columns: 200, cwd, env })
      assert.strictEqual(yield* at.ended, 0)
      const [, row = ""] = yield* at.lines
      assert.match(row, /Succeeded +\S+ +生成 \]0;mine {2}\[2J \[\?1049h 31mabc {2}d/)
      const json = yield* terminal(["get", id, "--json"], { columns: 200, cwd, env })
      assert.strictEqual(yield* json.ended, 0)
      assert.strictEqual(JSON.parse(json.written.join("")).model, value)
      for (const all of [at.written.join(""), json.written.join("")]) {
        // oxlint-disable-next-line no-control-regex -- what a terminal would do
        assert.notMatch(all, /\u001b\]0|\u0007|\u001b\[2J|\u009b|\u202e|\u001b\[\?1049h[^\u001b]*\u009b/)
      }
      // Nor where it is no cell of a table, but a sentence.
      yield* heal
      yield* fault({ fault: "withField", name: "detail", value })
      const unknown = ["get", "--provider", "replicate", id.replaceAll(/\w/g, "q")]
      const refused = yield* within(unknown, { cwd, env }, { isTerminal: true })
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, /生成 \]0;mine/)
      assert.notMatch(refused.stderr, /[^\P{Cc}\n]/u)
      const typed = yield* within(["list", "--\u001b[2Jx\u009b"], { cwd, env }, { isTerminal: true })
      assert.match(typed.stderr, /Unrecognized flag: -- \[2Jx /)
      assert.notMatch(typed.stderr, /[^\P{Cc}\n]/u)
    }), limit)

  it.live("ends with its terminal, and what it waited for is taken up", () =>
    Effect.gen(function*() {
      const { env, fault } = yield* emulator()
      const cwd = yield* folder
      yield* fault({ fault: "slow", over: "2 seconds", operation: "media.get", times: 1 })
      const at = yield* terminal(["submit", "useapi-luma", "video", "--prompt", "x", "--save", "out"], {
        columns: 80,
        cwd,
        env
      })
      yield* eventually(at.isLive)
      yield* at.hangUp
      yield* eventually(Effect.sync(() => {
        try {
          return !process.kill(at.child.pid, 0)
        } catch {
          return true
        }
      }))
      const resumed = yield* within(["resume"], { cwd, env })
      assert.strictEqual(resumed.code, 0, resumed.stderr)
      assert.isAbove(linesOf(resumed)[0]?.files.length ?? 0, 0)
    }), limit)
})
