/** Luma's adapter before a service without a socket: every list is the same text, whole and at once. */
import * as Luma from "@media-jobs/useapi-luma/Luma"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"
import * as Workload from "../workload.ts"

/** A list of jobs that were made one after the other. */
export const listText = (from: number, to: number): string => {
  const jobs = Array.from({ length: to - from }, (_, i) => ({
    jobid: Workload.idOf(from + i),
    type: "video",
    account: Workload.account,
    model: Workload.model,
    created: new Date(Date.UTC(2026, 2, 26) + from + i).toISOString()
  }))
  return JSON.stringify({ executing: jobs.length, jobs })
}

export const make = (text: string) =>
  Effect.provideService(
    Luma.make({ token: Redacted.make("benchmark"), requestsPerSecond: 1e6 }),
    HttpClient.HttpClient,
    HttpClient.make((request) => {
      const response = HttpClientResponse.fromWeb(request, new Response(null, { headers: { "content-length": "2" } }))
      // The bytes are read apart from what is measured, on both sides.
      return Effect.succeed(Object.create(response, { text: { value: Effect.succeed(text) } }))
    })
  )
