/** The screen of a terminal as an SVG: what it shows, in its colours, each run of characters in the cells that it has there. */
import type xterm from "@xterm/headless"

/** A cell, and a window around them, in pixels. */
const [width, height, edge, bar] = [8.4, 20, 18, 38] as const

/** What the sixteen colours of terminals look like here, of which the command uses these. */
const colors: { readonly [index: number]: string } = { 1: "#ff7b72", 2: "#56d364", 3: "#e3b341", 6: "#56d4dd" }

interface Run {
  readonly style: string
  readonly from: number
  text: string
  cells: number
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const styleOf = (cell: xterm.IBufferCell): string => {
  const color = cell.isFgPalette() ? colors[cell.getFgColor()] : undefined
  if (cell.isFgPalette() && color === undefined) throw new Error(`No colour ${cell.getFgColor()} is known`)
  return `${color === undefined ? "" : ` fill="${color}"`}${cell.isDim() ? " opacity=\"0.6\"" : ""}`
}

/** What stands together in one style; where columns of a table lie between, it stands apart. */
const runsOf = (line: xterm.IBufferLine, columns: number): ReadonlyArray<Run> => {
  const runs: Array<Run> = []
  let blanks = columns
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x)
    if (cell === undefined || cell.getWidth() === 0) continue
    const text = cell.getChars()
    if (text === "" || text === " ") {
      blanks++
      continue
    }
    const style = styleOf(cell)
    const last = runs.at(-1)
    if (last === undefined || last.style !== style || blanks > 1) {
      runs.push({ style, from: x, text, cells: cell.getWidth() })
    } else {
      last.text += " ".repeat(blanks) + text
      last.cells += blanks + cell.getWidth()
    }
    blanks = 0
  }
  return runs
}

export const svgOf = (
  screen: xterm.Terminal,
  { label, rows, title }: { readonly title: string; readonly label: string; readonly rows: number }
): string => {
  const { active } = screen.buffer
  const [whole, high] = [screen.cols * width + 2 * edge, rows * height + bar + edge]
  const lines = Array.from({ length: rows }, (_, y) => {
    const line = active.getLine(active.viewportY + y)
    return line === undefined ? [] : runsOf(line, screen.cols).map(({ cells, from, style, text }) => {
      const place = `x="${(edge + from * width).toFixed(1)}" y="${bar + y * height + 15}"`
      // Whichever font there is, a run is as wide as its cells.
      return `    <text ${place} textLength="${(cells * width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"${style}>${
        escaped(text)
      }</text>`
    })
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${high}" viewBox="0 0 ${whole} ${high}" role="img" aria-label="${
      escaped(label)
    }">`,
    `  <rect x="0.5" y="0.5" width="${whole - 1}" height="${high - 1}" rx="9" fill="#0d1117" stroke="#484f58"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map((color, i) =>
      `  <circle cx="${edge + 4 + i * 18}" cy="19" r="5.5" fill="${color}"/>`
    ),
    "  <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace\" font-size=\"14\" fill=\"#e6edf3\">",
    `    <text x="${whole / 2}" y="24" text-anchor="middle" font-size="13" opacity="0.6">${escaped(title)}</text>`,
    ...lines.flat(),
    "  </g>",
    "</svg>",
    ""
  ].join("\n")
}
