import type { Artifact } from "@media-jobs/core/Artifact"
import type { Job } from "@media-jobs/core/Job"
import * as FileHash from "./fileHash.ts"

const encoder = /* @__PURE__ */ new TextEncoder()

const hashOf = (text: string): string => {
  const hash = FileHash.make()
  hash.update(encoder.encode(text))
  return FileHash.hexOf(hash)
}

/** The hash of what identifies a job. As JSON, no two identities are one text, and half a surrogate pair has bytes. */
export const keyOf = ({ id, instance, provider }: Job): string => hashOf(JSON.stringify([provider, instance, id]))

const slug = (text: string): string =>
  text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 24) || "x"

/** What the names of a job's files begin with: 128 bits of its hash. */
export const stemOf = (job: Job): string => `${slug(job.provider)}-${keyOf(job).slice(0, 32)}`

/** A label as part of a name; where letters are lost, part of a hash stands for them. */
const labelSlug = (label: string): string =>
  slug(label) === label ? label : `${slug(label)}-${hashOf(label).slice(0, 8)}`

/**
 * What tells the artifacts of one job apart: kind and label, whatever else the job has; only where a service gives two the
 * same one, a number.
 */
export const labelsOf = (artifacts: ReadonlyArray<Artifact>): ReadonlyArray<string> => {
  const labels = new Set<string>()
  for (const { kind, label: own, role } of artifacts) {
    const base = `${slug(kind)}-${own === undefined ? slug(role) : labelSlug(own)}`
    let label = base
    for (let n = 2; labels.has(label); n++) label = `${base}-${n}`
    labels.add(label)
  }
  return [...labels]
}
