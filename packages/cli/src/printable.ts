/** Text of services and persons as a terminal may have it: no character of it is a command, or turns round what stands beside it. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").replaceAll(/\p{Bidi_Control}/gu, "")

/** JSON leaves some of these characters as they are. */
export const json = (value: object): string =>
  JSON.stringify(value).replaceAll(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
