import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as Handle from "@media-jobs/core/Handle"
import * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Ledger from "@media-jobs/core/Ledger"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Submission from "@media-jobs/core/Submission"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { formatWithOptions, inspect } from "node:util"

const Word = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]{5,8}$/))

/** One value of each kind that an application may log, each field filled as badly as a service could. */
const world = (name: string, host: string) => {
  const email = `${name}@${host}.com`
  const id = JobId.make(`j0326140530123456789v-u12345-email:${email}-bot:luma`)
  const [account, path, signature] = [`CA:${email}`, `files-of-${name}`, `Signature-${host}`]
  const prompt = `a lighthouse painted by ${name}-${host}`
  const replyUrl = `https://app.test/hooks/${signature}`
  const url = `https://cdn.test/${path}/a.png?sig=${signature}`
  // Of a link in its words the path is shown: it may be a page about what went wrong.
  const words = `${id} of ${account} at https://docs.test/errors?sig=${signature} with Bearer ${signature}`
  const common = { provider: ProviderId.make("luma"), instance: ProviderId.defaultInstance }
  const at = DateTime.makeUnsafe(0)
  const artifacts = [
    new Artifact.Artifact({ kind: "image", role: "primary", url }),
    new Artifact.Artifact({ kind: "image", role: "primary", label: "primary-2", url: `data:image/png;base64,${path}` }),
    new Artifact.Artifact({ kind: "image", role: "cover", url: `https://${name}:${signature}@cdn.test/${path}` })
  ]
  const job = new Job.Job({
    ...common,
    id,
    account,
    reference: signature,
    model: `model for ${email}`,
    providerStatus: `${id} is done`,
    state: {
      _tag: "Succeeded",
      artifacts,
      missing: [{ label: "primary-3", reason: words, code: signature, cause: "content" }],
      output: { prompt, url }
    },
    observedAt: at,
    raw: { prompt, url }
  })
  const sent = {
    ...common,
    account,
    model: `model for ${email}`,
    reference: signature,
    replyUrl,
    replyRef: signature,
    submittedAt: at
  }
  const failed = new Job.Job({ ...job, state: { _tag: "Failed", cause: "unknown", reason: words } })
  const about = { ...common, operation: "get", id } as const
  return {
    secrets: [id, email, account, path, signature, replyUrl, prompt, `painted by ${name}`],
    values: {
      job,
      artifacts,
      handle: new Handle.Handle({ ...common, id, submittedAt: at, reference: signature }),
      submission: new Submission.Submission({ ...sent, ids: [id], snapshots: [job] }),
      intent: new Ledger.Intent({ ...sent, key: `${signature}-key` }),
      notFound: new JobError.NotFound({ ...about, detail: words }),
      failed: new JobError.JobFailed({ ...common, operation: "watch", job: failed }),
      uncertain: new JobError.SubmissionUncertain({ ...sent, operation: "submit", detail: words }),
      unwritten: new Ledger.LedgerUnavailable({ cause: new TypeError(words, { cause: new Error(words) }) }),
      unread: new Ledger.LedgerUnavailable({ cause: { row: words }, detail: "The disk is full." })
    }
  }
}

/** What tells those that are of no one job. */
const tells: Readonly<Record<string, string>> = {
  artifacts: "https://cdn.test…",
  intent: "luma",
  uncertain: "luma",
  unwritten: "LedgerUnavailable",
  unread: "LedgerUnavailable"
}

const format = (...args: ReadonlyArray<unknown>) => formatWithOptions({ depth: 12 }, ...args)

/** Every logger of Effect, by its name, each writing what a person would see of it. */
const loggers = (see: (line: string) => void): Readonly<Record<string, Logger.Logger<unknown, unknown>>> => ({
  ...Object.fromEntries(
    Object.entries(Logger).flatMap(([name, logger]) =>
      Logger.isLogger(logger)
        ? [[
          name,
          Logger.map(logger, (out) => {
            if (typeof out === "string") see(out)
            else if (out !== undefined) { for (const line of [format(out), Formatter.formatJson(out)]) see(line) }
          })
        ]]
        : []
    )
  ),
  consolePrettyTty: Logger.consolePretty({ mode: "tty", colors: true }),
  consolePrettyBrowser: Logger.consolePretty({ mode: "browser" }),
  leveled: Logger.withLeveledConsole(Logger.formatStructured)
})

describe("what is logged, printed or inspected shows", () => {
  for (const name of Object.keys(loggers(() => {}))) {
    it.effect.prop(
      `in ${name} a fingerprint, and nothing that is a secret`,
      [Word, Word],
      ([first, second]) =>
        Effect.gen(function*() {
          const { secrets, values } = world(first, second)
          const lines: Array<string> = []
          const see = (line: string) => void lines.push(line)
          // Whatever is called of it, a console writes its arguments as Node's does.
          const console = new Proxy({}, {
            get: () => (...args: ReadonlyArray<unknown>) => see(format(...args))
          }) as Console.Console
          const logger = loggers(see)[name] ?? Logger.formatSimple
          for (const [what, value] of Object.entries(values)) {
            yield* Effect.useSpan("a span", (span) =>
              Effect.gen(function*() {
                yield* Effect.logInfo(value)
                yield* Effect.logWarning("a text", value)
                yield* Effect.logInfo({ nested: [{ value }] })
                yield* Effect.logError(Cause.fail(value))
                yield* Effect.annotateLogs(Effect.logInfo("a text"), { value, nested: { value } })
                if ("events" in span) see(format(span.events))
              }).pipe(Effect.withParentSpan(span))).pipe(
                Effect.provideService(Console.Console, console),
                Effect.provide(Logger.layer([logger]))
              )
            const shown = lines.splice(0).join("\n")
            for (const secret of secrets) assert.notInclude(shown, secret, `${what} in ${name}`)
            assert.include(shown, tells[what] ?? "job:")
          }
        }),
      { arbitrary: { runs: 5 } }
    )
  }

  it.effect.prop("in inspection and as text the same", [Word, Word], ([first, second]) =>
    Effect.sync(() => {
      const { secrets, values } = world(first, second)
      for (const [what, value] of Object.entries(values)) {
        const ways = [
          inspect(value, { depth: 12 }),
          inspect({ value: [value] }, { depth: 12 }),
          format("%o %O", value, value),
          Formatter.format(value),
          Formatter.format({ value }),
          Formatter.formatJson({ value }),
          String(value)
        ]
        for (const shown of ways) for (const secret of secrets) assert.notInclude(shown, secret, what)
      }
    }), { arbitrary: { runs: 20 } })
})
