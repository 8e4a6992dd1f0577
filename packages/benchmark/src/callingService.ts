/** A service that calls back at each job's end, in a process of its own: the emulator of Luma, as its documents have it. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Emulator from "@media-jobs/testing/Emulator"
import * as UseapiLumaEmulator from "@media-jobs/testing/useapi-luma"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import * as Channel from "./channel.ts"
import * as Workload from "./workload.ts"

export interface Setting {
  readonly jobs: number
  readonly lifeMillis: number
}

export interface Asked {
  readonly looks: number
}

if (import.meta.main) {
  const parent = Channel.toParent()
  const { jobs, lifeMillis } = await parent.next<Setting>()
  const luma = UseapiLumaEmulator.service({
    accounts: [{ email: Workload.account, concurrency: jobs }],
    videoLife: lifeMillis,
    jitter: 0.5
  })
  const program = Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    yield* Effect.forkScoped(emulator.deliver)
    parent.send(yield* HttpServer.addressFormattedWith(Effect.succeed))
    yield* Effect.promise(() => parent.next())
    const asked: Asked = {
      looks: (yield* emulator.count("useapi-luma.get")) + (yield* emulator.count("useapi-luma.list"))
    }
    parent.send(asked)
  })
  await Effect.runPromise(Effect.scoped(Effect.provide(
    program,
    Emulator.layerServer.pipe(
      Layer.provideMerge(Emulator.layer({ services: { "useapi-luma": luma } })),
      Layer.provideMerge(
        // A connection that is closed as it is used again costs a submit its reply.
        NodeHttpServer.layer(() => createServer({ keepAliveTimeout: 60_000 }), {
          port: 0,
          host: "127.0.0.1",
          disablePreemptiveShutdown: true
        })
      ),
      Layer.provideMerge(FetchHttpClient.layer)
    )
  )))
}
