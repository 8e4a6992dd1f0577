import { assert, it } from "@effect/vitest"
import * as JobId from "@media-jobs/core/JobId"
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Wakes from "@media-jobs/core/Wakes"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

const of = { provider: ProviderId.make("test"), instance: ProviderId.defaultInstance }
const replyUrl = "https://app.example/webhooks/1"
const subject = (id: string, fields?: Partial<Wakes.Subject>): Wakes.Subject => ({
  ...of,
  id: JobId.make(id),
  ...fields
})

it.effect("a wake reaches all that registered for its provider and instance, until they are gone", () =>
  Effect.gen(function*() {
    const wakes = Wakes.make()
    const woken: Array<string> = []
    const sleeper = (name: string, fields?: Partial<Wakes.Subject>): Wakes.Sleeper => ({
      ...of,
      ...fields,
      wake: (subject) => woken.push(`${name} ${"id" in subject ? subject.id : subject.replyUrl}`) > 0
    })
    const leave = wakes.register(sleeper("one"))
    wakes.register(sleeper("two"))
    wakes.register(sleeper("other provider", { provider: ProviderId.make("other") }))
    wakes.register(sleeper("other instance", { instance: ProviderId.Instance.make("other") }))
    yield* wakes.wake(subject("a"))
    leave()
    yield* wakes.wake(subject("b"))
    yield* wakes.wake({ ...of, replyUrl })
    assert.deepStrictEqual(woken, ["one a", "two a", "two b", `two ${replyUrl}`])
    assert.isFalse(wakes.claim(subject("a"), yield* Clock.Clock))
  }))

it.effect("a wake that comes before its wait is remembered for five minutes, and claimed once", () =>
  Effect.gen(function*() {
    const wakes = Wakes.make()
    const clock = yield* Clock.Clock
    wakes.register({ ...of, wake: () => false })
    for (const id of ["a", "b"]) yield* wakes.wake(subject(id))
    yield* TestClock.adjust("5 minutes")
    assert.isFalse(wakes.claim(subject("a", { provider: ProviderId.make("other") }), clock))
    assert.isFalse(wakes.claim(subject("a"), { ...clock }))
    assert.isTrue(wakes.claim(subject("a"), clock))
    assert.isFalse(wakes.claim(subject("a"), clock))
    yield* TestClock.adjust("1 millis")
    assert.isFalse(wakes.claim(subject("b"), clock))
  }))

it.effect("a wake of a submit that comes before its waits is remembered for each of them", () =>
  Effect.gen(function*() {
    const wakes = Wakes.make()
    const clock = yield* Clock.Clock
    yield* wakes.wake({ ...of, replyUrl })
    yield* TestClock.adjust("5 minutes")
    for (let i = 0; i < 3; i++) assert.isTrue(wakes.claim({ ...of, replyUrl }, clock))
    assert.isFalse(wakes.claim({ ...of, replyUrl: `${replyUrl}x` }, clock))
    assert.isFalse(wakes.claim(subject("a"), clock))
    yield* TestClock.adjust("1 millis")
    assert.isFalse(wakes.claim({ ...of, replyUrl }, clock))
  }))

it.effect("of more than ten thousand wakes, the latest are remembered", () =>
  Effect.gen(function*() {
    const wakes = Wakes.make()
    const clock = yield* Clock.Clock
    for (let i = 0; i <= 10_000; i++) yield* wakes.wake(subject(`j${i}`))
    assert.isFalse(wakes.claim(subject("j0"), clock))
    assert.isTrue(wakes.claim(subject("j1"), clock))
    assert.isTrue(wakes.claim(subject("j10000"), clock))
  }))
