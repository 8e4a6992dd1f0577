#!/usr/bin/env node
/**
 * Serves the emulator on 127.0.0.1 for programs in any language:
 * `npx @media-jobs/emulator [--services useapi-luma,replicate] [--port 8080] [--speed 10] [--empty] [--fault <json>]`.
 *
 * Prints one line of JSON on stdout once it listens, and nothing else:
 * `{"url":…,"token":…,"services":{"<provider id>":{"url":…,"token":…}}}`. At the root `url` the services of useapi.net and Replicate
 * answer at their live paths. A service's own `url` stands for scheme and host of its live API; one with several hosts has a URL for
 * each, in `hosts`. Unless `--empty`, it holds the jobs that the documents print, so that the documents' samples work with nothing
 * but host and token replaced, and at each service some that have ended. Ends on SIGTERM and SIGINT, and with the package manager
 * that runs it, with exit code 0, on a wrong flag with 2, and where it can't listen with 1, having said why in a sentence on stderr.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Emulator from "@media-jobs/testing/Emulator"
import { Console, Data, Effect, Exit, Layer, Logger, Runtime, Schedule, Schema } from "effect"
import { CliOutput, Command, Flag } from "effect/cli"
import { FetchHttpClient, HttpServer } from "effect/http"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import * as Control from "./control.ts"
import * as Rules from "./rules.ts"

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8")
)
const known = Object.keys(Emulator.documented(true))

const flags = {
  services: Flag.String("services").pipe(
    Flag.withDescription("Provider ids of the services to serve, with commas between; all unless told"),
    Flag.map((ids) => ids.split(",")),
    Flag.withDefault(known)
  ),
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
  ),
  faults: Flag.String("fault").pipe(
    Flag.withDescription(
      "What goes wrong, as JSON: {\"fault\":\"status\",\"status\":503,\"times\":2}; may be repeated"
    ),
    Flag.withSchema(Schema.fromJsonString(Rules.Fault)),
    Flag.atLeast(0)
  ),
  webhookFaults: Flag.String("webhook-fault").pipe(
    Flag.withDescription("What goes wrong with webhooks, as JSON: {\"fault\":\"Lost\"}; may be repeated"),
    Flag.withSchema(Schema.fromJsonString(Rules.WebhookFault)),
    Flag.atLeast(0)
  )
}

class Ended extends Data.Error<{ readonly code: number }> {
  override readonly [Runtime.errorExitCode] = this.code
}

const end = (code: number, sentence: string) =>
  Effect.andThen(Console.error(sentence), Effect.fail(new Ended({ code })))

/** The processes that wait for this one: a package manager, and the shell that it may have between. */
const parents = (): string => {
  try {
    return `${process.ppid} ${/\) \S (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8"))?.[1]}`
  } catch {
    return `${process.ppid}`
  }
}

const first = parents()

/** Some package managers pass no signal on: this ends once the one that runs it has ended. */
const orphaned = Effect.suspend(() => {
  const { NODE_RUN_SCRIPT_NAME, npm_lifecycle_event } = process.env
  if (NODE_RUN_SCRIPT_NAME === undefined && npm_lifecycle_event === undefined) return Effect.never
  return Effect.repeat(Effect.sync(parents), { schedule: Schedule.spaced("500 millis"), until: (now) => now !== first })
})

const command = Command.make("emulator", flags, ({ empty, faults, port, services, speed, webhookFaults }) => {
  const unknown = services.find((id) => !known.includes(id))
  if (unknown !== undefined) return end(2, `There is no service "${unknown}", but there are ${known.join(", ")}.`)
  const server = createServer()
  const asked = Object.entries(Emulator.documented(empty)).filter(([id]) => services.includes(id))
  return Effect.gen(function*() {
    const emulator = yield* Emulator.Kernel
    const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
    yield* Console.log(JSON.stringify(emulator.addresses(url)))
    // Jobs that were given an address on this machine report to it.
    return yield* Effect.raceFirst(emulator.deliver, orphaned)
  }).pipe(
    // A server that closes waits for its connections, and clients keep theirs open.
    Effect.ensuring(Effect.sync(() => server.closeAllConnections())),
    Effect.provide(Emulator.layerServer.pipe(
      Layer.merge(FetchHttpClient.layer),
      Layer.provideMerge(
        Control.layer
      ),
      Layer.provideMerge(
        Layer.effect(
          Emulator.Kernel,
          Emulator.make({
            services: Object.fromEntries(asked),
            speed,
            faults: faults.map(Rules.ofFault),
            webhookFaults: webhookFaults.map(Rules.ofWebhookFault)
          })
        )
      ),
      Layer.provideMerge(
        NodeHttpServer.layer(() => server, { port, host: "127.0.0.1", disablePreemptiveShutdown: true })
      )
    )),
    Effect.catchTag("ServeError", ({ cause }) => end(1, cause instanceof Error ? cause.message : String(cause)))
  )
}).pipe(
  Command.withDescription("Services on this machine, as their documents describe them")
)

NodeRuntime.runMain(
  Command.run(command, { version }).pipe(
    Effect.catchTag("ShowHelp", ({ errors: [error] }) => end(2, (error?.message ?? "").replaceAll(/\s+/g, " "))),
    // Of a wrong flag it would say more, and on stdout.
    Effect.provideService(CliOutput.Presenter, {
      present: (event) => event._tag === "InvalidInvocation" ? Effect.void : CliOutput.defaultPresenter.present(event)
    }),
    Effect.provide(NodeServices.layer),
    Effect.provideService(Logger.LogToStderr, true)
  ),
  {
    // Why it ends is said already.
    disableErrorReporting: true,
    // Being told to stop is how this program ends, not how it fails.
    teardown: (exit, onExit) => Exit.hasInterrupts(exit) ? onExit(0) : Runtime.defaultTeardown(exit, onExit)
  }
)
