import * as Result from "effect/Result"
import type { World } from "../../EmulatedService.ts"
import type * as Reply from "../../Reply.ts"

/**
 * Any of the accounts that every sieve lets through, or the answer of the first sieve that leaves none.
 */
export const choose = <Account>(
  { random }: World,
  accounts: ReadonlyArray<Account>,
  ...sieves: ReadonlyArray<
    readonly [passes: (account: Account) => boolean, otherwise: (tried: ReadonlyArray<Account>) => Reply.Reply]
  >
): Result.Result<Account, Reply.Reply> => {
  let left = accounts
  for (const [passes, otherwise] of sieves) {
    const tried = left
    left = tried.filter(passes)
    if (left.length === 0) return Result.fail(otherwise(tried))
  }
  // Every call has a sieve, and none has left an empty list.
  return Result.succeed(left[Math.floor(random() * left.length)] as Account)
}
