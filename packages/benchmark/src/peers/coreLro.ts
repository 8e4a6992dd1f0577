import { createHttpPoller } from "@azure/core-lro"
import * as ServiceTime from "../serviceTime.ts"
import { look, type Peer } from "./Peer.ts"

/** Its own default: two seconds. */
export const defaultSeconds = 2

/** Its words for Luma's; the poll itself is the caller's to send. */
const words: { readonly [status: string]: string } = { completed: "Succeeded" }

export const every = (seconds: number): Peer => ({ base, time }) => async ({ id }) => {
  const request = { method: "POST", url: "/v1/luma/videos" }
  const poller = createHttpPoller({
    // The submit is no part of the waiting, for any peer.
    sendInitialRequest: () =>
      Promise.resolve({
        flatResponse: {},
        rawResponse: { statusCode: 202, request, headers: { "operation-location": id }, body: {} }
      }),
    sendPollRequest: async (path) => {
      const { status } = await look(base, path)
      const body = { status: words[status] ?? "Running" }
      return {
        flatResponse: body,
        rawResponse: { statusCode: 200, request: { method: "GET", url: path }, headers: {}, body }
      }
    }
  }, { intervalInMs: ServiceTime.ours(time, seconds * 1000) })
  await poller.pollUntilDone()
}
