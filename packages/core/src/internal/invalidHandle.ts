import * as Schema from "effect/Schema"
import * as Remedy from "../Remedy.ts"

/** Apart from `Handle`, so that a program that reads none does not carry it. */
export class InvalidHandle
  extends Schema.TaggedError<InvalidHandle>("@media-jobs/core/InvalidHandle")("InvalidHandle", {
    reason: Schema.Literals(["foreign", "version", "corrupt"])
  })
{
  override get message(): string {
    switch (this.reason) {
      case "foreign":
        return "Not of a provider at hand: pass a handle, its text or a submission to the provider and instance that it is of."
      case "version":
        return "A handle of a newer release: update @media-jobs/core."
      case "corrupt":
        return "A handle that was cut or changed: store and pass the text of Handle.toText whole."
    }
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}
