/**
 * What Runway can be asked to make.
 *
 * **Details**
 *
 * The fields have the vendor's own names. Of a model that is known here, every field is checked before anything is sent; one that
 * came later passes with whatever fields it has, for Runway adds models every few weeks. Written from the official client 4.20.1.
 *
 * @since 0.1.0
 */
import * as RequestSchema from "@media-jobs/adapter/RequestSchema"
import type * as Json from "effect/Schema"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as tables from "./internal/tables.ts"

/**
 * What all requests say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Common {
  /** A stable hash of the end user's id, which some organizations must send: the header `X-Runway-On-Behalf-Of`. */
  readonly onBehalfOf?: string | undefined
}

const common = {
  onBehalfOf: Schema.optional(
    Schema.String.check(
      Schema.makeFilter((text: string) => /^[\x21-\x7e]+$/.test(text), { expected: "a text that a header can hold" })
    )
  )
}

/** The fields that each model takes; a recipe stands for a model. */
const byModel = {
  ImageToVideo: tables.imageToVideo,
  TextToVideo: tables.textToVideo,
  VideoToVideo: tables.videoToVideo,
  TextToImage: tables.textToImage,
  CharacterPerformance: tables.characterPerformance,
  ImageUpscale: tables.imageUpscale,
  VideoUpscale: tables.videoUpscale,
  VideoToHdr: tables.videoToHdr,
  SoundEffect: tables.soundEffect,
  TextToSpeech: tables.textToSpeech,
  SpeechToSpeech: tables.speechToSpeech,
  VoiceIsolation: tables.voiceIsolation,
  VoiceDubbing: tables.voiceDubbing,
  AvatarVideo: tables.avatarVideo,
  Recipe: tables.recipe
} satisfies Readonly<Record<string, Table>>

type Table = Readonly<Record<string, Schema.Struct.Fields>>
type Tables = typeof byModel

/**
 * The kinds of requests whose fields depend on a model.
 *
 * @since 0.1.0
 * @category models
 */
export type Modelled = keyof Tables

/**
 * The models of a kind that are known here, and any other name.
 *
 * @since 0.1.0
 * @category models
 */
export type ModelOf<K extends Modelled> = (keyof Tables[K] & string) | (string & {})

/** A recipe stands for a model, under its own name. */
type Named<K extends Modelled, M extends string> = K extends "Recipe" ? { readonly recipe: M } : { readonly model: M }

/**
 * The fields of a request for one model: those that are known of it, or any of a model that came later.
 *
 * @since 0.1.0
 * @category models
 */
export type FieldsOf<K extends Modelled, M extends string> =
  & Common
  & Named<K, M>
  & (M extends keyof Tables[K] ? Tables[K][M] extends Schema.Struct.Fields ? Schema.Struct.Type<Tables[K][M]> : never
    : { readonly [field: string]: Json.Json | undefined })

/**
 * A request for whatever a router chooses a model for: `POST /v1/generate/{media}`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Generate extends Common {
  /** What to make; a part of the path. */
  readonly media: "video" | "image" | "audio"
  /** The id of the router. */
  readonly configId: string
  /** What to make it of, in the router's own fields. */
  readonly input: { readonly [name: string]: Json.Json }
}

/**
 * A request to run a workflow that was made in Runway's app: `POST /v1/workflows/{id}`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Workflow extends Common {
  /** The id of the workflow; a part of the path. */
  readonly workflow: string
  /** Values in place of those that nodes have, by node and output. */
  readonly nodeOutputs?: { readonly [node: string]: Json.Json } | undefined
}

/**
 * Anything that `runway.submit` takes; the functions of `Runway` make them, checked by type.
 *
 * @since 0.1.0
 * @category models
 */
export type Request =
  | { readonly [K in Modelled]: { readonly _tag: K } & Common & Named<K, string> }[Modelled]
  | (Generate & { readonly _tag: "Generate" })
  | (Workflow & { readonly _tag: "Workflow" })

/** All fields of a table, none needed, for those that ask what a kind takes. */
const mergedOf = (table: Table): Schema.Struct.Fields =>
  Object.fromEntries(
    Object.values(table).flatMap(Object.entries<Schema.Struct.Fields[string]>).map(([name, field]) => [
      name,
      SchemaAST.isOptional(field.ast) ? field : Schema.optional(field)
    ])
  )

const segment = (expected: string) =>
  Schema.String.check(Schema.makeFilter((text: string) => /^[\w-]+$/.test(text), { expected }))

const modelled = <K extends Modelled>(tag: K): RequestSchema.Kind => {
  const table: Table = byModel[tag]
  const by = tag === "Recipe" ? "recipe" : "model"
  const own = (name: Schema.Constraint) => ({ ...common, [by]: name })
  const known = new Map(
    Object.entries(table).map(([model, fields]) => [
      model,
      RequestSchema.kind(Schema.TaggedStruct(tag, { ...own(Schema.Literal(model)), ...fields }))
    ])
  )
  const [example = ""] = known.keys()
  const name = tag === "Recipe"
    ? segment(`a recipe's name, as in ${example}`)
    : RequestSchema.text(`a model's name, as in ${example},`)
  const later = RequestSchema.kind(
    Schema.StructWithRest(Schema.TaggedStruct(tag, own(name)), [
      Schema.Record(Schema.String, Schema.UndefinedOr(Schema.Json))
    ])
  )
  const kindOf = (fields: RequestSchema.Fields) => known.get(String(fields[by]))
  return {
    schema: Schema.TaggedStruct(tag, { ...own(name), ...mergedOf(table) }),
    shape: (fields) => (kindOf(fields) ?? later).shape(fields),
    rules: (fields) =>
      kindOf(fields) === undefined
        ? Object.entries(fields).flatMap(([name, value]) => RequestSchema.localPaths(name, value))
        : []
  }
}

const Values = Schema.Record(Schema.String, Schema.Json)
/**
 * The kinds of requests, each with everything that can be wrong with one; nothing is sent while anything is.
 *
 * **Details**
 *
 * No message holds what was given. A kind's `schema` has the fields of all its models; which of them one takes, its `shape` tells.
 *
 * @since 0.1.0
 * @category validation
 */
export const kinds = {
  ImageToVideo: modelled("ImageToVideo"),
  TextToVideo: modelled("TextToVideo"),
  VideoToVideo: modelled("VideoToVideo"),
  TextToImage: modelled("TextToImage"),
  CharacterPerformance: modelled("CharacterPerformance"),
  ImageUpscale: modelled("ImageUpscale"),
  VideoUpscale: modelled("VideoUpscale"),
  VideoToHdr: modelled("VideoToHdr"),
  SoundEffect: modelled("SoundEffect"),
  TextToSpeech: modelled("TextToSpeech"),
  SpeechToSpeech: modelled("SpeechToSpeech"),
  VoiceIsolation: modelled("VoiceIsolation"),
  VoiceDubbing: modelled("VoiceDubbing"),
  AvatarVideo: modelled("AvatarVideo"),
  Recipe: modelled("Recipe"),
  Generate: RequestSchema.kind(
    Schema.TaggedStruct("Generate", {
      ...common,
      media: Schema.Literals(["video", "image", "audio"]),
      configId: RequestSchema.text("a router's id"),
      input: Values
    }),
    ({ input }) => RequestSchema.localPaths("input", input)
  ),
  Workflow: RequestSchema.kind(
    Schema.TaggedStruct("Workflow", {
      ...common,
      workflow: segment("a name or an id, as Runway gives it"),
      nodeOutputs: Schema.optional(Values)
    }),
    ({ nodeOutputs }) => RequestSchema.localPaths("nodeOutputs", nodeOutputs)
  )
}

/**
 * Everything that is wrong with a request, by field.
 *
 * @since 0.1.0
 * @category validation
 */
export const { issues } = RequestSchema.make(
  kinds,
  "one of Runway's kinds of requests, as the functions of Runway make them"
)
