/**
 * The picture of the live table that the documents show: a real screen of the command at a terminal, with the emulator as the services.
 * `pnpm screenshot` takes it anew.
 */
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { emulator, eventually, folder, linesOf, within } from "./support.ts"
import { svgOf } from "./svg.ts"
import { terminal } from "./terminal.ts"

const file = fileURLToPath(new URL("../../../docs/live-table.svg", import.meta.url))

/** What the picture has to show, each in a row: what waits, runs with and without progress, has an estimate, is saved, is there, is no more. */
const rows = [
  /useapi-minimax +Queued/,
  /replicate +Running \d+% .* about \d+s left/,
  /useapi-luma +Running/,
  /replicate +Succeeded .* saving +[4-8]\d% █+░+$/,
  /useapi-luma +Succeeded .* out\/useapi-luma-/,
  /replicate +Cancelled/
]

/** A film, larger and slower than the emulator has any. */
const host = Effect.map(
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((_, answer) => {
        const film = Buffer.alloc(4_000_000)
        film.write("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom", "latin1")
        answer.writeHead(200, { "content-type": "video/mp4", "content-length": film.length })
        let sent = 0
        const timer = setInterval(() => {
          answer.write(film.subarray(sent, sent += 100_000))
          if (sent >= film.length) answer.end()
        }, 250)
        answer.on("close", () => clearInterval(timer))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close().closeAllConnections())
  ),
  (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/film.mp4` // of one that listens at a port
)

/** Jobs in all these states, and what the screen shows of them. */
const take = Effect.gen(function*() {
  const { env, fault } = yield* emulator(1.5)
  const cwd = yield* folder
  const link = yield* host
  // In their own time, so that ages are what they are at the terminal.
  const media = Effect.fnUntraced(function*(words: string) {
    const finished = yield* within(words.split(" "), { cwd, env, faster: false })
    if (finished.code !== 0) return yield* Effect.die(new Error(`${words}: ${finished.stderr}`))
    return linesOf(finished).map(({ id }) => id)
  })
  const submit = (words: string) => media(`submit ${words} --prompt lighthouse`)

  const [video = ""] = yield* submit("useapi-luma video")
  // Of jobs of one sort, eight teach how long one takes.
  const flux = "replicate black-forest-labs/flux-schnell"
  const taught = yield* Effect.forEach(Array.from({ length: 8 }, () => flux), submit)
  const [image = ""] = yield* submit("useapi-luma image")
  const [film = ""] = yield* submit("replicate minimax/video-01")
  yield* fault({ fault: "withField", name: "output", value: link, path: film })
  yield* media(`wait ${[...taught.flat(), image, film].join(" ")}`)

  const [running = ""] = yield* submit(flux)
  const [minimax = ""] = yield* submit("useapi-minimax video")
  const [stopped = ""] = yield* submit(flux)
  yield* media(`cancel ${stopped}`)
  const ids = [video, running, minimax, film, image, stopped]
  const at = yield* terminal(["watch", ...ids, "--save", "out"], { columns: 100, rows: 10, cwd, env, faster: false })
  yield* eventually(Effect.map(at.rows, (shown) => rows.every((row) => shown.some((one) => row.test(one)))))
  return svgOf(at.screen, {
    title: "media-jobs watch --save out",
    label:
      "Jobs of several services in a table: state, progress, elapsed time, model, estimate, and a bar of what is saved",
    rows: 7
  })
  // A machine that is slow to start the command may miss the seconds in which all of it is so.
}).pipe(Effect.scoped, Effect.timeout("80 seconds"), Effect.retry({ times: 2 }))

writeFileSync(file, await Effect.runPromise(take))
