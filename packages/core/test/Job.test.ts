import { assert, describe, it } from "@effect/vitest"
import * as Artifact from "@media-jobs/core/Artifact"
import * as Job from "@media-jobs/core/Job"
import * as JobId from "@media-jobs/core/JobId"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Formatter from "effect/Formatter"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import { AnyJob, close, job } from "./arbitrary.ts"

const codec = Schema.toCodecJson(Job.Job)
const text = (job: Job.Job) => JSON.stringify(Schema.encodeSync(codec)(job))
const same = (a: Job.Job, b: Job.Job) => assert.strictEqual(text(a), text(b))

describe("Job.join", () => {
  it.effect.prop("is associative", [AnyJob, AnyJob, AnyJob], ([x, y, z]) =>
    Effect.sync(() => {
      const [a, b, c] = [close(x), close(y), close(z)]
      same(Job.join(a, Job.join(b, c)), Job.join(Job.join(a, b), c))
    }), { arbitrary: { runs: 1000 } })

  it.effect.prop("is commutative", [AnyJob, AnyJob], ([x, y]) =>
    Effect.sync(() => {
      const [a, b] = [close(x), close(y)]
      same(Job.join(a, b), Job.join(b, a))
    }), { arbitrary: { runs: 1000 } })

  it.effect.prop("is idempotent", [AnyJob], ([x]) => Effect.sync(() => same(Job.join(x, x), x)))

  it.effect.prop(
    "absorbs: what was joined once changes nothing again",
    [AnyJob, AnyJob],
    ([x, y]) =>
      Effect.sync(() => {
        const joined = Job.join(close(x), close(y))
        same(Job.join(joined, close(y)), joined)
      })
  )

  it.effect.prop("once settled, always settled", [AnyJob, AnyJob], ([x, y]) =>
    Effect.sync(() => {
      const [a, b] = [close(x), close(y)]
      if (a.isSettled || b.isSettled) assert.isTrue(Job.join(a, b).isSettled)
    }))

  it.effect.prop("keeps what only one side knows", [AnyJob, AnyJob], ([x, y]) =>
    Effect.sync(() => {
      const joined = Job.join(close(x), close(y))
      for (const key of ["kind", "account", "model", "createdAt", "reference"] as const) {
        assert.strictEqual(joined[key] === undefined, x[key] === undefined && y[key] === undefined)
      }
    }))

  it("breaks ties: the generated jobs really tie, and no two different ones compare as equal", () => {
    const at = (state: Job.Job["state"], providerStatus: string) => job({ state, providerStatus })
    const a = at({ _tag: "Failed", cause: "unknown" }, "failed")
    const b = at({ _tag: "Failed", cause: "content" }, "failed")
    assert.notStrictEqual(Job.order(a, b), 0)
    assert.strictEqual(Job.order(a, b), -Job.order(b, a))
    assert.strictEqual(Job.order(a, at({ _tag: "Failed", cause: "unknown" }, "failed")), 0)
  })

  it("believes a settled snapshot however old, the later dated of two, and progress among running", () => {
    const time = DateTime.makeUnsafe
    const done = job({ state: { _tag: "Succeeded", artifacts: [] }, updatedAt: time(1), observedAt: time(1) })
    const late = job({ state: { _tag: "Running", progress: 1 }, updatedAt: time(9), observedAt: time(9) })
    assert.strictEqual(Job.join(late, done), done)

    const cancelled = job({ state: { _tag: "Cancelled" }, updatedAt: time(2), observedAt: time(0) })
    assert.strictEqual(Job.join(done, cancelled), cancelled)

    const half = job({ state: { _tag: "Running", progress: 0.5 }, updatedAt: time(1), observedAt: time(1) })
    const unsaid = job({ updatedAt: time(5), observedAt: time(5) })
    assert.strictEqual(Job.join(unsaid, half), half)
    assert.strictEqual(Job.join(unsaid, job({ state: { _tag: "Untracked" }, observedAt: time(9) })), unsaid)
  })
})

describe("Job", () => {
  it.effect.prop(
    "is the same without checks, and knows nothing of what is undefined",
    [AnyJob],
    ([job]) =>
      Effect.sync(() => {
        const known = Object.keys(Job.Job.fields) as ReadonlyArray<keyof Job.Fields>
        const fields = Object.fromEntries(known.map((key) => [key, job[key]])) as unknown as Job.Fields
        const unchecked = Job.fromValid(fields)
        assert.deepStrictEqual(unchecked, job)
        assert.deepStrictEqual(Object.keys(unchecked).sort(), Object.keys(job).sort())
        assert.instanceOf(unchecked, Job.Job)
        if (!job.is("Succeeded")) return
        for (const artifact of job.state.artifacts) {
          const { duration, expiresAt, height, isProvisional, kind, label, role, url, width } = artifact
          assert.deepStrictEqual(
            Artifact.fromValid({ kind, role, label, url, isProvisional, width, height, duration, expiresAt }),
            artifact
          )
        }
      })
  )

  it.effect.prop("survives JSON", [AnyJob], ([job]) =>
    Effect.gen(function*() {
      const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text(job)))
      assert.instanceOf(back, Job.Job)
      same(back, job)
    }))

  it.effect.prop(
    "is whole in JSON.stringify, which the schema's JSON codec reads back",
    [AnyJob],
    ([job]) =>
      Effect.gen(function*() {
        const json = JSON.stringify(job)
        const encoded = yield* Schema.encodeEffect(codec)(job)
        assert.deepStrictEqual(JSON.parse(json), JSON.parse(JSON.stringify(encoded)))
        for (
          const back of [
            yield* Schema.decodeUnknownEffect(codec)(JSON.parse(json)),
            yield* Schema.decodeUnknownEffect(codec)(job.toJSON()),
            yield* Schema.decodeUnknownEffect(Schema.fromJsonString(codec))(json),
            ...(yield* Schema.decodeUnknownEffect(Schema.toCodecJson(Schema.Array(Job.Job)))(JSON.parse(`[${json}]`)))
          ]
        ) {
          assert.instanceOf(back, Job.Job)
          same(back, job)
        }
        const artifacts = Schema.toCodecJson(Schema.Array(Artifact.Artifact))
        if (!job.is("Succeeded")) return
        const made = JSON.stringify(job.state.artifacts)
        const back = yield* Schema.decodeUnknownEffect(artifacts)(JSON.parse(made))
        assert.deepStrictEqual(JSON.parse(JSON.stringify(back)), JSON.parse(made))
      })
  )

  it("keeps how long a file is, and when its link dies, through JSON", () => {
    const made = [5.04, 0, 1e-3, 7200].map((seconds) =>
      new Artifact.Artifact({
        kind: "video",
        role: "primary",
        url: "https://x.test/v.mp4",
        duration: Duration.seconds(seconds),
        expiresAt: DateTime.makeUnsafe("2026-03-26T14:05:30.123Z")
      })
    )
    const done = job({ state: { _tag: "Succeeded", artifacts: made }, createdAt: DateTime.makeUnsafe(7) })
    const back = Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(done)))
    assert.deepStrictEqual(back, done)
    assert.notInclude(JSON.stringify(done), "_id")
  })

  it.effect.prop("is shown without id, account, reference or raw record", [AnyJob], ([any]) =>
    Effect.sync(() => {
      const secret = "u1-email:someone@example.com-bot:luma"
      const job = new Job.Job({ ...any, id: JobId.make(secret), account: secret, reference: secret, raw: secret })
      for (const shown of [String(job), inspect(job), Formatter.format(job), Formatter.formatJson({ job })]) {
        assert.notInclude(shown, "someone")
        assert.include(shown, JobId.fingerprint(job.id))
      }
    }))

  it("keeps its files, whatever tells later, or at the same time, that there are none", () => {
    const time = DateTime.makeUnsafe
    const file = new Artifact.Artifact({ kind: "image", role: "primary", url: "https://x.test/1.png" })
    const made = job({ state: { _tag: "Succeeded", artifacts: [file] }, updatedAt: time(1), observedAt: time(1) })
    for (
      const state of [
        { _tag: "Succeeded", artifacts: [] },
        { _tag: "Failed", cause: "service", reason: "Completed without a file" },
        { _tag: "Expired" },
        { _tag: "Running" }
      ] as const
    ) {
      for (const at of [0, 1, 2]) {
        const other = job({ state, updatedAt: time(at), observedAt: time(at) })
        assert.strictEqual(Job.join(made, other), made)
        assert.strictEqual(Job.join(other, made), made)
      }
    }
  })

  it("changes visibly in all but when and how it was looked at", () => {
    const time = DateTime.makeUnsafe
    const before = job({ updatedAt: time(0), observedAt: time(0) })
    assert.isFalse(Job.changed(before, job({ updatedAt: time(1), observedAt: time(2), raw: {} })))
    assert.isTrue(Job.changed(before, job({ state: { _tag: "Running", progress: 0.1 } })))
    assert.isTrue(Job.changed(before, job({ providerStatus: "late" })))
    assert.isTrue(Job.changed(before, job({ account: "a" })))
    assert.isTrue(Job.changed(before, job({ cost: { amount: 1, unit: "credits", basis: "charged" } })))
  })

  it("compares by value", () => {
    assert.isTrue(Equal.equals(job(), job()))
    assert.isFalse(Equal.equals(job(), job({ model: "m" })))
  })
})
