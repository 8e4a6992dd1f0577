import Replicate, { type Prediction } from "replicate"
import * as ServiceTime from "../serviceTime.ts"
import type { Peer } from "./Peer.ts"

/** Its own default: half a second. */
export const defaultSeconds = 0.5

export const every = (seconds: number): Peer => ({ base, time }) => {
  const replicate = new Replicate({ auth: "benchmark", baseUrl: `${base}/replicate` })
  const interval = ServiceTime.ours(time, seconds * 1000)
  // Of a prediction, `wait` reads the id and the status.
  return ({ id }) => replicate.wait({ id, status: "starting" } as Prediction, { interval })
}
