/**
 * A whole adapter, for a service of your own: Acme Motion makes clips.
 *
 * It takes a `PUT`, wants a header of its own, echoes the caller's reference, calls a webhook, and says 404 with "warming up" of a
 * clip that is there but not ready to be looked at: its odd answer stands in `answer.exceptions`.
 * CONTRIBUTING.md goes through it part by part; `test/own-adapter.test.ts` runs the laws of all adapters against it.
 */
import { Adapter, Failure, Recovery, RequestSchema, Wire, WireTime } from "@media-jobs/adapter"
import { Artifact, JobId, type Provider, ProviderId, Settings, type Submission } from "@media-jobs/core"
import { Context, Effect, Layer, Redacted, Result, Schema } from "effect"
import { HttpClientRequest } from "effect/http"

// What the service sends. Only what no job can do without is required; a side field of an odd type reads as absent.

const Clip = Schema.Struct({
  clip: JobId.JobId,
  /** `waiting`, `drawing`, `done` or `broken`. */
  state: Schema.String,
  made_at: Wire.side,
  file: Wire.side,
  problem: Wire.side,
  tag: Wire.side
})

// What a record means.

const stateOf = ({ file, problem, state }: typeof Clip.Type): Adapter.Report["state"] => {
  const url = Wire.text(file)
  switch (state) {
    case "waiting":
      return { _tag: "Queued" }
    case "drawing":
      return { _tag: "Running" }
    case "done":
      return url === undefined
        ? Failure.withoutFile
        : { _tag: "Succeeded", artifacts: [new Artifact.Artifact({ kind: "video", role: "primary", url })] }
    case "broken":
      return Failure.fromText(Wire.text(problem))
    default:
      return { _tag: "Unknown" }
  }
}

const ofClip = (clip: typeof Clip.Type): Adapter.Report => ({
  id: clip.clip,
  kind: "video",
  state: stateOf(clip),
  providerStatus: clip.state,
  echo: Wire.text(clip.tag),
  createdAt: WireTime.fromText(clip.made_at)
})

// What it can be asked to make.

const Film = Schema.TaggedStruct("Film", {
  prompt: RequestSchema.text("a text"),
  seconds: Schema.optional(Schema.Literals([4, 8])),
  hook: Schema.optional(RequestSchema.webhookUrl),
  tag: Schema.optional(Schema.String)
})
const requests = RequestSchema.make({ Film: RequestSchema.kind(Film) }, "a request made by Acme.film")

export const film = (fields: Omit<typeof Film.Type, "_tag">): typeof Film.Type => ({ ...fields, _tag: "Film" })

// The service: how it is reached, and what its answers mean where they differ from the table of `Answer.classify`.

const service: Adapter.Service = {
  id: ProviderId.make("acme"),
  token: "an API key of Acme Motion",
  baseUrl: "https://api.acme.test",
  rateLimitKey: "acme",
  maxResponseBytes: 1_000_000,
  authorize: (token) => HttpClientRequest.setHeader("authorization", `Key ${Redacted.value(token)}`),
  headers: { "acme-version": "2" },
  owns: (id) => id.startsWith("clip-"),
  objection: (id) => id.startsWith("clip-") ? undefined : "The id is another service's",
  answer: {
    errorText: (body) => Wire.text(Wire.object(body)["problem"]),
    exceptions: ({ isOwn, status, text }) =>
      isOwn && status === 404 && /warming up/.test(text) ? "Unavailable" : undefined
  },
  reply: { url: "hook", reference: "tag", maxEcho: 200 }
}

const accepted = (body: unknown): Adapter.Accepted | undefined => {
  const id = Wire.text(Wire.object(body)["clip"])
  return id === undefined ? undefined : { ids: [JobId.make(id)] }
}

const path = (segment: string) => `/v2/clips/${segment}`

export class Acme extends Context.Service<
  Acme,
  Provider.Provider<"list" | "get" | "submit" | "recover" | "cancel" | "webhook", typeof Film.Type>
>()("app/Acme") {}

export const make = Effect.fnUntraced(function*(options: Adapter.Options) {
  const api = yield* Adapter.make(service, options)
  const listed = api.listing(
    "/v2/clips?state=open",
    (body) =>
      Array.isArray(body)
        ? Result.succeed({ rows: body.map((record) => ({ record })), complete: true })
        : Result.fail("Expected a list"),
    Clip,
    ofClip
  )
  return api.provide({
    list: listed.list,
    get: api.get(path, Clip, ofClip),
    submit: api.submit<typeof Film.Type>(
      requests.issues,
      accepted,
      () => ({ method: "PUT", path: "/v2/clips", kind: "video" })
    ),
    recover: (lost: Submission.LostSubmission) =>
      Effect.map(listed.whole, (clips) => clips.map(({ job }) => job).filter(Recovery.couldBe(lost))),
    cancel: api.command("cancel", (segment) => ({ method: "POST", path: `${path(segment)}/stop` })),
    webhook: api.webhook(Clip, ofClip)
  })
})

export const layer = (options: Adapter.Options) => Layer.effect(Acme, make(options))
export const layerConfig = (options: Settings.Given<Adapter.Options> = {}) =>
  Layer.effect(
    Acme,
    Effect.flatMap(
      Settings.config(options, {
        token: "ACME_API_KEY",
        what: service.token,
        baseUrl: "ACME_BASE_URL",
        defaultBaseUrl: service.baseUrl
      }),
      make
    )
  )
