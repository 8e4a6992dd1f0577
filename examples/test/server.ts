import { Effect } from "effect"
import { freePort, startIn } from "./program.ts"

interface Answer {
  readonly status: number
  readonly body: { readonly [field: string]: unknown }
}

/** `examples/server.ts` in a folder of its own, on a port that it takes again when it is started again. */
export const server = Effect.fnUntraced(function*(cwd: string, env: { readonly [name: string]: string } = {}) {
  const port = yield* freePort
  const url = `http://127.0.0.1:${port}`
  const ask = (path: string, init?: RequestInit) => Effect.tryPromise(() => fetch(`${url}${path}`, init))
  const json = (path: string, init?: RequestInit) =>
    Effect.flatMap(
      ask(path, init),
      (response) =>
        Effect.tryPromise(async (): Promise<Answer> => ({ status: response.status, body: await response.json() }))
    )
  return {
    start: Effect.tap(
      startIn(cwd, "server", {
        PORT: `${port}`,
        WEBHOOKS_URL: `${url}/webhooks`,
        WEBHOOKS_KEYS: "k".repeat(32),
        ...env
      }),
      ({ says }) => says("Listening")
    ),
    post: (prompt: string, key: string) =>
      json("/jobs", { method: "POST", headers: { "idempotency-key": key }, body: JSON.stringify({ prompt }) }),
    get: json,
    text: (path: string) => Effect.flatMap(ask(path), (response) => Effect.tryPromise(() => response.text())),
    /** The phases that a client of a job's events hears of, with its files at the end; `heard` grows as they come. */
    events: Effect.fnUntraced(function*(key: string) {
      const heard: Array<Answer["body"]> = []
      const response = yield* ask(`/jobs/${key}/events`)
      const ended = Effect.tryPromise(async () => {
        const decoder = new TextDecoder()
        let text = ""
        for await (const chunk of response.body ?? []) {
          text += decoder.decode(chunk, { stream: true })
          const events = text.split("\n\n")
          text = events.pop() ?? ""
          for (const event of events) heard.push(JSON.parse(/^data: (.+)$/m.exec(event)?.[1] ?? "null"))
        }
      })
      return { heard, ended }
    })
  }
})
