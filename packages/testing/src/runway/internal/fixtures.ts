import type * as Schema from "effect/Schema"
import { assembled } from "../../internal/fixture.ts"

const ids = { task: "3086d332-1963-4c9d-8103-0f90efa72e20" } as const

const record = (status: string, rest?: Schema.JsonObject): Schema.JsonObject => ({
  id: ids.task,
  createdAt: "2026-08-11T06:12:01.171Z",
  status,
  ...rest
})
const estimatedCost = { credits: 5 }
const cost = estimatedCost
const docUrl = "https://docs.dev.runwayml.com/api"
const link = "https://dnznrvs05pmza.cloudfront.net/abc/text_to_speech.mp3?_jwt=abc"

const get = (json: Schema.Json) => assembled("tasks", "runway.get", 200, json)
const failed = (failureCode: string, failure: string) => get(record("FAILED", { failure, failureCode, cost }))
const refused = (status: number, error: string, rest?: Schema.JsonObject) =>
  assembled("errors", "runway.create", status, { error, ...rest, docUrl })

const answers = {
  created: assembled("text_to_video", "runway.create", 200, { id: ids.task, estimatedCost }),
  getPending: get(record("PENDING", { estimatedCost })),
  getThrottled: get(record("THROTTLED", { estimatedCost })),
  getRunning: get(record("RUNNING", { progress: 0.45, estimatedCost })),
  getSucceeded: get(record("SUCCEEDED", { output: [link], cost })),
  getSucceededImages: get(
    record("SUCCEEDED", {
      output: [1, 2].map((n) => `https://dnznrvs05pmza.cloudfront.net/abc/${n}.png?_jwt=abc`),
      cost
    })
  ),
  getFailed: failed("INTERNAL.BAD_OUTPUT.CODE01", "The output did not pass a check of its quality"),
  getModerated: failed("SAFETY.INPUT.TEXT", "The input was refused"),
  getCancelled: get(record("CANCELLED", { cost: { credits: 0 } })),
  getNotFound: assembled("tasks", "runway.get", 404, { error: "Could not find Task" }),
  removed: assembled("tasks.delete", "runway.remove", 404, { error: "Could not find Task" }),
  invalid: refused(400, "Validation of body failed", {
    issues: [{
      expected: "string",
      code: "invalid_type",
      path: ["model"],
      message: "Invalid input: expected string, received undefined"
    }]
  }),
  noCredits: refused(400, "You do not have enough credits to run this task."),
  unauthorized: refused(401, "Incorrect hostname for API key", { details: "Use api.dev.runwayml.com instead." }),
  notAvailable: refused(403, "Model variant gen4.5 is not available"),
  dailyLimit: refused(429, "Your daily task limit has been reached."),
  organization: assembled("organization", "runway.accounts", 200, {
    creditBalance: 1234,
    tier: {
      maxMonthlyCreditSpend: 10_000,
      models: { "gen4.5": { maxConcurrentGenerations: 2, maxDailyGenerations: 200 } }
    },
    usage: { models: { "gen4.5": { dailyGenerations: 3 } } }
  })
} as const

export const fixtures = { documented: {}, assembled: answers, ids, vital: ["id", "status"], samples: {} }
