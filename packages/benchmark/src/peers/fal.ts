import { createFalClient } from "@fal-ai/client"
import * as ServiceTime from "../serviceTime.ts"
import type { Peer } from "./Peer.ts"

/** Its own default: half a second. */
export const defaultSeconds = 0.5

export const every = (seconds: number): Peer => ({ base, time }) => {
  const fal = createFalClient({
    credentials: "benchmark",
    // Its one way to another host.
    requestMiddleware: (request) =>
      Promise.resolve({ ...request, url: request.url.replace("https://queue.fal.run", `${base}/fal`) })
  })
  const pollInterval = ServiceTime.ours(time, seconds * 1000)
  return ({ id }) => fal.queue.subscribeToStatus("benchmark/model", { requestId: id, pollInterval })
}
