import { assert, describe, it } from "@effect/vitest"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import { Instance, ProviderId } from "@media-jobs/core/ProviderId"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import stringWidth from "string-width"
import type { Shared } from "../src/configuration.ts"
import * as Output from "../src/output.ts"
import { json, printable } from "../src/printable.ts"
import * as Shown from "../src/shown.ts"
import { Surface } from "../src/surface.ts"
import * as Table from "../src/table.ts"

const job = (id: string, state: Job.Job["state"], model = "video", provider = "useapi-google-flow") =>
  new Job.Job({
    provider: ProviderId.make(provider),
    instance: Instance.make("default"),
    id: JobId.make(id),
    model,
    state,
    providerStatus: "x",
    observedAt: DateTime.makeUnsafe(0)
  })

const rows: ReadonlyArray<Table.Row> = [
  {
    job: job("j1126193653075498466i-u12345", { _tag: "Running", progress: 0.45 }, "視頻生成模型四號"),
    age: 3_725_000,
    note: []
  },
  {
    job: job("j1126193653075489425i-u12345", { _tag: "Failed", cause: "content" }, "👩‍👩‍👧 e\u0301\u0323 model"),
    age: 5_000,
    note: [{ text: "内容不合规，请修改提示词后再试一次，内容不合规\u001b[2J\u009b31m\u202e" }]
  },
  {
    job: job("cz5ub4cyztfvadhp2y2wpu4l6m", { _tag: "Running" }),
    age: 65_000,
    note: [{ text: `saving  45% ████░░░░`, isWhole: true }]
  },
  {
    job: job("user:12345-minimax:923847293472394000-video:0646998", { _tag: "Succeeded", artifacts: [] }),
    age: undefined,
    note: [{ text: "out/a.mp4", url: "file:///out/a.mp4" }, { text: "out/b.mp4", url: "file:///out/b.mp4" }]
  }
]
const plain = { colors: false, links: false, fullIds: false }

describe("the table", () => {
  it("is no wider than the terminal, down to ten columns, and has what there is room for", () => {
    for (let columns = 10; columns <= 220; columns++) {
      for (const style of [plain, { ...plain, fullIds: true }]) {
        for (const line of Table.render(rows, { ...style, columns })) {
          if (style.fullIds && columns < 80) continue
          assert.isAtMost(stringWidth(line), columns, line)
        }
      }
    }
    const at = (columns: number) => Table.render(rows, { ...plain, columns })
    assert.deepStrictEqual(at(20).map((line) => line.split(/ {2,}/)), [
      ["ID", "STATE"],
      ["j1126…", "Running 45%"],
      ["j1126…", "Failed (con…"],
      ["cz5ub…", "Running"],
      ["user:…", "Succeeded"]
    ])
    assert.match(at(40)[0] ?? "", /^ID +STATE +AGE$/)
    assert.match(at(80)[0] ?? "", /^ID +PROVIDER +STATE +AGE +MODEL$/)
    // A bar is whole before names are, and ids differ where they begin alike.
    assert.match(at(80)[3] ?? "", /saving {2}45% …$/)
    assert.match(Table.render(rows.slice(2), { ...plain, columns: 80 })[1] ?? "", /saving {2}45% █{4}░{4}$/)
    assert.match(at(80)[1] ?? "", /^j112619365307549…/)
    assert.match(at(80)[2] ?? "", /^j112619365307548…/)
    assert.include(at(200)[4] ?? "", "out/a.mp4 out/b.mp4")
  })

  it("has its columns below each other with wide and combined characters too", () => {
    const wide = Table.render(rows, { ...plain, columns: 200 })
    const starts = wide.flatMap((line) => /^.*(?=内容|saving|out\/a)/.exec(line)?.[0].split("内容")[0] ?? [])
    assert.deepStrictEqual(
      starts.map((start) => stringWidth(start)),
      [0, 1, 2].map(() => stringWidth(starts[0] ?? "")),
      wide.join("\n")
    )
    assert.strictEqual(Shown.fit("生成视频", 4), "生… ")
    assert.strictEqual(Shown.fit("生成视频", 8), "生成视频")
    assert.strictEqual(Shown.fit("e\u0301e\u0301e\u0301", 2), "e\u0301…")
    assert.strictEqual(Shown.fit("x", 0), "")
  })

  it("has no characters of a service's that are commands", () => {
    const text = Table.render(rows, { ...plain, columns: 200 }).join("\n")
    // oxlint-disable-next-line no-control-regex -- what must not be there
    assert.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    assert.include(text, "内容不合规，请修改提示词后再试一次，内容不合规 [2J 31m")
    const odd = "a\u001b]0;x\u0007\u009b2J\u2028\u202eb\r\n"
    assert.strictEqual(printable(odd), "a ]0;x  2J b  ")
    assert.notMatch(json({ odd }), /[\p{Cc}\p{Bidi_Control}]/u)
    assert.deepStrictEqual(JSON.parse(json({ odd })), { odd })
  })

  it.effect("nor has what is no table, each line of it", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const surface = { ...yield* Surface, isTerminal: true, out: (text: string) => void written.push(text) }
      const print = Effect.gen(function*() {
        const output = yield* Output.make({ fullIds: false, json: false } as Shared) // what else there is, is not asked for here
        yield* Output.objects(
          output,
          [{ problem: "ab\u001b[2J\r\u009bc" }],
          ({ problem }) => `${problem}\n  ${problem}`
        )
      })
      yield* Effect.provideService(print, Surface, surface)
      assert.deepStrictEqual(written, ["ab [2J  c\n  ab [2J  c\n"])
    }))

  it("has links around what is shown of their texts alone, and colours where they are wanted", () => {
    const [, ...lines] = Table.render(rows, { columns: 200, colors: true, links: true, fullIds: false })
    const ends = "\u001b]8;;\u001b\\"
    assert.include(
      lines[3] ?? "",
      `\u001b]8;;file:///out/a.mp4\u001b\\out/a.mp4${ends} \u001b]8;;file:///out/b.mp4\u001b\\out/b.mp4${ends}`
    )
    assert.include(lines[0] ?? "", "\u001b[36mRunning 45%")
    assert.include(lines[1] ?? "", "\u001b[31mFailed (content)\u001b[0m")
  })
})
