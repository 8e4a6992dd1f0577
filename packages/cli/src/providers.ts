// Written by `pnpm generate` from the descriptors of the adapters; not to be edited.

export const providers = {
  "fal": {
    tokens: ["FAL_KEY"],
    retired: false,
    load: () => import("@media-jobs/fal/Fal")
  },
  "google": {
    tokens: ["GEMINI_API_KEY"],
    retired: false,
    load: () => import("@media-jobs/google/Gemini")
  },
  "google-vertex": {
    tokens: ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CLOUD_PROJECT"],
    retired: false,
    load: () => import("@media-jobs/google/Vertex")
  },
  "luma-dream-machine": {
    tokens: ["LUMAAI_API_KEY"],
    retired: false,
    load: () => import("@media-jobs/luma/DreamMachine")
  },
  "luma": {
    tokens: ["LUMA_AGENTS_API_KEY"],
    retired: false,
    load: () => import("@media-jobs/luma/Luma")
  },
  "replicate": {
    tokens: ["REPLICATE_API_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/replicate/Replicate")
  },
  "runway": {
    tokens: ["RUNWAYML_API_SECRET"],
    retired: false,
    load: () => import("@media-jobs/runway/Runway")
  },
  "useapi-dreamina": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-dreamina/Dreamina")
  },
  "useapi-flow-music": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-flow-music/FlowMusic")
  },
  "useapi-google-flow": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-google-flow/GoogleFlow")
  },
  "useapi-kling": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-kling/Kling")
  },
  "useapi-luma": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-luma/Luma")
  },
  "useapi-midjourney": {
    tokens: ["USEAPI_TOKEN"],
    retired: true,
    load: () => import("@media-jobs/useapi-midjourney/Midjourney")
  },
  "useapi-minimax": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-minimax/MiniMax")
  },
  "useapi-mureka": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-mureka/Mureka")
  },
  "useapi-pixverse": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-pixverse/PixVerse")
  },
  "useapi-runway": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-runway/Runway")
  },
  "useapi-tempolor": {
    tokens: ["USEAPI_TOKEN"],
    retired: false,
    load: () => import("@media-jobs/useapi-tempolor/TemPolor")
  }
}
