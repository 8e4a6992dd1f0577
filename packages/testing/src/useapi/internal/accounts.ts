import type * as Schema from "effect/Schema"
import * as Reply from "../../Reply.ts"

/**
 * What most services know of an account.
 */
export interface Account {
  readonly email: string
  readonly maxJobs: number
  readonly error?: string | undefined
}

/**
 * The accounts as `GET /accounts` lists them, by name, each with what is wrong with it; where none is configured, nothing at all.
 */
export const list = <A extends Pick<Account, "error">>(
  accounts: ReadonlyArray<A>,
  nameOf: (account: A) => string,
  fieldsOf: (account: A) => Schema.JsonObject
): Reply.Reply =>
  accounts.length === 0 ? Reply.empty(404) : Reply.json(
    200,
    Object.fromEntries(accounts.map((account) => [nameOf(account), {
      ...fieldsOf(account),
      ...(account.error === undefined ? undefined : { error: account.error })
    }]))
  )
