/** What a terminal says when it is asked. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { openSync, writeSync } from "node:fs"
import { ReadStream } from "node:tty"

/** What these keys would do if they were not read here. */
const signals: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ["\u0003", "SIGINT"],
  ["\u001a", "SIGTSTP"],
  ["\u001c", "SIGQUIT"]
])

/**
 * The answer, if it comes while it is waited for. Until then this reads the keys too, which can't be given back: so a terminal is asked as a
 * command begins, when none is typed yet, and what was typed by its end is still there for the shell.
 */
export const ask = (question: string, answer: RegExp, maxWait: Duration.Input): Effect.Effect<string | undefined> =>
  Effect.callback<string | undefined>((resume) => {
    // Not stdin, which may be a pipe. Where there is none, as on Windows, nothing is asked.
    const opened = Result.try(() => {
      const descriptor = openSync("/dev/tty", "r+")
      return { descriptor, keys: new ReadStream(descriptor) }
    })
    if (Result.isFailure(opened)) return resume(Effect.undefined)
    const { descriptor, keys } = opened.success
    let heard = ""
    const close = (): void => {
      // Of a terminal that is gone, the mode can't be set back, which says so by another error.
      keys.removeAllListeners("error").on("error", () => {})
      keys.setRawMode(false).destroy()
    }
    const end = (answered: string | undefined): void => {
      close()
      resume(Effect.succeed(answered))
    }
    keys.on("error", () => end(undefined))
    keys.on("data", (chunk) => {
      heard += chunk.toString("latin1")
      const [answered] = answer.exec(heard) ?? []
      const signal = [...signals].find(([key]) => heard.includes(key))?.[1]
      if (answered === undefined && signal === undefined) return
      end(answered)
      if (signal !== undefined) process.kill(process.pid, signal)
    })
    keys.setRawMode(true)
    writeSync(descriptor, question)
    return Effect.sync(close)
  }).pipe(Effect.timeoutOrElse({ duration: maxWait, orElse: () => Effect.undefined }))
