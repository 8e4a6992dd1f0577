/** The names of a form's parts in their order, and the size of the last, of a text that has one character for each byte. */
export const partsIn = (
  body: string,
  contentType: string
): { readonly names: ReadonlyArray<string>; readonly size: number } => {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  const parts = boundary === undefined ? [] : `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1)
  const gap = "\r\n\r\n"
  const [last = ""] = parts.slice(-1)
  return {
    names: parts.map((part) => /\sname="([^"]*)"/.exec(part.slice(0, part.indexOf(gap)))?.[1] ?? ""),
    size: last.length - last.indexOf(gap) - gap.length
  }
}
