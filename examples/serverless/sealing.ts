import { Config, Context, Effect, Layer } from "effect"
import { Seal } from "media-jobs"

/** What makes handles opaque to clients, of MEDIA_JOBS_SECRET: without it, a function fails before anything is paid. */
export class Sealing extends Context.Service<Sealing, Seal.Seal>()("serverless/Sealing") {
  static readonly layer = Layer.effect(
    Sealing,
    Effect.flatMap(Config.Redacted("MEDIA_JOBS_SECRET"), (secret) => Seal.make([secret]))
  )
}
