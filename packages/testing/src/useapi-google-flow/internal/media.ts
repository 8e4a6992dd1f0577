import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Job } from "../Emulator.ts"

export const mediaGenerationId = (user: string, email: string, type: string, uuid: string): string =>
  `user:${user}-email:${Hex.encode(email)}-${type}:${uuid}`

/** The parts of such a name, of which the account is an address in hexadecimal. */
export const partsOf = (name: string) => {
  const [, user, hex = "", type, uuid] = /^user:(\d+)-email:([0-9a-f]+)-(\w+):(.+)$/.exec(name) ?? []
  return user === undefined || type === undefined || uuid === undefined
    ? undefined
    : { user, type, uuid, email: Result.getOrElse(Hex.decodeString(hex), () => "") }
}

const status = (word: string): Schema.JsonObject => ({ mediaStatus: { mediaGenerationStatus: word } })

const video = (job: Job, uuid: string, url: (file: string) => string, isMissing: boolean): Schema.JsonObject => ({
  name: uuid,
  projectId: job.project,
  workflowId: uuid,
  workflowStepId: "CAE",
  mediaMetadata: {
    createTime: job.created,
    mediaTitle: job.prompt,
    ...status(`MEDIA_GENERATION_STATUS_${isMissing ? "FAILED" : "SUCCESSFUL"}`),
    visibility: "PRIVATE"
  },
  ...(isMissing ? { error: { code: 3, message: "PUBLIC_ERROR_UNSAFE_GENERATION" } } : {
    video: {
      generatedVideo: {
        seed: job.seed,
        prompt: job.prompt,
        model: job.model,
        isLooped: false,
        aspectRatio: "VIDEO_ASPECT_RATIO_LANDSCAPE"
      },
      dimensions: { length: `${job.seconds}s` },
      operation: { name: uuid }
    },
    mediaGenerationId: mediaGenerationId(job.user, job.account, "video", uuid),
    videoUrl: url("video.mp4"),
    thumbnailUrl: url("thumbnail.jpg")
  })
})

/** What is withheld is said by nothing but the link that is not there. */
const image = (job: Job, uuid: string, url: (file: string) => string, isMissing: boolean): Schema.JsonObject => ({
  name: uuid,
  workflowId: uuid,
  image: {
    generatedImage: {
      seed: job.seed,
      ...(isMissing ? undefined : { mediaGenerationId: mediaGenerationId(job.user, job.account, "image", uuid) }),
      mediaVisibility: "PRIVATE",
      prompt: job.prompt,
      modelNameType: job.model,
      ...(isMissing ? undefined : { fifeUrl: url("image.jpg") }),
      aspectRatio: "IMAGE_ASPECT_RATIO_LANDSCAPE"
    }
  }
})

/** The outputs of a job that is completed; the last `missing` of them are not there. */
export const media = (job: Job, link: (folder: string) => (file: string) => string): ReadonlyArray<Schema.JsonObject> =>
  job.outputs.map((uuid, i) =>
    (job.type === "video" ? video : image)(job, uuid, link(uuid), i >= job.outputs.length - job.missing)
  )
