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
 * import { Fixtures, UseapiLumaEmulator } from "@media-jobs/testing"
 *
 * Fixtures.of("useapi-dreamina.list").map(({ status }) => status) // => [200, 200, 401]
 * Fixtures.of("useapi-luma").length === Fixtures.all.length // => false
 * UseapiLumaEmulator.fixtures.documented.getNotFound.status // => 404
 * ```
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import { fixtures } from "./internal/services.ts"

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
export interface Fixture<Operation extends string = string> {
  readonly document: string
  readonly documented: boolean
  readonly operation: Operation
  readonly status: number
  readonly text: string
  readonly json: Schema.Json
}

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
export interface Sample {
  readonly document: string
  readonly text: string
  readonly script: string
}

type ValueOf<A> = A extends unknown ? A[keyof A] : never
type Answer = ValueOf<ValueOf<typeof fixtures>["documented" | "assembled"]>

/**
 * Every answer of every service, documented or not.
 *
 * @since 0.1.0
 * @category collections
 */
export const all: ReadonlyArray<Answer> = Object.values(fixtures).flatMap(({ assembled, documented }) => [
  ...Object.values<Answer>(documented),
  ...Object.values<Answer>(assembled)
])

/**
 * The answers to one call, or of all calls of a service.
 *
 * @since 0.1.0
 * @category collections
 */
export const of = (name: string): ReadonlyArray<Answer> =>
  all.filter(({ operation }) => operation === name || operation.startsWith(`${name}.`))

/**
 * Ids of jobs that stand in the answers of a service.
 *
 * @since 0.1.0
 * @category collections
 */
export const idsOf = (service: string): ReadonlyArray<string> =>
  Object.entries(fixtures).flatMap(([id, { ids }]) =>
    id === service ? Object.values<string | number>(ids).map(String) : []
  )

/**
 * The fields of a service's answers that tell which job is spoken of and how it stands, by their last names: no job can do without.
 *
 * @since 0.1.0
 * @category collections
 */
export const vitalOf = (service: string): ReadonlyArray<string> =>
  Object.entries(fixtures).flatMap(([id, one]) => id === service && "vital" in one ? one.vital : [])
