/** Messages between the runner and the processes it starts; each side knows what comes next. */
import { type ChildProcess, fork } from "node:child_process"
import { constants, setPriority } from "node:os"
import { fileURLToPath } from "node:url"

export interface Channel {
  readonly send: (message: unknown) => void
  /** The next message. The other side is this package too, so what it sends is taken at its word. */
  readonly next: <A>() => Promise<A>
}

interface Port {
  on(event: "message", listener: (message: unknown) => void): unknown
}

const of = (port: Port, send: (message: unknown) => void): Channel & { readonly fail: (error: Error) => void } => {
  const unread: Array<unknown> = []
  let failure: Error | undefined
  let waiting: { readonly resolve: (message: unknown) => void; readonly reject: (error: Error) => void } | undefined
  port.on("message", (message) => {
    if (waiting === undefined) unread.push(message)
    else waiting.resolve(message)
    waiting = undefined
  })
  return {
    send,
    next: <A>() =>
      new Promise<unknown>((resolve, reject) => {
        if (unread.length > 0) resolve(unread.shift())
        else if (failure !== undefined) reject(failure)
        else waiting = { resolve, reject }
      }) as Promise<A>, // see above
    fail: (error) => {
      failure = error
      waiting?.reject(error)
    }
  }
}

/** Of a process that the runner started, which ends with the runner however that ends. */
export const toParent = (): Channel => {
  process.on("disconnect", () => process.exit())
  return of(process, (message) => process.send?.(message))
}

export interface Child extends Channel {
  /** Ends it, by its own handle. */
  readonly end: () => void
}

/** No process of a benchmark may outlive this, whatever becomes of the others. */
const maxMillis = 10 * 60_000

const running = new Set<ChildProcess>()
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/** Starts a module of this package as a process of its own; one that is `meek` gets the processor when no other wants it. */
export const start = (
  module: string,
  options?: { readonly flags?: ReadonlyArray<string>; readonly meek?: boolean }
): Child => {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), {
    execArgv: [...options?.flags ?? []],
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  running.add(child)
  if (options?.meek === true && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const timer = setTimeout(() => child.kill("SIGKILL"), maxMillis)
  const channel = of(child, (message) => child.send(message as object)) // plain objects, numbers and texts
  child.on("exit", (code, signal) => {
    clearTimeout(timer)
    running.delete(child)
    channel.fail(new Error(`${module} ended early: ${signal ?? code}`))
  })
  return { ...channel, end: () => void child.kill() }
}
