/**
 * How far a job is, by what the service or its model says.
 *
 * @since 0.1.0
 */
import * as Wire from "./Wire.ts"

/** Logs are as long as a model likes; a bar is redrawn at their end. */
const tail = 4096

/**
 * The share that is done by the last progress bar in a text, as tqdm and its like draw them, redrawn by carriage returns; a percentage in
 * a sentence is none.
 *
 * **Example** (A bar, and words)
 *
 * ```ts import.meta.vitest
 * import * as Progress from "@media-jobs/adapter/Progress"
 *
 * Progress.ofBars("seed 7\n 40%|████      | 4/10 [00:04<00:06]") // => 0.4
 * Progress.ofBars("40% done") // => undefined
 * ```
 *
 * @since 0.1.0
 * @category readers
 */
export const ofBars = (logs: unknown): number | undefined => {
  const bars = (Wire.text(logs) ?? "").slice(-tail).split(/[\r\n]+/).flatMap((line) => {
    const percent = /^\s*(\d{1,3})%\s*\|[^|]*\|\s*\d+\/\d+/.exec(line)?.[1]
    return percent === undefined ? [] : [Number(percent) / 100]
  })
  return bars.findLast((bar) => bar <= 1)
}

/**
 * The share that is done where `whole` is all of it, as the field of a state; none where what is said is no such share.
 *
 * **Example** (Per cent)
 *
 * ```ts import.meta.vitest
 * import * as Progress from "@media-jobs/adapter/Progress"
 *
 * Progress.share("40", 100) // => { progress: 0.4 }
 * Progress.share(140, 100) // => {}
 * ```
 *
 * @since 0.1.0
 * @category readers
 */
export const share = (said: unknown, whole: number): { readonly progress?: number } => {
  const progress = (Wire.number(said) ?? -1) / whole
  return progress >= 0 && progress <= 1 ? { progress } : {}
}
