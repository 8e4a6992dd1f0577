import { Console, Effect, Ref } from "effect"

/** A line per job: redrawn in place on a terminal, printed as it changes anywhere else. */
export const make = Effect.fnUntraced(function*(size: number) {
  const lines = yield* Ref.make<ReadonlyArray<string>>(Array.from({ length: size }, () => ""))
  if (!process.stdout.isTTY) return { show: (_: number, line: string) => Console.log(line) }

  const draw = (lines: ReadonlyArray<string>) =>
    Effect.sync(() => void process.stdout.write(lines.map((line) => `\u001b[2K${line}\n`).join("")))
  yield* draw(yield* Ref.get(lines))
  return {
    show: (at: number, line: string) =>
      Effect.flatMap(
        Ref.updateAndGet(lines, (lines) => lines.with(at, line)),
        (lines) => Effect.andThen(Effect.sync(() => void process.stdout.write(`\u001b[${lines.length}A`)), draw(lines))
      )
  }
})
