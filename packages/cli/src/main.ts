#!/usr/bin/env node
/**
 * Jobs of media services at the terminal: `npx @media-jobs/cli submit useapi-luma video --prompt "a lighthouse" --wait`.
 *
 * Jobs go to stdout, as JSON unless that is a terminal; what goes wrong is one sentence on stderr. Exits with 0 where all went well, 1 where
 * some job did not succeed or this machine failed, 2 on bad input, 3 where a token or an account does not do, 4 where a service does not,
 * 130 when interrupted, and 141 where nothing reads its output any more.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { run } from "./program.ts"
import { say } from "./say.ts"

const failed = Deferred.makeUnsafe<never, NodeJS.ErrnoException>()
process.stdout.on("error", (error) => Deferred.doneUnsafe(failed, Effect.fail(error)))
// There is nothing left to say it to.
process.stderr.on("error", () => {})

/** What is written last may fail after it: what was written before an answer to this is written. */
const written = Effect.callback<void>((resume) => {
  process.stdout.write("", () => setImmediate(() => resume(Effect.void)))
})

const unwritten = ({ code }: NodeJS.ErrnoException) =>
  code === "EPIPE"
    ? Effect.as(say("Nothing reads the output any more; `media-jobs resume` takes up what is submitted."), 141)
    : Effect.as(say(`The output can't be written (${code}): make room, or write it elsewhere.`), 1)

const program = Effect.tap(run(process.argv.slice(2)), () => written).pipe(
  Effect.raceFirst(Deferred.await(failed)),
  Effect.catch(unwritten)
)

NodeRuntime.runMain(Effect.provide(program, NodeServices.layer), {
  disableErrorReporting: true,
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) && typeof exit.value === "number" ? exit.value : 130)
})
