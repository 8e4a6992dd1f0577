/**
 * What every adapter keeps, whatever its service.
 *
 * @since 0.1.0
 */
import type * as Job from "@media-jobs/core/Job"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import type * as Provider from "@media-jobs/core/Provider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import * as Emulator from "./Emulator.ts"
import * as Faults from "./Faults.ts"
import { failure, hides, holds, LawBroken, timely } from "./internal/law.ts"

export {
  /**
   * An adapter does not keep a law.
   *
   * @since 0.1.0
   * @category errors
   */
  LawBroken
}

/**
 * One law as an Effect that succeeds where it is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Law<R = never> {
  readonly name: string
  readonly check: Effect.Effect<void, LawBroken, Emulator.Kernel | R>
}

/**
 * How the laws find the situations they speak of, at the emulator behind the adapter.
 *
 * **Details**
 *
 * - `running`, `ended`: makes a job in that state and tells its id.
 * - `unknown`: well-formed, of no job. `elsewhere`: plainly of another service.
 * - `secrets`: what no error, log line or span may show, beside the ids themselves: account, token.
 * - `routes`: the emulator's names, `<provider id>.<name>`, of the calls behind an operation.
 * - `submits`: requests that are accepted, and ones that are refused with the fields at fault.
 * - `webhooks`: bodies that the service may send, of jobs made before.
 * - `forgets`: the service has no record of a job that was cancelled: it is not found any more.
 * - `says`: has a record bear another status word, in its field `status` unless told; false for a service that has no such words.
 *
 * `R` is the application's own registry where the situations need its controls; the laws themselves need the kernel alone.
 *
 * @since 0.1.0
 * @category models
 */
export interface Situations<Request, R = never> {
  readonly running: Effect.Effect<string, never, Emulator.Kernel | R>
  readonly ended: Effect.Effect<string, never, Emulator.Kernel | R>
  readonly unknown: string
  readonly elsewhere: string
  readonly secrets: ReadonlyArray<string>
  readonly routes: { readonly [Op in Provider.Capability]?: ReadonlyArray<string> }
  readonly submits?: {
    readonly accepted: readonly [Request, ...ReadonlyArray<Request>]
    readonly refused: ReadonlyArray<{ readonly request: Request; readonly fields: ReadonlyArray<string> }>
  }
  readonly webhooks?: Effect.Effect<ReadonlyArray<unknown>, never, Emulator.Kernel | R>
  readonly forgets?: boolean
  readonly says?: ((word: string) => Faults.Fault) | false
}

/**
 * The laws that bear on what an adapter can do, to be run one by one, each with a fresh emulator, under `TestClock`.
 *
 * **Example** (In an adapter's tests)
 *
 * ```ts
 * for (const law of Laws.adapter(luma, situations)) {
 *   it.effect(law.name, () => Effect.provide(law.check, Emulator.layer()))
 * }
 * ```
 *
 * @since 0.1.0
 * @category laws
 */
export const adapter = <C extends Provider.Capability, Request, R = never>(
  make: Effect.Effect<Provider.Provider<C, Request>, unknown, Emulator.Kernel | R>,
  situations: Situations<Request, R>
): ReadonlyArray<Law<R>> => {
  // What an adapter lacks, the laws about it do not ask of it.
  type Whole = Provider.Identity & Partial<Provider.Operations<Request>>
  const provider = Effect.orDie(make) as Effect.Effect<unknown> as Effect.Effect<Whole, never, Emulator.Kernel | R>
  const { elsewhere, routes, running, ended, secrets, submits, unknown, webhooks } = situations
  const { says = (word: string) => Faults.withField("status", word) } = situations

  const law = (
    name: string,
    check: (provider: Whole) => Effect.Effect<void, unknown, Emulator.Kernel | R>
  ): Law<R> => ({
    name,
    check: Effect.flatMap(provider, check).pipe(
      Effect.mapError((error) =>
        error instanceof LawBroken ? error : new LawBroken({ message: `It failed: ${String(error)}` })
      )
    )
  })

  /** The calls that go over the wire and have an answer to read. */
  const calls = (provider: Whole, id: JobId.JobId): ReadonlyArray<Call> => [
    ...call("list", provider.list),
    ...call("get", provider.get?.(id)),
    ...call("accounts", provider.accounts),
    ...call("capacity", provider.capacity),
    ...call("submit", submits && provider.submit?.(submits.accepted[0]))
  ]
  const acts = (provider: Whole, id: JobId.JobId): ReadonlyArray<Call> => [
    ...calls(provider, id),
    ...call("remove", provider.remove?.(id)),
    ...call("cancel", provider.cancel?.(id)),
    ...call("untrack", provider.untrack?.(id))
  ]

  const faulty = (
    name: string,
    fault: Faults.Fault,
    expected: (op: Provider.Capability) => ReadonlyArray<JobError.JobError["_tag"]>,
    which: typeof calls = acts
  ): Law<R> =>
    law(name, (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const id = JobId.make(yield* running)
        for (const { effect, op } of which(provider, id)) {
          for (const operation of routes[op] ?? []) yield* emulator.inject({ fault, operation })
          const error = yield* failure(op, effect)
          yield* emulator.heal
          yield* holds(expected(op).includes(error._tag), `${op} failed with ${error._tag}: ${error.message}`)
          yield* hides(id, secrets, [error.message, String(error), JSON.stringify(error)])
        }
      }))

  const uncertain = (tag: JobError.JobError["_tag"]) => (op: Provider.Capability) =>
    op === "submit" ? ["SubmissionUncertain"] as const : [tag]

  const laws: ReadonlyArray<Law<R> | undefined | false> = [
    law("says who it is and what it can do", (provider) =>
      Effect.gen(function*() {
        yield* holds(provider.id !== "" && provider.instance !== "", "It has no name")
        for (const capability of provider.capabilities) {
          yield* holds(provider[capability] !== undefined, `It says it can ${capability} and can't`)
        }
        yield* holds(provider.owns(JobId.make(yield* running)), "It does not own a job of its own")
        yield* holds(!provider.owns(JobId.make(elsewhere)), "It owns another service's job")
      })),

    law("lists what runs, under its own name, and nothing that has ended", (provider) =>
      Effect.gen(function*() {
        if (provider.list === undefined) return
        const id = yield* running
        const done = yield* ended
        const { complete, jobs } = yield* timely(provider.list)
        yield* holds(complete, "A whole list is said to be incomplete")
        yield* holds(jobs.some((job) => job.id === id), "A running job is not listed")
        yield* holds(jobs.every((job) => job.id !== done), "An ended job is listed")
        for (const job of jobs) yield* ownJob(provider, job)
        yield* holds(jobs.every((job) => !job.isTerminal), "A listed job is terminal")
      })),

    law("gets a job as it stands, and the same settled job twice", (provider) =>
      Effect.gen(function*() {
        if (provider.get === undefined) return
        const id = JobId.make(yield* running)
        const done = JobId.make(yield* ended)
        const job = yield* timely(provider.get(id))
        yield* ownJob(provider, job)
        yield* holds(job.id === id && !job.isTerminal, `A running job is got as ${job}`)
        const [once, twice] = [yield* timely(provider.get(done)), yield* timely(provider.get(done))]
        yield* holds(once.id === done && once.isSettled, `An ended job is got as ${once}`)
        yield* holds(once.providerStatus === twice.providerStatus, "A settled job is got as two things")
        yield* holds(once.providerStatus !== undefined, "The service's own word is lost")
      })),

    law("tells a job that is not there from one that can't be", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        for (const op of ["get", "remove", "cancel", "untrack"] as const) {
          const effect = provider[op]
          if (effect === undefined) continue
          const missing = yield* failure(op, effect(JobId.make(unknown)))
          yield* holds(missing._tag === "NotFound", `${op} of an unknown id failed with ${missing._tag}`)
          const before = yield* emulator.count()
          const foreign = yield* failure(op, effect(JobId.make(elsewhere)))
          yield* holds(foreign._tag === "InvalidJobId", `${op} of another service's id failed with ${foreign._tag}`)
          yield* holds((yield* emulator.count()) === before, `${op} sent another service's id`)
        }
      })),

    law("removes what has ended, and refuses to remove what runs", (provider) =>
      Effect.gen(function*() {
        if (provider.remove === undefined) return
        const refused = yield* failure("remove", provider.remove(JobId.make(yield* running)))
        yield* holds(refused._tag === "NotTerminal", `remove of a running job failed with ${refused._tag}`)
        yield* timely(provider.remove(JobId.make(yield* ended)))
      })),

    law("cancels what runs, which then reads as Cancelled", (provider) =>
      Effect.gen(function*() {
        if (provider.cancel === undefined) return
        const id = JobId.make(yield* running)
        yield* timely(provider.cancel(id))
        if (provider.get === undefined) return
        if (situations.forgets === true) {
          const error = yield* failure("get", provider.get(id))
          return yield* holds(error._tag === "NotFound", `get of a forgotten job failed with ${error._tag}`)
        }
        const job = yield* timely(provider.get(id))
        yield* holds(job.is("Cancelled"), `A cancelled job is got as ${job}`)
      })),

    law("sends a submit once, and the jobs it names can be found", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const { submit } = provider
        if (submit === undefined || submits === undefined) return
        for (const request of submits.accepted) {
          const before = yield* emulator.count()
          const submission = yield* timely(submit(request))
          yield* holds((yield* emulator.count()) === before + 1, "One submit was not one request")
          yield* holds(new Set(submission.ids).size === submission.ids.length, "An id is named twice")
          for (const id of submission.ids) {
            yield* holds(provider.owns(id), "It submitted a job that it does not own")
            if (provider.get !== undefined) yield* ownJob(provider, yield* timely(provider.get(id)))
          }
        }
      })),

    law("refuses a bad submit by its fields, before anything is sent", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const { submit } = provider
        if (submit === undefined || submits === undefined) return
        for (const { fields, request } of submits.refused) {
          const error = yield* failure("submit", submit(request))
          const named = error._tag === "InvalidRequest" ? error.issues.map((issue) => issue.field) : []
          yield* holds(
            named.toSorted().join() === fields.toSorted().join(),
            `A submit with bad ${fields.join(", ")} failed with ${error._tag} about ${named.join(", ")}`
          )
        }
        yield* holds((yield* emulator.count()) === 0, "A bad submit was sent")
      })),

    submits &&
    law("pays once for a submit whose reply was lost, and says that it may run", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const { submit } = provider
        if (submit === undefined) {
          return
        }
        for (const operation of routes.submit ?? []) yield* emulator.inject({ fault: Faults.dropReply, operation })
        const error = yield* failure("submit", submit(submits.accepted[0]))
        yield* holds(error._tag === "SubmissionUncertain", `A lost reply failed with ${error._tag}`)
        yield* holds((yield* emulator.count()) === 1, "A lost reply was submitted again")
      })),

    webhooks && law("reads the service's webhooks, and nothing else", (provider) =>
      Effect.gen(function*() {
        const { webhook } = provider
        if (webhook === undefined) return
        for (const body of yield* webhooks) {
          for (const job of yield* webhook(body)) yield* ownJob(provider, job)
        }
        for (const body of [undefined, null, "", "text", 0, [], {}, [[]], { jobs: 1 }, { error: {} }]) {
          const error = yield* failure("webhook", webhook(body))
          yield* holds(error._tag === "UnexpectedResponse", `${JSON.stringify(body)} failed with ${error._tag}`)
        }
      })),

    faulty("401 is Unauthorized", Faults.status(401), () => ["Unauthorized"]),
    faulty("402 is PaymentRequired", Faults.status(402), () => ["PaymentRequired"]),
    faulty(
      "429 is RateLimited, when even patience does not help",
      Faults.status(429, "2 hours"),
      () => ["RateLimited"]
    ),
    faulty("403 of an intermediary says nothing about the job", Faults.page(403), () => ["UnexpectedResponse"]),
    faulty("500 is Unavailable, and of a submit uncertain", Faults.status(500), uncertain("Unavailable")),
    faulty("502 as a page is Unavailable, and of a submit uncertain", Faults.page(502), uncertain("Unavailable")),
    faulty("a redirect is not followed", Faults.redirect("https://elsewhere.test/"), () => ["UnexpectedResponse"]),
    faulty("a refused connection is Unavailable, also of a submit", Faults.refuse, () => ["Unavailable"]),
    faulty(
      "a dropped connection is Unavailable, and of a submit uncertain",
      Faults.dropRequest,
      uncertain("Unavailable")
    ),
    faulty("a service that hangs is Unavailable, and of a submit uncertain", Faults.hang, uncertain("Unavailable")),
    faulty(
      "JSON that is cut is unexpected, and of a submit uncertain",
      Faults.cutJson,
      uncertain("UnexpectedResponse"),
      calls
    ),
    faulty(
      "an empty body is unexpected, and of a submit uncertain",
      Faults.emptyBody,
      uncertain("UnexpectedResponse"),
      calls
    ),

    says !== false &&
    law("a status word that nobody knows is a job that runs, with the word kept", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        if (provider.get === undefined) {
          return
        }
        const id = JobId.make(yield* running)
        for (const operation of routes.get ?? []) {
          yield* emulator.inject({ fault: says("ruminating"), operation })
        }
        const job = yield* timely(provider.get(id))
        yield* holds(job.is("Running") && job.providerStatus === "ruminating", `It is got as ${job}`)
      })),

    law("interrupting a call ends it at once", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const id = JobId.make(yield* running)
        yield* emulator.inject({ fault: Faults.hang })
        for (const { effect, op } of calls(provider, id)) {
          const fiber = yield* Effect.forkChild(effect)
          yield* TestClock.adjust("1 second")
          yield* Fiber.interrupt(fiber)
          yield* holds(Exit.hasInterrupts(yield* Fiber.await(fiber)), `${op} was not interrupted`)
        }
      })),

    law("shows no id, account or token in a log line or a span", (provider) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Kernel
        const shown: Array<string> = []
        const logger = Logger.map(Logger.formatJson, (line) => void shown.push(line))
        const spans: Array<Tracer.NativeSpan> = []
        const tracer = Tracer.make({
          span: (options) => {
            const span = new Tracer.NativeSpan(options)
            spans.push(span)
            return span
          }
        })
        const ids = [JobId.make(yield* running), JobId.make(yield* ended), JobId.make(unknown)]
        if (says !== false) yield* emulator.inject({ fault: says("musing"), times: 1 })
        for (const id of ids) {
          for (const { effect, op } of acts(provider, id)) {
            yield* timely(Effect.exit(effect)).pipe(
              Effect.tap((exit) =>
                Effect.logError(op, Exit.isFailure(exit) ? exit.cause : shows(op) ? exit.value : "")
              ),
              Effect.withTracer(tracer),
              Effect.provide(Logger.layer([logger]))
            )
          }
        }
        for (const { attributes, events, name } of spans) {
          shown.push(name, JSON.stringify([...attributes]), JSON.stringify(events, (_, value) => String(value)))
        }
        yield* holds(spans.length > 0, "No call opened a span")
        for (const id of ids) yield* hides(id, secrets, shown)
      }))
  ]
  return laws.filter((law) => law !== undefined && law !== false)
}

/** A job may be logged as it is; an account is its name, which a log of accounts is meant to show. */
const shows = (op: Provider.Capability): boolean => op === "list" || op === "get"

interface Call {
  readonly op: Provider.Capability
  readonly effect: Effect.Effect<unknown, JobError.JobError>
}

const call = (
  op: Provider.Capability,
  effect: Effect.Effect<unknown, JobError.JobError> | undefined
): ReadonlyArray<Call> => effect === undefined ? [] : [{ op, effect }]

const ownJob = (provider: Provider.Identity, job: Job.Job): Effect.Effect<void, LawBroken> =>
  holds(
    job.provider === provider.id && job.instance === provider.instance && provider.owns(job.id),
    `${job} does not carry its provider's name`
  )
