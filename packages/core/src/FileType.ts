/**
 * The types of media files, by ending and by media type.
 *
 * @since 0.1.0
 */
import { MediaKind } from "./Artifact.ts"

/** A type of file: the ending that a name of it gets, without the dot, and what it is. */
interface FileType {
  readonly ending: string
  readonly kind: MediaKind
}

/** By kind: each ending, and the media types that say the same. */
const table: { readonly [K in MediaKind]?: { readonly [ending: string]: ReadonlyArray<string> } } = {
  video: {
    mp4: ["video/mp4", "video/x-m4v"],
    webm: ["video/webm", "audio/webm"],
    mov: ["video/quicktime"],
    mkv: ["video/matroska", "video/x-matroska"],
    avi: ["video/vnd.avi", "video/x-msvideo"]
  },
  image: {
    png: ["image/png", "image/apng"],
    jpg: ["image/jpeg", "image/jpg"],
    webp: ["image/webp"],
    gif: ["image/gif"],
    avif: ["image/avif"],
    heic: ["image/heic", "image/heif"],
    tiff: ["image/tiff"],
    bmp: ["image/bmp", "image/x-ms-bmp"],
    svg: ["image/svg+xml"],
    exr: ["image/x-exr", "image/exr"],
    hdr: ["image/vnd.radiance"]
  },
  audio: {
    mp3: ["audio/mpeg", "audio/mp3"],
    m4a: ["audio/mp4", "audio/x-m4a"],
    aac: ["audio/aac"],
    wav: ["audio/vnd.wave", "audio/wav", "audio/x-wav", "audio/wave"],
    flac: ["audio/flac", "audio/x-flac"],
    ogg: ["audio/ogg", "video/ogg"],
    opus: ["audio/opus"],
    mid: ["audio/midi"]
  },
  archive: {
    zip: ["application/zip", "application/x-zip-compressed"],
    tar: ["application/x-tar"],
    gz: ["application/gzip", "application/x-gzip"],
    tgz: [],
    "7z": ["application/x-7z-compressed"]
  },
  model: {
    glb: ["model/gltf-binary"],
    gltf: ["model/gltf+json"],
    obj: ["model/obj"],
    stl: ["model/stl"],
    usdz: ["model/vnd.usdz+zip"],
    ply: [],
    fbx: []
  },
  text: {
    json: ["application/json"],
    csv: ["text/csv"],
    md: ["text/markdown"],
    srt: ["application/x-subrip"],
    vtt: ["text/vtt"],
    txt: ["text/plain"]
  }
}

const aliases: { readonly [ending: string]: string } = {
  jpeg: "jpg",
  tif: "tiff",
  m4v: "mp4",
  heif: "heic",
  midi: "mid"
}

const known = /* @__PURE__ */ MediaKind.literals.flatMap((kind) =>
  Object.entries(table[kind] ?? {}).map(([ending, mediaTypes]) => ({ ending, kind, mediaTypes }))
)
const byEnding: ReadonlyMap<string, FileType> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ known.map((type) => [type.ending, type])
)
const byMediaType: ReadonlyMap<string, FileType> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ known.flatMap((type) => type.mediaTypes.map((mediaType) => [mediaType, type] as const))
)

/**
 * The type of a file by its name, or by the path of its URL.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofName = (name: string): FileType | undefined => {
  const ending = /\.([a-z0-9]{2,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ""
  return byEnding.get(Object.hasOwn(aliases, ending) ? aliases[ending] ?? "" : ending)
}

/** A media type in lowercase and without its parameters. */
const bare = (mediaType: string): string => /^\s*([\w.+-]+\/[\w.+-]+)/.exec(mediaType)?.[1]?.toLowerCase() ?? ""

/**
 * The type of a file by its media type, as it stands in a `Content-Type` or in the path of a `data` URL.
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofMediaType = (mediaType: string): FileType | undefined => byMediaType.get(bare(mediaType))

/**
 * What a media type is of, whether or not files of it have an ending here.
 *
 * **Example** (Two types of one ending)
 *
 * ```ts import.meta.vitest
 * import * as FileType from "@media-jobs/core/FileType"
 *
 * FileType.ofMediaType("audio/webm")?.ending // => "webm"
 * FileType.kindOf("audio/webm; codecs=opus") // => "audio"
 * FileType.kindOf("application/zip") // => "archive"
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const kindOf = (mediaType: string): MediaKind | undefined => {
  const [top] = bare(mediaType).split("/")
  return MediaKind.literals.find((kind) => kind === top) ?? ofMediaType(mediaType)?.kind
}
