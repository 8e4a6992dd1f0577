/** How many calls a second the receiver takes, each of them signed and verified, beside a bare JSON echo. */
import * as ProviderId from "@media-jobs/core/ProviderId"
import * as Signer from "@media-jobs/webhooks/Signer"
import * as Effect from "effect/Effect"
import { connect, type Socket } from "node:net"
import type { Measured } from "../measured.ts"
import * as Receiver from "../receiver.ts"
import * as Server from "../server.ts"
import * as ServiceTime from "../serviceTime.ts"
import * as Statistics from "../statistics.ts"
import * as Workload from "../workload.ts"

const distinct = 2000
const connections = 128
/** Milliseconds after which a server has compiled what it needs. */
const warmUps = { ours: 1500, echo: 500 }
/** Milliseconds of a round. */
const millis = 120

/** Calls of jobs that have ended, as Luma makes them: whole requests, for a client that costs next to nothing. */
const makeCalls = async (base: string): Promise<ReadonlyArray<Buffer>> => {
  const { host } = new URL(base)
  const service = Server.make({ jobs: distinct, seed: 1 })
  service.begin({ start: ServiceTime.wall() - 3_600_000, scale: 1000 })
  const { replyTo } = await Effect.runPromise(Signer.make(Receiver.signing(base)))
  return Promise.all(Array.from({ length: distinct }, async (_, i) => {
    const { reference, url } = await Effect.runPromise(replyTo.address({
      provider: ProviderId.make("useapi-luma"),
      instance: ProviderId.defaultInstance,
      reference: `order ${i}`
    }))
    const record = JSON.parse(service.answer(`/v1/luma/jobs/${Workload.idOf(i)}`) ?? "null")
    const body = JSON.stringify({ ...record, replyUrl: url, replyRef: reference })
    const head = [
      `POST ${new URL(url).pathname} HTTP/1.1`,
      `host: ${host}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`
    ]
    return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`)
  }))
}

const opened = (base: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(socket))
    socket.once("error", reject)
  })

/** Whether an answer is all there; refuses one that is no success, for then something else is measured. */
const isWhole = (answer: string): boolean => {
  const end = answer.indexOf("\r\n\r\n")
  if (end < 0) return false
  if (!answer.startsWith("HTTP/1.1 20")) throw new Error(`A call was answered: ${answer.slice(0, 100)}`)
  return answer.length - end - 4 >= Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0)
}

/** A word that never changes: a wait for it hears no socket. */
const never = new Int32Array(new SharedArrayBuffer(4))

/** A server under load. */
interface Load {
  /** Calls from all connections for so many milliseconds, each again once it is answered; how many a second were. */
  readonly run: (millis: number) => Promise<number>
  readonly close: () => void
}

const makeLoad = async (base: string): Promise<Load> => {
  const calls = await makeCalls(base)
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(base)))
  let next = 0
  let answered = 0
  let running = false

  const call = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let answer = ""
      const send = () => void socket.write(calls[next++ % distinct] ?? "")
      const read = (chunk: Buffer) => {
        answer += chunk.toString("latin1")
        try {
          if (!isWhole(answer)) return
        } catch (error) {
          return reject(error)
        }
        answer = ""
        answered++
        if (running) return send()
        socket.off("data", read)
        resolve()
      }
      socket.on("data", read)
      send()
    })

  // Answers are read a millisecond's worth at a time: on one machine, an answer pays for the waking of its reader.
  const doze = () => {
    Atomics.wait(never, 0, 0, 1)
    if (running) setImmediate(doze)
  }

  const run = async (millis: number): Promise<number> => {
    answered = 0
    running = true
    const startedAt = performance.now()
    setTimeout(() => {
      running = false
    }, millis)
    setImmediate(doze)
    await Promise.all(sockets.map(call))
    return answered / (performance.now() - startedAt) * 1000
  }
  return { run, close: () => sockets.forEach((socket) => socket.destroy()) }
}

export const measure = async (
  bases: { readonly webhooks: string; readonly echo: string },
  rounds: number
): Promise<ReadonlyArray<Measured>> => {
  const ours = await makeLoad(bases.webhooks)
  const echo = await makeLoad(bases.echo)
  const rates: { readonly ours: Array<number>; readonly echo: Array<number> } = { ours: [], echo: [] }
  await ours.run(warmUps.ours)
  await echo.run(warmUps.echo)
  for (let i = 0; i < rounds; i++) {
    rates.ours.push(await ours.run(millis))
    rates.echo.push(await echo.run(millis))
  }
  ours.close()
  echo.close()
  const [takes, echoes] = [Statistics.median(rates.ours), Statistics.median(rates.echo)]
  return [{
    key: "webhook_throughput",
    value: Statistics.median(rates.ours.map((rate, i) => rate / (rates.echo[i] ?? NaN))),
    note: `${takes.toFixed(0)} calls/s ÷ ${echoes.toFixed(0)} echoes/s`
  }]
}
