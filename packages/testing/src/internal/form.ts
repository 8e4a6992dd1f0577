/** A part of a form whose text has one character for each byte. */
interface Part {
  readonly name: string
  readonly type: string
  readonly size: number
}

/** The file in the part of a form that bears this name. */
export const fileIn = (body: string, contentType: string, part: string): Part | undefined => {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  for (const one of `\r\n${body}`.split(`\r\n--${boundary}`)) {
    const gap = one.indexOf("\r\n\r\n")
    const head = one.slice(0, gap)
    if (gap === -1 || /\sname="?([^";\r]+)"?/i.exec(head)?.[1] !== part) continue
    return {
      name: /filename="([^"]*)"/i.exec(head)?.[1] ?? "",
      type: /^content-type:\s*([^\r;]+)/im.exec(head)?.[1] ?? "application/octet-stream",
      size: one.length - gap - 4
    }
  }
  return undefined
}
