import * as Schema from "effect/Schema"
import * as Remedy from "../Remedy.ts"

const messages = {
  foreign:
    "Not of a provider at hand: pass a handle, its text or a submission to the provider and instance that it is of.",
  version: "A handle of a newer release: update @media-jobs/core.",
  corrupt: "A handle that was cut or changed: store and pass the text of Handle.toText whole."
}

/** Apart from `Handle`, so that a program that reads none does not carry it. */
export class InvalidHandle
  extends Schema.TaggedError<InvalidHandle>("@media-jobs/core/InvalidHandle")("InvalidHandle", {
    reason: Schema.Literals(["foreign", "version", "corrupt"])
  })
{
  override get message(): string {
    return messages[this.reason]
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}
