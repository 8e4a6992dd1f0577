/**
 * Serves the emulator on 127.0.0.1 for programs in any language: `pnpm emulator [--port 8080] [--speed 10] [--empty]`.
 *
 * Prints one line of JSON on stdout once it listens, `{"url":…,"token":…}`, and nothing else. Unless `--empty`, it holds
 * the jobs that the documents print, so that the documents' samples work with nothing but host and token replaced, and
 * at each service some that have ended. Ends on SIGTERM and SIGINT with exit code 0.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import {
  type DreaminaEmulator,
  Emulator,
  Fixtures,
  type LumaEmulator,
  type MidjourneyEmulator
} from "@media-jobs/testing"
import { Console, Effect, Exit, Layer, Logger, Runtime, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { FetchHttpClient, HttpServer } from "effect/http"
import { createServer } from "node:http"

const flags = {
  port: Flag.Int("port").pipe(
    Flag.withDescription("Port to listen on; 0 takes a free one"),
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))),
    Flag.withDefault(0)
  ),
  speed: Flag.Finite("speed").pipe(
    Flag.withDescription("How many times faster than life jobs run"),
    Flag.withSchema(Schema.Finite.check(Schema.isGreaterThan(0))),
    Flag.withDefault(1)
  ),
  empty: Flag.Boolean("empty").pipe(
    Flag.withDescription("Begin without jobs"),
    Flag.withDefault(false)
  )
}

const { completedImage, listed, listedImage, polled } = Fixtures.lumaIds
const account = "docs@example.com"
const created = "2026-03-26T14:05:30.123Z"

const lumaJobs: ReadonlyArray<LumaEmulator.NewJob> = [
  { account, created, id: listed, duration: "3 minutes" },
  { account, created, id: polled, duration: "3 minutes" },
  { account, created: "2026-03-26T14:07:30.456Z", id: listedImage, type: "image", duration: "1 minute" },
  { account, created, id: completedImage, type: "image", state: "completed" },
  { account, state: "completed" },
  { account, state: "failed" }
]

// These services count a job's age, and forget old ones: theirs are all made now.
const { intact, printed } = Fixtures.dreaminaIds
const dreaminaAccount = `US:${account}`
const dreaminaJobs: ReadonlyArray<DreaminaEmulator.NewJob> = [
  { account: dreaminaAccount, id: printed, duration: "3 minutes", replyUrl: "https://your-domain.com/webhook" },
  { account: dreaminaAccount, id: intact, duration: "3 minutes" },
  { account: dreaminaAccount, type: "image", duration: "3 minutes" },
  { account: dreaminaAccount, type: "image", state: "completed" },
  { account: dreaminaAccount, state: "completed" },
  { account: dreaminaAccount, state: "failed" }
]

const { first, second } = Fixtures.midjourneyIds
const channel = "1234567890123456789"
const midjourneyJobs: ReadonlyArray<MidjourneyEmulator.NewJob> = [
  { account: channel, id: first, duration: "3 minutes" },
  { account: channel, id: second, duration: "3 minutes" },
  { account: channel, state: "completed" },
  { account: channel, state: "failed" },
  { account: channel, state: "moderated" }
]

const luma: LumaEmulator.Options = {
  accounts: [{ email: "user@example.com", concurrency: 4 }, { email: account, concurrency: 4 }],
  jitter: 0.25
}
const dreamina: DreaminaEmulator.Options = {
  accounts: [{ account: "US:user@example.com", maxJobs: 10 }, { account: dreaminaAccount, maxJobs: 10 }],
  jitter: 0.25
}
const midjourney: MidjourneyEmulator.Options = {
  channels: [{ channel: "9876543210987654321" }, { channel }],
  jitter: 0.25
}

const fill = ({ dreamina, luma, midjourney }: Emulator.Emulator["Service"]) =>
  Effect.all([
    Effect.forEach(lumaJobs, luma.add),
    Effect.forEach(dreaminaJobs, dreamina.add),
    Effect.forEach(midjourneyJobs, midjourney.add)
  ])

const command = Command.make("emulator", flags, ({ empty, port, speed }) => {
  const server = createServer()
  return Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    if (!empty) yield* fill(emulator)
    const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
    yield* Console.log(JSON.stringify({ url, token: Emulator.token }))
    // Jobs that were given an address on this machine report to it.
    return yield* emulator.deliver
  }).pipe(
    // A server that closes waits for its connections, and clients keep theirs open.
    Effect.ensuring(Effect.sync(() => server.closeAllConnections())),
    Effect.provide(Emulator.layerServer.pipe(
      Layer.merge(FetchHttpClient.layer),
      Layer.provideMerge(Emulator.layer({ speed, luma, dreamina, midjourney })),
      Layer.provideMerge(
        NodeHttpServer.layer(() => server, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
      )
    )),
    Effect.tapError(Effect.logError)
  )
}).pipe(
  Command.withDescription(
    "Luma v1, Dreamina v1, Midjourney v3 and Replicate v1 on this machine, as their documents describe them"
  )
)

NodeRuntime.runMain(
  Command.run(command, { version: "0.1.0" }).pipe(
    Effect.provide(NodeServices.layer),
    Effect.provideService(Logger.LogToStderr, true)
  ),
  {
    // It would report on stdout.
    disableErrorReporting: true,
    // Being told to stop is how this program ends, not how it fails.
    teardown: (exit, onExit) => Exit.hasInterrupts(exit) ? onExit(0) : Runtime.defaultTeardown(exit, onExit)
  }
)
