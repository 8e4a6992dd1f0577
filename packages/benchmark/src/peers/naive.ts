import * as ServiceTime from "../serviceTime.ts"
import { look, pause, type Peer } from "./Peer.ts"

/** The loop that everybody writes. */
export const every = (seconds: number): Peer => ({ base, time }) => async ({ id }) => {
  while ((await look(base, id)).status !== "completed") await pause(ServiceTime.ours(time, seconds * 1000))
}
