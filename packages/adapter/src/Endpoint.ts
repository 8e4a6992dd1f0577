/**
 * A model with schemas of what it takes and makes, at a service whose requests are open.
 *
 * @since 0.1.0
 */
import type * as Job from "@media-jobs/core/Job"
import * as JobError from "@media-jobs/core/JobError"
import * as Remedy from "@media-jobs/core/Remedy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/**
 * An output that is not as the schema of its model has it, by field and without its values.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedOutput
  extends Schema.TaggedError<UnexpectedOutput>("@media-jobs/adapter/UnexpectedOutput")("UnexpectedOutput", {
    model: Schema.String,
    issues: Schema.Array(JobError.Issue)
  })
{
  override get message(): string {
    const said = this.issues.map(({ field, message }) => field === "" ? message : `${field}: ${message}`)
    return "The output is not as its schema says: mend the schema. The job has succeeded, and its files are its artifacts. " +
      `${this.model}: ${said.join("; ")}`
  }

  get remedy(): Remedy.Remedy {
    return Remedy.fix
  }
}

/**
 * A model whose requests are checked before they are sent, and whose outputs are values of a type.
 *
 * **Details**
 *
 * - `request` takes the input as it is on the wire. What its schema refuses fails the submit as `InvalidRequest`, by field, unsent.
 * - `output` is what a job of this model made, or the only job of a run.
 *
 * @since 0.1.0
 * @category models
 */
export interface Endpoint<in Input, out Output, in Options, out Request> {
  readonly model: string
  readonly request: (input: Input, options?: Options) => Request
  readonly output: (
    made: Job.Succeeded | { readonly jobs: ReadonlyArray<Job.Succeeded> }
  ) => Effect.Effect<Output, UnexpectedOutput>
}

/**
 * The JSON that a model takes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input {
  readonly [name: string]: Schema.Json
}

/**
 * The schemas of a model. That of the input must know all fields, since what it does not know is refused; that of the output
 * need not.
 *
 * @since 0.1.0
 * @category options
 */
export interface Schemas<
  I extends Schema.ConstraintCodec<unknown, object>,
  O extends Schema.ConstraintDecoder<unknown>
> {
  readonly input: I
  readonly output: O
}

const format = /* @__PURE__ */ SchemaIssue.makeFormatterStandardSchemaV1()

const issuesOf = ({ issue }: Schema.SchemaError, below = ""): ReadonlyArray<JobError.Issue> =>
  format(issue).issues.map(({ message, path = [] }) => ({
    field: `${below}${path.map(String).join(".")}`.replace(/\.$/, ""),
    message: message === "Expected no excess property" ? "Expected no such field" : message
  }))

/**
 * A model by its name; `toRequest` makes a request of an input, or of what is wrong with one, which its `refused` field then tells.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  I extends Schema.ConstraintCodec<unknown, object>,
  O extends Schema.ConstraintDecoder<unknown>,
  Options,
  Request
>(
  model: string,
  schemas: Schemas<I, O>,
  toRequest: (
    asked: { readonly input: Input; readonly refused?: ReadonlyArray<JobError.Issue> },
    options: Options | undefined
  ) => Request
): Endpoint<I["Encoded"], O["Type"], Options, Request> => {
  const check = Schema.decodeUnknownResult(schemas.input as Schema.ConstraintDecoder<unknown>, { // none needs services
    errors: "all",
    onExcessProperty: "error"
  })
  const decode = Schema.decodeUnknownResult(schemas.output as Schema.ConstraintDecoder<O["Type"]>, { errors: "all" }) // it is one of its own type
  return {
    model,
    request: (input, options) => {
      const checked = check(input)
      const refused = Result.isSuccess(checked) ? [] : issuesOf(checked.failure, "input.")
      // What its schema takes is JSON, and what is refused may be none.
      return toRequest(refused.length === 0 ? { input: input as Input } : { input: {}, refused }, options)
    },
    output: (made) => {
      const job = "jobs" in made ? made.jobs[0] : made
      const output = decode(job?.state.output)
      if (Result.isSuccess(output)) return Effect.succeed(output.success)
      const issues = issuesOf(output.failure)
      return Effect.fail(new UnexpectedOutput({ model, issues }))
    }
  }
}
