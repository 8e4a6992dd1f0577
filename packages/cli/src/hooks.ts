/** `webhook serve`: answers what the services call, and goes on with what no living process is at. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Provider from "@media-jobs/core/Provider"
import type * as Source from "@media-jobs/webhooks/Source"
import * as StandardWebhooks from "@media-jobs/webhooks/StandardWebhooks"
import * as Webhooks from "@media-jobs/webhooks/Webhooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Schedule from "effect/Schedule"
import { createServer } from "node:http"
import * as Access from "./access.ts"
import * as Configuration from "./configuration.ts"
import * as Endings from "./endings.ts"
import * as Files from "./files.ts"
import { goesOn } from "./looks.ts"
import * as Output from "./output.ts"
import * as Runs from "./runs.ts"
import * as Session from "./session.ts"
import * as Shown from "./shown.ts"
import { ofError, Stopped } from "./stopped.ts"
import { ended, uncertain } from "./submitting.ts"

export interface Options {
  readonly host: string
  readonly port: number
}

/** A provider with what verifies its calls, where its service signs them. */
const sourceOf = Effect.fnUntraced(function*(provider: Provider.Provider<"webhook">) {
  const { signature } = yield* Access.describe(provider.id)
  if (signature === undefined) return { provider }
  return {
    provider,
    verify: yield* "secret" in signature
      ? StandardWebhooks.make({ renew: signature.secret(provider) })
      : signature.verifier
  }
})

/** What is said of how calls are let in, a sentence each. */
const vouching = (sources: ReadonlyArray<Source.Source>): ReadonlyArray<string> => {
  const of = (signs: boolean) =>
    sources.flatMap(({ provider: { id }, verify }) => (verify !== undefined) === signs ? [id] : []).join(", ")
  const [signed, unsigned] = [of(true), of(false)]
  return [
    ...(signed === "" ? [] : [`The calls of ${signed} are verified by their signatures.`]),
    ...(unsigned === ""
      ? []
      : [`The calls of ${unsigned} are not signed: their secret address alone lets them in.`])
  ]
}

/** The route of all sources on a port of this machine, for the time of the scope; and what it answers for. */
const listen = Effect.fnUntraced(function*(
  session: Session.Session,
  sources: ReadonlyArray<Source.Source>,
  { host, port }: Options
) {
  const server = createServer()
  // A server that closes waits for its connections, and proxies keep theirs open.
  yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
  const made = yield* Layer.build(
    HttpRouter.serve(Webhooks.route, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provideMerge(Webhooks.layer({ sources })),
      Layer.provideMerge(Session.signer(session.configuration)),
      Layer.provideMerge(NodeHttpServer.layer(() => server, { port, host, disablePreemptiveShutdown: true })),
      // Why calls are refused, with what to do about it.
      Layer.provide(Layer.succeed(References.MinimumLogLevel, "Warn"))
    )
  ).pipe(
    Effect.catchTag("ServeError", () =>
      Effect.fail(
        new Stopped({
          code: 1,
          sentence: `Nothing can listen at port ${port} of ${host}: give another --port or --host.`
        })
      ))
  )
  const { path } = Context.get(made, Webhooks.Webhooks)
  const at = yield* Effect.provide(HttpServer.addressFormattedWith(Effect.succeed), made)
  return { at: `${at}${path}`, path }
})

/** Serves until it is interrupted. */
export const serve = (shared: Configuration.Shared, options: Options) =>
  Session.run(
    shared,
    Effect.fnUntraced(function*(session) {
      const { configuration: { variables }, ledger, output } = session
      const { faults, made: providers } = yield* session.providers
      const { failed } = yield* Endings.all(faults)
      if (providers.length === 0) return yield* failed
      const sources = yield* Effect.provide(
        Effect.forEach(providers.filter(Provider.supports("webhook")), sourceOf),
        Configuration.reading(variables)
      )
      const files = yield* Files.make(session)
      const { at, path } = yield* listen(session, sources, options)
      const media = yield* Runs.make(session, files, providers)
      const board = {
        show: (line: Output.Line) =>
          Output.objects(output, [Output.toJson(line)], () =>
            [
              Shown.id(line.job.id, shared.fullIds),
              line.job.provider,
              Shown.state(line.job),
              ...Output.noteOf(output, line).map(({ text }) => text)
            ]
              .join("  ").trimEnd()),
        saving: () => Effect.void
      }
      yield* Output.say(
        `Listens at ${at} for the calls of ${
          sources.map(({ provider }) => provider.id).join(", ")
        }. Services call below ` +
          `${
            variables["WEBHOOKS_URL"]
          }, which submits with the same WEBHOOKS_URL and WEBHOOKS_KEYS give them: a proxy ` +
          `passes every POST below ${path} on, with path, headers and body as they are.`
      )
      yield* Output.say([...vouching(sources), "No call is believed: it has the job looked at."].join(" "))

      const known = new Set<string>()
      const begun = new Set<string>()
      /** What was submitted, and has no living process: a call that came before this is remembered until then. */
      const takeUp = Effect.gen(function*() {
        yield* ledger.takeUp
        const { entries } = yield* ledger.ledger.resume
        if (entries.every(({ intent: { key } }) => known.has(key))) return
        for (const { intent: { key } } of entries) known.add(key)
        const { undecided } = yield* media.resume
        for (const one of undecided) yield* uncertain(session, one)
        for (const { key, name } of yield* media.runs) {
          const of = media[name]
          if (of === undefined || begun.has(key)) continue
          begun.add(key)
          yield* Effect.forkScoped(
            Effect.catch(ended(session, files, board, of.wait(key)), (error) => {
              const { sentence } = ofError(error)
              return sentence === "" ? Effect.void : Output.say(sentence)
            })
          )
        }
      })
      const open = Effect.orElseSucceed(ledger.open, () => [])
      return yield* Effect.onInterrupt(
        Effect.repeat(takeUp, Schedule.spaced("2 seconds")),
        () => Effect.flatMap(open, ({ length }) => length === 0 ? Effect.void : goesOn(length))
      )
    })
  )
