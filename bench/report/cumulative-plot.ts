/** An SVG plot of distributions: for each series, which share of its values lies at or below each time. Reads on light and dark. */
export interface PlotSeries {
  readonly label: string
  readonly color: string
  /** In ms. */
  readonly values: readonly number[]
}

const WIDTH = 760
const PLOT = { left: 56, right: 20, top: 40, height: 260 }
const LEGEND_LINE = 20
const FONT = 'font-family="sans-serif" font-size="13"'

export function cumulativePlot(title: string, series: readonly PlotSeries[]): string {
  const endSec = Math.ceil(Math.max(1, ...series.flatMap(({ values }) => values)) / 1_000)
  const width = WIDTH - PLOT.left - PLOT.right
  const bottom = PLOT.top + PLOT.height
  const x = (ms: number) => fixed(PLOT.left + (ms / 1_000 / endSec) * width)
  const y = (share: number) => fixed(bottom - share * PLOT.height)
  const height = bottom + 44 + series.length * LEGEND_LINE
  const grid = [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>`,
      text([PLOT.left - 6, Number(y(share)) + 4], `${share * 100} %`, 'end'),
    ]),
    ...Array.from({ length: endSec + 1 }, (_, second) =>
      text([Number(x(second * 1_000)), bottom + 18], `${second} s`, 'middle'),
    ),
  ]
  const lines = series.map(
    ({ color, values }) =>
      `<path d="${steps(values, { x, y, endMs: endSec * 1_000 })}" fill="none" stroke="${color}" stroke-width="2"/>`,
  )
  const legend = series.flatMap(({ label, color }, index) => {
    const at = bottom + 40 + index * LEGEND_LINE
    return [
      `<line x1="${PLOT.left}" x2="${PLOT.left + 24}" y1="${at - 4}" y2="${at - 4}" stroke="${color}" stroke-width="2"/>`,
      text([PLOT.left + 32, at], label, 'start'),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ${FONT}>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text([PLOT.left, 24], title, 'start'),
    ...[...grid, ...lines, ...legend],
    '</svg>',
    '',
  ].join('\n')
}

/** A step up at each value; flat after the last. */
function steps(
  values: readonly number[],
  scale: {
    readonly x: (ms: number) => string
    readonly y: (share: number) => string
    readonly endMs: number
  },
): string {
  const { x, y, endMs } = scale
  const sorted = [...values].sort((a, b) => a - b)
  const path = sorted.map((ms, index) => `H${x(ms)} V${y((index + 1) / sorted.length)}`)
  return `M${x(0)} ${y(0)} ${path.join(' ')} H${x(endMs)}`
}

function text(
  [x, y]: readonly [number, number],
  content: string,
  anchor: 'start' | 'middle' | 'end',
): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${escaped}</text>`
}

function fixed(value: number): string {
  return value.toFixed(1)
}
