import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as MiniMax from "@media-jobs/useapi-minimax/MiniMax"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, idOf, miniMax } from "./support.ts"

type Service = MiniMax.MiniMax["Service"]

const png = { account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }

const operations = {
  list: ({ list }: Service) => list,
  get: ({ get }: Service) => get(idOf()),
  getImage: ({ get }: Service) => get(idOf("image")),
  getMusic: ({ get }: Service) => get(idOf("music")),
  getSpeech: ({ get }: Service) => get(idOf("audio")),
  getAgent: ({ get }: Service) => get(idOf("agent")),
  cancel: ({ cancel }: Service) => cancel(idOf()),
  cancelSpeech: ({ cancel }: Service) => cancel(idOf("audio")),
  untrack: ({ untrack }: Service) => untrack(idOf("image")),
  video: ({ submit }: Service) => submit(MiniMax.video({ prompt: "rain" })),
  templateVideo: ({ submit }: Service) => submit(MiniMax.templateVideo({ templateId: "1" })),
  image: ({ submit }: Service) => submit(MiniMax.image({ prompt: "rain" })),
  music: ({ submit }: Service) => submit(MiniMax.music({ prompt: "rain" })),
  speech: ({ submit }: Service) => submit(MiniMax.speech({ text: "rain", voice_id: "1" })),
  agent: ({ submit }: Service) => submit(MiniMax.agent({ prompt: "rain" })),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0) }),
  upload: ({ upload }: Service) => upload(png),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const gets: ReadonlyArray<Op> = ["get", "getImage", "getMusic", "getSpeech", "getAgent"]
const reads: ReadonlyArray<Op> = [...gets, "accounts", "capacity"]
const submits: ReadonlyArray<Op> = ["video", "templateVideo", "image", "music", "speech", "agent"]
const commands: ReadonlyArray<Op> = ["cancel", "cancelSpeech", "untrack"]
const every: ReadonlyArray<Op> = ["list", "recover", ...reads, ...submits, ...commands, "upload"]
const coded = (code: number, error: string) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: submits, status: 400, body: coded(400, "Model does not take duration"), tag: "InvalidRequest", remedy: "Fix" },
  { of: [...gets, ...commands], status: 400, body: coded(400, "Bad id"), tag: "InvalidJobId", remedy: "Fix" },
  { of: every, status: 401, body: coded(401, "Unauthorized"), tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: [...gets, ...commands], status: 404, body: coded(404, "Not found."), tag: "NotFound", remedy: "None" },
  {
    of: ["cancelSpeech", "untrack"],
    status: 404,
    body: { error: `Unable to locate running ${idOf()}` },
    tag: "NotFound",
    remedy: "None"
  },
  { of: submits, status: 412, body: coded(412, "Insufficient credits"), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 422, body: { error: "Moderated prompt" }, tag: "InvalidRequest", remedy: "Fix" },
  {
    of: submits,
    status: 429,
    body: { error: "The previous request has not been completed yet. Please try again later." },
    tag: "RateLimited",
    remedy: "Retry",
    sent: 4
  },
  { of: submits, status: 502, body: coded(502, "Busy"), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: submits, status: 504, body: coded(504, "Busy"), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 502, body: Answers.page("502 Bad Gateway"), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 500, body: coded(500, "Broken"), tag: "SubmissionUncertain", remedy: "None" },
  { of: reads, status: 502, body: coded(502, "Busy"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: every, status: 596, body: coded(596, "On hold"), tag: "SessionExpired", remedy: "Reauthenticate" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["list", "recover", "capacity"], status: 200, body: {}, tag: "UnexpectedResponse", remedy: "None" },
  {
    of: gets.filter((op) => op !== "getSpeech"),
    status: 200,
    body: { status: 1 },
    tag: "UnexpectedResponse",
    remedy: "None"
  },
  { of: gets, status: 200, body: { audio_id: "x" }, tag: "UnexpectedResponse", remedy: "None" },
  { of: commands, status: 200, body: coded(400, "No"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["upload"], status: 200, body: {}, tag: "UnexpectedResponse", remedy: "None" }
]

describe("an error", () => {
  for (
    const { check, name } of Answers.table(miniMax(), operations, rows, {
      secrets: [idOf(), account],
      uncounted: ["list", "recover"]
    })
  ) {
    it.effect(name, () => check)
  }
})

describe("a success of a cancel, an untrack", () => {
  for (const [status, body] of [[200, ""], [200, {}], [204, ""], [200, "OK"]] as const) {
    it.effect(`is ${status} ${JSON.stringify(body)}`, () =>
      Effect.gen(function*() {
        const { cancel, untrack } = yield* miniMax()
        assert.isUndefined(yield* Answers.timely(cancel(idOf())))
        if (body !== "" || status === 204) assert.isUndefined(yield* Answers.timely(untrack(idOf())))
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }
})
