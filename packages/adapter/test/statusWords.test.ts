import { assert, it } from "@effect/vitest"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as StatusWords from "../src/internal/statusWords.ts"

it.effect("a word is logged once and counted each time, a flood of them under one name, and never an address or an id", () =>
  Effect.gen(function*() {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    const counts = yield* Effect.gen(function*() {
      const note = StatusWords.make({ provider: ProviderId.make("acme"), instance: ProviderId.defaultInstance })
      for (let i = 0; i < 3; i++) {
        yield* note("dreaming of someone@example.com, job 123456789", "a/123456789")
      }
      for (let i = 0; i < 150; i++) yield* note(`word ${i}`, "j1")
      return (yield* Metric.snapshot).flatMap((metric) =>
        metric.type === "Counter" ? [[metric.attributes?.["status"], Number(metric.state.count)] as const] : []
      )
    }).pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(Metric.MetricRegistry, new Map()))
    assert.strictEqual(logged.length, 100)
    assert.strictEqual(counts.length, 101)
    const of = (word: string) => counts.find(([status]) => status === word)?.[1]
    assert.strictEqual(of("dreaming of [e-mail], job [secret]"), 3)
    assert.strictEqual(of("word 0"), 1)
    assert.strictEqual(of("[other]"), 51)
    assert.notInclude(JSON.stringify([logged, counts]), "someone")
    assert.notInclude(JSON.stringify([logged, counts]), "123456789")
  }))
