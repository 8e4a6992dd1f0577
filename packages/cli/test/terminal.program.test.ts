import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import stringWidth from "string-width"
import { emulator, folder, linesOf, run, within } from "./support.ts"
import { terminal } from "./terminal.ts"

/** Under load, processes take their time. */
const limit = 60_000

describe("at a terminal", () => {
  it.live(
    "shows jobs in a table that fits 80 and 200 columns, drawn over itself, and interrupts at Ctrl-C",
    () =>
      Effect.gen(function*() {
        const { env } = yield* emulator(1)
        const cwd = yield* folder
        const submitted = yield* within(["submit", "useapi-luma", "image", "--prompt", "four"], { cwd, env })
        assert.strictEqual(linesOf(submitted).length, 4, submitted.stderr)
        const narrow = yield* terminal(["watch", "-"], { columns: 80, cwd, env })
        yield* narrow.type(`${linesOf(submitted).map(({ id }) => id).join("\r")}\r\u0004`)
        const running = /Running[\s\S]*Running[\s\S]*Running[\s\S]*Running/
        yield* narrow.shows(running)
        yield* narrow.shows(/ {2}(?:\d+m )?\d+s {2}/)
        const [head, ...rows] = (yield* narrow.rows).filter((row) => row !== "")
        assert.match(head ?? "", /^ID +PROVIDER +STATE +AGE +MODEL/)
        assert.strictEqual(rows.length, 4)
        for (const row of rows) {
          assert.match(row, /^j\d{10,}\S* +useapi-luma +Running +\S/)
          assert.isAtMost(row.length, 79)
          assert.notInclude(row, "example.com")
        }
        yield* narrow.type("\u0003")
        assert.strictEqual(yield* narrow.ended, 130)
        const all = narrow.written.join("")
        assert.match(all, /Interrupted: 4 jobs go on at the service/)
        assert.include(all, "\u001b[36m")

        const wide = yield* terminal(["watch"], { columns: 200, cwd, env: { ...env, NO_COLOR: "1" } })
        yield* wide.shows(running)
        const row = (yield* wide.lines).find((line) => line.includes("Running"))
        assert.match(row ?? "", /^j\d+i-u12345-\S+us…@…\S* +useapi-luma +Running/)
        assert.notInclude(wide.written.join(""), "\u001b[36m")
        yield* wide.type("\u0003")
        assert.strictEqual(yield* wide.ended, 130)
      }),
    limit
  )

  it.live("submits, shows how the job goes and where its files are", () =>
    Effect.gen(function*() {
      const { env } = yield* emulator()
      const cwd = yield* folder
      const { ended, lines } = yield* terminal(
        ["submit", "useapi-luma", "video", "--prompt", "a lighthouse", "--save", "out"],
        { columns: 200, cwd, env }
      )
      assert.strictEqual(yield* ended, 0)
      const [, row] = yield* lines
      const file = /\S*out\/\S+\.mp4/.exec(row ?? "")?.[0] ?? ""
      assert.match(row ?? "", /^j\d+v\S* +useapi-luma +Succeeded/)
      assert.isTrue(existsSync(file.startsWith("/") ? file : join(cwd, file)), row)
    }), limit)

  it.live("has links and pictures of what was saved where the terminal shows them", () =>
    Effect.gen(function*() {
      const { env } = yield* emulator()
      const cwd = yield* folder
      const [line] = linesOf(
        yield* within("submit useapi-kling image --prompt x --save out".split(" "), { cwd, env })
      )
      const { location } = line!.files.find(({ location }) => location.endsWith(".png"))!
      const png = readFileSync(location).toString("base64")
      // Its name is from here, and its address from the root.
      const link = `\u001b]8;;${pathToFileURL(location)}\u001b\\${relative(cwd, location)}\u001b]8;;\u001b\\`
      const at = (says: Record<string, string>, ...flags: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const { ended, written } = yield* terminal(["save", line!.id, ...flags], {
            columns: 200,
            cwd,
            env: { ...env, ...says }
          })
          assert.strictEqual(yield* ended, 0)
          return written.join("").replaceAll("\r\n", "\n")
        })
      const [kitty, iterm, tmux, plain, json, piped] = yield* Effect.all([
        at({ KITTY_WINDOW_ID: "1" }),
        at({ TERM_PROGRAM: "iTerm.app" }),
        at({ TERM_PROGRAM: "tmux", TERM: "tmux-256color", KITTY_WINDOW_ID: "1" }),
        at({}),
        at({ KITTY_WINDOW_ID: "1" }, "--json"),
        Effect.map(
          run(["save", line!.id], { cwd, env: { ...env, KITTY_WINDOW_ID: "1" } }),
          ({ stderr, stdout }) => stdout + stderr
        )
      ], { concurrency: 4 })
      for (const text of [kitty, iterm, tmux]) assert.include(text, link)
      // oxlint-disable-next-line no-control-regex -- the protocol's own frame
      const parts = [...kitty.matchAll(/\u001b_G([^;]*);([^\u001b]*)\u001b\\/g)]
      assert.strictEqual(parts.map(([, , part]) => part).join(""), png)
      assert.deepStrictEqual(
        parts.map(([, keys]) => keys),
        parts.map((_, i) => `${i === 0 ? "a=T,f=100,r=8,q=2," : ""}m=${i === parts.length - 1 ? 0 : 1}`)
      )
      const size = readFileSync(location).length
      assert.include(
        iterm,
        `\u001b]1337;File=inline=1;height=8;preserveAspectRatio=1;size=${size}:${png}\u0007`
      )
      // Below the table, whose last frame is whole by then.
      assert.isAbove(iterm.indexOf("]1337;"), iterm.lastIndexOf("\u001b[?2026l"))
      for (const text of [tmux, plain]) assert.notMatch(text, /_G|\]1337;|\u001bP/) // oxlint-disable-line no-control-regex -- as above
      // Where it is for a program, there is nothing but its lines: no picture, no frame, no colour, no question.
      for (const text of [json, piped]) {
        assert.notInclude(text, "\u001b")
        assert.strictEqual(JSON.parse(text).files.length, line!.files.length)
      }
      assert.notInclude(plain, "\u001b]8;;")
    }), limit)

  it.live("has bars of what is saved and uploaded", () =>
    Effect.gen(function*() {
      const { env, fault } = yield* emulator()
      const cwd = yield* folder
      const options = { cwd, env }
      writeFileSync(
        join(cwd, "start.png"),
        Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(300_000)])
      )
      const upload = "submit useapi-luma video --email user@example.com --image-start start.png"
      const uploaded = yield* within(upload.split(" "), options, { isTerminal: true })
      assert.strictEqual(uploaded.code, 0, uploaded.stderr)
      const bars = [...uploaded.stdout.matchAll(/\ruploading start\.png +(\d+)% [█░]{8}/g)].map(([, part]) =>
        Number(part)
      )
      assert.isAbove(bars.length, 2)
      assert.deepStrictEqual([bars, bars.at(-1)], [bars.toSorted((a, b) => a - b), 100])
      // The line is gone when the table comes.
      assert.match(uploaded.stdout, /100% █{8}\u001b\[J\r\r\u001b\[J[^%]*$/) // oxlint-disable-line no-control-regex -- clears a line
      // However long the file's name, and narrow the terminal, it is one line of it.
      const long = `${"長".repeat(30)}.png`
      writeFileSync(join(cwd, long), readFileSync(join(cwd, "start.png")))
      for (const columns of [80, 40, 20]) {
        const { stdout } = yield* within(upload.replace("start.png", long).split(" "), options, {
          isTerminal: true,
          size: () => ({ columns, rows: 24 })
        })
        const lines = [...stdout.matchAll(/\r(uploading.*?)\u001b/g)].map(([, line = ""]) => stringWidth(line)) // oxlint-disable-line no-control-regex -- what ends it
        assert.isAbove(lines.length, 2)
        assert.isAtMost(Math.max(...lines), columns - 1)
        if (columns > 20) assert.match(stdout, /uploading 長+… +\d+% [█░]{8}\u001b/) // oxlint-disable-line no-control-regex -- as above
      }
      yield* fault({ fault: "slow", over: "1 second", operation: "media.get", skip: 1 })
      const saved = yield* within("submit useapi-luma video --prompt x --save out".split(" "), options, {
        isTerminal: true
      })
      assert.strictEqual(saved.code, 0, saved.stderr)
      assert.match(saved.stdout, /Succeeded[^\n]*saving +\d+% [█░]{8}/)
    }), limit)

  it.live("prints jobs as they end, and nothing else, where a terminal is dumb", () =>
    Effect.gen(function*() {
      const { env } = yield* emulator()
      const cwd = yield* folder
      const says = { ...env, TERM: "dumb", KITTY_WINDOW_ID: "1" }
      const submit = ["submit", "useapi-luma", "video", "--prompt", "x", "--save", "out"]
      const { code, stdout } = yield* within(submit, { cwd, env: says }, { isTerminal: true })
      assert.strictEqual(code, 0)
      assert.notInclude(stdout, "\u001b")
      assert.match(stdout, /^ID .*\nj\d+\S* +useapi-luma +Succeeded .*\bout\/\S*\n$/)
    }), limit)
})
