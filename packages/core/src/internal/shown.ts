/**
 * What a person may see: the one place for it, of which ARCHITECTURE.md has the table. Fields stay as they are, for programs;
 * this is what inspection, logs, text and errors make of them.
 */
import * as DateTime from "effect/DateTime"
import type { Artifact } from "../Artifact.ts"
import type { Handle } from "../Handle.ts"
import type { Job } from "../Job.ts"
import * as JobId from "../JobId.ts"
import type { Sent } from "../Submission.ts"
import { defined } from "./defined.ts"
import { scrub } from "./scrub.ts"

/** Of a link, where it leads to: path and query hold ids and signatures, and a `data:` URL the file itself. */
const link = (url: string): string => `${/^(?:data:[\w/+.-]*|\w+:\/\/[^/?#@\s]*(?=[/?#]|$))/.exec(url)?.[0] ?? ""}…`

/** Of words of the service, no id that they may quote. */
const words = (text: string | undefined, id: string): string | undefined => text && scrub(text, [[id, ""]])

/** No account, reference or record, and of the state its name: a reason is told by the error that it becomes. */
export const job = ({ createdAt, id, instance, kind, model, provider, providerStatus, state }: Job): object =>
  defined({
    _tag: "Job",
    id: JobId.fingerprint(id),
    provider,
    instance,
    state: state._tag,
    kind,
    model: words(model, id),
    providerStatus: words(providerStatus, id),
    createdAt: createdAt && DateTime.formatIso(createdAt)
  })

export const artifact = ({ height, kind, label, role, url, width }: Artifact): object =>
  defined({ _tag: "Artifact", kind, role, label, url: link(url), width, height })

/** No account, reference or address for webhooks, which is a secret. */
export const sent = (_tag: string, { instance, kind, model, provider, submittedAt }: Sent): object =>
  defined({
    _tag,
    provider,
    instance,
    kind,
    model: model && scrub(model),
    submittedAt: DateTime.formatIso(submittedAt)
  })

export const handle = ({ id, instance, provider }: Handle): object => ({
  _tag: "Handle",
  provider,
  instance,
  id: JobId.fingerprint(id)
})
