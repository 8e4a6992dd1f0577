/** Which process is at a submit, so that another leaves it alone while it lives. */
import { readFileSync } from "node:fs"
import { hostname } from "node:os"

/** When a process began, in the system's own count: a number that was given out again is another process. */
const beginning = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[19] ?? ""
  } catch {
    return ""
  }
}

export const me = `${process.pid} ${beginning(process.pid)} ${hostname()}`

/** Whether a process lives, this one as well; one of another machine can't be seen from here, and counts as dead. */
export const isAlive = (owner: string): boolean => {
  const [pid, begun, host] = owner.split(" ")
  if (pid === "" || host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    // It lives, and is another user's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false
  }
  return begun === beginning(Number(pid))
}
