/**
 * Interactions of the Gemini API as jobs.
 */
import type * as Adapter from "@media-jobs/adapter/Adapter"
import * as Failure from "@media-jobs/adapter/Failure"
import * as Success from "@media-jobs/adapter/Success"
import * as Wire from "@media-jobs/adapter/Wire"
import * as WireTime from "@media-jobs/adapter/WireTime"
import { Artifact, type MediaKind } from "@media-jobs/core/Artifact"
import type { FailureCause, JobState, Missing } from "@media-jobs/core/JobState"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { inline } from "../inline.ts"
import { filters } from "../operation.ts"
import type * as wire from "./wire.ts"

/** Files are kept this long. */
export const kept = Duration.hours(48)

/** A name of the API's older part, which made videos by operations. */
export const isOperation = (id: string): boolean => /^models\/\w[\w.-]*\/operations\/\w[\w.-]*$/.test(id)

/** Whether an id looks like one of the Gemini API's. */
export const owns = (id: string): boolean => /^v1_[\w=-]{8,}$/.test(id) || isOperation(id)

const types = { video: "video/mp4", image: "image/png", audio: "audio/mpeg" } as const

/** The files among the parts of what a model made, each with its bytes or where these are. */
const artifactsIn = (contents: ReadonlyArray<Readonly<Record<string, unknown>>>, expiresAt: DateTime.Utc | undefined) =>
  (["video", "image", "audio"] as const).flatMap((kind) =>
    contents.filter(({ type }) => type === kind).flatMap(({ data, mime_type, uri }, i) => {
      const link = Wire.link(uri)
      const url = link ?? inline(data, mime_type, types[kind])
      const label = Wire.labelAt(kind, i)
      const dies = link === undefined || expiresAt === undefined ? undefined : { expiresAt }
      return url === undefined ? [] : [new Artifact({ kind, role: "primary", label, url, ...dies })]
    })
  )

/** What the model says beside files, and in place of them where it refuses. */
const textIn = (contents: ReadonlyArray<Readonly<Record<string, unknown>>>): string =>
  contents.flatMap(({ text, type }) => type === "text" ? Wire.text(text) ?? [] : []).join("\n")

const contentsOf = ({ outputs, steps }: wire.Interaction) =>
  [
    ...Wire.array(steps).map(Wire.object).filter(({ type }) => type === "model_output").flatMap(({ content }) =>
      Wire.array(content)
    ),
    ...Wire.array(outputs)
  ].map(Wire.object)

/** Whether tokens of files were counted, and are paid. */
const hasMade = ({ usage }: wire.Interaction): boolean =>
  Wire.array(Wire.object(usage)["output_tokens_by_modality"]).map(Wire.object).some(({ modality, tokens }) =>
    /^(?:video|image|audio)$/i.test(Wire.text(modality) ?? "") && (Wire.number(tokens) ?? 0) > 0
  )

/** A refusal looks like success: completed, with a text in place of a file. What is `missing` is so beside files alone. */
const completed = (interaction: wire.Interaction, missing: ReadonlyArray<Missing> = []): JobState => {
  const contents = contentsOf(interaction)
  const updatedAt = WireTime.fromText(interaction.updated)
  const artifacts = artifactsIn(contents, updatedAt && DateTime.addDuration(updatedAt, kept))
  const text = textIn(contents)
  const output = text === "" ? undefined : text
  if (artifacts.length > 0) return Success.of(artifacts, { output, missing })
  return text === "" || hasMade(interaction)
    ? Failure.withoutFile
    : { _tag: "Failed", reason: text, cause: "content" }
}

const failed = (cause: FailureCause, reason: string | undefined, code?: string): JobState => {
  const state = Failure.fromText(reason, filters)
  return Failure.coded(state._tag === "Failed" && state.cause === "unknown" ? { ...state, cause } : state, code)
}

/** What was made before the model stopped is there, and is paid. */
const incomplete = (interaction: wire.Interaction): JobState => {
  const { _tag: _, ...why } = failed("unknown", "Stopped early, at a limit of the model")
  const made = completed(interaction, [{ cause: "unknown", ...why }])
  return made._tag === "Succeeded" ? made : { _tag: "Failed", cause: "unknown", ...why }
}

const waiting = failed("input", "It waits for the result of a tool, which no job has")

const failedOf = ({ error, errors, finish_reason }: wire.Interaction): JobState => {
  const [first = error] = Wire.array(errors)
  const said = [errors, error].map((one) => Wire.sentence(one)).find((one) => one !== undefined)
  const word = Wire.text(finish_reason)
  return failed("unknown", said ?? word, Wire.text(Wire.object(first)["code"]) ?? word)
}

const stateOf = (interaction: wire.Interaction): Adapter.Report["state"] => {
  switch (interaction.status) {
    case "queued":
      return { _tag: "Queued" }
    case "in_progress":
    case "requires_continuation":
      return { _tag: "Running" }
    case "completed":
      return completed(interaction)
    case "failed":
      return failedOf(interaction)
    case "cancelled":
      return { _tag: "Cancelled" }
    case "incomplete":
      return incomplete(interaction)
    case "budget_exceeded":
      return failed("credits", "The spending limit is reached")
    case "requires_action":
      return waiting
    default:
      return { _tag: "Unknown" }
  }
}

const kinds: ReadonlyArray<readonly [MediaKind, RegExp]> = [
  ["audio", /lyria/],
  ["image", /image|banana/],
  ["video", /omni|veo/]
]

/** The job that an interaction is; its cost is in tokens, which models price by modality. */
export const ofInteraction = (interaction: wire.Interaction): Adapter.Report => {
  const model = Wire.text(interaction.model)
  const tokens = Wire.number(Wire.object(interaction.usage)["total_tokens"])
  return {
    id: interaction.id,
    kind: kinds.find(([, pattern]) => pattern.test(model ?? ""))?.[0],
    state: stateOf(interaction),
    providerStatus: interaction.status,
    model,
    createdAt: WireTime.fromText(interaction.created),
    updatedAt: WireTime.fromText(interaction.updated),
    cost: tokens === undefined ? undefined : { amount: tokens, unit: "google-tokens", basis: "charged" }
  }
}

const told: { readonly [word: string]: JobState } = {
  completed: { _tag: "Untracked" },
  generated: { _tag: "Untracked" },
  cancelled: { _tag: "Cancelled" },
  requires_action: waiting
}

/** What a call tells of a job; of one that is completed, whether there is a file, and whether it is ready, is not in it. */
export const ofEvent = ({ data, timestamp, type }: wire.Event): Adapter.Report => {
  const [, word = type] = /^(?:interaction|video)\.(\w+)$/.exec(type) ?? []
  const { error_code, error_message, id } = data
  const failure = failed("unknown", Wire.text(error_message), Wire.text(error_code))
  const state = word === "failed" ? failure : told[word] ?? { _tag: "Unknown" }
  return { id, state, providerStatus: word, updatedAt: WireTime.fromText(timestamp) }
}
