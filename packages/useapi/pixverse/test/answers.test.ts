import { assert, describe, it } from "@effect/vitest"
import type * as JobError from "@media-jobs/core/JobError"
import * as Answers from "@media-jobs/testing/Answers"
import * as PixVerse from "@media-jobs/useapi-pixverse/PixVerse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { account, id, idOf, pixverse } from "./support.ts"

type Service = PixVerse.PixVerse["Service"]

const file = "upload/1.png"
const submit = (request: Parameters<Service["submit"]>[0]) => ({ submit }: Service) => submit(request)

/** One call of each sort, and each of the creates. */
const operations = {
  list: ({ list }: Service) => list,
  getVideo: ({ get }: Service) => get(id),
  getImage: ({ get }: Service) => get(idOf("image")),
  getMusic: ({ get }: Service) => get(idOf("music")),
  getSpeech: ({ get }: Service) => get(idOf("speech")),
  untrack: ({ untrack }: Service) => untrack(id),
  remove: ({ remove }: Service) => remove(id),
  recover: ({ recover }: Service) => recover({ submittedAt: DateTime.makeUnsafe(0), account }),
  upload: ({ upload }: Service) =>
    upload({ account, mediaType: "image/png", content: Stream.succeed(new Uint8Array(8)) }),
  accounts: ({ accounts }: Service) => accounts,
  capacity: ({ capacity }: Service) => capacity,
  video: submit(PixVerse.video({ prompt: "rain", aspect_ratio: "16:9" })),
  fusion: submit(PixVerse.fusion({ prompt: "rain", frame_1_path: file })),
  motionControl: submit(PixVerse.motionControl({ frame_1_path: file, video_1_path: file })),
  extend: submit(PixVerse.extend({ video_path: file })),
  upscale: submit(PixVerse.upscale({ video_id: id })),
  image: submit(PixVerse.image({ prompt: "rain" })),
  music: submit(PixVerse.music({ prompt: "rain" })),
  speech: submit(PixVerse.speech({ text: "rain" }))
} satisfies Record<string, (service: Service) => Effect.Effect<unknown, JobError.JobError>>

type Op = keyof typeof operations

const hidden: ReadonlyArray<Op> = ["getVideo", "getImage"]
const heard: ReadonlyArray<Op> = ["getMusic", "getSpeech"]
const reads: ReadonlyArray<Op> = ["list", ...hidden, ...heard, "recover", "accounts", "capacity"]
const writes: ReadonlyArray<Op> = ["untrack", "remove", "upload"]
const submits = (Object.keys(operations) as ReadonlyArray<Op>).filter((op) => ![...reads, ...writes].includes(op))
const every: ReadonlyArray<Op> = [...reads, ...writes, ...submits]
const coded = (error: string, code: number) => ({ error, code })

const rows: ReadonlyArray<Answers.Row<Op>> = [
  { of: every, status: 401, body: coded("Unauthorized", 401), tag: "Unauthorized", remedy: "Reauthenticate" },
  { of: submits, status: 400, body: coded("aspect_ratio", 400), tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 412, body: coded("Insufficient credits", 412), tag: "PaymentRequired", remedy: "Pay" },
  { of: submits, status: 422, body: coded("Prompt was moderated", 422), tag: "InvalidRequest", remedy: "Fix" },
  { of: ["motionControl"], status: 422, body: coded("No clear subject", 422), tag: "InvalidRequest", remedy: "Fix" },
  { of: submits, status: 429, body: coded("At capacity", 429), tag: "RateLimited", remedy: "Retry", sent: 4 },
  { of: every, status: 596, body: coded("Session lost", 596), tag: "SessionExpired", remedy: "Reauthenticate" },
  { of: submits, status: 500, body: coded("Internal error", 500), tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: {}, tag: "SubmissionUncertain", remedy: "None" },
  { of: submits, status: 200, body: { video_id: "" }, tag: "SubmissionUncertain", remedy: "None" },
  // The list of what was made answers the same here, and finds nothing either.
  ...[{ error: "Not found" }, {}, ""].map((body): Answers.Row<Op> => ({
    of: hidden,
    status: 404,
    body,
    tag: "NotFound",
    remedy: "None",
    sent: 2
  })),
  { of: heard, status: 404, body: { error: `Music ${id} not found` }, tag: "NotFound", remedy: "None" },
  {
    of: [...hidden, ...heard, "remove", "untrack"],
    status: 400,
    body: coded("Invalid id", 400),
    tag: "InvalidJobId",
    remedy: "Fix"
  },
  { of: ["untrack"], status: 404, body: { error: "Not running" }, tag: "NotFound", remedy: "None" },
  // The others are the look that tells whether it runs.
  { of: ["remove"], status: 404, body: { error: "Not found" }, tag: "NotFound", remedy: "None", sent: 3 },
  { of: ["upload"], status: 400, body: coded("Not supported", 400), tag: "InvalidRequest", remedy: "Fix" },
  { of: reads, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry", sent: 4 },
  { of: writes, status: 502, body: Answers.page("502 Bad Gateway"), tag: "Unavailable", remedy: "Retry" },
  { of: every, status: 403, body: Answers.page("error code: 1010"), tag: "UnexpectedResponse", remedy: "None" },
  { of: every, status: 404, body: Answers.page("404 Not Found"), tag: "UnexpectedResponse", remedy: "None" },
  { of: ["untrack"], status: 200, body: { error: "Not now" }, tag: "UnexpectedResponse", remedy: "None" },
  {
    of: [...hidden, ...heard, "accounts", "capacity"],
    status: 200,
    body: [[]],
    tag: "UnexpectedResponse",
    remedy: "None"
  },
  // An incomplete list is no error, and recovers nothing.
  { of: ["recover"], status: 200, body: [[]], tag: "UnexpectedResponse", remedy: "None", withoutStatus: true }
]

describe("An answer", () => {
  for (const { check, name } of Answers.table(pixverse(), operations, rows, { secrets: [account, "user%40example"] })) {
    it.effect(name, () => check)
  }

  for (const op of ["untrack", "remove"] as const) {
    for (const [status, body] of [[200, ""], [204, ""], [200, {}], [202, "OK"]] as const) {
      it.effect(`${op}: ${status} ${JSON.stringify(body)} is a yes`, () =>
        Effect.gen(function*() {
          yield* Answers.timely(operations[op](yield* pixverse()))
        }).pipe(Effect.provide(Answers.layer(status, body))))
    }
  }

  const [a, b] = [idOf("image", 1), idOf("image", 2)]
  for (
    const [body, ids] of [
      [{ video_id: id, cost_credits: 20 }, [id]],
      [{ image_id: a }, [a]],
      [{ audio_id: idOf("music") }, [idOf("music")]],
      [{ image_id: [a, b, a] }, [a, b]],
      [{ image_id: a, image_ids: [a, b] }, [a, b]],
      [{ image_ids: [a, null, b] }, [a, b]]
    ] as const
  ) {
    for (const op of submits) {
      it.effect(`${op}: a create answered with ${JSON.stringify(body)} has ${ids.length}`, () =>
        Effect.gen(function*() {
          assert.deepStrictEqual(Object(yield* operations[op](yield* pixverse())).ids, ids)
        }).pipe(Effect.provide(Answers.layer(200, body))))
    }
  }

  for (const [status, body] of [[200, {}], [404, ""]] as const) {
    it.effect(`accounts: ${status} ${JSON.stringify(body)} are none`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Answers.timely((yield* pixverse()).accounts), [])
      }).pipe(Effect.provide(Answers.layer(status, body))))
  }
})
