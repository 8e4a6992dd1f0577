export const earliest = Date.UTC(2000)

/** JavaScript reads a time out of almost any text with a number in it: of `12`, a day in 2001. */
const dated = /^(?:\d{4}\/|[A-Z][a-z]{2,8}[, ])/

/** Whether a text says its zone: at its end, or as the HTTP dates do. */
const zoned = /(?:z|[+-]\d\d:?\d\d|GMT|UTC)$/

/** The milliseconds from 1970 to a time in any form that begins with its year, month or day of the week. */
export const millisOf = (text: unknown): number | undefined => {
  if (typeof text !== "string" || text[4] !== "-" && !dated.test(text)) return undefined
  // Most end in Z, which a list of thousands need not search for. A date alone is UTC by JavaScript's own rule.
  const isWhole = text.endsWith("Z") || zoned.test(text) || /^\d{4}-\d\d-\d\d$/.test(text)
  const millis = Date.parse(isWhole ? text : `${text}Z`)
  return millis >= earliest ? millis : undefined
}
