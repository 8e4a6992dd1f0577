/** One measurement that needs no peer beside it, in a process of its own, so that none warms or fills another's heap. */
import * as Channel from "./channel.ts"

export type Probe =
  | { readonly what: "frontier" | "shipped" | "decode" | "commandHelp" }
  | { readonly what: "get"; readonly base: string; readonly rounds: number }
  | { readonly what: "tick"; readonly watches: number }
  | { readonly what: "receiver"; readonly webhooks: string; readonly echo: string; readonly rounds: number }
  | { readonly what: "webhooks"; readonly base: string; readonly jobs: number }
  | { readonly what: "save" | "saveMemory" | "frontDoor"; readonly base: string }
  | { readonly what: "heap"; readonly watches: number; readonly kind: "watch" | "await" }

const measure = async (probe: Probe) => {
  switch (probe.what) {
    case "frontier":
      return (await import("./keys/frontier.ts")).measure()
    case "shipped":
      return (await import("./keys/shipped.ts")).measure()
    case "decode":
      return (await import("./keys/decode.ts")).measure()
    case "commandHelp":
      return (await import("./keys/commandHelp.ts")).measure()
    case "get":
      return (await import("./keys/get.ts")).measure(probe.base, probe.rounds)
    case "tick":
      return (await import("./keys/tick.ts")).measure(probe.watches)
    case "heap":
      return (await import("./keys/heap.ts")).measure(probe.watches, probe.kind)
    case "receiver":
      return (await import("./keys/receiver.ts")).measure(probe, probe.rounds)
    case "webhooks":
      return (await import("./keys/webhooks.ts")).measure(probe.base, probe.jobs)
    case "frontDoor":
      return (await import("./keys/frontDoor.ts")).measure(probe.base)
    case "save":
      return (await import("./keys/save.ts")).measure(probe.base)
    case "saveMemory":
      return (await import("./keys/save.ts")).measureMemory(probe.base)
  }
}

const parent = Channel.toParent()
parent.send(await measure(await parent.next<Probe>()))
