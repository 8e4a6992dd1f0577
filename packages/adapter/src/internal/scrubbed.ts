import * as JobError from "@media-jobs/core/JobError"
import * as Redacted from "effect/Redacted"
import type { Call } from "../Answer.ts"

/** A service's words about a call, without the id, the account and the token that it was made with. */
export const scrubbed = ({ account, id, token }: Call, text: string): string =>
  JobError.scrub(text, [
    ...[account, id].filter((secret) => secret !== undefined),
    ...(token === undefined ? [] : [Redacted.value(token)])
  ])
