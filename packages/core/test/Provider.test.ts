import { assert, describe, it } from "@effect/vitest"
import type * as Artifact from "@media-jobs/core/Artifact"
import * as Handle from "@media-jobs/core/Handle"
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Providers from "@media-jobs/core/Providers"
import type * as Submission from "@media-jobs/core/Submission"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { job } from "./arbitrary.ts"

const identity = (name: string) => ({
  id: ProviderId.make(name),
  instance: ProviderId.defaultInstance,
  owns: (id: JobId.JobId) => id.endsWith(`:${name}`)
})
const listing = (id: string): Provider.Listing => ({ jobs: [job({ id: JobId.make(id) })], complete: true })
const down = new JobError.Unavailable({
  provider: ProviderId.make("b"),
  instance: ProviderId.defaultInstance,
  operation: "list"
})

const a = Provider.make(identity("a"), { list: Effect.succeed(listing("1:a")), remove: () => Effect.void })
const b = Provider.make(identity("b"), { list: Effect.fail(down) })
const c = Provider.make(identity("c"), { get: () => Effect.succeed(job()) })

describe("Provider", () => {
  it("reads its capabilities off its operations", () => {
    assert.deepStrictEqual([...a.capabilities], ["list", "remove"])
    assert.isTrue(Provider.supports("list", "remove")(a))
    assert.isFalse(Provider.supports("list", "get")(a))
  })

  it.effect("takes a text for an id of its own, or says why not", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Provider.jobId(a, "1:a"), "1:a")
      const empty = yield* Effect.flip(Provider.jobId(a, ""))
      assert.strictEqual(empty._tag, "InvalidJobId")
      assert.include(empty.message, "The id is empty")
      assert.include((yield* Effect.flip(Provider.jobId(a, "1:b"))).message, "another service's")
    }))

  it("has an operation for each way to let go of a job, and for where its files are", () => {
    const links = Provider.make(identity("l"), {
      untrack: (_id: JobId.JobId) => Effect.void,
      link: (_job: Job.Job, { url }: Artifact.Artifact) =>
        Effect.succeed<Provider.Link>({ url, headers: { "x-key": Redacted.make("5ecret") } })
    })
    assert.deepStrictEqual([...links.capabilities], ["untrack", "link"])
    const typed = (
      untracks: Provider.Provider<"untrack">,
      opens: Provider.Provider<"link">,
      of: Job.Job,
      artifact: Artifact.Artifact
    ) => {
      const made: Provider.Provider<"untrack" | "link"> = links
      const untracked: Effect.Effect<void, JobError.Of<"untrack">> = untracks.untrack(of.id)
      const opened: Effect.Effect<Provider.Link, JobError.Of<"link">> = opens.link(of, artifact)
      // @ts-expect-error to forget a job that runs does not stop it
      const stops: Provider.Provider<"cancel"> = untracks
      // @ts-expect-error nor does it wait for its end
      const removes: Provider.Provider<"remove"> = untracks
      // @ts-expect-error a link is of one artifact
      void opens.link(of)
      return { made, untracked, opened, stops, removes }
    }
    assert.isFunction(typed)
  })

  it.effect("answers no question about one job with another", () =>
    Effect.gen(function*() {
      const [one, other] = [JobId.make("j1-email:user@example.com"), JobId.make("j2")]
      const { get } = Provider.make(identity("d"), {
        get: (id) => Effect.succeed(job({ id: id === one ? other : id }))
      })
      assert.strictEqual((yield* get(other)).id, other)
      const error = yield* Effect.flip(get(one))
      assert.deepStrictEqual([error._tag, error.id, error.provider], ["UnexpectedResponse", one, "d"])
      assert.include(error.message, JobId.fingerprint(one))
      assert.notInclude(error.message, "user@")
    }))

  it("is typed by what it can do", () => {
    const typed = (
      listOnly: Provider.Provider<"list">,
      wide: Provider.Provider<"list" | "get" | "remove">,
      submitter: Provider.Provider<"submit", { readonly prompt: string }>,
      id: JobId.JobId
    ) => {
      const narrower: Provider.Provider<"list"> = wide
      const anySubmitter: Provider.Provider<"submit"> = submitter
      const submitted: Effect.Effect<Submission.Submission, JobError.Of<"submit">> = submitter.submit({ prompt: "p" })
      void submitter.submit({ prompt: "p" }, { account: "a" })
      // @ts-expect-error no such option
      void submitter.submit({ prompt: "p" }, { email: "a" })
      // @ts-expect-error it can't be asked to
      void listOnly.remove(id)
      // @ts-expect-error a list is not a get
      const wider: Provider.Provider<"get"> = listOnly
      // @ts-expect-error of an unknown request type, nothing may be submitted
      void anySubmitter.submit({ prompt: "p" })
      // @ts-expect-error no such operation
      Provider.make(identity("d"), { lst: Effect.void })
      // @ts-expect-error made without it
      void b.get
      // @ts-expect-error a list never fails so
      void wide.list.pipe(Effect.catchTag("NotTerminal", () => Effect.void))
      const handled: Effect.Effect<void, Exclude<JobError.Of<"remove">, JobError.NotTerminal>> = wide.remove(id).pipe(
        Effect.catchTag("NotTerminal", () => Effect.void)
      )
      return { narrower, wider, submitted, handled }
    }
    assert.isFunction(typed)
  })
})

describe("Providers", () => {
  const all = Providers.make({ a, b, c })

  it("keeps each provider's own type, and routes by id", () => {
    void all.byName.a.remove
    // @ts-expect-error b cannot
    void all.byName.b.remove
    const owner = Option.getOrThrow(all.owner(JobId.make("1:a")))
    assert.strictEqual(owner.id, "a")
    // @ts-expect-error not every owner can
    void owner.remove
    assert.isTrue(Provider.supports("remove")(owner))
    assert.isTrue(Option.isNone(all.owner(JobId.make("1:z"))))
  })

  it.effect("routes by handle, and refuses one of a provider that is not at hand", () =>
    Effect.gen(function*() {
      const handle = (provider: string, instance = "default") =>
        new Handle.Handle({
          provider: ProviderId.make(provider),
          instance: ProviderId.Instance.make(instance),
          id: JobId.make("j1"),
          submittedAt: DateTime.makeUnsafe(0)
        })
      assert.strictEqual((yield* all.of(handle("b"))).id, "b")
      assert.strictEqual((yield* Effect.flip(all.of(handle("z")))).reason, "foreign")
      assert.strictEqual((yield* Effect.flip(all.of(handle("b", "second")))).reason, "foreign")
    }))

  it.effect("lists one's jobs beside another's outage", () =>
    Effect.gen(function*() {
      const everything = yield* all.list
      assert.deepStrictEqual(everything.jobs.map((job) => job.id), [JobId.make("1:a")])
      assert.deepStrictEqual(everything.failures, [{ provider: b.id, instance: b.instance, error: down }])
      assert.isFalse(everything.complete)
    }))
})
