import { createWaiter, WaiterState } from "@smithy/util-waiter"
import * as ServiceTime from "../serviceTime.ts"
import { look, type Peer } from "./Peer.ts"

/** Its own defaults: two seconds, doubled up to two minutes. */
export const defaultSeconds = [2, 120] as const

/** It has no default for this one. */
const longest = 3600

export const between = (shortest: number, ceiling: number): Peer => ({ base, time }) => {
  const seconds = (service: number) => ServiceTime.ours(time, service * 1000) / 1000
  return async ({ id }) => {
    const { state } = await createWaiter(
      { client: base, minDelay: seconds(shortest), maxDelay: seconds(ceiling), maxWaitTime: seconds(longest) },
      id,
      async (base, id) => ({
        state: (await look(base, id)).status === "completed" ? WaiterState.SUCCESS : WaiterState.RETRY
      })
    )
    if (state !== WaiterState.SUCCESS) throw new Error(`The wait ended as ${state}`)
  }
}
