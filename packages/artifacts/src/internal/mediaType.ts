/** The endings that a file can be given, and the media types they stand for; nothing that a double click would run. */
const types: { readonly [ending: string]: ReadonlyArray<string> } = {
  mp4: ["video/mp4", "video/x-m4v"],
  webm: ["video/webm", "audio/webm"],
  mov: ["video/quicktime"],
  mkv: ["video/x-matroska", "video/matroska"],
  png: ["image/png", "image/apng"],
  jpg: ["image/jpeg", "image/jpg"],
  webp: ["image/webp"],
  gif: ["image/gif"],
  avif: ["image/avif"],
  heic: ["image/heic", "image/heif"],
  tiff: ["image/tiff"],
  exr: ["image/x-exr", "image/exr"],
  hdr: ["image/vnd.radiance"],
  mp3: ["audio/mpeg", "audio/mp3"],
  m4a: ["audio/mp4", "audio/x-m4a"],
  aac: ["audio/aac"],
  wav: ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
  flac: ["audio/flac", "audio/x-flac"],
  ogg: ["audio/ogg", "video/ogg"],
  opus: ["audio/opus"],
  mid: ["audio/midi"],
  zip: ["application/zip", "application/x-zip-compressed"],
  tar: ["application/x-tar"],
  gz: ["application/gzip", "application/x-gzip"],
  glb: ["model/gltf-binary"],
  gltf: ["model/gltf+json"],
  obj: ["model/obj"],
  stl: ["model/stl"],
  usdz: ["model/vnd.usdz+zip"],
  ply: [],
  fbx: [],
  json: ["application/json"],
  srt: ["application/x-subrip"],
  vtt: ["text/vtt"],
  txt: []
}

const endings = /* @__PURE__ */ new Map(
  Object.entries(types).flatMap(([ending, known]) => known.map((type) => [type, ending] as const))
)
const aliases: { readonly [ending: string]: string } = {
  jpeg: "jpg",
  tif: "tiff",
  m4v: "mp4",
  heif: "heic",
  midi: "mid"
}

/** A media type without its parameters; `undefined` for what is none. */
export const parse = (header: string | undefined): string | undefined =>
  /^\s*([a-z0-9][\w.+-]{0,63}\/[\w.+-]{1,64})\s*(?:;|$)/i.exec(header ?? "")?.[1]?.toLowerCase()

const said = (url: URL | null): string => {
  const ending = /\.([a-z0-9]{2,5})$/i.exec(url?.pathname ?? "")?.[1]?.toLowerCase() ?? ""
  return aliases[ending] ?? ending
}

/** The ending of a file's name: what its media type says; else what one of its URLs says; of what is known, else `bin`. */
export const endingOf = (type: string | undefined, urls: ReadonlyArray<URL | null>): string =>
  endings.get(type ?? "") ??
    urls.map(said).find((ending) => Object.hasOwn(types, ending)) ??
    // A host that knows no better says this as well as `application/octet-stream`.
    (type === "text/plain" ? "txt" : "bin")
