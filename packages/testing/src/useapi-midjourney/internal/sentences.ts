import * as Reply from "../../Reply.ts"
import * as useapi from "../../useapi/internal/sentences.ts"

export { forbidden, jobExpired, jobNotFound, outOfCredits } from "../../useapi/internal/sentences.ts"

export const channelNotFound = (channel: string) => useapi.accountNotFound(channel, "channel")

export const cancelledTooLate = (status: string) => Reply.error(409, `Cannot cancel job in state '${status}'.`)

export const promptRefused = Reply.error(422, "Prompt was refused by moderation")

export const channelOnHold = Reply.json(596, {
  error: "Pending moderation or CAPTCHA. Please resolve it in Discord and reset the channel",
  code: 596
})
