/**
 * The types of media files, by ending and by media type.
 *
 * @since 0.1.0
 */
import { MediaKind } from "./Artifact.ts"

/**
 * A type of file: the ending that a name of it gets, without the dot, what it is, and the media types that say so, of which the
 * first is the registered one.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileType {
  readonly ending: string
  readonly kind: MediaKind
  readonly mediaTypes: ReadonlyArray<string>
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

const known: ReadonlyArray<FileType> = /* @__PURE__ */ MediaKind.literals.flatMap((kind) =>
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

/** What files begin with, byte for byte in Latin-1, and the endings of what may go on so, likeliest first. */
// oxlint-disable no-control-regex -- these are bytes, not text
const signatures: ReadonlyArray<readonly [RegExp, ...endings: ReadonlyArray<string>]> = [
  [/^\x89PNG\r\n\x1a\n/, "png"],
  [/^\xff\xd8\xff/, "jpg"],
  [/^RIFF[^]{4}WEBP/, "webp"],
  [/^RIFF[^]{4}WAVE/, "wav"],
  [/^RIFF[^]{4}AVI /, "avi"],
  [/^GIF8[79]a/, "gif"],
  [/^(?:II\*\0|MM\0\*)/, "tiff"],
  [/^BM[^]{4}\0{4}/, "bmp"],
  [/^v\/1\x01/, "exr"],
  [/^#\?(?:RADIANCE|RGBE)\n/, "hdr"],
  [/^[^]{4}ftyp(?:avi[fs]|mi[fa][^]{0,24}avif)/, "avif"],
  [/^[^]{4}ftyp(?:he[iv]|mif1|msf1)/, "heic"],
  [/^[^]{4}ftypqt {2}/, "mov"],
  [/^[^]{4}ftypM4[AB] /, "m4a"],
  [/^[^]{4}ftyp/, "mp4", "m4a"],
  [/^[^]{4}(?:moov|mdat|wide)/, "mov", "mp4"],
  [/^\x1aE\xdf\xa3[^]{0,40}webm/, "webm"],
  [/^\x1aE\xdf\xa3/, "mkv"],
  [/^OggS/, "ogg", "opus"],
  [/^fLaC/, "flac"],
  [/^(?:ID3|\xff[\xf2\xf3\xfa\xfb])/, "mp3", "aac"],
  [/^\xff[\xf0\xf1\xf8\xf9]/, "aac"],
  [/^MThd\0/, "mid"],
  [/^PK\x03\x04/, "zip", "usdz"],
  [/^\x1f\x8b\x08/, "gz", "tgz"],
  [/^7z\xbc\xaf'\x1c/, "7z"],
  [/^[^]{257}ustar/, "tar"],
  [/^glTF[\x01\x02]\0/, "glb"],
  [/^ply\r?\n/, "ply"],
  [/^Kaydara FBX Binary/, "fbx"]
]
// oxlint-enable no-control-regex

/** Where the last of the signatures ends. */
const signed = 262

/**
 * The types that a file may be of by its first 262 bytes, likeliest first; none where these tell nothing.
 *
 * **Example** (A picture, and a container of several types)
 *
 * ```ts import.meta.vitest
 * import * as FileType from "@media-jobs/core/FileType"
 *
 * const bytes = (text: string) => new TextEncoder().encode(text)
 * FileType.ofBytes(bytes("GIF89a")).map(({ ending }) => ending) // => ["gif"]
 * FileType.ofBytes(bytes("OggS")).map(({ ending }) => ending) // => ["ogg", "opus"]
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const ofBytes = (bytes: Uint8Array): ReadonlyArray<FileType> => {
  const text = String.fromCharCode(...bytes.subarray(0, signed))
  const [, ...endings] = signatures.find(([pattern]) => pattern.test(text)) ?? []
  return endings.flatMap((ending) => byEnding.get(ending) ?? [])
}
