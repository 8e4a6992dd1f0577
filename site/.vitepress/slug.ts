/** The anchor of a heading as GitHub makes it, so that one link holds there and here. */
export const slug = (heading: string): string =>
  heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-")
