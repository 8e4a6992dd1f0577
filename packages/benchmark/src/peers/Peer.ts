import type * as ServiceTime from "../serviceTime.ts"
import type * as Workload from "../workload.ts"

export interface Setting {
  /** Where the service answers, without a slash at its end. */
  readonly base: string
  readonly time: ServiceTime.ServiceTime
}

/** Settles when the peer knows that the job has ended; called at the job's submit. */
export type Wait = (job: Workload.Job) => Promise<unknown>

/** One way to wait for jobs; what it needs is made before the first is submitted. */
export type Peer = (setting: Setting) => Promise<Wait> | Wait

/** What Luma's record of one job says, as far as a loop must know it. */
export interface Look {
  readonly status: string
}

/** One look with bare fetch, as an application without a library has it. */
export const look = async (base: string, id: string): Promise<Look> => {
  const response = await fetch(`${base}/v1/luma/jobs/${id}`)
  if (!response.ok) throw new Error(`The service answered ${response.status}`)
  return await response.json() as Look // the service is ours
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
