import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as JobId from "@media-jobs/core/JobId"
import * as Provider from "@media-jobs/core/Provider"
import * as ReplyTo from "@media-jobs/core/ReplyTo"
import type * as Fixtures from "@media-jobs/testing/Fixtures"
import { fixtures } from "@media-jobs/testing/useapi-luma"
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Answers from "./answers.ts"

/** The counter of status words that an adapter does not know. */
const unknownStatus = (attributes: { readonly provider: string; readonly status: string }) =>
  Metric.counter("media_jobs_unknown_status", {
    description: "Status words that an adapter does not know, read as Running",
    incremental: true,
    attributes
  })

const whole = "j0326140530123456789v-u12345-email:user@example.com-job:a1b2c3d4-e5f6-7890-abcd-ef1234567890-bot:luma"
/** The ids as the pages print them, which differ in one byte, and as they are thought to be. */
const ids = [fixtures.ids.polled, fixtures.ids.listed, whole]

/** A documented answer about this id. */
const about = (id: string, text: string): string => text.replaceAll(/"j03\d+[vi]-[^"]+"/g, JSON.stringify(id))

const record = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...fixtures.documented.getPending.json as object,
  jobid: whole,
  ...more
})
const completed = record({ ...fixtures.documented.getCompletedVideo.json as object, jobid: whole })
const got = (body: unknown, options?: Partial<Luma.Options>) =>
  Effect.gen(function*() {
    const { luma } = yield* Answers.luma(200, body, options)
    const fiber = yield* Effect.forkChild(luma.get(JobId.make(whole)))
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

describe("useapi-luma.get", () => {
  for (const id of ids) {
    describe(`of ${id.replace("\u00a0", "(nbsp)")}`, () => {
      const get = ({ status, text }: Fixtures.Fixture) =>
        Effect.flatMap(
          Answers.luma(status, about(id, text)),
          ({ luma, sent }) => Effect.map(Effect.exit(luma.get(JobId.make(id))), (exit) => ({ exit, sent }))
        )
      const job = (fixture: Fixtures.Fixture) => Effect.flatMap(get(fixture), ({ exit }) => exit)
      const failed = (fixture: Fixtures.Fixture) => Effect.flip(job(fixture))

      it.effect("sends it byte for byte, `:` and `@` as they are", () =>
        Effect.gen(function*() {
          const { sent } = yield* get(fixtures.documented.getPending)
          assert.deepStrictEqual(sent.map(({ method }) => method), ["GET"])
          const path = sent[0]?.url.pathname ?? ""
          assert.strictEqual(decodeURIComponent(path), `/v1/luma/jobs/${id}`)
          assert.notMatch(path, /%3A|%40/i)
          assert.strictEqual(sent[0]?.authorization, `Bearer ${Redacted.value(Answers.token)}`)
        }))

      it.effect("pending", () =>
        Effect.gen(function*() {
          yield* TestClock.setTime(1234)
          const found = yield* job(fixtures.documented.getPending)
          assert.strictEqual(found.id, id)
          assert.deepStrictEqual({ ...found }, {
            id: JobId.make(id),
            provider: found.provider,
            instance: found.instance,
            kind: "video",
            state: { _tag: "Queued" },
            providerStatus: "pending",
            createdAt: DateTime.makeUnsafe("2026-03-26T14:05:30.123Z"),
            observedAt: DateTime.makeUnsafe(1234)
          })
          assert.deepStrictEqual([found.provider, found.instance], ["useapi-luma", "default"])
        }))

      it.effect("completed, a video", () =>
        Effect.gen(function*() {
          const found = yield* job(fixtures.documented.getCompletedVideo)
          assert.strictEqual(found.id, id)
          assert.strictEqual(found.providerStatus, "completed")
          assert.deepStrictEqual(found.updatedAt, DateTime.makeUnsafe("2026-03-26T14:08:45.678Z"))
          assert.deepStrictEqual(found.cost, { amount: 20, unit: "luma-credits", basis: "charged" })
          assert.isTrue(found.is("Succeeded"))
          if (!found.is("Succeeded")) return
          assert.deepStrictEqual(found.state.artifacts.map((artifact) => ({ ...artifact })), [
            {
              kind: "video",
              role: "primary",
              url: "https://storage.cdn-luma.com/...",
              width: 1280,
              height: 720,
              duration: Duration.millis(5040)
            },
            {
              kind: "image",
              role: "thumbnail",
              url: "https://storage.cdn-luma.com/.../thumbnail.jpg",
              width: 1280,
              height: 720
            },
            {
              kind: "image",
              role: "last-frame",
              url: "https://storage.cdn-luma.com/.../last_frame.jpg",
              width: 1280,
              height: 720
            }
          ])
        }))

      it.effect("completed, an image", () =>
        Effect.gen(function*() {
          const found = yield* job(fixtures.documented.getCompletedImage)
          assert.strictEqual(found.kind, "image")
          assert.strictEqual(found.cost?.amount, 5)
          assert.isTrue(found.is("Succeeded"))
          if (!found.is("Succeeded")) return
          assert.deepStrictEqual(
            found.state.artifacts.map(({ height, kind, role, width }) => [kind, role, width, height]),
            [["image", "primary", 1024, 1024]]
          )
        }))

      it.effect("failed", () =>
        Effect.gen(function*() {
          const found = yield* job(fixtures.documented.getFailed)
          assert.deepStrictEqual(found.state, { _tag: "Failed", cause: "unknown" })
          assert.strictEqual(found.providerStatus, "failed")
        }))

      for (
        const [fixture, tag, remedy] of [
          [fixtures.documented.getInvalidId, "InvalidJobId", "Fix"],
          [fixtures.documented.getUnauthorized, "Unauthorized", "Reauthenticate"],
          [fixtures.documented.getForbidden, "Forbidden", "None"],
          [fixtures.documented.getNotFound, "NotFound", "None"],
          [fixtures.documented.getSessionError, "SessionExpired", "Reauthenticate"]
        ] as const
      ) {
        it.effect(`${fixture.status} is ${tag}`, () =>
          Effect.gen(function*() {
            const error = yield* failed(fixture)
            assert.deepStrictEqual([error._tag, error.remedy._tag, error.status], [tag, remedy, fixture.status])
            if ("id" in error) assert.strictEqual(error.id, id)
            assert.notInclude(error.message, id)
          }))
      }

      it.effect("removes it, or says why not", () =>
        Effect.gen(function*() {
          const remove = ({ status, text }: Fixtures.Fixture) =>
            Effect.flatMap(Answers.luma(status, about(id, text)), ({ luma, sent }) =>
              Effect.map(Effect.exit(luma.remove(JobId.make(id))), (exit) => ({ exit, sent })))
          const { exit, sent } = yield* remove(fixtures.documented.remove)
          assert.isUndefined(yield* exit)
          assert.deepStrictEqual(
            sent.map(({ method, url }) => [method, decodeURIComponent(url.pathname)]),
            [["DELETE", `/v1/luma/jobs/${id}`]]
          )
          for (
            const [fixture, tag] of [
              [fixtures.documented.removeInvalidId, "InvalidJobId"],
              [fixtures.documented.removeUnauthorized, "Unauthorized"],
              [fixtures.documented.removeForbidden, "Forbidden"],
              [fixtures.documented.removeNotFound, "NotFound"],
              [fixtures.documented.removeNotTerminal, "NotTerminal"]
            ] as const
          ) {
            const error = yield* Effect.flip(Effect.flatMap(remove(fixture), ({ exit }) =>
              exit))
            assert.strictEqual(error._tag, tag)
            if (error._tag === "NotTerminal") assert.strictEqual(error.providerStatus, "processing")
          }
        }))

      it.effect("lists it", () =>
        Effect.gen(function*() {
          const { luma } = yield* Answers.luma(200, about(id, fixtures.documented.list.text))
          assert.deepStrictEqual((yield* luma.list).jobs.map((job) => job.id), [JobId.make(id), JobId.make(id)])
        }))
    })
  }

  it.effect("reads each status word, and none as an ending that is not", () =>
    Effect.gen(function*() {
      for (
        const [status, tag] of [
          ["created", "Queued"],
          ["pending", "Queued"],
          ["processing", "Running"],
          ["failed", "Failed"],
          ["COMPLETED", "Running"],
          ["cancelled", "Running"],
          ["", "Running"]
        ] as const
      ) {
        const job = yield* got(record({ status }))
        assert.strictEqual(job.state._tag, tag, status)
        assert.strictEqual(job.providerStatus, status)
      }
    }))

  it.effect("reads why a job failed where the service says so", () =>
    Effect.gen(function*() {
      const state = (error: unknown) => Effect.map(got(record({ status: "failed", error })), (job) => job.state)
      assert.deepStrictEqual(yield* state("Cancelled by user"), { _tag: "Cancelled" })
      assert.deepStrictEqual(yield* state("Job cancelled by user"), { _tag: "Cancelled" })
      for (
        const [reason, cause] of [
          ["Prompt rejected by moderation", "content"],
          ["Not enough credits", "credits"],
          ["Something broke", "unknown"]
        ] as const
      ) assert.deepStrictEqual(yield* state(reason), { _tag: "Failed", reason, cause })
      assert.deepStrictEqual(yield* state({ code: 3, message: "Flagged as NSFW" }), {
        _tag: "Failed",
        reason: "Flagged as NSFW",
        cause: "content"
      })
      assert.deepStrictEqual(yield* state(null), { _tag: "Failed", cause: "unknown" })
    }))

  it.effect("takes a completed job without a file for a failed one", () =>
    Effect.gen(function*() {
      for (const response of [null, undefined, {}, { video: null, thumbnail: null }]) {
        const job = yield* got({ ...completed, response })
        assert.deepStrictEqual(job.state, { _tag: "Failed", reason: "Completed without a file", cause: "service" })
        assert.strictEqual(job.providerStatus, "completed")
        assert.strictEqual(job.cost?.amount, 20)
      }
    }))

  it.effect("knows the frames of an HDR video for the archive they are", () =>
    Effect.gen(function*() {
      const media = { media_type: "video", url: "https://x.test/frames", width: 1280, height: 720, duration: 5 }
      const job = yield* got({ ...completed, response: { video: null, video_hdr_exr: media } })
      assert.deepStrictEqual(
        job.is("Succeeded") ? job.state.artifacts.map(({ kind, role }) => [kind, role]) : [],
        [["archive", "hdr-frames"]]
      )
    }))

  it.effect("knows the cost of the relaxed mode", () =>
    Effect.gen(function*() {
      const cost = (credits: unknown) => Effect.map(got(record({ credits })), (job) => job.cost)
      assert.deepStrictEqual(yield* cost({ dm_usage: null, dm_relaxed_usage: 7 }), {
        amount: 7,
        unit: "luma-relaxed-credits",
        basis: "charged"
      })
      assert.strictEqual((yield* cost({ dm_usage: 0, dm_relaxed_usage: 7 }))?.amount, 0)
      assert.isUndefined(yield* cost({ dm_usage: null }))
      assert.isUndefined(yield* cost({}))
    }))

  it.effect("ignores what is new, and lets go of what a job can do without", () =>
    Effect.gen(function*() {
      const { credits: _c, response: _r, updated: _u, ...least } = record({ type: "hologram", novel: { a: 1 } })
      const job = yield* got(least)
      assert.strictEqual(job.kind, "other")
      assert.isUndefined(job.updatedAt)
      const undated = yield* got({ ...completed, created: "yesterday, user@example.com", updated: "soon" })
      assert.isTrue(undated.is("Succeeded") && undated.createdAt === undefined && undated.updatedAt === undefined)
      const sparse = yield* got({ ...completed, response: { video: { url: "https://x.test/v", width: null } } })
      assert.deepStrictEqual(sparse.is("Succeeded") && { ...sparse.state.artifacts[0] }, {
        kind: "video",
        role: "primary",
        url: "https://x.test/v"
      })
    }))

  it.effect("reads a side field of an odd type as absent, and loses no other", () =>
    Effect.gen(function*() {
      const whole = yield* got(completed)
      for (const field of ["type", "created", "updated", "credits", "replyRef"]) {
        const { [field]: _, ...rest } = completed
        for (const body of [rest, { ...completed, [field]: [7] }]) {
          const job = yield* got(body)
          assert.deepStrictEqual([job.id, job.state], [whole.id, whole.state], field)
        }
      }
      const files = (response: Schema.Json) =>
        Effect.map(got({ ...completed, response }), ({ state }) => state._tag === "Succeeded" ? state.artifacts : [])
      const [wide] = yield* files({ video: { url: "https://x.test/u", width: "1280", height: "tall" } })
      assert.deepStrictEqual([wide?.url, wide?.width, wide?.height], ["https://x.test/u", 1280, undefined])
      const [image] = yield* files({ video: { width: 1 }, image: { url: "https://x.test/i" } })
      assert.strictEqual(image?.url, "https://x.test/i")
    }))

  it.effect("says by its path what a job can't be told without", () =>
    Effect.gen(function*() {
      for (const field of ["jobid", "status"]) {
        const { [field]: _, ...rest } = completed
        const error = yield* Effect.flip(got(rest))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.strictEqual(error.detail, `Missing key at ["${field}"]`)
      }
      const error = yield* Effect.flip(got({ ...completed, jobid: "" }))
      assert.strictEqual(error._tag, "UnexpectedResponse")
      assert.isTrue(error.detail?.endsWith("at [\"jobid\"]"), error.detail)
      assert.notMatch(error.detail ?? "", /user/)
      for (const body of [null, [], 0, "text", {}, { error: "Job not found" }]) {
        assert.strictEqual((yield* Effect.flip(got(body)))._tag, "UnexpectedResponse")
      }
    }))

  it.effect("keeps the service's record where that is asked for", () =>
    Effect.gen(function*() {
      const body = record({ novel: { a: 1 } }) as Schema.JsonObject // a test wrote it
      assert.isFalse("raw" in (yield* got(body)))
      assert.deepStrictEqual((yield* got(body, { raw: true })).raw, body)
      const { luma } = yield* Answers.luma(200, fixtures.documented.list.text, { raw: true })
      const { jobs } = yield* luma.list
      assert.deepStrictEqual(
        jobs.map((job) => job.raw),
        (fixtures.documented.list.json as { jobs: Array<Schema.Json> }).jobs
      )
    }))

  it.effect("makes jobs that the schema would make", () =>
    Effect.gen(function*() {
      const { luma } = yield* Answers.luma(200, fixtures.documented.list.text)
      const jobs = [yield* got(completed), yield* got(record()), ...(yield* luma.list).jobs]
      for (const job of jobs) {
        const Job = job.constructor as new(fields: object) => typeof job // of any of them
        assert.deepStrictEqual(new Job({ ...job }), job)
      }
    }))

  it.effect("refuses an id of another service, or none, unsent", () =>
    Effect.gen(function*() {
      const { luma, sent } = yield* Answers.luma(404, { error: "Job not found" })
      const empty = "" as JobId.JobId // what plain JavaScript may pass
      for (
        const id of [
          "j0223140530123456789v-u12345-US:[email protected]:dreamina",
          "j0223140530123456789v-u12345-CA:user@example.com-bot:dreamina",
          "j1023141520123456789i-u12345-c1234567890123456789-bot:midjourney",
          "user:12345-runwayml:user@example.com-task:a1b2",
          empty
        ]
      ) {
        for (const call of [luma.get(id as JobId.JobId), luma.remove(id as JobId.JobId)]) {
          const error = yield* Effect.flip(call)
          assert.strictEqual(error._tag, "InvalidJobId")
          assert.isTrue(error._tag === "InvalidJobId" && error.id === id)
          if (id !== "") assert.notInclude(error.message, id)
        }
      }
      assert.deepStrictEqual(sent, [])
      for (const id of ["a1b2c3", "damaged:luma", "../../accounts"]) {
        assert.strictEqual((yield* Effect.flip(luma.get(JobId.make(id))))._tag, "NotFound")
      }
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), [
        "/v1/luma/jobs/a1b2c3",
        "/v1/luma/jobs/damaged:luma",
        "/v1/luma/jobs/..%2F..%2Faccounts"
      ])
    }))

  it.effect("counts a word that no page names, and logs it once", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.layer([Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))])
      const count = Effect.map(
        Metric.value(
          unknownStatus({ provider: "useapi-luma", status: "ruminating" })
        ),
        (state) => Number(state.count)
      )
      const before = yield* count
      const { luma } = yield* Answers.luma(200, record({ status: "ruminating" }))
      const look = Effect.provide(luma.get(JobId.make(whole)), logger)
      yield* Effect.all([look, look, look])
      assert.strictEqual((yield* count) - before, 3)
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], "level=WARN")
      assert.include(lines[0], "ruminating")
      assert.include(lines[0], "luma (default): a status")
      const odd = yield* Answers.luma(200, record({ status: "stuck for user@example.com" }))
      yield* Effect.provide(odd.luma.get(JobId.make(whole)), logger)
      assert.notInclude(lines.join("\n"), "user@example.com")
    }))
})

describe("useapi-luma.list", () => {
  it.effect("reads the documented list", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(99)
      const { luma, sent } = yield* Answers.luma(200, fixtures.documented.list.text, { instance: "second" })
      const { complete, jobs } = yield* luma.list
      assert.isTrue(complete)
      assert.strictEqual(sent[0]?.url.pathname, "/v1/luma/jobs")
      assert.deepStrictEqual(
        jobs.map(({ account, createdAt, id, instance, kind, model, observedAt, state }) => ({
          account,
          createdAt,
          id,
          instance,
          kind,
          model,
          observedAt: DateTime.toEpochMillis(observedAt),
          state
        })),
        [
          {
            account: "[email protected]",
            createdAt: DateTime.makeUnsafe("2026-03-26T14:05:30.123Z"),
            id: JobId.make(fixtures.ids.listed),
            instance: luma.instance,
            kind: "video",
            model: "ray-v3-flash",
            observedAt: 99,
            state: { _tag: "Running" }
          },
          {
            account: "[email protected]",
            createdAt: DateTime.makeUnsafe("2026-03-26T14:07:30.456Z"),
            id: JobId.make(fixtures.ids.listedImage),
            instance: luma.instance,
            kind: "image",
            model: "photon-v2",
            observedAt: 99,
            state: { _tag: "Running" }
          }
        ]
      )
      assert.strictEqual(luma.instance, "second")
    }))

  it.effect("knows an empty list, one that lacks something, and one that is none", () =>
    Effect.gen(function*() {
      const list = (body: unknown) => Effect.flatMap(Answers.luma(200, body), ({ luma }) => luma.list)
      assert.deepStrictEqual(yield* list({ executing: 0, jobs: [] }), { jobs: [], complete: true })
      assert.deepStrictEqual(yield* list({ jobs: [], error: "One account could not be asked" }), {
        jobs: [],
        complete: false
      })
      assert.isTrue((yield* list({ jobs: [], error: null })).complete)
      const error = yield* Effect.flip(list({ executing: 1 }))
      assert.strictEqual(error.detail, "Expected a list at [\"jobs\"]")
      // An entry without an id costs no other, and makes the list incomplete; so does one that is counted and not there.
      const odd = yield* list({ jobs: [{ type: "video" }, { jobid: "j1", type: 7 }] })
      assert.deepStrictEqual([odd.jobs.map(({ id }) => String(id)), odd.complete], [["j1"], false])
      assert.isFalse((yield* list({ executing: 1, jobs: [] })).complete)
    }))

  it.effect("401 is Unauthorized", () =>
    Effect.gen(function*() {
      const { status, text } = fixtures.documented.listUnauthorized
      const { luma } = yield* Answers.luma(status, text)
      assert.strictEqual((yield* Effect.flip(luma.list))._tag, "Unauthorized")
    }))
})

describe("luma.accounts and luma.capacity", () => {
  it.effect("read the accounts", () =>
    Effect.gen(function*() {
      const { status, text } = fixtures.assembled.accounts
      const { luma, sent } = yield* Answers.luma(status, text)
      assert.deepStrictEqual(yield* luma.accounts, [{ account: "user@example.com" }])
      assert.deepStrictEqual(yield* luma.capacity, [{ account: "user@example.com", limit: 4, executing: 1 }])
      assert.deepStrictEqual(sent.map(({ url }) => url.pathname), ["/v1/luma/accounts", "/v1/luma/accounts"])
    }))

  it.effect("leave no room on an account with a problem", () =>
    Effect.gen(function*() {
      const { luma } = yield* Answers.luma(200, {
        "a@x.test": { concurrency: 4, executing: 2, error: "Session expired" },
        "b@x.test": { concurrency: 1 },
        "c@x.test": {}
      })
      assert.deepStrictEqual(yield* luma.accounts, [
        { account: "a@x.test", problem: "Session expired" },
        { account: "b@x.test" },
        { account: "c@x.test" }
      ])
      assert.deepStrictEqual(yield* luma.capacity, [
        { account: "a@x.test", limit: 0, executing: 2 },
        { account: "b@x.test", limit: 1, executing: 0 }
      ])
    }))

  it.effect("know a 404 with an empty body for no accounts, and no other 404", () =>
    Effect.gen(function*() {
      const none = yield* Answers.luma(404, "")
      assert.deepStrictEqual(yield* none.luma.accounts, [])
      assert.deepStrictEqual(yield* none.luma.capacity, [])
      for (const body of ["<html></html>", { error: "Endpoint not found" }]) {
        const { luma } = yield* Answers.luma(404, body)
        assert.strictEqual((yield* Effect.flip(luma.accounts))._tag, "UnexpectedResponse")
      }
      const { luma } = yield* Answers.luma(401, fixtures.assembled.accountsUnauthorized.text)
      assert.strictEqual((yield* Effect.flip(luma.capacity))._tag, "Unauthorized")
    }))

  it.effect("fail where a success holds something else", () =>
    Effect.gen(function*() {
      for (const body of [{ error: "try later" }, { "user@example.com": null }, ["user@example.com"], "none"]) {
        const { luma } = yield* Answers.luma(200, body)
        assert.strictEqual((yield* Effect.flip(luma.accounts))._tag, "UnexpectedResponse")
        assert.strictEqual((yield* Effect.flip(luma.capacity))._tag, "UnexpectedResponse")
      }
    }))
})

describe("useapi-luma.recover", () => {
  it.effect("finds a job whose type the list does not tell", () =>
    Effect.gen(function*() {
      const lost = { submittedAt: DateTime.makeUnsafe(0), kind: "video" } as const
      for (const [type, count] of [[undefined, 1], [null, 1], [7, 1], ["video", 1], ["song", 0]] as const) {
        const { luma } = yield* Answers.luma(200, { jobs: [{ jobid: whole, type }] })
        assert.lengthOf(yield* luma.recover(lost), count)
      }
    }))
})

describe("useapi-luma.remove", () => {
  it.effect("believes only an answer that says so", () =>
    Effect.gen(function*() {
      const remove = (status: number, body: unknown) =>
        Effect.flatMap(Answers.luma(status, body), ({ luma }) => luma.remove(JobId.make(whole)))
      yield* remove(204, "")
      for (const body of [{ jobid: whole, deleted: false }, {}, "<html></html>", ""]) {
        assert.strictEqual((yield* Effect.flip(remove(200, body)))._tag, "UnexpectedResponse")
      }
    }))
})

describe("Luma", () => {
  it.effect("is a layer that needs a client and the environment, and no more", () =>
    Effect.gen(function*() {
      const { provide, sent } = Answers.client(200, fixtures.documented.list.text)
      const live: Layer.Layer<Luma.Luma, unknown, never> = Layer.effect(
        Luma.Luma,
        provide(Effect.provide(Luma.Luma, Luma.layerConfig({ instance: "a" })))
      )
      const environment = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ USEAPI_TOKEN: "user:1-a", USEAPI_BASE_URL: "http://127.0.0.1:1" })
      )
      const { jobs } = yield* Luma.Luma.use((luma) => luma.list).pipe(
        Effect.provide(live.pipe(Layer.provide(environment)))
      )
      assert.deepStrictEqual(jobs.map((job) => String(job.instance)), ["a", "a"])
      assert.strictEqual(sent[0]?.url.href, "http://127.0.0.1:1/v1/luma/jobs")
      assert.strictEqual(sent[0]?.authorization, "Bearer user:1-a")
    }))

  it.effect("says which variable is wrong", () =>
    Effect.gen(function*() {
      const build = (env: Record<string, string>) =>
        Effect.flip(Effect.provide(Luma.Luma, Luma.layerConfig())).pipe(
          Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))),
          Answers.client(200).provide,
          Effect.map((error) => error.message)
        )
      assert.include(yield* build({}), "USEAPI_TOKEN is not set")
      assert.include(yield* build({ USEAPI_TOKEN: "t", USEAPI_BASE_URL: "nowhere" }), "USEAPI_BASE_URL is no base URL")
    }))

  it.effect("takes a second token from a variable of its own", () =>
    Effect.gen(function*() {
      const { provide, sent } = Answers.client(200, fixtures.documented.list.text)
      const env = ConfigProvider.layer(
        ConfigProvider.fromUnknown({ USEAPI_TOKEN: "user:1-a", SECOND_TOKEN: "user:2-b" })
      )
      const listed = (...options: Parameters<typeof Luma.layerConfig>) =>
        provide(
          Luma.Luma.use((luma) => luma.list).pipe(
            Effect.provide(Luma.layerConfig(...options).pipe(Layer.provide(env)))
          )
        )
      yield* listed()
      const { jobs } = yield* listed({ token: Config.Redacted("SECOND_TOKEN"), instance: "second" })
      assert.strictEqual(jobs[0]?.instance, "second")
      assert.deepStrictEqual(sent.map(({ authorization }) => authorization), ["Bearer user:1-a", "Bearer user:2-b"])
    }))

  it.effect("is as many as there are tokens, which never mix", () =>
    Effect.gen(function*() {
      const { provide, sent } = Answers.client(200, fixtures.documented.list.text)
      const [one, two] = yield* provide(Effect.all([
        Luma.make({ token: Redacted.make("user:1-a"), instance: "one" }),
        Luma.make({ token: Redacted.make("user:2-b"), instance: "two" })
      ]))
      const listings = yield* Effect.all([one.list, two.list, one.list, two.list], { concurrency: "unbounded" })
      assert.deepStrictEqual(listings.map(({ jobs }) => String(jobs[0]?.instance)), ["one", "two", "one", "two"])
      assert.deepStrictEqual(
        sent.map(({ authorization }) => authorization),
        ["Bearer user:1-a", "Bearer user:2-b", "Bearer user:1-a", "Bearer user:2-b"]
      )
    }))

  it.effect("owns what ends in its name", () =>
    Effect.gen(function*() {
      const { luma } = yield* Answers.luma(200)
      for (const id of ids) assert.strictEqual(yield* Provider.jobId(luma, id), id)
      for (const id of ["", "a1b2c3", "x-bot:lumalabs", "x-bot:luma:y", "x:luma"]) {
        assert.strictEqual((yield* Effect.flip(Provider.jobId(luma, id)))._tag, "InvalidJobId")
      }
    }))

  it.effect("can do what it says, by its type too", () =>
    Effect.gen(function*() {
      const { luma } = yield* Answers.luma(200, fixtures.documented.list.text)
      const operations: Readonly<Record<string, unknown>> = { ...luma }
      for (const capability of luma.capabilities) assert.isDefined(operations[capability])
      assert.isFalse(Provider.supports("cancel")(luma))
      // @ts-expect-error Luma can't stop a job that runs
      assert.isUndefined(luma.cancel)
      // @ts-expect-error a list speaks of no one job
      void Effect.catchTag(luma.list, "NotTerminal", () => Effect.succeed(0))
      // @ts-expect-error a get asks for nothing that a running job could refuse
      void Effect.catchTag(luma.get(JobId.make(whole)), "NotTerminal", () => Effect.succeed(0))
      // @ts-expect-error a request is made by `video` or `image`
      void luma.submit({ prompt: "rain" })
      // @ts-expect-error no such model
      void luma.submit(Luma.video({ prompt: "rain", model: "ray-v2" }))
      // @ts-expect-error an image has no duration
      void luma.submit(Luma.image({ prompt: "rain", duration: "5s" }))
      // @ts-expect-error an id is more than a text
      void luma.get("j1")
      void Effect.catchTag(luma.remove(JobId.make(whole)), "NotTerminal", () => Effect.void)
      const exact: Effect.Effect<unknown, JobError.Of<"get">> = luma.get(JobId.make(whole))
      void exact
    }))
})

describe("the reference of a job", () => {
  const replyTo: ReplyTo.ReplyTo = {
    address: () => Effect.succeed({ url: "https://app.test/hooks" }),
    callerReference: (echoed) => echoed.startsWith("signed.") ? echoed.slice(7) : undefined
  }

  it.effect("is what the service echoes, or the caller's part of it", () =>
    Effect.gen(function*() {
      const reference = (replyRef: unknown) => Effect.map(got(record({ replyRef })), (job) => job.reference)
      const signed = Effect.provideService(ReplyTo.ReplyTo, replyTo)
      assert.strictEqual(yield* reference("order-1"), "order-1")
      assert.isUndefined(yield* reference(null))
      assert.strictEqual(yield* signed(reference("signed.order-1")), "order-1")
      assert.isUndefined(yield* signed(reference("order-1")))
    }))
})
