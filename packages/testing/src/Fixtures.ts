/**
 * What the services' documents print, word for word, and what else has been seen of their answers.
 *
 * **Details**
 *
 * The documents' texts are byte for byte as on the page, damage included: the pages' e-mail protection has put
 * `[email protected]` into every id and account that holds an address, with a no-break space on the pages of Luma's
 * `GET /jobs/{jobid}` and of Dreamina's scheduler, and a plain one on the others. Dreamina's lost its `-bot` that way too.
 *
 * **Example** (Every answer to one call, or of one service)
 *
 * ```ts import.meta.vitest
 * import { Fixtures } from "@media-jobs/testing"
 *
 * Fixtures.of("dreamina.list").map(({ status }) => status) // => [200, 200, 401]
 * Fixtures.of("luma").every(({ operation }) => operation.startsWith("luma.")) // => true
 * ```
 *
 * @since 0.1.0
 */
import type * as Faults from "./Faults.ts"
import * as Dreamina from "./internal/fixtures/dreamina.ts"
import type * as fixture from "./internal/fixtures/fixture.ts"
import * as Luma from "./internal/fixtures/luma.ts"
import * as Midjourney from "./internal/fixtures/midjourney.ts"
import * as Replicate from "./internal/fixtures/replicate.ts"

/**
 * One answer of a service.
 *
 * **Details**
 *
 * `documented` answers are what the page of that name prints. The page of Luma's `DELETE /jobs/{jobid}` prints no statuses
 * for its answers; they are the vendor's own. The others are put together: `document` names what they were seen in, a page
 * that was found in part only, or a script; of those that no status was written down for, `status` is the likely one.
 * `operation` is the emulator's name of the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fixture extends fixture.Fixture {}

/**
 * One JavaScript program as a document prints it.
 *
 * **Details**
 *
 * `text` is verbatim. `script` is the same with the line breaks that two of the pages have lost put back, without which
 * they do not parse.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sample extends fixture.Sample {}

export {
  /**
   * Every JSON answer of the document of Dreamina v1.
   *
   * @since 0.1.0
   * @category documented
   */
  dreamina,
  /**
   * Answers of Dreamina v1 that no document prints.
   *
   * @since 0.1.0
   * @category assembled
   */
  dreaminaAssembled,
  /**
   * The id that the document of Dreamina v1 prints, as the service means it, and one of an image.
   *
   * @since 0.1.0
   * @category ids
   */
  dreaminaIds,
  /**
   * The JavaScript program of the document of Dreamina v1; host and token are to be replaced.
   *
   * @since 0.1.0
   * @category samples
   */
  dreaminaSamples
} from "./internal/fixtures/dreamina.ts"

export {
  /**
   * Every JSON answer of the three documents of Luma v1.
   *
   * @since 0.1.0
   * @category documented
   */
  luma,
  /**
   * Answers of Luma v1 that no document prints.
   *
   * @since 0.1.0
   * @category assembled
   */
  lumaAssembled,
  /**
   * The ids that the documents of Luma v1 print.
   *
   * **Details**
   *
   * `polled` and `listed` are one job on the pages; they differ in one byte, the space, and so do their requests.
   *
   * @since 0.1.0
   * @category ids
   */
  lumaIds,
  /**
   * The JavaScript programs of the three documents of Luma v1, named after what they do.
   *
   * **Gotchas**
   *
   * They say `https://api.useapi.net` and `YOUR_API_TOKEN`: replace both before running one.
   *
   * @since 0.1.0
   * @category samples
   */
  lumaSamples
} from "./internal/fixtures/luma.ts"

export {
  /**
   * Every JSON answer of the document of Midjourney v3.
   *
   * @since 0.1.0
   * @category documented
   */
  midjourney,
  /**
   * Answers of Midjourney v3 that no document prints.
   *
   * @since 0.1.0
   * @category assembled
   */
  midjourneyAssembled,
  /**
   * The ids that the document of Midjourney v3 prints; they hold no address and are whole.
   *
   * @since 0.1.0
   * @category ids
   */
  midjourneyIds,
  /**
   * The JavaScript program of the document of Midjourney v3; host and token are to be replaced.
   *
   * @since 0.1.0
   * @category samples
   */
  midjourneySamples
} from "./internal/fixtures/midjourney.ts"

export {
  /**
   * Answers of Replicate with the fields and words that its documents and users show, and values of our own.
   *
   * @since 0.1.0
   * @category assembled
   */
  replicateAssembled,
  /**
   * The ids in the answers of Replicate, which are in its form and of nobody.
   *
   * @since 0.1.0
   * @category ids
   */
  replicateIds
} from "./internal/fixtures/replicate.ts"

/**
 * Every answer of every service, documented or not.
 *
 * @since 0.1.0
 * @category collections
 */
export const all: ReadonlyArray<Fixture> = [
  Luma.luma,
  Luma.lumaAssembled,
  Dreamina.dreamina,
  Dreamina.dreaminaAssembled,
  Midjourney.midjourney,
  Midjourney.midjourneyAssembled,
  Replicate.replicateAssembled
].flatMap((answers) => Object.values<Fixture>(answers))

/**
 * The answers to one call, or of all calls of a service.
 *
 * @since 0.1.0
 * @category collections
 */
export const of = (name: Faults.Operation | "luma" | "dreamina" | "midjourney" | "replicate"): ReadonlyArray<Fixture> =>
  all.filter(({ operation }) => operation === name || operation.startsWith(`${name}.`))
